// SPDX-License-Identifier: MIT
// A range of addresses: one address, or all that share its first bits.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/detail/hash.hpp>
#include <netcon/detail/slice.hpp>
#include <netcon/detail/to_string.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// The addresses whose first bits are those of an address of the same family. Bits of that address after
/// these do not count.
class address_range {
 public:
  /// Bytes of the longest text: an IPv6 address and "/128".
  static constexpr std::size_t max_text = ip_address::max_text + 4;

  /// 0.0.0.0/0: every IPv4 address.
  constexpr address_range() noexcept = default;
  /// One address.
  constexpr explicit address_range(const ip_address& only) noexcept : address_range{only, bits_of(only)} {}
  /// Precondition: bits is at most 32 for IPv4, 128 for IPv6.
  constexpr address_range(const ip_address& address, unsigned bits) noexcept
      : address_{address}, bits_{static_cast<std::uint8_t>(bits)} {}

  /// "10.0.0.0/8", "fd00::/8", or one address. Error: bad_address_range over the address or over the bits.
  [[nodiscard]] static constexpr std::expected<address_range, error> parse(std::string_view text) noexcept {
    const auto slash = text.find('/');
    const auto end = slash == text.npos ? text.size() : slash;
    const auto address = ip_address::parse(detail::text_up_to(text, end));
    if (!address) return std::unexpected{error{text_errc::bad_address_range, text_range::between(0, end)}};
    if (slash == text.npos) return address_range{*address};
    std::uint64_t bits = 0;
    if (detail::read_decimal(detail::text_from(text, slash + 1), bits) != detail::number_state::ok ||
        bits > bits_of(*address))
      return std::unexpected{
          error{text_errc::bad_address_range, text_range::between(slash + 1, text.size())}};
    return address_range{*address, static_cast<unsigned>(bits)};
  }

  /// As it was given: bits beyond bits() may be set.
  [[nodiscard]] constexpr const ip_address& address() const noexcept { return address_; }
  /// How many leading bits count: 0 to 32 for IPv4, 0 to 128 for IPv6.
  [[nodiscard]] constexpr unsigned bits() const noexcept { return bits_; }
  /// True when every bit counts.
  [[nodiscard]] constexpr bool is_one_address() const noexcept { return bits_ == bits_of(address_); }

  /// False for an address of the other family; an IPv4-mapped address is IPv6.
  [[nodiscard]] constexpr bool contains(const ip_address& other) const noexcept {
    if (other.family() != address_.family()) return false;
    const auto &a = other.raw(), &b = address_.raw();
    const std::size_t whole = bits_ / 8u, rest = bits_ % 8u;
    for (std::size_t i = 0; i < whole; ++i)
      if (a[i] != b[i]) return false;
    return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
  }

  /// A range of IPv4-mapped IPv6 addresses as the IPv4 range that it carries; any other as it is.
  [[nodiscard]] constexpr address_range unmapped() const noexcept {
    constexpr unsigned prefix = 96;
    const auto carried = address_.unmapped();
    if (carried.family() == address_.family() || bits_ < prefix) return *this;
    return {carried, bits_ - prefix};
  }

  friend constexpr auto operator<=>(const address_range&, const address_range&) noexcept = default;

 private:
  static constexpr unsigned bits_of(const ip_address& address) noexcept { return address.is_v4() ? 32 : 128; }

  ip_address address_;
  std::uint8_t bits_ = 0;
};

/// "10.0.0.0/8"; of one address without its bits.
[[nodiscard]] constexpr std::to_chars_result to_chars(char* first, char* last,
                                                      const address_range& range) noexcept {
  detail::writer out{first, last};
  out.put_value(range.address());
  if (!range.is_one_address()) out.put('/').put_decimal(range.bits());
  return out.result();
}

/// As to_chars().
[[nodiscard]] inline std::string to_string(const address_range& range) {
  return detail::to_string_by_to_chars(range);
}

}  // namespace netcon::inline v0_1

template <>
struct std::hash<netcon::address_range> {
  std::size_t operator()(const netcon::address_range& range) const noexcept {
    return netcon::detail::hash_of(range.address(), range.bits());
  }
};
