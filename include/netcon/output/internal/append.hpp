// SPDX-License-Identifier: MIT
// Numbers and values at the end of a string, without locale.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

/// Texts and numbers that are appended together, which takes less than each by itself. Size has to hold them.
template <std::size_t Size>
class short_text {
 public:
  /// A text whose length the compiler knows.
  template <std::size_t Length>
  short_text& add(const char (&text)[Length]) noexcept {
    std::memcpy(bytes_.data() + used_, text, Length - 1);
    used_ += Length - 1;
    return *this;
  }
  short_text& add(char c) noexcept {
    bytes_[used_++] = c;
    return *this;
  }
  /// At most 20 digits.
  short_text& add(std::uint64_t number) noexcept {
    char* const at = bytes_.data() + used_;
    used_ = static_cast<std::size_t>(std::to_chars(at, bytes_.data() + Size, number).ptr - bytes_.data());
    return *this;
  }
  /// Anything that has to_chars and max_text.
  template <class T>
    requires requires { T::max_text; }
  short_text& add(const T& value) noexcept {
    char* const at = bytes_.data() + used_;
    used_ = static_cast<std::size_t>(to_chars(at, bytes_.data() + Size, value).ptr - bytes_.data());
    return *this;
  }

  void append_to(std::string& out) const { out.append(bytes_.data(), used_); }

 private:
  std::array<char, Size> bytes_;
  std::size_t used_ = 0;
};

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
