// SPDX-License-Identifier: MIT
// An address and a port: one end of a UDP conversation.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/port.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/detail/slice.hpp>
#include <netcon/detail/to_string.hpp>

#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// Who sends or receives: a host and its UDP port.
struct endpoint {
  /// Bytes of the longest text: brackets, a percent sign, an index of ten digits, a colon.
  static constexpr std::size_t max_text = ip_address::max_text + netcon::port::max_text + 14;

  ip_address address;  ///< of either family; 0.0.0.0 unless set
  netcon::port port;   ///< UDP; 0 unless set
  /// Interface index of a link-local IPv6 address, otherwise 0.
  std::uint32_t scope = 0;

  /// "10.0.0.2:6666", "[fd00::2]:6666" or, with the index of an interface, "[fe80::2%3]:6666". Errors:
  /// bad_endpoint, or those of ip_address and port at their place.
  [[nodiscard]] static constexpr std::expected<endpoint, error> parse(std::string_view text) noexcept {
    const auto fail = [&](text_errc code, std::size_t at, std::size_t length) {
      return std::unexpected{error{code, text_range::between(at, at + length)}};
    };
    std::size_t start = 0, end = text.rfind(':');
    if (end == text.npos) return fail(text_errc::bad_endpoint, 0, text.size());
    const std::size_t digits = end + 1;
    if (text.starts_with('[')) {
      if (end == 0 || text[end - 1] != ']') return fail(text_errc::bad_endpoint, 0, text.size());
      start = 1;
      --end;
    } else if (text.find(':') != end) {
      return fail(text_errc::bad_endpoint, 0, text.size());
    }
    std::uint64_t scope = 0;
    if (const auto zone = detail::text_up_to(text, end).find('%'); start == 1 && zone != text.npos) {
      const auto state = detail::read_decimal(detail::text_between(text, zone + 1, end), scope);
      if (state != detail::number_state::ok || scope == 0 || scope > 0xffffffffu)
        return fail(text_errc::bad_endpoint, zone, end - zone);
      end = zone;
    }
    const auto address = ip_address::parse(detail::text_between(text, start, end));
    if (!address) return fail(address.error().code, start, end - start);
    if ((start == 1) != address->is_v6()) return fail(text_errc::bad_endpoint, 0, text.size());
    const auto number = netcon::port::parse(detail::text_from(text, digits));
    if (!number) return fail(number.error().code, digits, text.size() - digits);
    return endpoint{*address, *number, static_cast<std::uint32_t>(scope)};
  }

  friend constexpr auto operator<=>(const endpoint&, const endpoint&) noexcept = default;
};

/// "10.0.0.2:6666", "[fd00::2]:6666", "[fe80::2%3]:6666": what endpoint::parse() reads. endpoint::max_text
/// bytes suffice; std::errc::value_too_large when there are fewer than it needs.
[[nodiscard]] constexpr std::to_chars_result to_chars(char* first, char* last, const endpoint& end) noexcept {
  std::array<char, ip_address::max_text> text{};
  const auto text_end = to_chars(text.data(), text.data() + text.size(), end.address).ptr;
  const std::string_view address{text.data(), text_end};
  detail::writer out{first, last};
  if (end.address.is_v6()) {
    out.put('[').put(address);
    if (end.scope != 0) out.put('%').put_decimal(end.scope);
    out.put(']');
  } else {
    out.put(address);
  }
  return out.put(':').put_decimal(end.port.value()).result();
}

/// As to_chars().
[[nodiscard]] inline std::string to_string(const endpoint& end) {
  return detail::to_string_by_to_chars(end);
}

}  // namespace netcon::inline v0_1

template <>
struct std::hash<netcon::endpoint> {
  std::size_t operator()(const netcon::endpoint& end) const noexcept {
    return std::hash<netcon::ip_address>{}(end.address) * 31 + end.port.value() + end.scope;
  }
};
