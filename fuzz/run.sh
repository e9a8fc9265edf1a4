#!/bin/sh
# Fuzzes every target, one after the other, so many seconds each (60 if not said); needs Clang. What is found
# is in build/fuzz/corpus, and an input that breaks a property in build/fuzz/findings; then the exit code is 1.
# Usage: sh fuzz/run.sh [SECONDS [TARGET...]]
set -eu
cd "$(dirname "$0")/.."

seconds=${1:-60}
[ $# -eq 0 ] || shift
for clang in clang++ clang++-22 clang++-21 clang++-20 clang++-19 none; do
  command -v "$clang" >/dev/null && "$clang" -dumpversion | awk -F. '$1 < 19 {exit 1}' && break
done
if [ "$clang" = none ]; then
  echo "fuzz/run.sh: needs clang++ 19 or newer (Debian and Ubuntu: clang-19 libclang-rt-19-dev)" >&2
  exit 2
fi
cmake --preset fuzz -DCMAKE_CXX_COMPILER="$clang" -DNETCON_TESTS=OFF
cmake --build --preset fuzz
build=build/fuzz
python3 fuzz/seeds.py tests/data "$build/seeds"

[ $# -gt 0 ] || set -- $(cd fuzz/targets && ls ./*.cpp | sed 's|./||; s/\.cpp$//')
failed=
for target in "$@"; do
  case $target in
    parse | vocabulary | lint | cmdline) dictionary=parameter ;;
    configfs | simulate) dictionary=configfs ;;
    *) dictionary=wire ;;
  esac
  mkdir -p "$build/corpus/$target" "$build/findings/$target" "$build/seeds/$target"
  regressions=
  [ ! -d "fuzz/regressions/$target" ] || regressions="fuzz/regressions/$target"
  echo "== $target, $seconds s"
  # shellcheck disable=SC2086  # no or one word
  if "$build/fuzz/fuzz_$target" "-dict=fuzz/dict/$dictionary.dict" "-max_total_time=$seconds" -timeout=10 \
    -print_final_stats=1 "-artifact_prefix=$build/findings/$target/" \
    "$build/corpus/$target" "$build/seeds/$target" $regressions >"$build/$target.log" 2>&1; then
    grep -E 'cov: ' "$build/$target.log" | tail -n 1
    grep -E 'number_of_executed_units' "$build/$target.log"
  else
    grep -E 'property broken|SUMMARY|Test unit written' "$build/$target.log" || tail -n 20 "$build/$target.log"
    failed="$failed $target"
  fi
done
[ -z "$failed" ] || { echo "broken:$failed"; exit 1; }
echo "all properties held"
