#!/usr/bin/env bash
# usage: reach.sh PROGRAM   What the program reaches for, seen by strace: no network, no shell, no program but the ones it is asked for,
# no writing outside its own folders; the window connects to its display and to nothing else.
set -uo pipefail
program=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../e2e/window.sh"
cd "$work" || exit 1
mkdir place && cd place || exit 1
command -v strace >/dev/null && strace -o "$work/probe" -f -e trace=execve true 2>/dev/null || {
    echo "strace may not look at processes here: nothing was checked" >&2
    exit 77
}
unset DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR # no bus of the tester: what is seen is the program alone
calls=execve,execveat,socket,connect,bind,listen,sendto,fork,vfork,clone,clone3,openat,open,creat,unlink,unlinkat,rename,renameat2,mkdir,link,linkat,symlink,ptrace,mount,setuid

# judge WORDS...: what the trace of that run may not hold.
judge() {
    local trace=$work/trace
    grep -E 'socket\((AF_INET|AF_INET6|AF_NETLINK|AF_PACKET|AF_BLUETOOTH|AF_VSOCK)' "$trace" && broken "a network socket: $*"
    # The first execve is strace's own, of the program.
    [ "$(grep -cE 'execve(at)?\(' "$trace")" -eq 1 ] || broken "another program was started: $*: $(grep execve "$trace")"
    grep -E ' (v?fork|ptrace|mount|setuid|listen|bind)\(' "$trace" && broken "a call that it has no use for: $*"
    grep -E 'clone3?\(' "$trace" | grep -vq CLONE_VM && broken "a process was cloned: $*"
    grep -E 'open(at)?\(.*O_(WRONLY|RDWR|CREAT|TMPFILE)' "$trace" | grep -vE "\"($work|\.|/dev/(null|tty|dri|shm)|/proc/self|[a-z])" |
        grep -vE '= -1 ' && broken "something was opened for writing elsewhere: $*"
    grep -E '(unlink(at)?|rename(at2)?|mkdir|link(at)?|symlink)\(' "$trace" | grep -vE '= -1 ' |
        grep -vE "\"($work|/proc/self/fd/|\.|[a-z])" && broken "something was changed elsewhere: $*"
    return 0
}

watch() {
    strace -f -qq -o "$work/trace" -e trace=$calls "$program" "$@" >"$work/out" 2>"$work/err" </dev/null
    local status=$?
    [ $status -eq 0 ] || broken "status $status: $*: $(head -c 300 "$work/err")"
    grep -E 'connect\(' "$work/trace" | grep -v '= -1 ' && broken "a command connects: $*"
    judge "$@"
}

conv='nn.Conv2d(1, 1, 3)'
watch lessons
watch explain "$conv" --input 1,1,9,9
watch run "$conv" --input 1,1,9,9 --output y.npy
watch render "$conv" --size 320x240 -o p.png
watch render "$conv" --size 320x240 --steps 0:2 -o p.gif
watch render conv2d --size 320x240 -o p.svg
watch render conv2d --size 320x240 -o p.pdf
watch bench "$conv" --input 1,1,9,9

# Names in scenes and lessons do not climb out of their folder: the secret beside it is a good array, and is not even opened.
"$program" run nn.ReLU\(\) --input 1,5,5 --output "$work/secret.npy" 2>/dev/null || broken "an array cannot be made"
mkdir inside && cp "$work/secret.npy" inside/own.npy
ln -s "$work/secret.npy" inside/link.npy
ln -s .. inside/up
ln -s /dev/zero inside/zero.npy
mkfifo inside/pipe.npy
written() { # FILE NAME: a scene, or a lesson, that names that file
    case $1 in
    *scene.yaml) printf 'convscope: 1\noperation: nn.Conv2d(1, 1, 3)\ninput: "file %s"\n' "$2" ;;
    *) printf 'id: own\nchapter: basics\ntitle: {en: Own, zh: Own}\npages:\n  - caption: {en: Own, zh: Own}\n    title: {en: Own, zh: Own}\n    operation: nn.Conv2d(1, 1, 3)\n    input: "file %s"\n' "$2" ;;
    esac >"$1"
}
names=(../../secret.npy "$work/secret.npy" ../place/../../secret.npy ./.././../secret.npy link.npy up/../secret.npy up/up/secret.npy
    %2e%2e/%2e%2e/secret.npy ..%2f..%2fsecret.npy "file://$work/secret.npy" '..\\..\\secret.npy' '~/../secret.npy' '$HOME/../secret.npy'
    'own.npy\0/../../../secret.npy' 'link.npy:0.weight' zero.npy pipe.npy "$(printf 'n%.0s' $(seq 5000)).npy" "$(printf '../%.0s' $(seq 1000))secret.npy" '')
