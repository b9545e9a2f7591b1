#!/usr/bin/env bash
# What frames read later (the program, its fonts, lessons and their arrays) is in memory as a whole soon after the window has opened, and
# stays mapped there; the log of frames says what each of them read. A window that is closed while it is read ends well.
program=$1
source "$(dirname "$0")/window.sh"
display_start 1440x900

# Of the window's mapped files whose path has these letters: how many, and kB that are not in memory.
absent() {
    awk -v letters="$1" '/^[0-9a-f]+-[0-9a-f]+ / { here = index($0, letters) && $2 !~ /w/; if (here && !seen[$6]++) files++ }
        here && $1 == "Size:" { kb += $2 } here && $1 == "Rss:" { kb -= $2 } END { print files + 0, kb + 0 }' "/proc/$window_pid/smaps"
}
wait_kept() { # LETTERS FILES
    local now
    for _ in $(seq 600); do
        now=$(absent "$1")
        [ "${now% *}" -lt "$2" ] || [ "${now#* }" -ne 0 ] || return 0
        sleep 0.05
    done
    broken "$1: ${now% *} files mapped ($2 wanted), ${now#* } kB of them not in memory"
}

window_start open first-look --fresh --frames "$work/frames"
wait_kept "$(realpath "$program")" 1
wait_kept /lessons/ 67
wait_kept weights.npz 1
wait_kept CJK 2
window_close
awk 'NF != 8 || $8 !~ /^[0-9]+$/ { wrong++ } END { exit NR == 0 || wrong }' "$work/frames" ||
    broken "the log of frames does not say what they read: $(head -n 1 "$work/frames")"
for _ in 1 2 3; do
    window_start open first-look --fresh
    window_close
done
finish "what frames read is in memory before"
