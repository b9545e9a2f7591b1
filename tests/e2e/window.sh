# Sourced by end-to-end tests: the real window on a display of its own, driven by keys and the mouse, observed by screenshots and by the
# state file that the program writes (--state).
#
#     program=$1; source "$(dirname "$0")/window.sh"
#     display_start 1440x900
#     window_start open 'nn.Conv2d(1, 1, 3)'
#     key space; wait_for '.playing == false'; click 300 200; [ "$(state .step)" = 3 ] || broken "..."
#     screenshot now.png
#     window_close; finish "what was shown to hold"
#
# wait_for never relies on time: it looks at the state again and again, and gives up after half a minute.
set -uo pipefail
: "${program:?the test sets program before it sources this file}"

work=$(mktemp -d)
export HOME=$work/home XDG_CONFIG_HOME=$work/home/config XDG_STATE_HOME=$work/home/state XDG_CACHE_HOME=$work/home/cache
export XDG_DATA_HOME=$work/home/data LC_ALL=C SDL_AUDIODRIVER=dummy
mkdir -p "$work/home"
unset WAYLAND_DISPLAY LANGUAGE
state_file=$work/state.json
failures=0
window_pid=
display_pid=

broken() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}

leave() {
    [ -z "$window_pid" ] || kill -KILL "$window_pid" 2>/dev/null
    [ -z "$display_pid" ] || kill "$display_pid" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$work"
}
trap leave EXIT
trap 'exit 1' INT TERM

display_start() { # WxH
    Xvfb -displayfd 3 -screen 0 "${1:-1440x900}x24" -nolisten tcp 3>"$work/display" >/dev/null 2>&1 &
    display_pid=$!
    for _ in $(seq 300); do
        [ -s "$work/display" ] && break
        sleep 0.05
    done
    [ -s "$work/display" ] || {
        broken "Xvfb does not start"
        exit 1
    }
    export DISPLAY=:$(cat "$work/display")
}

# window_start WORDS...: the program with these words; returns when its first frame is shown.
window_start() {
    rm -f "$state_file"
    "$program" "$@" --state "$state_file" >"$work/window.out" 2>"$work/window.err" &
    window_pid=$!
    for _ in $(seq 600); do
        [ -s "$state_file" ] && window_id=$(xdotool search --onlyvisible --pid "$window_pid" 2>/dev/null | head -n 1) && [ -n "$window_id" ] && break
        kill -0 "$window_pid" 2>/dev/null || break
        sleep 0.05
    done
    [ -n "${window_id:-}" ] && [ -s "$state_file" ] || {
        broken "the window does not open: $(cat "$work/window.err")"
        exit 1
    }
    xdotool windowfocus "$window_id" 2>/dev/null
}

state() { # a jq filter: what the window shows now
    jq -r "${1:-.}" "$state_file" 2>/dev/null
}

wait_for() { # a jq condition
    for _ in $(seq 600); do
        jq -e "$1" "$state_file" >/dev/null 2>&1 && return 0
        kill -0 "$window_pid" 2>/dev/null || break
        sleep 0.05
    done
    broken "waited in vain for: $1 (line ${BASH_LINENO[0]}); the state is $(head -c 1500 "$state_file")"
    return 1
}

key() { xdotool key --clearmodifiers "$@"; }
type_text() { xdotool type --delay 15 -- "$1"; }
move() { xdotool mousemove "$1" "$2"; }
click() { xdotool mousemove "$1" "$2" click "${3:-1}"; }
drag() { xdotool mousemove "$1" "$2" mousedown 1 mousemove "$3" "$4" mouseup 1; }
screenshot() { import -silent -window "$window_id" "$1"; }

window_alive() { kill -0 "$window_pid" 2>/dev/null; }

# Asks the window to close (SDL makes a quit of a SIGTERM, as of a click on the cross), and expects status 0.
window_close() {
    kill -TERM "$window_pid" 2>/dev/null
    for _ in $(seq 1800); do # looking for leaks takes its time
        window_alive || break
        sleep 0.05
    done
    if window_alive; then
        broken "the window does not close"
        kill -KILL "$window_pid"
    fi
    wait "$window_pid"
    local status=$?
    window_pid=
    [ $status -eq 0 ] || broken "the program ended with status $status: $(tail -c 500 "$work/window.err")"
}

finish() { # what was shown to hold
    [ $failures -eq 0 ] || exit 1
    echo "$*"
    exit 0
}
