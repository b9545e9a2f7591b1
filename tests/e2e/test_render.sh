#!/usr/bin/env bash
# The render command, its files opened by other programs. usage: test_render.sh PROGRAM
set -u
program=$(realpath "$1")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0
layer='nn.Conv2d(1, 1, 3, padding=1)'
small=(--input 1,3,3)

check() { # what it is about; then a command that must succeed
    local what=$1; shift
    "$@" >"$work/said" 2>&1 || { echo "FAILED: $what"; sed 's/^/    /' "$work/said" | head -5; failures=$((failures + 1)); }
}
render() { "$program" render "$@"; }
is() { [ "$1" = "$2" ] || { echo "expected $2, got $1"; return 1; }; }
same() { cmp "$1" "$2"; }

# --- every format is read by another program
check "png" render "$layer" "${small[@]}" --size 320x240 -o a.png
check "png is 320x240" is "$(identify -format '%wx%h' a.png)" 320x240
check "png at scale 2" render "$layer" "${small[@]}" --size 320x240 --scale 2 -o a2.png
check "png is 640x480" is "$(identify -format '%wx%h' a2.png)" 640x480
check "transparent png" render "$layer" "${small[@]}" --transparent -o clear.png
check "its corner is clear" is "$(convert clear.png -format '%[fx:p{0,0}.a]' info:)" 0
check "svg" render "$layer" "${small[@]}" -o a.svg
check "svg is XML" xmllint --noout a.svg
check "svg has its words as text" is "$(xmllint --xpath "count(//*[local-name()='text'][contains(., 'kernel_size=3, padding=1')])" a.svg)" 1
check "pdf" render "$layer" "${small[@]}" -o a.pdf
check "pdf has its words" grep -q 'kernel_size=3, padding=1' <(pdftotext a.pdf -)
check "pdf embeds subsets" grep -q 'yes yes yes' <(pdffonts a.pdf)
words() { tr -s ' \n\f\t' '\n' | grep -v '^$' | LC_ALL=C sort; }
pdftotext a.pdf - | words >pdf-words
xmllint --xpath "//*[local-name()='text']" a.svg | sed 's/<tspan[^>]*>//g; s/<[^>]*>/\n/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' | words >svg-words
check "pdf and svg have the same words" diff pdf-words svg-words
check "pdf is drawn" pdftoppm -r 50 -png a.pdf page
check "pdf of steps" render "$layer" "${small[@]}" --steps 2:5 -o steps.pdf
check "a page for each step" is "$(pdfinfo steps.pdf | sed -n 's/^Pages: *//p')" 3
check "svg in Chinese" render "$layer" "${small[@]}" --lang zh -o zh.svg
check "zh svg is XML" xmllint --noout zh.svg
check "pdf in Chinese" render "$layer" "${small[@]}" --lang zh -o zh.pdf
check "gif" render "$layer" "${small[@]}" --size 200x150 -o a.gif
check "gif has frames" test "$(identify a.gif | wc -l)" -gt 20
check "gif lasts as long as its frames say" is "$(identify -format '%T\n' a.gif | awk '{ s += $1 } END { print (s > 500 && s < 1500) }')" 1
check "a sheet" render "$layer" "${small[@]}" --sheet 3x2 --size 600x400 -o sheet.svg
check "sheet is XML" xmllint --noout sheet.svg
check "a sheet names its steps" is "$(grep -c 'of 9' sheet.svg)" 6
check "cropped" render "$layer" "${small[@]}" --crop --no-caption -o crop.png
check "cropped is smaller" test "$(identify -format '%h' crop.png)" -lt 720
if command -v ffmpeg >/dev/null; then
    for kind in mp4 webm; do
        check "$kind" render "$layer" "${small[@]}" --steps 3:5 --size 161x121 --fps 10 -o "a.$kind"
        check "$kind is 162x122" is "$(ffprobe -v error -show_entries stream=width,height -of csv=p=0 "a.$kind")" 162,122
        check "$kind again" render "$layer" "${small[@]}" --steps 3:5 --size 161x121 --fps 10 --threads 1 -o "b.$kind"
        check "$kind has the same bytes" same "a.$kind" "b.$kind"
    done
fi

# --- SVG and PDF, drawn by other programs, look like our picture: half the size, the root mean square of what differs
# (0 is equal, 1 black against white). Letters are smoothed differently; a moved label or another font is far more.
far() { convert "$1" "$2" -background white -alpha remove -resize 50% -metric RMSE -compare -format '%[distortion]' info:; }
near() { local d; d=$(far "$1" "$2"); awk -v d="$d" 'BEGIN { exit !(d ~ /^[0-9.e-]+$/ && d <= 0.045) }' || { echo "$d apart"; return 1; }; }
looks_alike() { # name; arguments of render
    local name=$1 kind; shift
    for kind in png svg pdf; do check "$name.$kind" render "$@" --size 960x540 -o "$name.$kind"; done
    check "$name.pdf is drawn" pdftoppm -r 96 -png -singlefile "$name.pdf" "$name-pdf"
    check "$name.pdf looks like the picture" near "$name.png" "$name-pdf.png"
    command -v rsvg-convert >/dev/null || return
    check "$name.svg is drawn" rsvg-convert "$name.svg" -o "$name-svg.png"
    check "$name.svg looks like the picture" near "$name.png" "$name-svg.png"
}
looks_alike english conv2d
looks_alike chinese transposed --lang zh --theme print
looks_alike isometric channels --style isometric --theme dark
looks_alike matrix transposed-matrix --view matrix
looks_alike field field-stack --view field
looks_alike photo image-kernels
looks_alike symbols 'nn.Conv2d(2, 3, 3, padding=1)' --labels
looks_alike several conv2d --sheet 3x3
looks_alike key conv2d --blank-output --answers --theme contrast
looks_alike tight transposed --crop --no-caption
check "another step is another picture" render conv2d --size 960x540 --steps 3:4 -o other.png
check "and is told from it" test "$(far other.png english-pdf.png | awk '{ print ($1 > 0.05) }')" = 1

# --- a picture alone is the input of an ordinary layer
check "a picture" render a.png --size 320x240 -o alone.png
check "a picture under a layer" render 'nn.Conv2d(1, 1, 3, padding=1, bias=False)' --input a.png --size 320x240 -o under.png
check "the same figure" same alone.png under.png

# --- the same bytes with any number of threads
for kind in png svg pdf gif; do
    check "$kind with one thread" render "$layer" "${small[@]}" --threads 1 -o "one.$kind"
    check "$kind with four threads" render "$layer" "${small[@]}" --threads 4 -o "four.$kind"
    check "$kind: same bytes" same "one.$kind" "four.$kind"
done

# --- frames: numbered, in shards, alone
mkdir all shards parallel
frames=("$layer" "${small[@]}" --size 160x120 --fps 4)
check "frames" render "${frames[@]}" -o all/%03d.png
count=$(find all -name '*.png' | wc -l)
check "many frames" test "$count" -gt 20
for k in 1 2 3; do check "shard $k" render "${frames[@]}" -o shards/%03d.png --shard $k/3; done
check "shards are the whole" diff -r all shards
if command -v parallel >/dev/null; then
    check "GNU parallel" parallel --will-cite -j2 "$program" render "'$layer'" --input 1,3,3 --size 160x120 --fps 4 -o parallel/%03d.png --shard {}/4 ::: 1 2 3 4
    check "its shards are the whole" diff -r all parallel
fi
mkdir alone
check "frame 5 alone" render "${frames[@]}" -o alone/%03d.png --shard "6/$count"
check "is frame 5 of the whole" same alone/005.png all/005.png
check "the end of the animation" render "$layer" "${small[@]}" --size 160x120 -o last.png
check "is its last frame" same last.png "all/$(printf %03d $((count - 1))).png"

# --- targets that are no regular files are written to, not replaced
mkfifo pipe.gif
render "$layer" "${small[@]}" --size 160x120 -o pipe.gif & cat pipe.gif >from-pipe.gif; wait
check "a pipe stays a pipe" test -p pipe.gif
check "what came through it is a GIF" is "$(head -c 6 from-pipe.gif)" GIF89a
check "to stdout" is "$(render "$layer" "${small[@]}" --format svg -o /dev/stdout | head -c 5)" '<?xml'
rm pipe.gif

# --- wrong requests: one clear line, and nothing is left behind
mkdir clean
refused() { # status; word that the message must have; arguments
    local status=$1 word=$2; shift 2
    local said; said=$("$program" render "$@" 2>&1 >/dev/null); local got=$?
    [ "$got" = "$status" ] || { echo "FAILED: render $*: status $got, not $status"; failures=$((failures + 1)); }
    case $said in *"$word"*) ;; *) echo "FAILED: render $*: says '$said', not '$word'"; failures=$((failures + 1)) ;; esac
    [ -z "$(ls -A clean)" ] || { echo "FAILED: render $*: left $(ls -A clean)"; failures=$((failures + 1)); rm -rf clean/* clean/.[a-z]*; }
}
refused 2 '.png' "$layer" -o clean/x.bmp
refused 1 'leave --input out' a.png --input a.png -o clean/x.png
refused 2 '16384' "$layer" --size 0x100 -o clean/x.png
refused 1 '16384' "$layer" --size 100000x100 -o clean/x.png
refused 1 'folder' "$layer" -o clean/none/x.png
refused 1 '9 steps' "$layer" "${small[@]}" --steps 5:99 -o clean/x.png
refused 1 'empty' "$layer" "${small[@]}" --steps 5:5 -o clean/x.png
refused 1 'more than 10000' 'nn.Conv2d(1, 1, 3)' --input 1,300,300 --step-time 0.2 -o clean/%05d.png
refused 1 'hundredths' "$layer" --fps 60 -o clean/x.gif
refused 1 'shards' "$layer" --shard 1/2 -o clean/x.gif
refused 1 'shards' "$layer" --shard 3/2 -o clean/%d.png
refused 1 'still' "$layer" --sheet 2x2 -o clean/x.gif
refused 1 'transparency' "$layer" --transparent -o clean/x.mp4
refused 1 'full' "$layer" --format png -o /dev/full
refused 1 'full' "$layer" --format gif -o /dev/full
refused 1 'full' "$layer" --format pdf -o /dev/full
refused 2 'set' --set other -o clean
refused 2 'its own operations' --set conv-arithmetic --input 1,5,5 -o clean
refused 1 'make it first' --set conv-arithmetic -o clean/none
refused 2 'from 1 to' "$layer" --shard 0/2 -o clean/%d.png
refused 2 'from 1 to' "$layer" --sheet 65x2 -o clean/x.png
refused 1 'lesson has pages' "$layer" --page 2 -o clean/x.png
refused 1 'its own tensors' conv2d --seed 1 -o clean/x.png
check "without ffmpeg it says so" grep -q 'ffmpeg, which is not installed' <(PATH=/nonexistent "$program" render "$layer" -o clean/x.mp4 2>&1)
check "and leaves nothing" is "$(ls -A clean)" ''
mkdir broken
printf '#!/bin/sh\nhead -c 1000 >/dev/null\necho the encoder broke >&2\nexit 3\n' >broken/ffmpeg
chmod +x broken/ffmpeg
check "an encoder that breaks is told" grep -q 'the encoder broke' <(PATH=$work/broken:$PATH "$program" render "$layer" -o clean/x.mp4 2>&1)
printf '#!/bin/sh\ncat >/dev/null\nkill -9 $$\n' >broken/ffmpeg
check "one that is killed is told" grep -q 'signal 9' <(PATH=$work/broken:$PATH "$program" render "$layer" "${small[@]}" --size 160x120 -o clean/x.webm 2>&1)
printf '#!/bin/sh\ncat >/dev/null\n' >broken/ffmpeg
check "one that writes nothing is told" grep -q 'ffmpeg ended' <(PATH=$work/broken:$PATH "$program" render "$layer" "${small[@]}" --size 160x120 -o clean/x.webm 2>&1)
if command -v ffmpeg >/dev/null; then # a file that may not grow stands for a full disk: ffmpeg itself ends with status 0
    for kind in mp4 webm; do
        (ulimit -f 4 && "$program" render "$layer" --size 320x240 -o clean/x.$kind 2>full.txt)
        check "$kind: status of a file that may not grow" is $? 1
        check "$kind: it is named" is "$(cat full.txt)" "convscope: clean/x.$kind: the file grew larger than is permitted"
    done
fi
check "and all leave nothing" is "$(ls -A clean)" ''
chmod 555 clean
[ "$(id -u)" = 0 ] || refused 1 'permit' "$layer" -o clean/x.png
chmod 755 clean

# --- Ctrl-C
catches() { [ $((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status") & 2)) != 0 ]; }
for kind in gif mp4 png; do
    [ $kind = mp4 ] && ! command -v ffmpeg >/dev/null && continue
    out=clean/x.$kind
    [ $kind = png ] && out=clean/%05d.png
    # Far more frames than it can make before it is stopped. A shell starts what runs behind it with SIGINT ignored.
    env --default-signal=INT "$program" render 'nn.Conv2d(1, 1, 3)' --input 1,30,30 --size 1280x720 --step-time 0.2 --fps 50 -o "$out" 2>stop.txt & pid=$!
    for k in $(seq 600); do # until it has begun: it catches the signal, and a first frame is there
        sleep 0.1
        catches $pid 2>/dev/null || continue
        [ $kind != png ] || [ -n "$(ls clean)" ] || continue
        break
    done
    kill -INT $pid; wait $pid; status=$?
    check "$kind: status after Ctrl-C" is $status 1
    check "$kind: says so" grep -q stopped stop.txt
    if [ $kind = png ]; then # frames that are there are whole
        check "frames are whole" identify -regard-warnings clean/*.png
        rm -f clean/*.png
    fi
    check "$kind: nothing half-written" is "$(ls -A clean)" ''
done

# --- a known set
mkdir set
check "the conv-arithmetic set" render --set conv-arithmetic --size 120x90 --fps 2 --step-time 0.1 -o set
check "has its cases" is "$(find set -name '*.gif' | wc -l)" 19
check "the set as PDF" render --set conv-arithmetic --format pdf --theme print --crop -o set
check "has its cases as PDF" is "$(find set -name '*.pdf' | wc -l)" 19

[ "$failures" = 0 ] && echo "all is well"
exit $((failures > 0))
