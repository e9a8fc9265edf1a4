#!/bin/sh
# SPDX-License-Identifier: MIT
# What including a header costs: preprocessed lines and seconds of user CPU time (-O0, median of ROUNDS), beside
# <string>, <vector> and <expected> alone in the same run. Prints the table of docs/performance.md.
# Usage: sh tests/bench/compile_time.sh [HEADER...]; CXX chooses the compiler, ROUNDS (5) the repetitions.
set -eu
cd "$(dirname "$0")/../../include"
compiler=${CXX:-g++}
rounds=${ROUNDS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- core/port.hpp core.hpp parameter.hpp wire.hpp capture.hpp \
  receive/collector.hpp output.hpp receive.hpp configfs.hpp lint.hpp crash.hpp doctor.hpp netcon.hpp

seconds() { # FILE: of one compilation
  ( "$compiler" -std=c++23 -O0 -I . -c "$1" -o "$work/out.o"; times ) | awk 'NR == 2 { sub("m", " "); print $1 * 60 + $2 }'
}
printf '#include <string>\n#include <vector>\n#include <expected>\n' >"$work/0.cpp"
n=0
for header; do
  n=$((n + 1))
  echo "#include <netcon/$header>" >"$work/$n.cpp"
done
# Rounds are interleaved, so that a busy moment does not fall on one header alone.
for _ in $(seq "$rounds"); do
  for i in $(seq 0 "$n"); do seconds "$work/$i.cpp" >>"$work/$i.times"; done
done

echo "| header | lines | seconds | to the first row |"
echo "| --- | ---: | ---: | ---: |"
base=
for i in $(seq 0 "$n"); do
  name="\`$(sed 's/.*<\(.*\)>/\1/' "$work/$i.cpp")\`"
  [ "$i" != 0 ] || name="\`<string>\`, \`<vector>\`, \`<expected>\`"
  lines=$("$compiler" -std=c++23 -E -P -I . "$work/$i.cpp" | wc -l)
  median=$(sort -n "$work/$i.times" | sed -n "$(((rounds + 1) / 2))p")
  base=${base:-$median}
  awk -v name="$name" -v lines="$lines" -v t="$median" -v base="$base" \
    'BEGIN { printf "| %s | %d | %.2f | %.1f |\n", name, lines, t, t / base }'
done
