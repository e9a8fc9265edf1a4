// SPDX-License-Identifier: MIT
// Endpoints spread over a table with a keyed hash, so that attackers cannot force collisions.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/receive/hash_key.hpp>

#include <array>
#include <cstdint>
#include <cstring>

namespace netcon::inline v0_1::detail {

/// Multilinear hashing (Lemire and Kaser, "Strongly universal string hashing is fast"): for any two
/// endpoints, chosen without knowing the key, the chance of the same hash is 2^-32.
class endpoint_hash {
 public:
  explicit endpoint_hash(hash_key key = {}) noexcept : keys_{key.words} {}

  std::uint32_t operator()(const endpoint& of) const noexcept {
    std::array<std::uint32_t, 4> address;
    std::memcpy(address.data(), of.address.raw().data(), sizeof address);
    const auto sum = keys_[0] + keys_[1] * of.port.value() + keys_[2] * of.scope + keys_[3] * address[0] +
                     keys_[4] * address[1] + keys_[5] * address[2] + keys_[6] * address[3];
    return static_cast<std::uint32_t>(sum >> 32);
  }

 private:
  std::array<std::uint64_t, 7> keys_;
};

}  // namespace netcon::inline v0_1::detail
