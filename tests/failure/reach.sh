#!/usr/bin/env bash
# usage: reach.sh PROGRAM   What the program reaches for, seen by strace: no network, no shell, no program but the ones it is asked for,
# no writing outside its own folders, and no file outside the folder of a lesson.
set -uo pipefail
program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/place" "$work/home"
cd "$work/place" || exit 1
export LC_ALL=C HOME=$work/home XDG_CONFIG_HOME=$work/home/config XDG_STATE_HOME=$work/home/state XDG_CACHE_HOME=$work/home/cache
strace -o "$work/probe" -f -e trace=execve true 2>/dev/null || {
    echo "strace may not look at processes here: nothing was checked" >&2
    exit 77
}
failures=0
broken() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}

watch() {
    strace -f -qq -o "$work/trace" -e trace=execve,execveat,socket,connect,bind,listen,fork,vfork,clone,openat,open,creat,unlink,rename,mkdir \
        "$program" "$@" >"$work/out" 2>"$work/err" </dev/null
    local status=$?
    [ $status -eq 0 ] || broken "status $status: $*: $(head -c 300 "$work/err")"
    grep -E 'socket\((AF_INET|AF_INET6|AF_NETLINK|AF_PACKET|AF_BLUETOOTH)' "$work/trace" && broken "a network socket: $*"
    # The first execve is strace's own, of the program.
    [ "$(grep -cE 'execve(at)?\(' "$work/trace")" -eq 1 ] || broken "another program was started: $*: $(grep execve "$work/trace")"
    grep -E ' (v?fork)\(' "$work/trace" && broken "a process was forked: $*"
    grep -E 'clone\(' "$work/trace" | grep -vq CLONE_VM && broken "a process was cloned: $*"
    grep -E 'open(at)?\(.*O_(WRONLY|RDWR|CREAT)' "$work/trace" | grep -vE "\"($work|\.|/dev/(null|tty|dri|shm)|/proc/self|[a-z])" |
        grep -vE '= -1 ' && broken "something was opened for writing elsewhere: $*"
    return 0
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

[ $failures -eq 0 ] || exit 1
echo "no network, no shell, no other program, nothing written elsewhere"
