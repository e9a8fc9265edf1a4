#!/bin/sh
# SPDX-License-Identifier: MIT
# layers.cmake accepts a small tree that is right and refuses each way to break it. Usage: SCRIPT CMAKE layers.cmake
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
headers=$tree/include/netcon
mkdir -p "$headers/os" "$headers/wire" "$headers/core" "$headers/detail" "$tree/examples"
check() { "$1" -DSOURCE_DIR="$tree" -P "$2" 2>"$tree/why"; }

printf '#include <netcon/detail/requires_cpp23.hpp>\n#include <system_error>\n' >"$headers/detail/leaf.hpp"
printf '#include <netcon/detail/leaf.hpp>\n' >"$headers/core/port.hpp"
printf '#include <netcon/core/port.hpp>\n#include <netcon/wire/internal/table.hpp>\n' >"$headers/wire/decode.hpp"
printf '#include <netcon/wire/decode.hpp>\n#include <sys/socket.h>\n' >"$headers/os/socket.hpp"
printf '#include <netcon/os/socket.hpp>\n' >"$tree/examples/good.cpp"
check "$@" || { cat "$tree/why"; echo "a tree that is right is refused"; exit 1; }

failed=0
refuse() { # FILE CONTENT CMAKE SCRIPT
  mkdir -p "$(dirname "$tree/$1")"
  printf %b "$2" >"$tree/$1"
  if check "$3" "$4"; then echo "accepted: $1 with $2"; failed=1; fi
  rm "$tree/$1"
}
refuse include/netcon/core/up.hpp '#include <netcon/wire/decode.hpp>\n' "$@"
refuse include/netcon/core/up.hpp '#include "netcon/wire/decode.hpp"\n' "$@"
refuse include/netcon/wire/umbrella.hpp '#include <netcon/core.hpp>\n' "$@"
refuse include/netcon/detail/root.hpp '#include <netcon/core/port.hpp>\n' "$@"
refuse include/netcon/os/foreign.hpp '#include <netcon/wire/internal/table.hpp>\n' "$@"
refuse include/netcon/wire/linux.hpp '#include <sys/socket.h>\n' "$@"
refuse include/netcon/wire/linux.hpp '#include <unistd.h>\n' "$@"
refuse include/netcon/attic/room.hpp '\n' "$@"
refuse include/netcon/core/long.hpp "$(yes '// one; two [ three' | head -n 401)\n" "$@"
refuse examples/bad.cpp 'netcon::detail::leaf x;\n' "$@"
refuse examples/bad.cpp '#include <netcon/wire/internal/table.hpp>\n' "$@"
exit $failed
