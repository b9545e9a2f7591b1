#!/usr/bin/env bash
# usage: tests/soak.sh PROGRAM [MINUTES]   The window under Xvfb plays one lesson after the other while keys and the mouse come at random (from
# a fixed seed). At the end it says whether memory was flat (the peak and the median of the last third within 5% of those of the second
# third) and whether a frame took over 100 ms after the first minute. A slow frame is printed with the processor time that the program
# used in it: far less than the frame took means that it waited (for the disk, the display or other programs).
program=$(realpath "$1")
minutes=${2:-60}
source "$(dirname "${BASH_SOURCE[0]}")/e2e/window.sh"
display_start 1440x900
RANDOM=7
cd "$work" || exit 1 # what random clicks save or export stays in a scratch folder
frames=$work/frames memory=$work/memory
"$program" open "$("$program" lessons --json | jq -r '.[0].id')" --frames "$frames" 2>"$work/window.err" &
window_pid=$!
for _ in $(seq 600); do
    window_id=$(xdotool search --onlyvisible --pid "$window_pid" 2>/dev/null | head -n 1)
    [ -z "$window_id" ] || break
    sleep 0.05
done
[ -n "$window_id" ] || { broken "the window does not open: $(cat "$work/window.err")"; exit 1; }
xdotool windowfocus "$window_id" 2>/dev/null

keys=(Right Left space Next Prior Tab Down Up Home End plus minus 1 2 3 4 5 i y o z q n t l m c k F2 F5 F9 ctrl+z ctrl+y Return bracketright)
lesson_seconds=50 # all of them in an hour
started=$SECONDS
next_minute=60
next_sample=0
next_lesson=$lesson_seconds
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
        echo "$elapsed $(awk '/^VmRSS/ { print $2 }' "/proc/$window_pid/status")" >>"$memory"
        next_sample=$((elapsed + 5))
        # The pictures stay in sight, and if nothing moves any more it plays again.
        again=(key 0)
        [ "$grown" != "$(stat -c %s "$frames")" ] || again+=(key Home key space)
        grown=$(stat -c %s "$frames")
        timeout 20 xdotool "${again[@]}" 2>/dev/null
    fi
    if [ $elapsed -ge $next_lesson ]; then
        timeout 20 xdotool key Escape Escape key --repeat 9 minus key plus plus key ctrl+Next 2>/dev/null # at its usual size
        next_lesson=$((next_lesson + lesson_seconds))
    fi
    if [ $elapsed -ge $next_minute ]; then
        echo "minute $((next_minute / 60)): $(tail -n 1 "$memory" | cut -d ' ' -f 2) kB resident, $events events, lesson $(tail -n 2 "$frames" | head -n 1 | cut -d ' ' -f 5)"
        next_minute=$((next_minute + 60))
    fi
done
! window_alive || window_close
[ -z "${SOAK_KEEP:-}" ] || cp "$frames" "$memory" "$SOAK_KEEP"/

echo "frames after the first minute, microseconds of the clock (processor time):"
awk '$1 > 60e6 && NF >= 5' "$frames" >"$work/late"
count=$(wc -l <"$work/late")
rank() { # FIELD SHARE
    cut -d ' ' -f "$1" "$work/late" | sort -n | sed -n "$((count * $2 / 1000 > 0 ? count * $2 / 1000 : 1))p"
}
echo "  $count frames, $(cut -d ' ' -f 5 "$work/late" | sort -u | grep -vc '^-$') lessons: median $(rank 2 500) ($(rank 3 500)), 99% $(rank 2 990) ($(rank 3 990)), longest $(rank 2 1000) ($(rank 3 1000))"
awk '$2 > 100000 { printf "  over 100 ms: at %.1f s %.1f ms (processor %.1f, drawing and presenting %.1f), lesson %s\n", $1 / 1e6, $2 / 1e3, $3 / 1e3, $4 / 1e3, $5 }' \
    "$work/late" | tee "$work/slow"
slow=$(wc -l <"$work/slow")
[ "$count" -gt $((minutes * 60)) ] || broken "too few frames to judge by: $count"
[ "$slow" -eq 0 ] || broken "$slow frames took over 100 ms, $(awk '$3 > 100000' "$work/late" | wc -l) of them by processor time"

third() { # N: peak and median of the N-th third, kB
    awk -v from=$((minutes * 20 * ($1 - 1))) -v to=$((minutes * 20 * $1)) '$1 >= from && $1 < to { print $2 }' "$memory" | sort -n |
        awk '{ v[NR] = $1 } END { print v[NR], v[int((NR + 1) / 2)] }'
}
read -r peak1 median1 < <(third 1)
read -r peak2 median2 < <(third 2)
read -r peak3 median3 < <(third 3)
echo "memory, peak (median) of each third: $peak1 ($median1), $peak2 ($median2), $peak3 ($median3) kB"
[ $((peak3 * 100)) -le $((peak2 * 105)) ] && [ $((median3 * 100)) -le $((median2 * 105)) ] || broken "memory grew by more than 5%"
finish "soak: $minutes minutes, $events random events, memory flat, no slow frame"
