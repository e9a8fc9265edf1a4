#!/bin/sh
# Runs the unit tests on other platforms and under checks that the presets do not have:
#   m32            32-bit x86
#   s390x          a big-endian machine, under qemu-user
#   msan           the seeds of the decoder under MemorySanitizer (Clang)
#   valgrind       the default build under memcheck
#   no-exceptions  only compiles: the headers of the core without exceptions and without RTTI
# Usage: sh tests/platforms.sh m32|s390x|msan|valgrind|no-exceptions [TEST...]
set -eu
cd "$(dirname "$0")/.."

# Headers of the core: values, grammar and wire format. What needs strings or containers throws by them only.
core="ip_address mac_address port interface_name endpoint kernel error target parse text literals record escape
  decode encode sequence reassembler collector"

what=${1:-}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- $(cd tests/unit && ls ./*.cpp | sed 's|^\./||; s/\.cpp$//')
build=build/$what
shared="-I include -I tests -idirafter /usr/include -DTEST_DATA_DIR=\"$PWD/tests/data\" -DFMT_HEADER_ONLY"
flags="-std=c++23 -O1 -g -Wall -Wextra"
runner=

needs() {
  command -v "$1" >/dev/null || { echo "platforms.sh: needs $1 (package $2)" >&2; exit 2; }
}
clang() {
  for name in clang++ clang++-22 clang++-21 clang++-20 clang++-19; do
    if command -v "$name" >/dev/null && [ "$("$name" -dumpversion | cut -d. -f1)" -ge 19 ]; then
      echo "$name"
      return
    fi
  done
  echo "platforms.sh: needs clang++ 19 or newer" >&2
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
    ;;
  msan)
    # libstdc++ is not instrumented: what works with its strings is full of false alarms, decoding is not.
    compiler=$(clang)
    mkdir -p "$build"
    python3 fuzz/seeds.py tests/data "$build/seeds"
    "$compiler" $flags -fsanitize=memory,fuzzer -fsanitize-memory-track-origins -fno-sanitize-recover=all \
      -I include -I fuzz fuzz/targets/decode.cpp -o "$build/decode"
    "$build/decode" -runs=0 "$build/seeds/decode"
    echo "msan: every seed of decode"
    exit
    ;;
  valgrind)
    needs valgrind valgrind
    for test in "$@"; do
      valgrind -q --error-exitcode=1 --leak-check=full "build/default/tests/unit_$test"
    done
    exit
    ;;
  no-exceptions)
    for compiler in g++ "$(clang)"; do
      for header in $core; do
        echo "#include <netcon/$header.hpp>" |
          "$compiler" -x c++ -std=c++23 -Wall -Wextra -Werror -fno-exceptions -fno-rtti -I include -fsyntax-only -
      done
      echo "no-exceptions: $(echo $core | wc -w) headers compile with $compiler"
    done
    exit
    ;;
  *)
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac

mkdir -p "$build"
for test in "$@"; do
  # shellcheck disable=SC2086  # lists of words
  $compiler $flags $shared "tests/unit/$test.cpp" -c -o "$build/$test.o"
  [ -f "$build/main.o" ] || $compiler $flags $shared tests/support/catch_main.cpp -c -o "$build/main.o"
  $compiler $flags "$build/$test.o" "$build/main.o" -o "$build/$test"
  echo "== $test"
  $runner "$build/$test"
done
