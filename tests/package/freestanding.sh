#!/bin/sh
# SPDX-License-Identifier: MIT
# What decodes packets and reads parameters needs nothing of the standard library's binary: without exceptions and RTTI, the
# object asks for functions of C alone.
# Usage: freestanding.sh SOURCE_DIRECTORY COMPILER
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/program.cpp" <<'EOF'
#include <netcon/core.hpp>
#include <netcon/parameter.hpp>
#include <netcon/wire.hpp>

std::size_t bytes_of(const netcon::record_view& record) {
  std::size_t bytes = record.text().size() + record.caller().size() + record.release().value_or("").size();
  for (const auto& field : record.fields()) bytes += field.size();
  for (const auto& entry : record.dictionary()) bytes += entry.key.size() + entry.value.size();
  return bytes;
}

std::size_t read_packet(std::string_view packet) {
  const auto record = netcon::decode(packet);
  if (!record) return netcon::message(record.error().code).size();
  if (!record->is_basic()) return bytes_of(*record) + (netcon::find_probe(*record) ? 1 : 0);
  const auto line = netcon::split_basic_prefix(record->text());
  return line.text.size() + netcon::dropped_notice(line.text).value_or(0);
}

std::size_t read_parameter(std::string_view text, char* first, char* last) {
  const auto parameter = netcon::parse_parameter(text, netcon::kernel_profile{});
  if (!parameter) return netcon::hint(parameter.error().code).size();
  for (const auto& target : parameter->targets()) {
    const auto written = netcon::to_chars(first, last, target.value);
    if (written.ec != std::errc{}) return 0;
    first = written.ptr;
  }
  const auto end = netcon::endpoint::parse(text);
  return end && netcon::parse_target(text) ? end->port.value() : 0;
}
EOF
failed=0
for compiler in "$2" clang++-19; do
  command -v "$compiler" >/dev/null || continue
  "$compiler" -std=c++23 -Os -fno-exceptions -fno-rtti -I "$1/include" -c "$work/program.cpp" -o "$work/program.o"
  others=$(nm -u -f posix "$work/program.o" | awk '$1 !~ /^(mem(chr|cmp|cpy|move|set)|bcmp|strlen|__stack_chk_fail)$/ { print $1 }')
  [ -z "$others" ] || { echo "$compiler: the object needs"; echo "$others"; failed=1; }
done
exit $failed
