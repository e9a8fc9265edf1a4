// The release of a record in 32 bits, to be kept for a sender or a record.
#pragma once

#include <netcon/wire/record.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace netcon::detail {

/// Of the release's text; 0 when there is none.
inline std::uint32_t release_hash(const record_view& message) noexcept {
  const auto release = message.release();
  if (!release) return 0;
  std::uint64_t hash = release->size();
  for (auto rest = *release; !rest.empty();) {
    std::uint64_t word = 0;
    const auto size = std::min(rest.size(), sizeof word);
    std::memcpy(&word, rest.data(), size);
    rest.remove_prefix(size);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
  }
  return static_cast<std::uint32_t>(hash) | 1;
}

}  // namespace netcon::detail
