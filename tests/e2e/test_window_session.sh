#!/usr/bin/env bash
# What was open comes back: after closing, and after the program was killed.
program=$1
source "$(dirname "$0")/window.sh"
display_start 1280x800
window_start open
[ "$(state .lesson)" != null ] || broken "the first start shows no lesson"
[ "$(state .playing)" = true ] || broken "the first lesson does not play"
key ctrl+l
wait_for '.focus == "expression"'
key ctrl+a
type_text 'nn.Conv2d(2, 3, 3, padding=1)'
key Return
wait_for '.expression == "nn.Conv2d(2, 3, 3, padding=1)"'
key t l
wait_for '.theme == "dark" and .language == "zh"'
window_close

window_start open
wait_for '.expression == "nn.Conv2d(2, 3, 3, padding=1)" and .theme == "dark" and .language == "zh"'
key 2
wait_for '.view == "matrix"'
saved=$XDG_STATE_HOME/convscope/session
for _ in $(seq 300); do
    grep -q 'view: matrix' "$saved" && break
    sleep 0.05
done
grep -q 'view: matrix' "$saved" || broken "the autosave does not know the matrix"
kill -KILL "$window_pid"
wait "$window_pid" 2>/dev/null
window_start open
wait_for '.view == "matrix" and .expression == "nn.Conv2d(2, 3, 3, padding=1)"'
window_close

printf 'no scene at all' >"$saved"
window_start open
wait_for '.lesson != null'
[ -e "$saved.bad" ] || broken "the autosave that cannot be read was not kept"
window_close

window_start open --fresh 'nn.ReLU()'
wait_for '.language == "en" and .expression == "nn.ReLU()"'
window_close
grep -q ReLU "$saved" && broken "--fresh wrote the session"
finish "the session lasts"
