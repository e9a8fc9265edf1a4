#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the C++ module with Clang and runs a program that imports it.
# Usage: module.sh SOURCE_DIRECTORY
set -eu
clang=${NETCON_CLANG:-clang++-19}
command -v "$clang" >/dev/null || { echo "SKIP: no $clang (sh .ci/install fuzz)"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags="-std=c++23 -I$1/include -Wall -Wextra -Werror"
# shellcheck disable=SC2086  # a list of words
"$clang" $flags --precompile "$1/include/netcon/netcon.cppm" -o "$work/netcon.pcm"
# shellcheck disable=SC2086
"$clang" $flags "-fmodule-file=netcon=$work/netcon.pcm" "$1/tests/package/module/use.cpp" "$work/netcon.pcm" -o "$work/use"
"$work/use"
