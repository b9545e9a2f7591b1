#!/usr/bin/env bash
# The window by mouse: buttons, sliders, steppers, cells, wheel, panels. Places come from the state that the window reports.
program=$1
source "$(dirname "$0")/window.sh"
display_start 1440x900
window_start open 'nn.Conv2d(1, 1, 3)' --paused

press_control() { # NAME
    local at
    at=$(state ".controls[] | select(.name == \"$1\") | \"\(.x + .width / 2 | floor) \(.y + .height / 2 | floor)\"" | head -n 1)
    [ -n "$at" ] || { broken "there is no control $1"; return; }
    click $at
}
expect() { wait_for "$1" >/dev/null || broken "$2"; }

press_control transport.play; expect '.playing' "play button"
press_control transport.play; expect '.playing | not' "pause button"
press_control transport.end; expect '.step == 9' "end button"
press_control transport.start; expect '.step == 0' "start button"
press_control transport.loop; expect '.loop' "loop button"
press_control transport.speed.plus; expect '.speed == 2' "speed"
press_control param.stride.plus; expect '.expression | test("stride=2")' "stride"
press_control param.stride.minus; expect '.expression | test("stride") | not' "stride back"
press_control param.stride.minus; expect '.refusal != ""' "says why it is refused"
press_control view.1; expect '.view == "matrix"' "matrix tab"
press_control view.0; expect '.view == "slide"' "slide tab"
press_control style; expect '.style == "isometric"' "isometric"
press_control style; expect '.style == "flat"' "flat"
press_control language; expect '.language == "zh"' "language"
press_control language; expect '.language == "en"' "language"
press_control menu; expect '.popup == "menu"' "menu"
click 400 860; expect '.popup == "none"' "a click beside closes the menu"
press_control source.weight; expect '.popup == "weight"' "weights menu"
press_control menu.10; expect '.weight == [-1, 0, 1, -2, 0, 2, -1, 0, 1]' "Sobel"
press_control transport.end
expect '.step == 9 and (.output | length) == 9' "output there"


# The wheel over the stage zooms; dragging the ground moves the picture.
read -r x y < <(state '.controls[] | select(.name == "stage") | "\(.x + .width / 2 | floor) \(.y + .height - 20 | floor)"')
move "$x" "$y"
xdotool click 4 click 4; expect '.zoom > 1.2' "wheel"
key 0; expect '.zoom == 1' "fit"
drag "$x" "$y" $((x + 60)) $((y - 40)); expect '.pan_x > 40' "pan"
key 0; expect '.pan_x == 0' "fit"

# Search with the mouse and the keyboard, open what is found.
press_control search; type_text transposed; expect '.search == "transposed"' "search"
key Return; expect '.lesson == "transposed" and .playing' "the lesson found plays"
press_control page.1; expect '.page == 1' "page dot"
screenshot "$work/now.png"
[ "$(identify -format '%wx%h' "$work/now.png" 2>/dev/null)" = "$(state '"\(.width)x\(.height)"')" ] || broken "the screenshot has another size than the window"
[ "$(identify -format '%k' "$work/now.png")" -gt 50 ] || broken "the window shows nothing"
window_alive || broken "the window is gone"
window_close
finish "mouse: buttons, steppers, menus, tabs, wheel, panels"
