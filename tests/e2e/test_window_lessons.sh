#!/usr/bin/env bash
# Every lesson opens in the real window and its first page goes to its end; one lesson goes through all its pages. (All pages of all lessons are
# played without a display in tests/app/test_window.c.)
program=$1
source "$(dirname "$0")/window.sh"
display_start 1280x800
first=$("$program" lessons --json | jq -r '.[0].id')
count=$("$program" lessons --json | jq length)
window_start open "$first" --paused --reduced-motion
seen=0
for ((i = 0; i < count; i++)); do
    lesson=$(state .lesson)
    key End
    wait_for ".lesson == \"$lesson\" and .page == 0 and .step == .last and (.playing | not)" || break
    [ -z "$(state 'select(.notice != "") | .notice')" ] || broken "$lesson says: $(state .notice)"
    seen=$((seen + 1))
    [ $((i + 1)) -ge "$count" ] && break
    key ctrl+Next
    wait_for ".lesson != \"$lesson\" and .page == 0" || break
done
[ "$seen" = "$count" ] || broken "$seen of $count lessons were seen"

pages=$(state .pages)
for ((page = 1; page < pages; page++)); do
    key bracketright
    wait_for ".page == $page" || break
    key End
    wait_for '.step == .last and (.playing | not)' || broken "page $page does not play through"
done
window_alive || broken "the window is gone"
window_close
finish "$count lessons play"
