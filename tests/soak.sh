#!/usr/bin/env bash
# usage: tests/soak.sh PROGRAM MINUTES   The window under Xvfb plays one lesson after the other while keys and the mouse come at random (from a
# fixed seed). Prints the resident memory each minute, and at the end whether it was flat within 5% after the first third.
program=$(realpath "$1")
minutes=${2:-60}
source "$(dirname "${BASH_SOURCE[0]}")/e2e/window.sh"
display_start 1440x900
RANDOM=7
mapfile -t lessons < <("$program" lessons --json | sed -n 's/.*"id": *"\([^"]*\)".*/\1/p')
window_start open "${lessons[0]}"
keys=(Right Left space Next Prior Tab Down Up Home End plus minus 1 2 3)
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$window_pid/status"; }
started=$SECONDS
next=60
events=0
first=0
largest=0
while [ $((SECONDS - started)) -lt $((minutes * 60)) ]; do
    window_alive || { broken "the program ended after $((SECONDS - started)) s: $(tail -c 500 "$work/window.err")"; break; }
    batch=()
    for _ in 1 2 3 4 5 6 7 8; do
        case $((RANDOM % 4)) in
        0) batch+=(mousemove $((RANDOM % 1440)) $((RANDOM % 900))) ;;
        1) batch+=(mousemove $((RANDOM % 1440)) $((60 + RANDOM % 800)) click 1) ;;
        2) batch+=(key "${keys[RANDOM % ${#keys[@]}]}") ;;
        3) batch+=(click $((4 + RANDOM % 2))) ;;
        esac
        events=$((events + 1))
    done
    xdotool "${batch[@]}" key Escape 2>/dev/null
    sleep 0.2
    if [ $((SECONDS - started)) -ge $next ]; then
        now=$(resident)
        echo "minute $((next / 60)): $now kB resident, $events events, lesson $(state .lesson)"
        if [ $((next / 60)) -ge $(((minutes + 2) / 3)) ]; then
            [ $first -ne 0 ] || first=$now
            [ "$now" -le $largest ] || largest=$now
        fi
        next=$((next + 60))
        xdotool key Next Next Next 2>/dev/null
    fi
done
if window_alive; then
    echo "memory: $first kB after the first third, $largest kB at most after that"
    [ "$largest" -le $((first * 105 / 100)) ] || broken "memory grew by more than 5%"
    window_close
fi
finish "soak: $minutes minutes, $events random events, memory flat"
