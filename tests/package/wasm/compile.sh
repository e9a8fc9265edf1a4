#!/bin/sh
# SPDX-License-Identifier: MIT
# Compiles the portable layers for wasm32-wasi, where no Linux header exists: every umbrella but os.hpp together, and a program
# that uses each layer. Every header outside os/ is in one of them: package.umbrella checks that.
# Usage: compile.sh SOURCE_DIR; exits with 77 when it cannot.
set -eu
include=$1/include
compiler=clang++-19
command -v "$compiler" >/dev/null || { echo "SKIP: no $compiler (package clang-19)"; exit 77; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
build() { "$compiler" --target=wasm32-wasi -std=c++23 -fno-exceptions -Wall -Wextra -Werror -I "$include" "$@"; }

echo '#include <expected>' >"$out/probe.cpp"
if ! build -fsyntax-only "$out/probe.cpp" 2>"$out/why"; then
  echo "SKIP: no C++ library for wasm32-wasi (packages libc++-19-dev-wasm32 wasi-libc): $(head -n 1 "$out/why")"
  exit 77
fi

# In one file: that each compiles alone is shown natively.
for umbrella in "$include"/netcon/*.hpp; do
  name=$(basename "$umbrella")
  case $name in os.hpp | format.hpp) continue ;; esac  # Linux, fmt
  echo "#include <netcon/$name>"
done >"$out/umbrellas.cpp"
build -fsyntax-only "$out/umbrellas.cpp"
build -c "$1/tests/package/wasm/program.cpp" -o "$out/program.o"
