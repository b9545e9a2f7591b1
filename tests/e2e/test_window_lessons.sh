#!/usr/bin/env bash
# Every lesson opens in the real window and goes through its pages to the end.
program=$1
source "$(dirname "$0")/window.sh"
display_start 1280x800
first=$("$program" lessons --json | jq -r '.[0].id')
window_start open "$first" --paused --reduced-motion
count=$("$program" lessons --json | jq length)
seen=0
for ((i = 0; i < count; i++)); do
    lesson=$(state .lesson)
    pages=$(state .pages)
    for ((page = 0; page < pages; page++)); do
        wait_for ".lesson == \"$lesson\" and .page == $page" || break
        key space
        key End
        wait_for '.step == .last and (.playing | not)' || broken "$lesson, page $page does not play through"
        [ -z "$(state 'select(.notice != "") | .notice')" ] || broken "$lesson, page $page says: $(state .notice)"
        [ $((page + 1)) -ge "$pages" ] || key bracketright
    done
    seen=$((seen + 1))
    [ $((i + 1)) -ge "$count" ] && break
    key ctrl+Next
    wait_for ".lesson != \"$lesson\" and .page == 0" || break
done
[ "$seen" = "$count" ] || broken "$seen of $count lessons were seen"
window_alive || broken "the window is gone"
window_close
finish "$count lessons play through"
