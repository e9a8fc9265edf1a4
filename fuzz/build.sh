#!/bin/bash -eu
# SPDX-License-Identifier: MIT
# How OSS-Fuzz builds the targets: CC, CXX, CXXFLAGS, LIB_FUZZING_ENGINE, OUT and SRC are given.
cd "$SRC/netcon"

cmake -S . -B "$WORK/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DNETCON_FUZZ=ON -DNETCON_TESTS=OFF -DNETCON_EXAMPLES=OFF -DNETCON_FUZZ_ENGINE="$LIB_FUZZING_ENGINE"
cmake --build "$WORK/build"
python3 fuzz/seeds.py tests/data "$WORK/seeds"

for source in fuzz/targets/*.cpp; do
  target=$(basename "$source" .cpp)
  cp "$WORK/build/fuzz/fuzz_$target" "$OUT/"
  seeds=()
  for directory in "$WORK/seeds/$target" "fuzz/regressions/$target"; do
    [ ! -d "$directory" ] || seeds+=("$directory"/*)
  done
  [ ${#seeds[@]} -eq 0 ] || printf '%s\n' "${seeds[@]}" | zip -q -j -@ "$OUT/fuzz_${target}_seed_corpus.zip"
  case $target in
    parse | vocabulary | lint | boot_config) dictionary=parameter ;;
    configfs) dictionary=configfs ;;
    *) dictionary=wire ;;
  esac
  cp "fuzz/dict/$dictionary.dict" "$OUT/fuzz_$target.dict"
done
