// expect: deleted
// SPDX-License-Identifier: MIT
#include <netcon/core/overloaded.hpp>
#include <netcon/receive/collector.hpp>
#include <netcon/receive/owned_event.hpp>

#include <vector>

void collect(netcon::collector& all, const netcon::endpoint& from, std::string_view packet) {
#ifdef MUST_NOT_BUILD
  const auto keep = [](const netcon::event::record& e) { [[maybe_unused]] const auto kept = e; };
#else
  static std::vector<netcon::event::any> kept;
  const auto keep = [](const netcon::event::record& e) { kept.emplace_back(to_owned(e)); };
#endif
  all.push(from, packet, {}, netcon::overloaded{keep, netcon::ignore_rest});
}
