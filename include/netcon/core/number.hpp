// SPDX-License-Identifier: MIT
// Digits as text, both ways: in constant expressions and without locale.
#pragma once

#include <netcon/detail/digits.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1 {

/// '0' to '9'.
[[nodiscard]] constexpr bool is_decimal_digit(char c) noexcept {
  return detail::is_digit(c);
}

/// Decimal digits only, below 2^64: no sign, blank or prefix. Leading zeros are decimal.
[[nodiscard]] constexpr std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept {
  std::uint64_t value = 0;
  if (detail::read_decimal(text, value) != detail::number_state::ok) return std::nullopt;
  return value;
}

/// The value of a hexadecimal digit of either case.
[[nodiscard]] constexpr std::optional<std::uint8_t> parse_hex_digit(char c) noexcept {
  const int value = detail::hex_value(c);
  if (value < 0) return std::nullopt;
  return static_cast<std::uint8_t>(value);
}

/// The digit of the four lowest bits, in lower case.
[[nodiscard]] constexpr char hex_digit(unsigned value) noexcept {
  return detail::hex_digits[value & 15];
}

}  // namespace netcon::inline v0_1
