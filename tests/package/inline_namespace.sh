#!/bin/sh
# SPDX-License-Identifier: MIT
# All that the headers define is in the inline namespace of their version: the text of each header says so, and so do the
# symbols of a program that writes netcon::name.
# Usage: inline_namespace.sh SOURCE_DIRECTORY COMPILER
set -eu
part() { sed -n "s/^#define NETCON_VERSION_$1 //p" "$top/include/netcon/version.hpp"; }
top=$1
name=v$(part MAJOR)
[ "$name" != v0 ] || name=v0_$(part MINOR)

others=$(grep -rE '^ *namespace netcon' "$top/include" | grep -vE "namespace netcon::inline $name(::[a-z_:]+)? \{\$" || :)
[ -z "$others" ] || { echo "not in netcon::inline $name:"; echo "$others"; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/program.cpp" <<'EOF'
#include <netcon/configfs.hpp>
#include <netcon/core.hpp>
#include <netcon/crash.hpp>
#include <netcon/lint.hpp>
#include <netcon/parameter.hpp>
#include <netcon/receive.hpp>

using namespace netcon::literals;

std::size_t receive(netcon::collector& collected, const netcon::endpoint& sender, std::string_view packet) {
  std::size_t bytes = netcon::lint("@/,@10.0.0.2/").size();
  collected.push(sender, packet, netcon::time_point{},
                 netcon::overloaded{[&](const netcon::event::record& got) { bytes += got.record.text().size(); },
                                    netcon::ignore_rest});
  return bytes;
}

netcon::configfs::state wanted() {
  netcon::configfs::state out;
  out.settings.remote_ip = "10.0.0.2"_ip;
  return out;
}
auto reads(std::string_view line) { return netcon::crash::read_opening(line); }
EOF
"$2" -std=c++23 -O0 -I "$top/include" -c "$work/program.cpp" -o "$work/program.o"
nm -f posix "$work/program.o" | cut -d ' ' -f 1 | grep 6netcon >"$work/symbols"
count=$(wc -l <"$work/symbols")
[ "$count" -ge 100 ] || { echo "only $count symbols of netcon in the program"; exit 1; }
if sed "s/6netcon${#name}$name//g" "$work/symbols" | grep 6netcon; then
  echo "these symbols are not in netcon::$name"
  exit 1
fi
