#!/usr/bin/env bash
# What is wrong with expressions, files and the command line: each case must end with its status, say one clear line (and a caret under the
# column, in an expression), write nothing to stdout and leave no file behind, without waiting.
# usage: bad_input.sh PROGRAM
set -uo pipefail
program=$(realpath "$1")
work=$(mktemp -d)
trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C
unset DISPLAY WAYLAND_DISPLAY SDL_VIDEODRIVER CONVSCOPE_ASSETS
failures=0
cases=0

# refuses STATUS CARET SENTENCE ARGS...: CARET is the column under which the caret stands, 0 for none.
refuses() {
    local status=$1 caret=$2 sentence=$3 got before after lines
    shift 3
    cases=$((cases + 1))
    before=$(find . | sort)
    timeout 60 "$program" "$@" >out.txt 2>err.txt </dev/null
    got=$?
    local said
    said=$(cat err.txt)
    [ "$got" = "$status" ] || { echo "FAILED: $*: status $got, not $status: $said"; failures=$((failures + 1)); }
    [ ! -s out.txt ] || { echo "FAILED: $*: wrote to stdout"; failures=$((failures + 1)); }
    grep -qF -- "$sentence" err.txt || { echo "FAILED: $*: said: $said"; failures=$((failures + 1)); }
    ! grep -q $'[\x01-\x08\x0b-\x1f\x7f]' err.txt || { echo "FAILED: $*: steers the terminal: $(cat -v err.txt)"; failures=$((failures + 1)); }
    lines=$(grep -c '^convscope: ' err.txt)
    # A note may stand before the complaint; a misuse adds where to find help.
    [ "$lines" -ge 1 ] && [ "$lines" -le 3 ] || { echo "FAILED: $*: $lines lines: $said"; failures=$((failures + 1)); }
    if [ "$caret" != 0 ]; then
        [ "$(grep -n '^ *^$' err.txt | wc -l)" = 1 ] && [ "$(awk '/^ *\^$/ { print index($0, "^") - 4 }' err.txt)" = "$caret" ] ||
            { echo "FAILED: $*: the caret is not under column $caret: $said"; failures=$((failures + 1)); }
    elif grep -q '^ *^$' err.txt; then
        echo "FAILED: $*: a caret where none belongs: $said"
        failures=$((failures + 1))
    fi
    rm -f out.txt err.txt
    after=$(find . | sort)
    [ "$before" = "$(printf '%s\n' "$after")" ] || { echo "FAILED: $*: left something behind: $after"; failures=$((failures + 1)); }
    return 0
}

# An .npy file: npy FILE DESCR SHAPE FORTRAN BYTES
npy() {
    local dictionary="{'descr': '$2', 'fortran_order': $4, 'shape': $3, }"
    { printf '\x93NUMPY\1\0'; printf "\\x$(printf %02x $((${#dictionary} + 1)))\\0"; printf '%s\n' "$dictionary"; head -c "$5" /dev/zero; } >"$1"
}

touch out.txt err.txt && rm out.txt err.txt
npy x.npy '<f4' '(1, 3, 8, 8)' False 768
npy w.npy '<f4' '(8, 3, 3, 3)' False 864
conv='nn.Conv2d(3, 8, 3)'

# Expressions.
refuses 1 4 'there is no operation Conv2s: do you mean Conv2d?' explain 'nn.Conv2s(3, 8, 3)'
refuses 1 4 'there is no operation Frobnicate' run 'nn.Frobnicate(3, 8, 3)' --input x.npy --output y.npy
refuses 1 15 'Conv2d still needs kernel_size' explain 'nn.Conv2d(3, 8)'
refuses 1 11 'in_channels, out_channels, kernel_size' explain 'nn.Conv2d()'
refuses 1 20 'do you mean stride?' explain 'nn.Conv2d(3, 8, 3, strde=2)'
refuses 1 20 'kernel_size is given twice' explain 'nn.Conv2d(3, 8, 3, kernel_size=3)'
refuses 1 17 'kernel_size' explain 'nn.Conv2d(3, 8, "3")'
refuses 1 17 'kernel_size' explain 'nn.Conv2d(3, 8, 0)'
refuses 1 27 'groups' explain 'nn.Conv2d(3, 8, 3, groups=2)'
refuses 1 18 'groups' explain $'nn.Conv2d(4, 7, 3,\n          groups=2)'
refuses 1 18 'ends too early' explain 'nn.Conv2d(3, 8, 3'
refuses 1 13 "','" explain 'nn.Conv2d(3 8, 3)'
refuses 1 11 'is a name' explain 'nn.Conv2d(channels, 8, 3)'
refuses 1 17 'too large' explain 'nn.Conv2d(3, 8, 99999999999999999999)'
refuses 1 38 'do you mean Conv2d?' explain 'nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conf2d(8, 8, 3))'

