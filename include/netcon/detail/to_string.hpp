// SPDX-License-Identifier: MIT
// std::string from any value that has to_chars and max_text.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <array>
#include <string>

namespace netcon::inline v0_1::detail {

template <class T>
std::string to_string_by_to_chars(const T& value) {
  std::array<char, T::max_text> buffer;
  const auto end = to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

template <class T>
std::size_t hash_bytes(const T& bytes) noexcept {
  std::size_t hash = 0xcbf29ce484222325u & static_cast<std::size_t>(-1);
  constexpr std::size_t prime = 0x100000001b3u & static_cast<std::size_t>(-1);
  for (const auto byte : bytes) hash = (hash ^ static_cast<std::size_t>(byte)) * prime;
  return hash;
}

}  // namespace netcon::inline v0_1::detail
