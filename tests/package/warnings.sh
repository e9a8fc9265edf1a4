#!/bin/sh
# SPDX-License-Identifier: MIT
# No header gives a warning: neither with the compiler of the build, nor with Clang's -Weverything less the list in
# docs/packaging.md.
# Usage: warnings.sh SOURCE_DIRECTORY COMPILER
set -eu
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for header in netcon os ostream std_format; do echo "#include <netcon/$header.hpp>"; done >"$work/program.cpp"
echo '#include <fmt/format.h>' >"$work/fmt.cpp"
if "$2" -std=c++23 -fsyntax-only "$work/fmt.cpp" 2>/dev/null; then
  echo '#include <netcon/format.hpp>' >>"$work/program.cpp"
fi
list=$(sed -n '/^## Warnings/,/^## /s/^| \(`-W[^|]*\)|.*/\1/p' docs/packaging.md | tr -d '`, ' | sed 's/-W/ -Wno-/g')
[ "$(echo "$list" | wc -w)" -ge 10 ] || { echo "no list of warnings in docs/packaging.md"; exit 1; }

flags='-std=c++23 -fsyntax-only -Werror -I include'
strict='-Wall -Wextra -Wpedantic -Wconversion -Wshadow'
"$2" --version | grep -q clang || strict="$strict -Wuseless-cast -Wsign-conversion -Wold-style-cast -Wextra-semi -Wundef"
# shellcheck disable=SC2086  # lists of words
"$2" $flags $strict "$work/program.cpp"
if command -v clang++-19 >/dev/null; then
  # shellcheck disable=SC2086
  clang++-19 $flags -Weverything $list "$work/program.cpp"
else
  echo "without clang++-19 (sh .ci/install fuzz)"
fi