# Shapes that do not fit; explain refuses what run would.
for command in "explain" "run"; do
    refuses 1 28 'pad less' $command 'nn.Conv2d(3, 8, 3, padding=9, padding_mode="reflect")' --input 3,8,8
    refuses 1 17 'kernel' $command 'nn.Conv2d(3, 8, 9)' --input 3,8,8
    refuses 1 11 'in_channels is 3' $command "$conv" --input 4,8,8
    refuses 1 4 '(8, 8)' $command "$conv" --input 8,8
    refuses 1 0 'not a shape' $command "$conv" --input 3,,8
    refuses 1 0 'negative' $command "$conv" --input 3,-8,8
    refuses 1 0 'of memory' $command 'nn.Conv2d(1, 1, 1)' --input 1,100000,100000 --memory 1G
    refuses 1 0 'not a shape' $command "$conv" --input 3,99999999999999999999,8
    refuses 1 48 'in_channels' $command 'nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(   4, 8, 3))' --input 3,8,8
done
refuses 1 4 'cannot have' explain "$conv" --input 3,9223372036854775807,9223372036854775807

# Arrays that are missing, of the wrong shape, damaged, huge.
refuses 1 0 'missing.npy: there is no such file' run "$conv" --input missing.npy --weight w.npy --output y.npy
refuses 1 0 'missing.npy: there is no such file' run "$conv" --input x.npy --weight missing.npy --output y.npy
npy w4.npy '<f4' '(8, 4, 3, 3)' False 1152
refuses 1 0 'w4.npy: the weight has the shape (8, 4, 3, 3); this Conv2d needs (8, 3, 3, 3)' run "$conv" --input x.npy --weight w4.npy --output y.npy
refuses 1 0 'no layer here has such a tensor' run 'nn.MaxPool2d(2)' --input x.npy --weight w.npy --output y.npy
refuses 1 0 'no layer here has such a tensor' run 'nn.Conv2d(3, 8, 3, bias=False)' --input x.npy --bias w.npy --output y.npy
refuses 1 0 'needs --offset FILE' run 'DeformConv2d(3, 8, 3)' --input x.npy --weight w.npy --output y.npy
refuses 1 0 'needs --indices FILE, of shape (1, 3, 8, 8)' run 'nn.MaxUnpool2d(2)' --input x.npy --output y.npy
: >empty.npy
refuses 1 0 'empty.npy: the file is empty' run "$conv" --input empty.npy --output y.npy
head -c 300 /dev/zero >zeros.npy
refuses 1 0 'neither a .npy' run "$conv" --input zeros.npy --output y.npy
head -c 400 x.npy >cut.npy
refuses 1 0 'cut.npy: the file is cut short' run "$conv" --input cut.npy --weight w.npy --output y.npy
npy objects.npy '|O' '(1, 3, 8, 8)' False 1536
refuses 1 0 'Python objects' run "$conv" --input objects.npy --output y.npy
npy complex.npy '<c8' '(1, 3, 8, 8)' False 1536
refuses 1 0 'complex' run "$conv" --input complex.npy --output y.npy
npy lie.npy '<f4' '(1, 3, 100000000, 100000000)' False 768
refuses 1 0 'memory' run 'nn.ReLU()' --input lie.npy --output y.npy
npy overflow.npy '<f4' '(9223372036854775807, 9223372036854775807, 3, 3)' False 64
refuses 1 4 'cannot have' run 'nn.ReLU()' --input overflow.npy --output y.npy
npy sparse.npy '<f4' '(1, 1, 50000, 50000)' False 0
truncate -s 10G sparse.npy
refuses 1 0 'of memory' run 'nn.Conv2d(1, 1, 3)' --input sparse.npy --output y.npy --memory 1G
refuses 1 11 'in_channels is 3' run "$conv" --input sparse.npy --output y.npy
mkfifo pipe.npy
refuses 1 0 'pipe.npy: this is not a regular file' run "$conv" --input pipe.npy --output y.npy
mkdir folder
refuses 1 0 'this is a folder' run "$conv" --input ./folder --output y.npy
ln -s nowhere.npy link.npy
refuses 1 0 'link.npy: there is no such file' run "$conv" --input link.npy --output y.npy
refuses 1 0 'not a regular file' run "$conv" --input /dev/zero --output y.npy

