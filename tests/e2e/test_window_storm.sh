#!/usr/bin/env bash
# usage: test_window_storm.sh PROGRAM [EVENTS]   A storm of keys, clicks, drags and wheel turns on the real window, 500 a second, from fixed
# seeds: nothing crashes, nothing stays stuck, memory does not grow with the events.
# 5,000 events by default; tests/check --long sends 30,000, a minute of them.
program=$1
events=${2:-5000}
source "$(dirname "$0")/window.sh"
storm=$(dirname "$program")/storm
[ -x "$storm" ] || {
    echo "FAILED: storm was not built (Debian: libx11-dev)" >&2
    exit 1
}
display_start 1440x900
mkdir "$work/scratch"
cd "$work/scratch" || exit 1 # what random clicks save or export lands here
window_start open conv2d

resident() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$window_pid/status"; }
# Back to rest, whatever is open: then keys do what they always do.
rest() {
    key Escape Escape Escape Escape Escape Escape Escape Escape Escape Escape Escape Escape
    wait_for '.popup == "none" and .editing == null and (.blank | not) and (.presenting | not)' || return
    key Home
    wait_for '.step == .first and (.playing | not)' || return
    key End
    wait_for '.step == .last' || return
}

part=$((events / 5))
started=$(date +%s%N)
for i in 1 2 3 4 5; do
    "$storm" "$window_id" "$part" "$i" || broken "the storm cannot blow"
    window_alive || { broken "the window is gone in part $i (seed $i): $(tail -c 500 "$work/window.err")"; exit 1; }
    rest || broken "stuck after part $i"
    [ $i -ne 2 ] || early=$(resident)
done
rate=$((events * 1000 / (($(date +%s%N) - started) / 1000000 + 1)))
late=$(resident)
if [ -z "${ASAN_OPTIONS:-}" ]; then # which keeps what was freed
    [ "$late" -le $((early + 60)) ] || broken "memory grew from $early MB to $late MB"
    [ "$late" -le 300 ] || broken "$late MB are resident after the storm"
fi
changes=$(state .undo)
[ "$changes" -gt 10 ] || broken "the storm changed nothing: $changes changes"
window_close
finish "$((part * 5)) events, $rate a second, $changes changes to undo: $early MB resident after two fifths of them, $late MB at the end"
