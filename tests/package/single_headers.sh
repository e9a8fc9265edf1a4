#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the single headers and builds programs with nothing else: each alone, and several in one.
# Usage: single_headers.sh SOURCE_DIRECTORY COMPILER
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$1/.ci/single_headers.py" "$work/include"
for path in "$work"/include/*.hpp; do
  name=$(basename "$path")
  [ "$name" != netcon-format.hpp ] || continue # needs fmt
  printf '#include <%s>\nint main() {}\n' "$name" >"$work/alone.cpp"
  "$2" -std=c++23 -O0 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I "$work/include" "$work/alone.cpp" -o "$work/alone"
done
cat >"$work/several.cpp" <<'EOF'
#include <netcon-wire.hpp>
#include <netcon-parameter.hpp>
#include <netcon-os.hpp>
int main() {
  const auto record = netcon::decode("6,339,5140900,-;hello\n");
  return record && record->sequence() == 339 && netcon::parse_target("@/,@10.0.0.2/") ? 0 : 1;
}
EOF
"$2" -std=c++23 -O0 -I "$work/include" "$work/several.cpp" -o "$work/several"
"$work/several"
