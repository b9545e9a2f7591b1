#!/usr/bin/env bash
# Files dropped on the real window, as a file manager drops them: a picture, an array, a scene, and one that is none.
program=$1
source "$(dirname "$0")/window.sh"
drop_file=$(dirname "$program")/drop_file
[ -x "$drop_file" ] || {
    echo "FAILED: drop_file was not built (Debian: libx11-dev)" >&2
    exit 1
}
display_start 1440x900
window_start open 'nn.Conv2d(1, 1, 3, bias=False)' --paused --fresh

drop() { # PATH
    local x y
    read -r x y < <(state '.controls[] | select(.name == "stage") | "\(.x + .width / 2 | floor) \(.y + .height / 2 | floor)"')
    "$drop_file" "$window_id" "$x" "$y" "$1" || broken "the window did not take $1"
}
colours() { # of the stage's middle: how many
    screenshot "$work/shot.png"
    convert "$work/shot.png" -gravity center -crop 50%x50%+0+0 -format '%k' info:
}

folder="$work/a folder, 100% 图片"
mkdir "$folder"
cp "$(dirname "$0")/../../assets/pictures/lighthouse.png" "$folder/light house.png"
before=$(colours)
drop "$folder/light house.png"
wait_for '.input_shape == [1, 96, 144] and .playing'
key space
wait_for '.playing | not'
after=$(colours)
[ "$after" -gt $((before + 20)) ] || broken "the picture is not seen: $before colours before, $after after"

# An array of 1 x 4 x 5 bytes, as NumPy writes it.
{
    printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 4, 5), }"
    for i in $(seq 0 19); do printf "\\x$(printf %02x "$i")"; done
} >"$folder/numbers.npy"
drop "$folder/numbers.npy"
wait_for '.input_shape == [1, 4, 5] and .input == [range(20)]'
wait_for '.output_shape == [1, 2, 3]'
key End
wait_for '.step == 6 and (.output | length) == 6'

# The scene that the program itself saves; its picture lies beside it.
cat >"$folder/scene.yaml" <<'END'
convscope: 1
operation: nn.ConvTranspose2d(1, 1, 2, stride=2, bias=False)
input: [[[1, 2], [3, 4]]]
weight: [1, 0, 0, 1]
END
drop "$folder/scene.yaml"
wait_for '.expression == "nn.ConvTranspose2d(1, 1, 2, stride=2, bias=False)" and .input == [1, 2, 3, 4]'
key End
wait_for '.output == [1,0,2,0, 0,1,0,2, 3,0,4,0, 0,3,0,4]'

# What cannot be read is told, and nothing is lost.
printf 'not a picture' >"$folder/broken.png"
drop "$folder/broken.png"
wait_for '.notice | test("broken.png")'
wait_for '.input == [1, 2, 3, 4]'

# All of it can be undone.
key ctrl+z
wait_for '.input == [range(20)]'
key ctrl+z
wait_for '.input_shape == [1, 96, 144]'
key ctrl+z
wait_for '.expression == "nn.Conv2d(1, 1, 3, bias=False)" and .undo == 0'
window_alive || broken "the window is gone"
window_close
finish "pictures, arrays and scenes dropped on the window open"
