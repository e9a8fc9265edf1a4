#!/bin/sh
# SPDX-License-Identifier: MIT
# No public name clashes with one of the standard library where both are in sight by using-directives.
# Usage: std_names.sh SOURCE_DIRECTORY COMPILER
set -eu
command -v doxygen >/dev/null || { echo "SKIP: no doxygen (sh .ci/install docs)"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$1"
{
  cat docs/Doxyfile
  printf '%s\n' "OUTPUT_DIRECTORY = \"$work\"" 'GENERATE_XML = YES' 'GENERATE_HTML = NO' 'WARN_AS_ERROR = NO' 'WARNINGS = NO'
} | doxygen -
python3 tests/package/std_names.py "$work/xml" >"$work/program.cpp"
"$2" -std=c++23 -Wno-deprecated -Wno-cpp -fsyntax-only -I include "$work/program.cpp"
