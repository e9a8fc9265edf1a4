// Endpoints spread over a table by a hash that nobody outside can foresee.
#pragma once

#include <netcon/core/endpoint.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>

namespace netcon::detail {

/// Multilinear hashing (Lemire and Kaser, "Strongly universal string hashing is fast"): for any two
/// endpoints, chosen without knowing the keys, the chance of the same hash is 2^-32. Every object has keys of
/// its own.
class endpoint_hash {
 public:
  endpoint_hash() {
    std::random_device random;
    for (auto& key : keys_) key = std::uint64_t{random()} << 32 | random();
  }

  std::uint32_t operator()(const endpoint& of) const noexcept {
    std::array<std::uint32_t, 4> address;
    std::memcpy(address.data(), of.address.raw().data(), sizeof address);
    std::uint64_t sum = keys_[0] + keys_[1] * of.port.value() + keys_[2] * of.scope;
    for (std::size_t i = 0; i < address.size(); ++i) sum += keys_[3 + i] * address[i];
    return static_cast<std::uint32_t>(sum >> 32);
  }

 private:
  std::array<std::uint64_t, 7> keys_;
};

}  // namespace netcon::detail
