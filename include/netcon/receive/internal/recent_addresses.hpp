// SPDX-License-Identifier: MIT
// The addresses that packets came from last, in memory of one size.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/receive/internal/endpoint_hash.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace netcon::inline v0_1::detail {

/// A cache of sets: a new address takes the place of the one that its set has not seen for longest. Two
/// addresses are taken for the same with a chance of 2^-32.
class recent_addresses {
 public:
  /// Addresses that are remembered.
  static constexpr std::size_t most = 16384;

  explicit recent_addresses(const hash_key& key) : hash_{key}, sets_(most / of_set) {}

  void add(const endpoint& address) noexcept {
    const auto tag = tag_of(address);
    auto& set = sets_[tag % sets_.size()];
    // The last of the set goes, where the address is not among the others.
    const auto place = std::find(set.begin(), set.end() - 1, tag);
    std::copy_backward(set.begin(), place, place + 1);
    set.front() = tag;
  }

  bool contains(const endpoint& address) const noexcept {
    const auto tag = tag_of(address);
    return std::ranges::find(sets_[tag % sets_.size()], tag) != sets_[tag % sets_.size()].end();
  }

 private:
  static constexpr std::size_t of_set = 8;

  /// 0 is an empty place.
  std::uint32_t tag_of(const endpoint& address) const noexcept { return std::max(hash_(address), 1u); }

  endpoint_hash hash_;
  std::vector<std::array<std::uint32_t, of_set>> sets_;
};

}  // namespace netcon::inline v0_1::detail
