#!/bin/sh
# SPDX-License-Identifier: MIT
# Every compiler and standard library of a Debian that knows C++23, in a bare root (tests/bare_root.sh): the header of each
# layer alone and all of them together give no warning, and the programs of docs/cpp/ compile, run and print what their pages say. By hand, as
# root, some minutes a suite. The output goes to build/compilers/SUITE.log; a line a compiler is printed, for docs/platforms.md.
# Usage: sh tests/compilers.sh [trixie|sid...]
set -eu
cd "$(dirname "$0")/.."

inside() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  names=$(apt-cache pkgnames)
  of_names() { echo "$names" | grep -xE "$1" | sort -t - -k 2 -n | tail -n "$2"; }
  gcc=$(of_names 'g\+\+-[0-9]+' 3)
  clang=$(of_names 'clang-[0-9]+' 1)
  version=${clang#clang-}
  # shellcheck disable=SC2086  # a list of words
  apt-get -qq install --no-install-recommends $gcc "$clang" "libc++-$version-dev" "libc++abi-$version-dev" "libclang-rt-$version-dev" \
    libfmt-dev python3 >/dev/null
  printf '#!/bin/sh\nexec clang++-%s "$@"\n' "$version" >/usr/local/bin/clang-libstdc++
  printf '#!/bin/sh\nexec clang++-%s -stdlib=libc++ "$@"\n' "$version" >/usr/local/bin/clang-libc++
  chmod +x /usr/local/bin/clang-lib*
  failed=0
  for compiler in $gcc clang-libstdc++ clang-libc++; do
    case $compiler in g++-1[01]) continue ;; esac
    echo "== $compiler: $("$compiler" --version | head -n 1)"
    said=
    headers=0
    for header in $(cd include && find netcon -maxdepth 1 -name '*.hpp' ! -name format.hpp); do
      echo "#include <$header>" >header_alone.cpp
      "$compiler" -std=c++23 -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I include header_alone.cpp ||
        said="$said, $header fails"
      headers=$((headers + 1))
    done
    sh tests/package/warnings.sh "$PWD" "$compiler" || said="$said, all headers together fail"
    python3 tests/docs/cpp_pages.py "$compiler" || said="$said, a page of docs/cpp fails"
    [ -z "$said" ] || failed=1
    said=${said:-, $headers headers and the pages of docs/cpp pass}
    echo "result: $compiler, $("$compiler" --version | head -n 1): ${said#, }"
  done
  return $failed
}

if [ "${1-}" = inside ]; then
  inside
  exit
fi
[ $# -gt 0 ] || set -- trixie sid
failed=0
mkdir -p build/compilers
for suite; do
  log=build/compilers/$suite.log
  status=0
  sh tests/bare_root.sh "$suite" 'sh tests/compilers.sh inside' >"$log" 2>&1 </dev/null || status=$?
  [ "$status" = 0 ] || [ "$status" = 77 ] || failed=1
  echo "$suite: $(grep -E '^SKIP:' "$log" || echo "made from its archive, $(date -u +%F)")"
  sed -n 's/^result: /  /p' "$log"
done
exit $failed
