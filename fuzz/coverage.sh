#!/bin/sh
# Which lines and branches of include/netcon the unit tests and the fuzz corpora reach, by llvm-cov: seeds,
# regressions, and what fuzz/run.sh left in build/fuzz/corpus. Needs Clang and LLVM 19; ends with the totals.
# Usage: sh fuzz/coverage.sh      (NETCON_LLVM=-20 for another version)
set -eu
cd "$(dirname "$0")/.."

version=${NETCON_LLVM:--19}
build=build/coverage
cmake -S . -B "$build" -G Ninja -DCMAKE_CXX_COMPILER="clang++$version" -DCMAKE_BUILD_TYPE=Debug \
  -DNETCON_EXAMPLES=OFF -DCMAKE_CXX_FLAGS="-fprofile-instr-generate -fcoverage-mapping"
cmake --build "$build"

profiles=$PWD/$build/profiles
rm -rf "$profiles"
mkdir -p "$profiles"
export LLVM_PROFILE_FILE="$profiles/%p-%m.profraw"
ctest --test-dir "$build" -R '^(unit|fuzz|reference)\.' --output-on-failure
objects=
for program in "$build"/tests/unit_* "$build"/fuzz/fuzz_* "$build"/tests/reference/param_differential; do
  [ -x "$program" ] && [ -f "$program" ] || continue
  objects="$objects -object $program"
  corpus=build/fuzz/corpus/$(basename "$program" | sed 's/^fuzz_//')
  [ ! -d "$corpus" ] || "$program" "$corpus" >/dev/null 2>&1 || echo "a corpus file breaks $program"
done
"llvm-profdata$version" merge -sparse "$profiles"/*.profraw -o "$build/all.profdata"
# shellcheck disable=SC2086  # a list of words
"llvm-cov$version" report $objects -instr-profile="$build/all.profdata" "$PWD/include/netcon" -show-region-summary=false
