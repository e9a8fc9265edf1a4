#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the checker: OUTPUT_DIR/index.html, one page without a server, and beside it the module, checker.wasm.
# Needs what sh .ci/install wasm installs. COMPILER_LAUNCHER may name one, such as ccache.
# Usage: build.sh OUTPUT_DIR; exits with 77 when it cannot.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || { sed -n 's/^# Usage:/usage:/p' "$0" >&2; exit 2; }
compiler=clang++-19
command -v "$compiler" >/dev/null || { echo "SKIP: no $compiler (sh .ci/install wasm)"; exit 77; }
mkdir -p "$1"

# -fno-rtti and --gc-sections are for the size. The library's headers are those of a system: its own builds have the
# warnings, with 64 bits.
build() {
  ${COMPILER_LAUNCHER-} "$compiler" --target=wasm32-wasi -std=c++23 -Oz -fno-exceptions -fno-rtti -Wall -Wextra \
    -isystem "$here/../../include" "$@"
}

if ! echo '#include <expected>' | build -fsyntax-only -x c++ - 2>"$1/why"; then
  echo "SKIP: no C++ library for wasm32-wasi (sh .ci/install wasm): $(head -n 1 "$1/why")"
  exit 77
fi
rm -f "$1/why"
build -mexec-model=reactor -Wl,--strip-all,--gc-sections "$here"/*.cpp -o "$1/checker.wasm"
python3 "$here/make_page.py" "$here" "$1/checker.wasm" "$1/index.html"
