#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the unit tests on other platforms, and checks that the presets do not have:
#   m32            32-bit x86
#   s390x          a big-endian machine, under qemu-user
#   msan           the seeds of the decoder under MemorySanitizer (Clang)
#   valgrind       the default build under memcheck
#   no-exceptions  only compiles: every layer but os/ without exceptions and without RTTI
#   tidy           clang-tidy over the headers, the tool and the Python binding, or the files given
#   analyzer       GCC's -fanalyzer over what is written in C; it does not understand std::expected yet
# A TEST is named as its file below tests/unit: wire/decode.
# Usage: sh tests/platforms.sh m32|s390x|msan|valgrind|no-exceptions|tidy|analyzer [TEST|FILE...]
# shellcheck disable=SC2046,SC2086,SC2089,SC2090  # lists of words
set -eu
cd "$(dirname "$0")/.."

what=${1:-}
[ $# -eq 0 ] || shift
case $what in
  tidy) [ $# -gt 0 ] || set -- build/tidy/headers.cpp $(find examples/netcon bindings/python/src -name '*.cpp') ;;
  *) [ $# -gt 0 ] || set -- $(cd tests/unit && find . -name '*.cpp' | sed 's|^\./||; s/\.cpp$//' | sort) ;;
esac
build=build/$what
shared="-I include -I tests -idirafter /usr/include -DTEST_DATA_DIR=\"$PWD/tests/data\" -DFMT_HEADER_ONLY"
flags="-std=c++23 -O1 -g -Wall -Wextra"
runner=
filter=

needs() {
  command -v "$1" >/dev/null || { echo "platforms.sh: needs $1 (package $2)" >&2; exit 2; }
}
# The newest program of LLVM with that name, 19 or later: newest clang++
newest() {
  for name in "$1" "$1-22" "$1-21" "$1-20" "$1-19"; do
    if command -v "$name" >/dev/null && "$name" --version | grep -Eq 'version (19|[2-9][0-9])\.'; then
      echo "$name"
      return
    fi
  done
  echo "platforms.sh: needs $1 19 or newer" >&2
  exit 2
}

case $what in
  m32)
    compiler="g++ -m32"
    shared="$shared -idirafter /usr/include/$(g++ -dumpmachine)"
    ;;
  s390x)
    needs s390x-linux-gnu-g++ g++-s390x-linux-gnu
    needs qemu-s390x-static qemu-user-static
    compiler=s390x-linux-gnu-g++
    flags="$flags -static"
    runner=qemu-s390x-static
    # qemu-user hands over no control messages: no time of arrival, no count of what was dropped.
    filter='~[control-messages]'
    ;;
  msan)
    # libstdc++ is not instrumented: what works with its strings is full of false alarms, decoding is not.
    compiler=$(newest clang++)
    mkdir -p "$build"
    python3 fuzz/seeds.py tests/data "$build/seeds"
    "$compiler" $flags -fsanitize=memory,fuzzer -fsanitize-memory-track-origins -fno-sanitize-recover=all \
      -I include -I fuzz -I tests/reference fuzz/targets/decode.cpp -o "$build/decode"
    "$build/decode" -runs=0 "$build/seeds/decode"
    echo "msan: every seed of decode"
    exit
    ;;
  valgrind)
    needs valgrind valgrind
    for test in "$@"; do
      valgrind -q --error-exitcode=1 --leak-check=full "build/default/tests/unit_$(echo "$test" | tr / _)"
    done
    exit
    ;;
  no-exceptions)
    # os/ throws where the system denies what it always has; format.hpp needs fmt.
    headers=$(cd include/netcon && find . -name '*.hpp' ! -path './os/*' ! -name os.hpp ! -name format.hpp | sed 's|^\./||')
    for compiler in g++ "$(newest clang++)"; do
      for header in $headers; do
        echo "#include <netcon/$header>" |
          "$compiler" -x c++ -std=c++23 -Wall -Wextra -Werror -fno-exceptions -fno-rtti -I include -fsyntax-only -
      done
      echo "no-exceptions: $(echo $headers | wc -w) headers compile with $compiler"
    done
    exit
    ;;
  tidy)
    tidy=$(newest clang-tidy)
    mkdir -p "$build"
    echo '#include <netcon/netcon.hpp>' > "$build/headers.cpp"
    printf '%s\n' "$@" | xargs -P "$(nproc)" -I '{}' "$tidy" --quiet --warnings-as-errors='*' '{}' -- \
      -std=c++23 -I include -I examples/netcon $(pkg-config --cflags libsystemd 2>/dev/null) $(python3-config --includes)
    echo "tidy: $# files"
    exit
    ;;
  analyzer)
    gcc -O1 -Wall -Wextra -Werror -fanalyzer -c tests/kernel/guest.c -o /dev/null
    echo "analyzer: nothing found"
    exit
    ;;
  *)
    sed -n '2,13s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac

for test in "$@"; do
  mkdir -p "$(dirname "$build/$test")"
  $compiler $flags $shared "tests/unit/$test.cpp" -c -o "$build/$test.o"
  [ -f "$build/main.o" ] || $compiler $flags $shared tests/support/catch_main.cpp -c -o "$build/main.o"
  $compiler $flags "$build/$test.o" "$build/main.o" -o "$build/$test"
  echo "== $test"
  $runner "$build/$test" ${filter:+"$filter"}
done
