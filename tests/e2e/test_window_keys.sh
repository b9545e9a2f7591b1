#!/usr/bin/env bash
# Every key of the help does what it says, in the real window.
program=$1
source "$(dirname "$0")/window.sh"
display_start 1440x900
window_start open conv2d --paused

press() { # KEYS CONDITION WHAT
    key $1
    wait_for "$2" >/dev/null || broken "$3 (key $1)"
}

press l '.language == "zh"' "language"
press l '.language == "en"' "language back"
press t '.theme == "dark"' "theme"
press t '.theme == "print"' "theme"
press t '.theme == "contrast"' "theme"
press t '.theme == "light"' "theme"
press bracketright '.page == 1' "next page"
press bracketleft '.page == 0' "previous page"
key bracketright bracketright
wait_for '.page == 2'
key Home
wait_for '.step == 0 and .playing == false'
press space '.playing' "play"
press space '.playing | not' "pause"
press Home '.step == .first' "to the start"
press m '.reduced_motion' "reduced motion"
press Right '.step == 1' "step forward"
press Right '.step == 2' "step forward"
press Left '.step == 1' "step back"
press Next '.step == 2' "clicker forward"
press Prior '.step == 1' "clicker back"
press End '.step == .last' "to the end"
press m '.reduced_motion | not' "motion again"
press period '.speed == 2' "faster"
press comma '.speed == 1' "slower"
press r '.loop' "repeat"
press r '.loop | not' "repeat off"
for pair in 2:matrix 3:field 4:cost 5:engine 1:slide; do
    press ${pair%:*} ".view == \"${pair#*:}\"" "view"
done
press i '.style == "isometric"' "isometric"
press i '.style == "flat"' "flat"
press y '.labels' "symbols"
press y '.labels | not' "numbers"
press o '.counts' "counts"
press o '.counts | not' "counts off"
press z '.zero_insertion' "zero insertion"
press z '.zero_insertion | not' "zero insertion off"
press ctrl+plus '.zoom > 1' "zoom in"
press ctrl+minus '.zoom < 1.01' "zoom out"
press ctrl+plus '.zoom > 1' "zoom in"
press 0 '.zoom == 1' "fit"
press plus '.scale > 1' "larger"
press minus '.scale == 1' "smaller"
press F9 '.lessons_panel | not' "lessons fold"
press F9 '.lessons_panel' "lessons open"
press F10 '.inspector_panel | not' "inspector folds"
press F10 '.inspector_panel' "inspector opens"
press F5 '.presenting' "presenter mode"
press F5 '.presenting | not' "presenter mode ends"
press b '.blank' "blank"
press b '.blank | not' "light"
press c '.curtain' "curtain"
press c '.curtain | not' "curtain up"
press s '.spotlight' "spotlight"
press s '.spotlight | not' "spotlight off"
press n '.notes' "notes"
press n '.notes | not' "notes away"
press d '.pen' "pen"
drag 700 500 760 520
wait_for '.ink > 1'
press e '.ink == 0' "wipe"
press d '.pen | not' "pen away"
press question '.popup == "help"' "help"
press Escape '.popup == "none"' "help closes"
press F1 '.popup == "help"' "help"
press F1 '.popup == "none"' "help closes"
press shift+F10 '.popup == "menu"' "menu"
press Escape '.popup == "none"' "menu closes"
press ctrl+o '.popup == "open"' "open"
press Escape '.popup == "none"' "open closes"
press ctrl+s '.popup == "save"' "save"
press Escape '.popup == "none"' "save closes"
press ctrl+e '.popup == "export"' "export"
press Escape '.popup == "none"' "export closes"
press ctrl+l '.focus == "expression"' "expression"
press Escape '.editing == null' "expression left"
press ctrl+f '.focus == "search"' "search"
press Escape '.editing == null' "search left"
press F6 '.focus == "expression"' "next panel"
press F6 '.focus == "search" or .focus == "fold.lessons"' "next panel"
press Escape '.editing == null' "left"
press shift+Right '.hover != null' "cell by keys"
before=$(state '.hover | tostring')
press shift+Down ".hover != null and (.hover | tostring) != $(jq -n --arg b "$before" '$b')" "cell below"
press F2 '.focus == "cell"' "edit"
press Escape '.focus != "cell"' "edit left"
press k '.pinned_input >= 0 or .pinned_output >= 0' "pin"
press k '.pinned_input < 0 and .pinned_output < 0' "let go"
press q '.predict != null and .predict.asking' "predict"
press a '.predict.revealed' "answer"
press Escape '.predict == null' "predict ends"
lesson=$(state .lesson)
press ctrl+Next ".lesson != \"$lesson\"" "next lesson"
press ctrl+Prior ".lesson == \"$lesson\"" "previous lesson"
key ctrl+l
wait_for '.focus == "expression"'
key ctrl+a
type_text 'nn.Conv2d(1, 1, 2, stride=2)'
press Return '.expression == "nn.Conv2d(1, 1, 2, stride=2)"' "expression typed"
press ctrl+z ".lesson == \"$lesson\"" "undo"
press ctrl+y '.expression == "nn.Conv2d(1, 1, 2, stride=2)"' "redo"
press ctrl+c '.notice | test("copied")' "copy"
key ctrl+z
wait_for ".lesson == \"$lesson\""
press ctrl+v '.expression == "nn.Conv2d(1, 1, 2, stride=2)"' "paste"
press ctrl+shift+c '.notice | test("PyTorch")' "copy as PyTorch"
window_alive || broken "the window is gone"
window_close
finish "every key does what the help says"
