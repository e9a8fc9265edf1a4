// SPDX-License-Identifier: MIT
// Hashes of what strangers choose, for tables: keyed, so that they cannot choose collisions.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/detail/cast_to.hpp>
#include <netcon/receive/hash_key.hpp>
#include <netcon/receive/internal/endpoint_hash.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace netcon::inline v0_1 {

/// A hash for std::unordered_map and the like, with a key that senders must not know: os/random_key.hpp draws
/// one. Texts are hashed by SipHash-1-3 (Aumasson and Bernstein), endpoints as the collector does.
class keyed_hash {
 public:
  /// Lets containers look a std::string up by a std::string_view.
  using is_transparent = void;

  /// Without a key for tests and trusted senders only.
  explicit keyed_hash(hash_key key = {}) noexcept : of_endpoint_{key}, key_{key.words[0], key.words[1]} {}

  /// Of address, port and scope.
  std::size_t operator()(const endpoint& of) const noexcept { return of_endpoint_(of); }

  /// The same on every machine.
  std::size_t operator()(std::string_view text) const noexcept {
    state s{key_[0] ^ 0x736f6d6570736575u, key_[1] ^ 0x646f72616e646f6du, key_[0] ^ 0x6c7967656e657261u,
            key_[1] ^ 0x7465646279746573u};
    const auto size = text.size();
    for (; text.size() >= 8; text.remove_prefix(8)) s.add(word_of(text, 8));
    s.add(word_of(text, text.size()) | static_cast<std::uint64_t>(size) << 56);
    return s.finish();
  }

 private:
  struct state {
    std::uint64_t a, b, c, d;

    void round() noexcept {
      a += b;
      b = std::rotl(b, 13) ^ a;
      a = std::rotl(a, 32);
      c += d;
      d = std::rotl(d, 16) ^ c;
      a += d;
      d = std::rotl(d, 21) ^ a;
      c += b;
      b = std::rotl(b, 17) ^ c;
      c = std::rotl(c, 32);
    }
    void add(std::uint64_t word) noexcept {
      d ^= word;
      round();
      a ^= word;
    }
    std::size_t finish() noexcept {
      c ^= 0xff;
      for (int i = 0; i < 3; ++i) round();
      return detail::cast_to<std::size_t>(a ^ b ^ c ^ d);
    }
  };

  /// The bytes as a number, the first one lowest; the same on every machine.
  static std::uint64_t word_of(std::string_view text, std::size_t size) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < size; ++i)
      word |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[i])) << 8 * i;
    return word;
  }

  detail::endpoint_hash of_endpoint_;
  std::uint64_t key_[2];
};

}  // namespace netcon::inline v0_1
