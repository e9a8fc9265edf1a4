// SPDX-License-Identifier: MIT
// Numbers and values at the end of a string, without locale.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

inline void append_decimal(std::string& out, std::uint64_t value) {
  std::array<char, 20> text;
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

/// At least width characters, with fill in front.
inline void append_decimal(std::string& out, std::uint64_t value, std::size_t width, char fill) {
  std::array<char, 20> text;
  const auto* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  const auto size = static_cast<std::size_t>(end - text.data());
  if (size < width) out.append(width - size, fill);
  out.append(text.data(), size);
}

/// Anything that has to_chars and max_text.
template <class T>
void append_value(std::string& out, const T& value) {
  std::array<char, T::max_text> text;
  out.append(text.data(), to_chars(text.data(), text.data() + text.size(), value).ptr);
}

inline void append_one(std::string& out, std::string_view text) {
  out += text;
}
inline void append_one(std::string& out, std::uint64_t number) {
  append_decimal(out, number);
}

/// Texts and numbers, one after the other.
template <class... Parts>
void append_all(std::string& out, const Parts&... parts) {
  (append_one(out, parts), ...);
}

}  // namespace netcon::inline v0_1::detail
