#!/usr/bin/env bash
# The command line from outside: what goes to stdout and what to stderr, help in both languages, JSON, exit statuses, and arrays that come out of it.
# usage: test_cli.sh PROGRAM
set -uo pipefail
program=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C
unset DISPLAY WAYLAND_DISPLAY SDL_VIDEODRIVER CONVSCOPE_ASSETS LANGUAGE
failures=0
checks=0

check() { # WORDS CONDITION...
    checks=$((checks + 1))
    local words=$1
    shift
    "$@" || { echo "FAILED: $words"; failures=$((failures + 1)); }
}
quiet() { [ ! -s err.txt ]; }
says() { grep -qF -- "$1" out.txt; }
run() { "$program" "$@" >out.txt 2>err.txt </dev/null; }
# The value of a key that stands alone on its line of the JSON in out.txt.
value() { sed -n "s/^ *\"$1\": \(.*[^,]\),\{0,1\}$/\1/p" out.txt | head -n 1; }
is() { [ "$(value "$1")" = "$2" ] || { echo "  $1 is $(value "$1"), not $2"; return 1; }; }

# Help and version everywhere, in both languages, on stdout alone.
for command in "" open lessons explain run render bench; do
    run $command --version
    check "$command --version" grep -qE '^convscope [0-9]+\.[0-9]+' out.txt
    run $command --help --lang en
    check "$command --help" says 'Usage: convscope'
    check "$command --help is quiet" quiet
    cp out.txt english.txt
    run $command --help --lang zh
    check "$command --help --lang zh" says '用法'
    env LC_ALL=zh_CN.UTF-8 "$program" $command --help >out.txt 2>err.txt
    check "$command --help takes the language from LC_ALL" says '用法'
    check "$command --help has examples" grep -q '^  convscope ' english.txt
    check "$command --help fits 120 columns" awk 'length($0) > 120 { exit 1 }' english.txt
done
env LC_ALL= LANG=zh_CN.UTF-8 "$program" explain 'nn.Conv2s(3, 8, 3)' >out.txt 2>err.txt
check "complaints take their language from LANG" grep -q '没有' err.txt

# Complaints speak in one style: after the program's name or the place a clause in lower case, no full stop.
printf 'convscope: 1\noperation: nn.Conv2d(1, 1, 3)\nview: side\n' >key.yaml
printf 'convscope: 1\noperation: nn.Conv2d(1, 1, 3)\ninput: [[[1, 2], [3]]]\n' >list.yaml
printf 'id: a\nchapter: basics\ntitle: t\npages: []\n' >pages.yaml
printf '' >empty.yaml
for wrong in key.yaml list.yaml pages.yaml empty.yaml none.yaml no-lesson 'nn.Conv2d(1)' 'nn.Conv2d(1, 1, 3' 'nn.Conv2d(1, 1, 0)'; do
    for code in en zh; do
        run render "$wrong" -o wrong.svg --lang $code
        check "a complaint about $wrong in $code is one clause" grep -qE '[^.。]$' <(head -n 1 err.txt)
    done
done
for wrong in *.yaml no-lesson 'nn.Conv2s(1, 1, 3)'; do
    run render "$wrong" -o wrong.svg --lang en
    check "a complaint about $wrong begins in lower case" grep -qE '^([^ ]+: )+[^A-Z]' err.txt
