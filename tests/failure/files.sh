#!/usr/bin/env bash
# usage: files.sh PROGRAM   Files as strangers and broken disks hand them over: a clear line on stderr, status 1, nothing left behind, no hang.
set -uo pipefail
program=$(realpath "$1")
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state
failures=0
checks=0

broken() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}

# refused WORD... : the program ends within ten seconds with status 1 and one sentence, and makes no file. misused: the same with status 2.
refused() { ends 1 "$@"; }
misused() { ends 2 "$@"; }
ends() {
    checks=$((checks + 1))
    local before after status expected=$1
    shift
    before=$(ls -A)
    timeout --kill-after=5 30 "${program[@]}" "$@" >"$work.out" 2>"$work.err" </dev/null
    status=$?
    after=$(ls -A)
    [ $status -eq "$expected" ] || broken "status $status: $*: $(head -c 300 "$work.err")"
    [ -s "$work.err" ] || broken "nothing is said: $*"
    [ ! -s "$work.out" ] || broken "something stands on stdout: $*"
    grep -q '^convscope: ' "$work.err" || broken "no sentence of the program: $*: $(head -c 300 "$work.err")"
    [ "$before" = "$after" ] || broken "files changed: $*: $after"
    rm -f "$work.out" "$work.err"
}

conv='nn.Conv2d(1, 1, 3)'
run() { refused run "$conv" --output y.npy --input "$@"; }
npy() { # SHAPE BYTES FILE: a .npy of zeros that promises SHAPE and holds BYTES of data
    local text="{'descr': '<f4', 'fortran_order': False, 'shape': ($1), }"
    while [ $(((${#text} + 11) % 64)) -ne 0 ]; do text+=' '; done
    { printf '\x93NUMPY\x01\x00'; printf "\\x$(printf %02x $(((${#text} + 1) % 256)))\\x$(printf %02x $(((${#text} + 1) / 256)))"
      printf '%s\n' "$text"; head -c "$2" /dev/zero; } >"$3"
}

# It works when nothing is wrong: otherwise the refusals below prove nothing.
npy '1, 1, 5, 5,' 100 good.npy
"$program" run "$conv" --input good.npy --output fine.npy 2>/dev/null || broken "a good file is refused"
[ -s fine.npy ] || broken "a good file gives nothing"
rm -f fine.npy

# Inputs.
run absent.npy
ln -s nowhere.npy dangling.npy
run dangling.npy
ln -s circle.npy circle.npy
run circle.npy
mkfifo pipe.npy
run pipe.npy
mkdir folder.npy
run folder.npy
run /dev/zero
run /dev/stdin
: >empty.npy
run empty.npy
truncate -s 10G huge.npy
run huge.npy
npy '50000, 50000,' 0 promised.npy
truncate -s 10G promised.npy
run promised.npy
npy '1, 1, 5, 5,' 99 short.npy
run short.npy
npy '4294967296, 4294967296, 2,' 100 overflow.npy
run overflow.npy
npy '-1, 5, 5,' 100 negative.npy
run negative.npy
for name in png jpg bmp webp; do
    head -c 3000 /dev/urandom >noise.$name
    run noise.$name
    mkfifo pipe.$name
    run pipe.$name
    truncate -s 10G huge.$name
    run huge.$name
done
refused open dangling.npy
refused open pipe.npy
refused open ./absent.yaml
refused explain "$conv" --input absent.npy
refused render "$conv" --input absent.npy -o p.png

# A file that shrinks while it is read, many times over: cut short or read whole, nothing else.
npy '1, 1, 1000, 1000,' 4000000 shrinks.npy
for i in 1 2 3 4 5 6 7 8; do
    npy '1, 1, 1000, 1000,' 4000000 shrinks.npy
    timeout 20 "$program" run "$conv" --input shrinks.npy --output y.npy 2>"$work.err" &
    sleep 0.0$i
    truncate -s 1000 shrinks.npy
    wait $!
    status=$?
    checks=$((checks + 1))
    case $status in
    0) [ -s y.npy ] || broken "done without a file" ;;
    1) [ ! -e y.npy ] || broken "a file is left of a run that could not" ;;
    *) broken "status $status when the input shrinks: $(head -c 300 "$work.err")" ;;
    esac
    rm -f y.npy "$work.err"
done
rm -f shrinks.npy

# Outputs.
out() { refused run "$conv" --input good.npy --output "$@"; }
out absent/y.npy
out folder.npy
out good.npy/y.npy
ln -s nowhere/else.npy away.npy
out away.npy
out ''
out "$(printf 'n%.0s' $(seq 300)).npy"
out /dev/full
for name in png gif svg pdf; do
    refused render "$conv" --size 320x240 -o "absent/p.$name"
    misused render "$conv" --size 320x240 -o "p.$name/"
done
misused render "$conv" --size 320x240 -o p.unknown
misused render "$conv" --size 0x240 -o p.png
refused render "$conv" --size 100000x240 -o p.png

# Read-only folders and files, and inputs that nobody may read. Nothing is read-only for root: there another user does it.
mkdir locked
cp good.npy locked/closed.npy
cp good.npy locked/kept.npy
chmod 000 locked/closed.npy
chmod 444 locked/kept.npy
chmod 555 locked
as=()
if [ "$(id -u)" -eq 0 ]; then
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups --)
    chmod 755 "$work"
    mkdir theirs && chmod 777 theirs
    cp -p "$program" theirs/program 2>/dev/null
    "${as[@]}" "$program" lessons >/dev/null 2>&1 || {
        # Where that user may not go to the program itself, a copy of it is used, with the assets of this place.
        program=$work/theirs/program
        "${as[@]}" "$program" lessons >/dev/null 2>&1 || as=()
    }
    [ ${#as[@]} -gt 0 ] || echo "no other user can start the program here: read-only folders were not tried" >&2
fi
if [ "$(id -u)" -ne 0 ] || [ ${#as[@]} -gt 0 ]; then
    refused_as() { # as refused, by the other user
        local own=$program
        program=(${as[@]+"${as[@]}"} "$own")
        ends 1 "$@"
        program=("$own")
    }
    refused_as run "$conv" --input good.npy --output locked/y.npy
    refused_as run "$conv" --input good.npy --output locked/kept.npy
    refused_as run "$conv" --input locked/closed.npy --output y.npy
    for name in png gif svg pdf; do refused_as render "$conv" --size 320x240 -o "locked/p.$name"; done
    cmp -s good.npy locked/kept.npy || broken "a read-only file was changed"
fi
chmod 755 locked

# A limit on file sizes stands for a disk that fills up half-way: the signal that comes with it must not kill the program.
npy '1, 1, 300, 300,' 360000 large.npy
(
    failures=0
    ulimit -f 100
    refused run "$conv" --input large.npy --output y.npy
    exit $failures
) || broken "a file that may not grow"

[ $failures -eq 0 ] || exit 1
echo "$checks bad files: each refused with a sentence, nothing left behind"
