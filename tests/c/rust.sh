#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the Rust example with the C library and reads packets with it.
# Usage: rust.sh SOURCE DIRECTORY_OF_THE_LIBRARY
set -eu
command -v rustc >/dev/null || { echo "SKIP: no rustc (apt install rustc)"; exit 77; }
nm -D "$2/libnetcon.so" | grep -q __asan && { echo "SKIP: the library is built with a sanitizer"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rustc -O "$1" -L "$2" -l netcon -o "$work/decode_packets"
printf '6,339,514,-;hello\n9999,1,2,-;x\nplain\n' | LD_LIBRARY_PATH=$2 "$work/decode_packets" >"$work/seen"
cat >"$work/expected" <<'EOF'
339 level 6: hello
refused: the priority is larger than 2047
basic: plain
EOF
diff "$work/expected" "$work/seen"