# Files that are no lesson, scene or layer; a name with a bracket is a file's where it begins as a path.
refuses 1 0 'x.npy: an array is an input' render x.npy -o p.png
refuses 1 0 'empty.npy: the scene is empty' render empty.npy -o p.png
refuses 1 0 'empty.npy: the lesson is empty' lessons --check empty.npy
cp empty.npy 'empty (1).npy'
refuses 1 0 'empty (1).npy: the scene is empty' render './empty (1).npy' -o p.png
refuses 1 0 'empty (1).npy: the scene is empty' render "$PWD/empty (1).npy" -o p.png
refuses 1 0 'empty (1).npy: the scene is empty' render "../${PWD##*/}/empty (1).npy" -o p.png
printf 'layers: [\n' >'net (1).yaml'
refuses 1 0 'net (1).yaml: ' explain './net (1).yaml'
refuses 1 1 'there is no operation net' explain 'net (1).yaml'

# Control characters: texts of strangers must not steer the terminal that they are shown on.
refuses 1 4 "'?' cannot stand here" explain $'nn.\x1b[31mConv2d(3, 8, 3)'
refuses 1 28 "not '?[31m'" explain $'nn.Conv2d(3, 8, 3, padding="\x1b[31m")'
refuses 1 4 "'?' cannot stand here" explain $'nn.\x7fConv2d(3, 8, 3)'
refuses 1 28 "not '?31m'" explain $'nn.Conv2d(3, 8, 3, padding="\xc2\x9b31m")'
refuses 1 28 '    nn.Conv2d(3, 8, 3, padding="?31m")' explain $'nn.Conv2d(3, 8, 3, padding="\xc2\x9b31m")'
refuses 1 4 $'    nn.Conv2s(\t3, 8, 3)' explain $'nn.Conv2s(\t3, 8, 3)'
refuses 2 0 'there is no command ?[31mx' $'\x1b[31mx'
refuses 1 0 '?[31mx.yaml: there is no such file' render $'\x1b[31mx.yaml' -o p.png
refuses 1 0 '?31mx.yaml: there is no such file' render $'\xc2\x9b31mx.yaml' -o p.png
printf 'layers:\n  - "\\e[31mname": nn.ReLU()\n' >escape.yaml
refuses 1 0 'escape.yaml: 2:5: there is a control character in this text' explain escape.yaml --input 3,8,8
printf 'convscope: 1\noperation: nn.ReLU()\ntitle: "\\x9b31m"\n' >escape.yaml
refuses 1 0 'escape.yaml: 3:8: there is a control character in this text' render escape.yaml -o p.png

