// expect: the sink does not take event::partial
// SPDX-License-Identifier: MIT
#include <netcon/core/overloaded.hpp>
#include <netcon/receive/collector.hpp>

int count(netcon::collector& all, const netcon::endpoint& from, std::string_view packet) {
  int records = 0;
  const auto on_record = [&](const netcon::event::record&) { ++records; };
#ifdef MUST_NOT_BUILD
  all.push(from, packet, {}, netcon::overloaded{on_record});
#else
  all.push(from, packet, {}, netcon::overloaded{on_record, netcon::ignore_rest});
#endif
  return records;
}
