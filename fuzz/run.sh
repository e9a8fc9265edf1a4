#!/bin/sh
# SPDX-License-Identifier: MIT
# Fuzzes every target so many seconds (60 if not said), as many at a time as there are processors; needs Clang
# 19. What is found to be new goes to build/fuzz/corpus, an input that breaks a property to build/fuzz/findings;
# then the exit code is 1. Inputs differ from run to run unless FUZZ_SEED names a number. NETCON_FUZZ_COMPILER names
# another compiler than clang++-19.
# Usage: [FUZZ_SEED=N] sh fuzz/run.sh [SECONDS [TARGET...]]
set -eu
cd "$(dirname "$0")/.."

seconds=${1:-60}
[ $# -eq 0 ] || shift
# shellcheck disable=SC2046  # a list of words
[ $# -gt 0 ] || set -- $(find fuzz/targets -name '*.cpp' -exec basename {} .cpp \; | sort)

sh .ci/install fuzz
# The one whose runtime .ci/install installs: a newer compiler beside it may have none.
clang=${NETCON_FUZZ_COMPILER:-clang++-19}
command -v "$clang" >/dev/null || { echo "fuzz/run.sh: needs $clang" >&2; exit 2; }
cmake --preset fuzz -DCMAKE_CXX_COMPILER="$clang" -DNETCON_TESTS=OFF
cmake --build --preset fuzz
build=build/fuzz
rm -rf "$build/seeds" "$build/findings" "$build/failed"
python3 fuzz/seeds.py tests/data "$build/seeds"

fuzz() {
  case $1 in
    parse | vocabulary | lint | boot_config) dictionary=parameter ;;
    configfs) dictionary=configfs ;;
    *) dictionary=wire ;;
  esac
  mkdir -p "$build/corpus/$1" "$build/findings/$1" "$build/seeds/$1"
  regressions=
  [ ! -d "fuzz/regressions/$1" ] || regressions="fuzz/regressions/$1"
  # shellcheck disable=SC2086  # no word or one
  if "$build/fuzz/fuzz_$1" "-dict=fuzz/dict/$dictionary.dict" "-max_total_time=$seconds" -timeout=10 "-seed=${FUZZ_SEED:-0}" \
    -print_final_stats=1 "-artifact_prefix=$build/findings/$1/" \
    "$build/corpus/$1" "$build/seeds/$1" $regressions >"$build/$1.log" 2>&1; then
    times >"$build/$1.times"  # its second line: of what this shell waited for
    runs=$(sed -n 's/.*number_of_executed_units: *//p' "$build/$1.log")
    coverage=$(grep -o 'cov: [0-9]*' "$build/$1.log" | tail -n 1)
    processor=$(sed -n '2s/ .*//p' "$build/$1.times")
    echo "$1: $runs inputs in $processor of processor time, $coverage edges, all properties held"
  else
    echo "$1: BROKEN: $(grep -E 'property broken|ERROR:|runtime error' "$build/$1.log" | head -n 1)"
    grep '^Base64:' "$build/$1.log" || :
    echo "$1" >>"$build/failed"
  fi
}

jobs=$(nproc) running=0
for target in "$@"; do
  fuzz "$target" &
  running=$((running + 1))
  [ $((running % jobs)) -ne 0 ] || wait
done
wait
if [ -f "$build/failed" ]; then
  echo "fuzz: broken: $(tr '\n' ' ' <"$build/failed")- the inputs are in $build/findings"
  exit 1
fi
echo "fuzz: all properties held in $# targets"