# Archives and pictures.
printf 'PK\3\4 and nothing more' >bad.npz
refuses 1 0 'bad.npz: the .npz archive is damaged' run "$conv" --input x.npy --weights bad.npz --output y.npy
mkdir weights
refuses 1 0 'there is no array 0.weight' run "$conv" --input x.npy --weights weights --output y.npy
printf '\x89PNG\r\n\x1a\n\0\0\0\15IHDR\0\1\x86\xa0\0\1\x86\xa0\10\6\0\0\0' >bomb.png
refuses 1 0 'bomb.png: the picture has 100000x100000 pixels' run "$conv" --input bomb.png --output y.npy
printf '\x89PNG\r\n\x1a\n\0\0\0\15IHDR\0\0\0\10\0\0\0\10\10\6\0\0\0' >cut.png
refuses 1 0 'cut.png: the picture is damaged' run "$conv" --input cut.png --output y.npy
printf 'GIF89a\1\0\1\0\0\0\0' >picture.gif
refuses 1 0 'neither a .npy' run "$conv" --input picture.gif --output y.npy

# Outputs that cannot be written.
refuses 1 0 '/dev/full: the disk is full' run "$conv" --input x.npy --weight w.npy --output /dev/full
refuses 1 0 'its folder does not exist' run "$conv" --input x.npy --output nowhere/y.npy
refuses 1 0 'this is a folder' run "$conv" --input x.npy --output folder
refuses 1 0 'leads nowhere' run "$conv" --input x.npy --output link.npy
refuses 1 0 'not a folder' run "$conv" --input x.npy --output x.npy/y.npy

# The command line itself.
refuses 2 0 'there is no command exlpain: do you mean explain?' exlpain "$conv"
refuses 2 0 'convscope open' "$conv"
refuses 2 0 'there is no option --ouput: do you mean --output?' run "$conv" --ouput y.npy
refuses 2 0 '--threads takes a number from 1 to 256' run "$conv" --threads 0
refuses 2 0 '--threads takes a number' run "$conv" --threads two
refuses 2 0 "from 1 to 256, not ''" run "$conv" --threads ''
refuses 2 0 '--memory takes an amount such as 512M or 4G, not x' run "$conv" --memory x
refuses 2 0 '--input needs a value' explain "$conv" --input
refuses 2 0 '--json takes no value' explain "$conv" --json=yes
refuses 2 0 '--lang takes one of en, zh' explain "$conv" --lang fr
refuses 2 0 '--algorithm takes one of' explain "$conv" --algorithm quick
refuses 2 0 'explain needs more' explain
refuses 2 0 'explain takes less' explain "$conv" "$conv"
refuses 1 0 'there is no display' open "$conv"
refuses 1 0 'there is no lesson or file no-such-lesson' open no-such-lesson
refuses 1 0 'there is no image kernel' open "$conv" --kernel sobble
refuses 1 0 'cannot do this' run "$conv" --input x.npy --algorithm phases --output y.npy

# Network files.
printf 'layers:\n  - layer: nn.Conv2d(3, 8, 3)\n  - {name: join, layer: Cat(dim=1), from: [0, above]}\n' >net.yaml
refuses 1 0 'net.yaml: 3:' explain net.yaml --input 3,8,8
printf 'layers:\n  - layer: nn.Conv2d(3, 8, 3, pading=1)\n' >net.yaml
refuses 1 0 'do you mean padding?' explain net.yaml --input 3,8,8
printf 'layers: [\n' >net.yaml
refuses 1 0 'net.yaml: ' explain net.yaml --input 3,8,8

# A result that stdout does not take.
"$program" explain "$conv" >/dev/full 2>err.txt
[ $? = 1 ] && grep -q 'stdout: the disk is full' err.txt || { echo "FAILED: a full stdout: $(cat err.txt)"; failures=$((failures + 1)); }

# A limit on memory from outside. (AddressSanitizer reserves terabytes of addresses: it cannot start under one.)
if [ -z "${ASAN_OPTIONS:-}" ]; then
    (ulimit -v 400000; exec "$program" run 'nn.Conv2d(1, 1, 3)' --input 1,10000,10000 --output y.npy) >/dev/null 2>err.txt
    status=$?
    [ $status = 1 ] && grep -q 'memory' err.txt || { echo "FAILED: under ulimit: status $status: $(cat err.txt)"; failures=$((failures + 1)); }
fi
[ ! -e y.npy ] || { echo "FAILED: a y.npy was left behind"; failures=$((failures + 1)); }

echo "$cases refusals, $failures failures"
[ "$failures" = 0 ] && [ "$cases" -gt 80 ]
