#!/usr/bin/env bash
# The window opens in 1440x900, or in what the screen holds, or in the size the reader gave it last; a screen that was too small, or full
# screen, is not remembered as the reader's wish.
program=$1
source "$(dirname "$0")/window.sh"

screen() { # WxH: another display
    [ -z "$display_pid" ] || { kill "$display_pid"; wait "$display_pid" 2>/dev/null; rm -f "$work/display"; }
    display_start "$1"
}
opens_in() { # WxH WORDS...
    local size=$1
    shift
    window_start open "$@"
    [ "$(state '"\(.width)x\(.height)"')" = "$size" ] || broken "opened in $(state '"\(.width)x\(.height)"'), not in $size ($*)"
    [ "$(xdotool getwindowgeometry --shell "$window_id" | sed -n 's/^WIDTH=//p')" = "${size%x*}" ] || broken "the window itself is not $size"
}

screen 1440x900
opens_in 1440x900 --fresh
window_close
screen 1024x768
opens_in 1024x768
window_close
screen 1440x900
opens_in 1440x900
key F11
wait_for '.width >= 1440'
window_close
screen 1920x1080
opens_in 1440x900
key F11
wait_for '.width == 1920 and .height == 1080'
window_close
opens_in 1440x900
xdotool windowsize "$window_id" 1300 800
wait_for '.width == 1300 and .height == 800'
window_close
opens_in 1300x800
window_close
opens_in 1000x700 --size 1000x700
window_close
finish "the window opens in its size, or in what the screen holds"
