#!/usr/bin/env bash
# usage: tests/soak.sh PROGRAM [MINUTES [SEED]]   The window under Xvfb plays all lessons three times (forwards, backwards, forwards) while keys
# and the mouse come at random from the seed. Its last line is the verdict, which its exit status is too:
#
#   memory   flat: median and least of the last third of the time within 5% of those of the second third (the same lessons, all of them seen
#            before). Peaks are told, not judged: a crowded picture takes more while it is shown, and which ones are met is chance
#   frames   none took over 100 ms by the clock after the first minute
#
# A frame that did is printed with its lesson, view and event, and with the processor time that the window's thread used in it: far less
# than the frame took means that it waited (for the disk, the display or other programs). SOAK_KEEP=FOLDER keeps the logs there.
program=$(realpath "$1")
minutes=${2:-60}
seed=${3:-7}
source "$(dirname "${BASH_SOURCE[0]}")/e2e/window.sh"
display_start 1440x900
RANDOM=$seed
cd "$work" || exit 1 # what random clicks save or export stays in a scratch folder
memory=$work/memory
frames=$(mktemp -p /dev/shm convscope-frames-XXXXXX) || frames=$work/frames # the disk is left to the program
trap 'rm -f "$frames"; leave' EXIT
mapfile -t lessons < <("$program" lessons --json | jq -r '.[].id')
"$program" open "${lessons[0]}" --frames "$frames" 2>"$work/window.err" &
window_pid=$!
for _ in $(seq 600); do
    window_id=$(xdotool search --onlyvisible --pid "$window_pid" 2>/dev/null | head -n 1)
    [ -z "$window_id" ] || break
    sleep 0.05
done
[ -n "$window_id" ] || { broken "the window does not open: $(cat "$work/window.err")"; exit 1; }
xdotool windowfocus "$window_id" 2>/dev/null

keys=(Right Left space Next Prior Tab Down Up Home End plus minus 1 2 3 4 5 i y o z q n t l m c k F2 F5 F9 ctrl+z ctrl+y Return bracketright)

# The window's lesson, as the log says it: about a second late.
lesson_now() { tail -n 2 "$frames" | head -n 1 | cut -d ' ' -f 5; }
index_of() {
    local i
    for i in "${!lessons[@]}"; do
        [ "${lessons[i]}" != "$1" ] || { echo "$i"; return; }
    done
    echo 0
}
# Random clicks open other lessons too: from wherever that was to the one whose turn it is.
turn_to() { # INDEX
    local steps=$(($1 - $(index_of "$(lesson_now)"))) key=ctrl+Next
    [ $steps -ge 0 ] || { key=ctrl+Prior; steps=$((-steps)); }
    timeout 20 xdotool key Escape Escape key --repeat 9 minus key plus plus 2>/dev/null # at its usual size
    [ $steps -eq 0 ] || timeout 30 xdotool key --delay 60 --repeat $steps $key 2>/dev/null
}
milliseconds() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

