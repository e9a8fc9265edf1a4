// A message of which slices are missing, without the room for them.
#pragma once

#include <netcon/receive/collector.hpp>

#include <algorithm>
#include <string>

namespace tool {

/// The bytes that came, as a record over buffer. What is missing may be a thousand times what came: a forged
/// slice of 40 bytes says that 68,000 are to be expected.
inline netcon::record_view present_bytes(const netcon::event::partial& event, std::string& buffer) {
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

}  // namespace tool
