#!/usr/bin/env bash
# usage: installed.sh BUILD. Installs libconv from a build into a folder of its own and uses it as a stranger would: each header alone
# from C and from C++, through CMake, through pkg-config, from the static and from the shared library.
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cmake --install "$build" --component libconv --prefix "$folder/first" >"$folder/log" || { cat "$folder/log"; exit 1; }
# An installation may be moved.
mv "$folder/first" "$folder/usr"

for header in "$folder"/usr/include/conv/*.h; do
    name=conv/$(basename "$header")
    echo "#include <$name>" >"$folder/one.c"
    cp "$folder/one.c" "$folder/one.cpp"
    cc -std=c11 -Wall -Wextra -pedantic -Werror -fsyntax-only -I "$folder/usr/include" "$folder/one.c"
    c++ -std=c++11 -Wall -Wextra -pedantic -Werror -fsyntax-only -I "$folder/usr/include" "$folder/one.cpp"
    echo "ok: $name alone, C and C++"
done

cmake -S "$here" -B "$folder/made" -DCMAKE_PREFIX_PATH="$folder/usr" >"$folder/log" || { cat "$folder/log"; exit 1; }
cmake --build "$folder/made" >"$folder/log" || { cat "$folder/log"; exit 1; }
for program in user_c_conv user_cpp_conv user_c_conv_shared user_cpp_conv_shared; do
    echo "$program: $("$folder/made/$program")"
done

pkgconfig=$(dirname "$(find "$folder/usr" -name conv.pc)")
libraries=$(dirname "$pkgconfig")
export PKG_CONFIG_PATH=$pkgconfig
cc "$here/user.c" -o "$folder/by_pkg_config" $(pkg-config --cflags --libs conv)
echo "pkg-config: $(LD_LIBRARY_PATH=$libraries "$folder/by_pkg_config")"

# The shared library shows what the headers declare and nothing else.
strangers=$(nm -D --defined-only "$libraries"/libconv.so | awk '{print $3}' | grep -v '^conv_' || true)
[ -z "$strangers" ] || { echo "the shared library shows $strangers"; exit 1; }
for function in $(grep -hoE '\bconv_[a-z0-9_]+\(' "$folder"/usr/include/conv/*.h | tr -d '(' | sort -u); do
    nm -D --defined-only "$libraries"/libconv.so | grep -q " $function\$" || { echo "declared, but not there: $function"; exit 1; }
done
echo "ok: symbols"