climbed=0
for file in inside/scene.yaml inside/lesson.yaml; do
    written $file own.npy
    timeout 20 "$program" render ./$file --size 320x240 -o own.png 2>"$work/err" || broken "$file: its own array is refused: $(head -c 300 "$work/err")"
    for name in "${names[@]}"; do
        written $file "$name"
        timeout 20 strace -f -qq -o "$work/trace" -e trace=openat,open "$program" render ./$file --size 320x240 -o climbed.png >"$work/out" 2>"$work/err" </dev/null
        status=$?
        [ $status -eq 1 ] && [ -s "$work/err" ] || broken "$file names ${name:0:80}: status $status: $(head -c 200 "$work/err")"
        grep -E 'secret.npy|link.npy|/dev/zero' "$work/trace" | grep -v '= -1' && broken "$file names ${name:0:80}: it was opened"
        [ ! -e climbed.png ] || broken "$file names ${name:0:80}: a picture was made"
        rm -f climbed.png
        climbed=$((climbed + 1))
    done
done

# The window: opened, played, changed, saved by the autosave, closed.
display_start 1280x800
strace -f -qq -o "$work/trace" -e trace=$calls "$program" open --state "$state_file" >"$work/window.out" 2>"$work/window.err" </dev/null &
tracer=$!
for _ in $(seq 1200); do
    [ -s "$state_file" ] && window_id=$(xdotool search --onlyvisible --name '^convscope' 2>/dev/null | head -n 1) && [ -n "$window_id" ] && break
    kill -0 $tracer 2>/dev/null || break
    sleep 0.05
done
window_pid=$(awk '/execve\(/ { print $1; exit }' "$work/trace")
if [ -n "${window_id:-}" ] && [ -s "$state_file" ]; then
    xdotool windowfocus "$window_id" 2>/dev/null
    key 2
    wait_for '.view == "matrix"'
    key t
    wait_for '.theme == "dark"'
    key ctrl+Next
    wait_for '.lesson != null'
    for _ in $(seq 600); do
        [ -s "$XDG_STATE_HOME/convscope/session" ] && break
        sleep 0.05
    done
    [ -s "$XDG_STATE_HOME/convscope/session" ] || broken "there is no autosave"
    kill -TERM "$window_pid"
else
    broken "the window does not open: $(head -c 300 "$work/window.err")"
    kill -KILL "$window_pid" 2>/dev/null
fi
wait $tracer
status=$?
window_pid=
[ $status -eq 0 ] || broken "the window ended with status $status: $(head -c 300 "$work/window.err")"
judge the window
connections=$(grep -E 'connect\(' "$work/trace" | grep -v '= -1 ')
echo "$connections" | grep -v '/tmp/.X11-unix/X' | grep . && broken "the window connects to something beside its display"
echo "$connections" | grep -q '/tmp/.X11-unix/X' || broken "the trace knows of no display: it shows nothing"
grep -qE 'openat.*"(/etc/passwd|/etc/resolv.conf|/etc/hosts)"' "$work/trace" && broken "it looks at the machine's users or its network"

finish "$climbed names that climb are not followed; no network, no shell, no other program, nothing written elsewhere; the window connects to its display alone"
