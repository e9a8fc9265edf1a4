#!/bin/sh
# Installs what the netcon tool needs into an image of cibuildwheel, from sources: versions are the same in every image.
set -eu

# REPOSITORY TAG [CMAKE ARGUMENTS]
add() {
  git clone -q --depth 1 --branch "$2" "https://github.com/$1" "/tmp/libraries/$1"
  sources=/tmp/libraries/$1
  shift 2
  cmake -S "$sources" -B "$sources/build" -DCMAKE_BUILD_TYPE=Release "$@"
  cmake --build "$sources/build" --target install
}

add fmtlib/fmt 11.2.0 -DFMT_TEST=OFF -DFMT_DOC=OFF
add CLIUtils/CLI11 v2.5.0 -DCLI11_BUILD_TESTS=OFF -DCLI11_BUILD_EXAMPLES=OFF -DCLI11_BUILD_DOCS=OFF
add nlohmann/json v3.12.0 -DJSON_BuildTests=OFF