done
rm ./*.yaml

# explain.
run explain 'nn.Conv2d(64, 128, 3, groups=4)' --input 32,64,28,28 --json
check "explain is quiet" quiet
for pair in 'weight=[128, 16, 3, 3]' 'bias=[128]' 'output=[32, 128, 26, 26]' 'parameters=18560' 'multiply_adds=398721024' 'operation="Conv2d"'; do
    check "explain groups=4: ${pair%%=*}" is "${pair%%=*}" "${pair#*=}"
done
run explain 'nn.LazyConvTranspose2d(8, 4, stride=2, padding=1)' --input 16,7,7 --json
check "a Lazy layer's channels" is weight '[16, 8, 4, 4]'
check "what a Lazy layer became" is expression '"nn.ConvTranspose2d(16, 8, kernel_size=4, stride=2, padding=1)"'
run explain 'nn.Conv2d(1, 1, 3, stride=2)' --input 1,6,6
check "what no window reads is told" says 'the last 1 input cells along H are never read'
run explain 'nn.Conv2d(512, 512, 3)' --input 512,32,32
check "large workspaces are in MiB" grep -qE '[0-9.]+ MiB of workspace' out.txt
check "long times are whole" grep -qE 'estimated: plain [0-9]{4,} ms' out.txt
run explain 'nn.Conv2d(1, 1, 3)' --input 1,3,3
check "small workspaces are in KiB" grep -qE '[0-9.]+ KiB of workspace' out.txt
check "short times are in us" grep -qE 'estimated: plain [0-9.]+ us, ' out.txt
run explain 'nn.Conv2d(3, 8, 3, padding=1, bias=False)'
check "without --input one is chosen" says 'input             (3, '
run explain $'self.features = nn.Sequential(\n  nn.Conv2d(3, 8, 3),  # first\n  nn.ReLU(),\n  nn.MaxPool2d(2),\n)' --input 1,3,32,32
check "a sequence is a table" says 'features.2'
run explain 'nn.Conv2d(3, 8, 3, device="cuda", dtype=torch.float16)' --input 3,8,8
check "device is noted" grep -q 'device has no effect' err.txt
check "dtype is noted" grep -q 'dtype has no effect' err.txt

# run: arrays in, arrays out.
run run 'nn.Conv2d(2, 3, 3)' --input 2,16,17 --seed 5 -o y1.npy --threads 1
check "run writes" [ -s y1.npy ]
check "run with --output leaves stdout empty" [ ! -s out.txt ]
for threads in 2 3 16; do
    run run 'nn.Conv2d(2, 3, 3)' --input 2,16,17 --seed 5 -o y$threads.npy --threads $threads
    check "the same bytes with $threads threads" cmp -s y1.npy y$threads.npy
done
run run 'nn.Conv2d(2, 3, 3)' --input 2,16,17 --seed 6 -o other.npy
check "another seed gives other numbers" [ "$(cmp y1.npy other.npy 2>&1)" != "" ]
run run 'nn.Identity()' --input y1.npy --output same.npy
check "Identity gives the array back, byte for byte" cmp -s y1.npy same.npy
run run 'nn.ReLU()' --input y1.npy --output y1.npy
check "a file may be its own output" [ $? = 0 ]
run run 'nn.MaxPool2d(2)' --input 1,4,4 --json
check "values as JSON" grep -q '"values": \[' out.txt
run run 'nn.MaxPool2d(2)' --input 1,4,4
check "values as text" grep -qE '^\[\[\[' out.txt
run run 'nn.Conv2d(2, 3, 3)' --input 2,16,16 -o even.npy
run run 'nn.MaxPool2d(2)' --input even.npy -o pooled.npy --return-indices places.npy
run run 'nn.MaxUnpool2d(2)' --input pooled.npy --indices places.npy -o unpooled.npy
run run 'nn.MaxPool2d(2)' --input unpooled.npy -o again.npy
run run 'nn.ReLU()' --input pooled.npy -o positive.npy
check "unpooling puts maxima back" cmp -s positive.npy again.npy
mkfifo pipe
cat pipe >got.npy &
run run 'nn.Identity()' --input other.npy --output pipe
wait
check "a pipe is written to" cmp -s other.npy got.npy
check "and stays a pipe" [ -p pipe ]
run run 'nn.Conv2d(1, 1, 3, bias=False)' --input 1,5,5 --algorithm plain -o a.npy
run run 'nn.Conv2d(1, 1, 3, bias=False)' --input 1,5,5 --flip -o b.npy
check "--flip makes a difference" [ "$(cmp a.npy b.npy 2>&1)" != "" ]

# An interrupted run leaves nothing behind.
mkdir alone
(cd alone && exec "$program" run 'nn.Conv2d(64, 64, 7)' --input 8,64,300,300 --algorithm plain -o y.npy) >/dev/null 2>&1 &
sleep 0.3
kill -INT $! 2>/dev/null
wait $! 2>/dev/null
check "an interrupted run leaves nothing behind" [ -z "$(ls -A alone)" ]

# bench and lessons.
run bench 'nn.Conv2d(8, 8, 3, padding=1)' --input 1,8,16,16 --threads 2 --seconds 0.01 --json
for key in median_ms min_ms gflops algorithm threads runs workspace_bytes; do
    check "bench has $key" [ -n "$(value $key)" ]
done
check "bench says its threads" is threads 2
run bench 'nn.Conv2d(8, 8, 3, padding=1)' --input 1,8,16,16 --threads 2 --seconds 0.01 --roof --json
for key in share_of_peak share_of_copying bound_by core_gflops core_cache_copy_gb_per_s core_memory_copy_gb_per_s; do
    check "bench --roof has $key" [ -n "$(value $key)" ]
done
run lessons --json
check "lessons as JSON" grep -q '"id": "conv2d"' out.txt
run lessons
check "lessons by chapter" grep -qE '^  conv2d ' out.txt
run lessons --lang zh
check "lessons in Chinese" grep -qE '^  conv2d .*[^ -~]' out.txt

# Where streams are closed, no file gets their numbers, and writing to them still fails.
env "$program" bench 'nn.Conv2d(8, 8, 3)' --input 1,8,64,64 --runs 1000000 --seconds 60 <&- >&- 2>&- & pid=$!
for stream in 0 1 2; do
    for k in $(seq 100); do [ "$(readlink /proc/$pid/fd/$stream)" = /dev/null ] && break; sleep 0.1; done
    check "stream $stream is held" [ "$(readlink /proc/$pid/fd/$stream)" = /dev/null ]
done
kill $pid
wait $pid 2>/dev/null
"$program" explain 'nn.ReLU()' >&- 2>err.txt
check "a closed stdout is told" [ $? = 1 ]

# From any folder, and with the assets named.
(cd / && "$program" lessons --json) >out.txt 2>err.txt
check "assets are found from /" grep -q '"id": "conv2d"' out.txt
mkdir empty
CONVSCOPE_ASSETS=$work/empty run lessons
check "wrong assets are refused" [ $? = 1 ]

echo "$checks checks, $failures failures"
[ "$failures" = 0 ] && [ "$checks" -gt 80 ]
