#!/usr/bin/env bash
# Figures look as they did: the golden ones, with a tolerance. usage: test_figures.sh PROGRAM
set -u
here=$(cd "$(dirname "$0")/../golden" && pwd)
program=$(realpath "$1")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/figures"
bash "$here/figures.sh" "$program" "$work/figures" || { echo "FAILED: a figure could not be drawn"; exit 1; }
failures=0
for golden in "$here"/figures/*.png; do
    name=$(basename "$golden")
    # Root mean square of all channels' differences: 0 is equal, 1 black against white. A moved label is 0.02, another theme 0.8.
    far=$(compare -metric RMSE "$golden" "$work/figures/$name" null: 2>&1 | sed 's/.*(\(.*\))/\1/')
    if ! awk -v far="$far" 'BEGIN { exit !(far ~ /^[0-9.e-]+$/ && far <= 0.06) }'; then
        echo "FAILED: $name differs by $far (at most 0.06); tests/golden/figures.sh draws them anew"
        failures=$((failures + 1))
    fi
done
[ "$(find "$here/figures" -name '*.png' | wc -l)" = "$(find "$work/figures" -name '*.png' | wc -l)" ] ||
    { echo "FAILED: the golden figures are not those that figures.sh draws"; failures=$((failures + 1)); }
[ "$failures" = 0 ] && echo "all is well"
exit $((failures > 0))
