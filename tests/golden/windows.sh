#!/usr/bin/env bash
# Draws the golden windows: lessons in both languages and all themes, dialogs, the question. tests/app/test_window_picture.c compares them
# with those that are kept here. After a change of the look that is meant: tests/golden/windows.sh build, look at each, commit them.
# usage: windows.sh BUILD [FOLDER]
set -eu
build=$(realpath "$1")
folder=$(realpath "${2:-$(dirname "$0")/windows}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
CONVSCOPE_GOLDEN=$work "$build/app_test_window_picture"
for picture in "$work"/*.png; do # few colours, no dither: a fifth of the bytes
    convert "$picture" +dither -colors 48 -strip -define png:compression-level=9 -define png:compression-filter=5 "PNG8:$folder/$(basename "$picture")"
done
