#!/usr/bin/env bash
# Draws the golden figures: themes, languages, styles and views, small. tests/e2e/test_figures.sh compares them with those that are
# kept here. After a change of the look that is meant: tests/golden/figures.sh build/convscope, look at each, commit them.
# usage: figures.sh PROGRAM [FOLDER]
set -eu
program=$1
folder=${2:-$(dirname "$0")/figures}
draw() { # name; what; options
    local name=$1; shift
    "$program" render "$@" --size 480x300 -o "$folder/$name.png"
}
draw slide-light-en conv2d
draw slide-dark-zh conv2d --theme dark --lang zh
draw slide-contrast conv2d --theme contrast --steps 4:5
draw padding-print padding --theme print --lang zh
draw transposed-light 'nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1)' --input 1,3,3 --steps 4:5
draw isometric-dark-zh 'nn.Conv2d(3, 2, 3, stride=2, padding=1)' --input 3,5,5 --style isometric --theme dark --lang zh
draw isometric-light 'nn.ConvTranspose2d(1, 1, 3, stride=2)' --input 1,3,3 --style isometric
draw matrix-light 'nn.Conv2d(1, 1, 3, bias=False)' --input 1,4,4 --view matrix
draw field-dark 'nn.Sequential(nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 3))' --input 1,9,9 --view field --theme dark
draw field-volumes-light 'nn.Sequential(nn.Conv3d(1, 1, 3), nn.Conv3d(1, 1, (1, 3, 3)))' --input 1,6,8,8 --view field
draw worksheet-print 'nn.Conv2d(1, 1, 3)' --input 1,5,5 --blank-output --theme print
draw labels-light 'nn.Conv2d(1, 1, 2)' --input 1,4,4 --labels