started=$SECONDS
began=$(milliseconds)
turns=$((3 * ${#lessons[@]}))
turn=0
next_minute=60
next_sample=0
next_look=0
grown=0
events=0
while [ $((SECONDS - started)) -lt $((minutes * 60)) ]; do
    window_alive || { broken "the program ended after $((SECONDS - started)) s: $(tail -c 500 "$work/window.err")"; break; }
    batch=()
    for _ in 1 2 3 4 5 6 7 8; do
        x=$((RANDOM % 1440)) y=$((RANDOM % 900))
        case $((RANDOM % 5)) in
        0) batch+=(mousemove $x $y) ;;
        1) batch+=(mousemove $x $y click 1) ;;
        2) batch+=(key "${keys[RANDOM % ${#keys[@]}]}") ;;
        3) batch+=(click $((4 + RANDOM % 2))) ;;
        4) batch+=(mousemove $x $y mousedown 1 mousemove $((x / 2 + RANDOM % 720)) $((y / 2 + RANDOM % 450)) mouseup 1) ;;
        esac
        events=$((events + 1))
    done
    timeout 20 xdotool "${batch[@]}" key Escape 2>/dev/null
    sleep 0.2
    elapsed=$((SECONDS - started))
    if [ $elapsed -ge $next_sample ]; then
        echo "$elapsed $(awk '/^VmRSS|^RssAnon/ { printf "%s ", $2 }' "/proc/$window_pid/status")" >>"$memory"
        next_sample=$((elapsed + 1))
    fi
    if [ $elapsed -ge $next_look ]; then
        # The pictures stay in sight, and if nothing moves any more it plays again.
        again=(key 0)
        [ "$grown" != "$(stat -c %s "$frames")" ] || again+=(key Home key space)
        grown=$(stat -c %s "$frames")
        timeout 20 xdotool "${again[@]}" 2>/dev/null
        next_look=$((elapsed + 5))
    fi
    now=$((($(milliseconds) - began) * turns / (minutes * 60000)))
    if [ $now -gt $turn ] && [ $now -lt $turns ]; then
        turn=$now
        at=$((turn % ${#lessons[@]}))
        [ $((turn / ${#lessons[@]})) -ne 1 ] || at=$((${#lessons[@]} - 1 - at))
        turn_to $at
    fi
    if [ $elapsed -ge $next_minute ]; then
        echo "minute $((next_minute / 60)): $(tail -n 1 "$memory" | cut -d ' ' -f 2) kB resident, $events events, lesson $(lesson_now)"
        next_minute=$((next_minute + 60))
    fi
done
! window_alive || window_close
[ -z "${SOAK_KEEP:-}" ] || cp "$frames" "$memory" "$SOAK_KEEP"/

echo "frames after the first minute, microseconds of the clock (processor time):"
awk '$1 > 60e6 && NF == 8' "$frames" >"$work/late"
count=$(wc -l <"$work/late")
rank() { # FIELD SHARE
    cut -d ' ' -f "$1" "$work/late" | sort -n | sed -n "$((count * $2 / 1000 > 0 ? count * $2 / 1000 : 1))p"
}
echo "  $count frames, $(cut -d ' ' -f 5 "$work/late" | sort -u | grep -vc '^-$') lessons: median $(rank 2 500) ($(rank 3 500)), 99% $(rank 2 990) ($(rank 3 990)), longest $(rank 2 1000) ($(rank 3 1000))"
awk '$2 > 100000 { printf "  over 100 ms: at %.1f s %.1f ms (processor %.1f, drawing and presenting %.1f, read %d kB): lesson %s, view %s, event %s\n",
    $1 / 1e6, $2 / 1e3, $3 / 1e3, $4 / 1e3, $8, $5, $6, $7 }' "$work/late" | tee "$work/slow"
awk '$8 > 0 { frames++; read += $8; if ($2 > longest) longest = $2 }
    END { printf "  %d frames read from the disk, %d kB in all; the longest of them %.1f ms\n", frames, read, longest / 1e3 }' "$work/late"
echo "  the most processor time in a frame:"
sort -k 3 -n -r "$work/late" | head -n 5 |
    awk '{ printf "    %.1f ms of %.1f: lesson %s, view %s, event %s\n", $3 / 1e3, $2 / 1e3, $5, $6, $7 }'
slow=$(wc -l <"$work/slow")
[ "$count" -gt $((minutes * 60)) ] || broken "too few frames to judge by: $count"
[ "$slow" -eq 0 ] || broken "$slow of $count frames took over 100 ms, $(awk '$3 > 100000' "$work/late" | wc -l) of them by processor time"

third() { # N: peak, median and least of the N-th third, kB
    awk -v from=$((minutes * 20 * ($1 - 1))) -v to=$((minutes * 20 * $1)) '$1 >= from && $1 < to { print $2 }' "$memory" | sort -n |
        awk '{ v[NR] = $1 } END { print v[NR], v[int((NR + 1) / 2)], v[1] }'
}
read -r peak1 median1 least1 < <(third 1)
read -r peak2 median2 least2 < <(third 2)
read -r peak3 median3 least3 < <(third 3)
echo "memory, least, median and peak of each third: $least1 $median1 $peak1, $least2 $median2 $peak2, $least3 $median3 $peak3 kB"
[ $((least3 * 100)) -le $((least2 * 105)) ] && [ $((median3 * 100)) -le $((median2 * 105)) ] || broken "memory grew by more than 5%"
[ $failures -eq 0 ] || echo "soak FAILED: $minutes minutes, seed $seed, $events random events, $failures findings"
finish "soak PASSED: $minutes minutes, seed $seed, $events random events, $count frames, memory flat, no frame over 100 ms"
