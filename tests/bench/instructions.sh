#!/bin/sh
# SPDX-License-Identifier: MIT
# Instructions per message or call of every piece of work in a count_* program, by valgrind's callgrind: the difference
# between two runs of different length, so that start and end do not count.
# usage: sh tests/bench/instructions.sh PROGRAM [FEW MANY]
set -eu
program=${1:?usage: instructions.sh PROGRAM [FEW MANY]}
few=${2:-20000}
many=${3:-40000}
command -v valgrind >/dev/null || { echo "SKIP: valgrind is not installed" >&2; exit 77; }

count() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1 |
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

printf '%-32s %s\n' work 'instructions each'
"$program" | while IFS= read -r name; do
  short=$(count "$name" "$few")
  long=$(count "$name" "$many")
  printf '%-32s %s\n' "$name" "$(((long - short) / (many - few)))"
done
