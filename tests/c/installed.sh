#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the C library alone and builds the example with what pkg-config says, and with CMake.
# Usage: installed.sh BUILD_DIRECTORY SOURCE
set -eu
command -v pkg-config >/dev/null || { echo "SKIP: no pkg-config"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$1" --component c --prefix "$work/prefix" >/dev/null
# Beside the library, so that each architecture has its own.
PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name 'libnetcon.so.0')")/pkgconfig
PKG_CONFIG_LIBDIR=$PKG_CONFIG_PATH
export PKG_CONFIG_PATH PKG_CONFIG_LIBDIR
# shellcheck disable=SC2046  # a list of words
cc -std=c99 -Wall -Wextra -Wpedantic -Werror "$2" -o "$work/check" $(pkg-config --cflags --libs netcon-c)
LD_LIBRARY_PATH=$(dirname "$(find "$work/prefix" -name 'libnetcon.so.0')")
export LD_LIBRARY_PATH
"$work/check" '@/,@10.0.0.2/' 6.12.117 | grep -q 'eth0 sends to 10.0.0.2 port 6666'
status=0
"$work/check" '@/,66666@10.0.0.2/' || status=$?
[ "$status" = 1 ]
# With CMake the component development too, which has what find_package reads.
cmake --install "$1" --component development --prefix "$work/prefix" >/dev/null
mkdir "$work/project"
cat >"$work/project/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(check LANGUAGES C)
find_package(netcon REQUIRED COMPONENTS c)
add_executable(check $2)
target_link_libraries(check netcon::c)
END
cmake -S "$work/project" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
cmake --build "$work/build" >/dev/null
"$work/build/check" '@/,@10.0.0.2/' | grep -q 'eth0 sends to 10.0.0.2 port 6666'
# Functions of the interface, and nothing else.
nm -D --defined-only "$LD_LIBRARY_PATH/libnetcon.so.0" | grep ' [TW] ' | grep -v ' netcon_' && exit 1
exit 0
