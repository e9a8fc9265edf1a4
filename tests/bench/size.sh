#!/bin/sh
# SPDX-License-Identifier: MIT
# What a program grows by: bytes of code and constant data (`text` of size(1)) of four small programs at -Os, each one call
# of the library and all that it needs; beside it without exceptions and tables for unwinding. Prints the table of
# docs/performance.md.
# Usage: sh tests/bench/size.sh [SOURCE_DIRECTORY]; CXX chooses the compiler
set -eu
cd "${1:-$(dirname "$0")/../..}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/decode.cpp" <<'EOF'
#include <netcon/wire.hpp>
std::size_t run(std::string_view packet) {
  const auto record = netcon::decode(packet);
  return record ? record->sequence() + record->text().size() : 0;
}
EOF
cat >"$work/parse.cpp" <<'EOF'
#include <netcon/parameter.hpp>
bool run(std::string_view text) {
  const auto target = netcon::parse_target(text);
  return target && target->extended;
}
EOF
cat >"$work/collector.cpp" <<'EOF'
#include <netcon/receive.hpp>
struct sink {
  std::size_t& bytes;
  void operator()(const netcon::event::record& got) { bytes += got.record.text().size(); }
  template <class Event>
  void operator()(const Event&) { ++bytes; }
};
std::size_t run(netcon::collector& all, const netcon::endpoint& from, std::string_view packet, netcon::time_point now) {
  std::size_t bytes = 0;
  all.push(from, packet, now, sink{bytes});
  all.expire(now, sink{bytes});
  return bytes;
}
netcon::collector make() { return netcon::collector{netcon::collector::limits{}}; }
EOF
cat >"$work/lint.cpp" <<'EOF'
#include <netcon/lint.hpp>
std::size_t run(std::string_view text) { return netcon::lint(text).size(); }
EOF

size_of() { # NAME FLAGS...
  program=$work/$1
  shift
  "${CXX:-g++}" -std=c++23 -Os "$@" -I include -c "$program.cpp" -o "$program.o"
  size "$program.o" | awk 'NR == 2 { print $1 }'
}
echo "| call | bytes | without exceptions |"
echo "| --- | ---: | ---: |"
for name in decode parse collector lint; do
  whole=$(size_of "$name")
  bare=$(size_of "$name" -fno-exceptions -fno-asynchronous-unwind-tables)
  echo "| $name | $whole | $bare |"
done
