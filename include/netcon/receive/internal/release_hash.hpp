// SPDX-License-Identifier: MIT
// The release of a record in 32 bits, to be kept for a sender or a record.
#pragma once

#include <netcon/wire/record.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace netcon::inline v0_1::detail {

[[gnu::noinline]] inline std::uint32_t release_text_hash(std::string_view release) noexcept {
  std::uint64_t hash = release.size();
  for (auto rest = release; !rest.empty();) {
    std::uint64_t word = 0;
    const auto size = std::min(rest.size(), sizeof word);
    std::memcpy(&word, rest.data(), size);
    rest.remove_prefix(size);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
  }
  return static_cast<std::uint32_t>(hash) | 1;
}

/// Of the release's text; 0 when there is none.
[[gnu::always_inline]] inline std::uint32_t release_hash(const record_view& record) noexcept {
  const auto release = record.release();
  return release ? release_text_hash(*release) : 0;
}

}  // namespace netcon::inline v0_1::detail
