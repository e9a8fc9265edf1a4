// SPDX-License-Identifier: MIT
// A hardware address of six bytes.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/detail/to_string.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// Six bytes in the order of the text.
class mac_address {
 public:
  /// In the order of the text and of the wire.
  using bytes_type = std::array<std::uint8_t, 6>;
  /// Bytes of every text: six pairs and five colons.
  static constexpr std::size_t max_text = 17;

  /// 00:00:00:00:00:00
  constexpr mac_address() noexcept = default;
  /// From bytes in the order of the text.
  constexpr explicit mac_address(const bytes_type& bytes) noexcept : bytes_{bytes} {}
  /// a:b:c:d:e:f
  constexpr mac_address(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, std::uint8_t e,
                        std::uint8_t f) noexcept
      : bytes_{a, b, c, d, e, f} {}

  /// ff:ff:ff:ff:ff:ff, which netconsole sends to when it is given none.
  [[nodiscard]] static constexpr mac_address broadcast() noexcept { return {255, 255, 255, 255, 255, 255}; }

  /// Exactly "52:54:00:12:34:56", either case. Error: bad_mac_address over the whole text.
  [[nodiscard]] static constexpr std::expected<mac_address, error> parse(std::string_view text) noexcept {
    const error wrong{text_errc::bad_mac_address, {0, static_cast<std::uint32_t>(text.size())}};
    if (text.size() != max_text) return std::unexpected{wrong};
    // Not a local address: its copy into the result is "maybe uninitialized" to GCC 16.
    std::expected<mac_address, error> mac;
    int signs = 0;
    for (std::size_t i = 0; i < 6; ++i) {
      const int value = detail::hex_value(text[3 * i]) * 16 | detail::hex_value(text[3 * i + 1]);
      signs |= i < 5 && text[3 * i + 2] != ':' ? -1 : value;
      mac->bytes_[i] = static_cast<std::uint8_t>(value);
    }
    if (signs < 0) mac = std::unexpected{wrong};
    return mac;
  }

  /// In the order of the text.
  [[nodiscard]] constexpr const bytes_type& bytes() const noexcept { return bytes_; }
  /// ff:ff:ff:ff:ff:ff
  [[nodiscard]] constexpr bool is_broadcast() const noexcept { return *this == broadcast(); }
  /// True for broadcast too: the lowest bit of the first byte.
  [[nodiscard]] constexpr bool is_multicast() const noexcept { return (bytes_[0] & 1) != 0; }
  /// 00:00:00:00:00:00
  [[nodiscard]] constexpr bool is_zero() const noexcept { return *this == mac_address{}; }

  friend constexpr auto operator<=>(const mac_address&, const mac_address&) noexcept = default;

 private:
  bytes_type bytes_{};
};

/// Lower case, as the kernel prints it.
[[nodiscard]] constexpr std::to_chars_result to_chars(char* first, char* last,
                                                      const mac_address& mac) noexcept {
  detail::writer out{first, last};
  for (std::size_t i = 0; i < 6; ++i) {
    if (i != 0) out.put(':');
    out.put(detail::hex_digits[mac.bytes()[i] >> 4]).put(detail::hex_digits[mac.bytes()[i] & 15]);
  }
  return out.result();
}

/// As to_chars().
[[nodiscard]] inline std::string to_string(const mac_address& mac) {
  return detail::to_string_by_to_chars(mac);
}

}  // namespace netcon::inline v0_1

template <>
struct std::hash<netcon::mac_address> {
  std::size_t operator()(const netcon::mac_address& mac) const noexcept {
    return netcon::detail::hash_bytes(mac.bytes());
  }
};
