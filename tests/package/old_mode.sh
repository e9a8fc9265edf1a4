#!/bin/sh
# SPDX-License-Identifier: MIT
# A compiler that is asked for an older C++ says so in one line, whichever header comes first, and says nothing else.
# Usage: old_mode.sh SOURCE_DIR COMPILER
set -eu
include=$1/include
failed=0
headers=$(cd "$include" && find netcon -name '*.hpp' ! -path '*/internal/*' ! -name version.hpp ! -name format.hpp)
for standard in c++11 c++20; do
  for header in $headers; do
    [ "$standard" = c++20 ] || case $header in netcon/*/*) continue ;; esac
    said=$(echo "#include <$header>" | "$2" -std=$standard -I "$include" -fsyntax-only -x c++ - 2>&1 || :)
    first=$(echo "$said" | grep -E 'error: ' | head -n 1)
    count=$(echo "$said" | grep -cE 'error: ' || :)
    case $first in *"netcon needs C++23: compile with -std=c++23"*) ;; *) count=none ;; esac
    if [ "$count" != 2 ]; then  # the line itself, and the file whose absence ends the compilation
      echo "$header with -std=$standard: $count errors, the first one: $first"
      failed=1
    fi
  done
done
exit $failed
