// SPDX-License-Identifier: MIT
// A UDP port as a type of its own, so that no other number is taken for one.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/detail/to_string.hpp>

#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// The number of a UDP port, 0 to 65535. 0 is a value: what it means depends on the place.
class port {
 public:
  /// Bytes of the longest text, "65535".
  static constexpr std::size_t max_text = 5;

  /// Port 0.
  constexpr port() noexcept = default;
  /// In the order of the machine, not of the network.
  constexpr explicit port(std::uint16_t value) noexcept : value_{value} {}

  /// Decimal digits only, 0 to 65535. Errors: bad_port, port_out_of_range.
  [[nodiscard]] static constexpr std::expected<port, error> parse(std::string_view text) noexcept {
    const text_range all{0, static_cast<std::uint32_t>(text.size())};
    std::uint64_t value = 0;
    switch (detail::read_decimal(text, value)) {
      case detail::number_state::not_a_number:
        return std::unexpected{error{text_errc::bad_port, all}};
      case detail::number_state::overflow:
        return std::unexpected{error{text_errc::port_out_of_range, all}};
      case detail::number_state::ok:
        break;
    }
    if (value > 0xffff) return std::unexpected{error{text_errc::port_out_of_range, all}};
    return port{static_cast<std::uint16_t>(value)};
  }

  /// In the order of the machine, not of the network.
  [[nodiscard]] constexpr std::uint16_t value() const noexcept { return value_; }

  friend constexpr auto operator<=>(const port&, const port&) noexcept = default;

 private:
  std::uint16_t value_ = 0;
};

/// Decimal, without leading zeros.
[[nodiscard]] constexpr std::to_chars_result to_chars(char* first, char* last, const port& value) noexcept {
  return detail::write_decimal(first, last, value.value());
}

/// As to_chars().
[[nodiscard]] inline std::string to_string(const port& value) {
  return detail::to_string_by_to_chars(value);
}

}  // namespace netcon::inline v0_1

template <>
struct std::hash<netcon::port> {
  std::size_t operator()(const netcon::port& value) const noexcept { return value.value(); }
};
