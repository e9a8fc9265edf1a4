// SPDX-License-Identifier: MIT
// The key of the hashes that spread senders over tables.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <array>
#include <cstdint>

namespace netcon::inline v0_1 {

/// A key that senders must not know, or they could choose addresses that collide: os/random_key.hpp draws
/// one. The default is a fixed key, for tests and for machines without a source of random numbers.
struct hash_key {
  /// 448 bits, each to be drawn at random.
  std::array<std::uint64_t, 7> words{0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb,
                                     0xd6e8feb86659fd93, 0xa0761d6478bd642f, 0xe7037ed1a0b428db,
                                     0x8ebc6af09c88c6e3};
};

}  // namespace netcon::inline v0_1
