#!/bin/sh
# SPDX-License-Identifier: MIT
# Which lines and branches of include/netcon the tests and the fuzz corpora reach, by llvm-cov: unit tests, the
# differential test, network namespaces (as root), seeds, regressions, and what fuzz/run.sh left in build/fuzz/corpus.
# Prints the lines that nothing reaches, each file and the totals; exit code 1 below 95 % of the lines or 90 % of the
# branches. Needs Clang and LLVM 19.
# Usage: sh fuzz/coverage.sh      (NETCON_LLVM=-20 for another version)
set -eu
cd "$(dirname "$0")/.."

version=${NETCON_LLVM:--19}
build=build/coverage
cmake -S . -B "$build" -G Ninja -DCMAKE_CXX_COMPILER="clang++$version" -DCMAKE_BUILD_TYPE=Debug \
  -DNETCON_EXAMPLES=OFF -DNETCON_DIFFERENTIAL_STRINGS=2000 \
  -DCMAKE_CXX_FLAGS="-fprofile-instr-generate -fcoverage-mapping -g0"
cmake --build "$build"

profiles=$PWD/$build/profiles
rm -rf "$profiles"
mkdir -p "$profiles"
export LLVM_PROFILE_FILE="$profiles/%m.profraw"
ctest --test-dir "$build" -R '^(unit|fuzz|reference|net)\.' --output-on-failure --repeat until-pass:3
for program in "$build"/tests/unit_* "$build"/tests/net/net_* "$build"/fuzz/fuzz_* \
  "$build"/tests/reference/param_differential; do
  if [ ! -x "$program" ] || [ ! -f "$program" ]; then continue; fi
  echo "$program" >>"$profiles/programs"
  corpus=build/fuzz/corpus/$(basename "$program" | sed 's/^fuzz_//')
  [ ! -d "$corpus" ] || "$program" "$corpus" >/dev/null 2>&1 || echo "a corpus file breaks $program"
done
"llvm-profdata$version" merge -sparse "$profiles"/*.profraw -o "$build/all.profdata"

while read -r program; do
  "llvm-cov$version" export "$program" -instr-profile="$build/all.profdata" "$PWD/include/netcon" -skip-functions
  echo
done <"$profiles/programs" 2>/dev/null | grep . | python3 fuzz/coverage.py
