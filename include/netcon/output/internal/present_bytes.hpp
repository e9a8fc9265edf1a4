// SPDX-License-Identifier: MIT
// A partial record without the room for its missing bytes.
#pragma once

#include <netcon/receive/event.hpp>

#include <algorithm>
#include <cstddef>
#include <string>

namespace netcon::inline v0_1::detail {

/// The bytes that came, as a record over buffer. The missing ones may be a thousand times more: a forged
/// fragment of 40 bytes announces 68,000.
inline record_view present_bytes(const event::partial& event, std::string& buffer) {
  const auto wire = event.record.wire();
  const auto body = event.record.body();
  buffer = wire.substr(0, wire.size() - body.size());
  std::size_t at = 0;
  for (const auto [begin, end] : event.missing) {
    buffer += body.substr(at, begin - at);
    at = std::min<std::size_t>(end, body.size());
  }
  buffer += body.substr(at);
  return event.record.whole(buffer);
}

}  // namespace netcon::inline v0_1::detail
