// SPDX-License-Identifier: MIT
// Numbers as text, both ways, in constant expressions and without locale.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <system_error>

namespace netcon::inline v0_1::detail {

constexpr bool is_digit(char c) noexcept {
  return static_cast<unsigned char>(c - '0') < 10;
}

inline constexpr auto hex_values = [] {
  std::array<signed char, 256> values{};
  values.fill(-1);
  for (signed char i = 0; i < 10; ++i) values[static_cast<std::size_t>('0' + i)] = i;
  for (signed char i = 0; i < 6; ++i)
    values[static_cast<std::size_t>('a' + i)] = values[static_cast<std::size_t>('A' + i)] =
        static_cast<signed char>(10 + i);
  return values;
}();

/// -1 for anything but a hexadecimal digit.
constexpr int hex_value(char c) noexcept {
  return hex_values[static_cast<unsigned char>(c)];
}

inline constexpr char hex_digits[] = "0123456789abcdef";

enum class number_state : std::uint8_t { ok, not_a_number, overflow };

/// Decimal digits only: no sign, blank, prefix or empty text. Leading zeros are decimal.
constexpr number_state read_decimal(std::string_view text, std::uint64_t& value) noexcept {
  if (text.empty()) return number_state::not_a_number;
  std::uint64_t sum = 0;
  bool fits = true;
  for (const char c : text) {
    if (!is_digit(c)) return number_state::not_a_number;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    if (sum > most / 10 || (sum == most / 10 && digit > most % 10)) fits = false;
    sum = sum * 10 + digit;
  }
  if (!fits) return number_state::overflow;
  value = sum;
  return number_state::ok;
}

/// Reads digits from begin on and returns where they stop; value wraps above 64 bits. Precondition: something
/// that is no digit stands before end, which is only there to tell how many bytes may be looked at together.
template <bool Long>
constexpr const char* read_digits(const char* at, const char* end, std::uint64_t& value) noexcept {
  std::uint64_t sum = 0;
  if !consteval {
    // Eight digits in three multiplications.
    if constexpr (Long && std::endian::native == std::endian::little) {
      if (end - at > 8) {
        std::uint64_t chunk = 0;
        std::memcpy(&chunk, at, sizeof chunk);
        chunk ^= 0x3030303030303030u;
        if (((chunk | (chunk + 0x7676767676767676u)) & 0x8080808080808080u) == 0) {
          chunk = (chunk * 10 + (chunk >> 8)) & 0x00ff00ff00ff00ffu;
          chunk = (chunk * 100 + (chunk >> 16)) & 0x0000ffff0000ffffu;
          sum = (chunk * 10000 + (chunk >> 32)) & 0xffffffffu;
          at += 8;
        }
      }
    }
  }
  for (;; ++at) {
    const unsigned digit = static_cast<unsigned>(static_cast<unsigned char>(*at)) - '0';
    if (digit > 9) break;
    sum = sum * 10 + digit;
  }
  value = sum;
  return at;
}

constexpr std::size_t decimal_width(std::uint64_t value) noexcept {
  std::size_t width = 1;
  for (; value >= 10; value /= 10) ++width;
  return width;
}

/// Writes into [first, last) as std::to_chars does, but in constant expressions too (C++23's is too new).
constexpr std::to_chars_result write_decimal(char* first, char* last, std::uint64_t value) noexcept {
  const auto width = decimal_width(value);
  if (static_cast<std::size_t>(last - first) < width) return {last, std::errc::value_too_large};
  for (char* p = first + width; p != first; value /= 10) *--p = static_cast<char>('0' + value % 10);
  return {first + width, std::errc{}};
}

/// Appends to [first, last) step by step; the first overflow sticks.
class writer {
 public:
  constexpr writer(char* first, char* last) noexcept : at_{first}, last_{last} {}

  constexpr writer& put(char c) noexcept {
    if (at_ == last_) {
      full_ = true;
    } else if (!full_) {
      *at_++ = c;
    }
    return *this;
  }
  constexpr writer& put(std::string_view text) noexcept {
    for (const char c : text) put(c);
    return *this;
  }
  constexpr writer& put_decimal(std::uint64_t value) noexcept {
    const auto [end, code] = write_decimal(at_, last_, value);
    if (code != std::errc{}) full_ = true;
    if (!full_) at_ = end;
    return *this;
  }
  /// Anything that has a to_chars.
  template <class T>
  constexpr writer& put_value(const T& value) noexcept {
    const auto [end, code] = to_chars(at_, last_, value);
    if (code != std::errc{}) full_ = true;
    if (!full_) at_ = end;
    return *this;
  }
  constexpr std::to_chars_result result() const noexcept {
    return full_ ? std::to_chars_result{last_, std::errc::value_too_large}
                 : std::to_chars_result{at_, std::errc{}};
  }

 private:
  char* at_;
  char* last_;
  bool full_ = false;
};

}  // namespace netcon::inline v0_1::detail
