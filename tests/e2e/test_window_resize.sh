#!/usr/bin/env bash
# A storm of sizes: the window follows and keeps what it shows.
program=$1
source "$(dirname "$0")/window.sh"
display_start 2000x1300
window_start open stride --paused
key F9 t plus plus
for size in 480x320 1900x1200 960x600 500x1100 1800x340 640x480 1440x900 333x444 1920x1080 700x700 960x540 1280x720; do
    xdotool windowsize "$window_id" ${size%x*} ${size#*x}
done
for i in $(seq 60); do
    xdotool windowsize "$window_id" $((480 + i * 37 % 1400)) $((320 + i * 53 % 900))
    [ $((i % 7)) -ne 0 ] || key Right
done
xdotool windowsize "$window_id" 1100 700
wait_for '.width == 1100 and .height == 700'
key Home End
wait_for '.step == .last'
[ "$(state .lesson)" = stride ] || broken "the lesson was lost"
screenshot "$work/now.png"
[ "$(identify -format '%wx%h' "$work/now.png")" = 1100x700 ] || broken "the picture has another size than the window"
window_alive || broken "the window is gone"
window_close
finish "the window follows every size"
