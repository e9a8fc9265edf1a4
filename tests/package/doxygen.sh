#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the reference of the public headers: fails where something public has no comment, or one that Doxygen does not
# understand. Usage: doxygen.sh SOURCE_DIRECTORY [DIRECTORY]; the reference is in DIRECTORY/html, or thrown away.
set -eu
command -v python3 >/dev/null || { echo "SKIP: no python3 (sh .ci/install test)"; exit 77; }
command -v doxygen >/dev/null || { echo "SKIP: no doxygen (sh .ci/install docs)"; exit 77; }
if [ $# -gt 1 ]; then
  mkdir -p "$2"
  directory=$(cd "$2" && pwd)
else
  directory=$(mktemp -d)
  trap 'rm -rf "$directory"' EXIT
fi
cd "$1"
{
  cat docs/Doxyfile
  echo "OUTPUT_DIRECTORY = \"$directory\""
  echo "GENERATE_XML = YES"
  echo "WARN_LOGFILE = \"$directory/warnings\""
} | doxygen - || {
  cat "$directory/warnings"
  exit 1
}
python3 tests/package/documented.py "$directory/xml" include/netcon
