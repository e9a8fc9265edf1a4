// SPDX-License-Identifier: MIT
// IPv4 and IPv6 addresses, and one type that holds either.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/detail/slice.hpp>
#include <netcon/detail/to_string.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <expected>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// Four bytes in network order.
class ipv4_address {
 public:
  /// In network order: the first is the leftmost number of the text.
  using bytes_type = std::array<std::uint8_t, 4>;
  /// Bytes of the longest text, "255.255.255.255".
  static constexpr std::size_t max_text = 15;

  /// 0.0.0.0
  constexpr ipv4_address() noexcept = default;
  /// From bytes in network order.
  constexpr explicit ipv4_address(const bytes_type& bytes) noexcept : bytes_{bytes} {}
  /// a.b.c.d
  constexpr ipv4_address(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) noexcept
      : bytes_{a, b, c, d} {}

  /// Four decimal fields without leading zeros. Error: bad_ipv4_address over the whole text.
  [[nodiscard]] static constexpr std::expected<ipv4_address, error> parse(std::string_view text) noexcept {
    const error wrong{text_errc::bad_ipv4_address, {0, static_cast<std::uint32_t>(text.size())}};
    // Not a local address: its copy into the result is "maybe uninitialized" to GCC 16.
    std::expected<ipv4_address, error> address;
    std::size_t at = 0;
    for (std::size_t field = 0; field < 4; ++field) {
      if (field != 0 && (at == text.size() || text[at++] != '.')) return std::unexpected{wrong};
      const std::size_t start = at;
      unsigned value = 0;
      while (at < text.size() && detail::is_digit(text[at]) && at - start < 4)
        value = value * 10 + static_cast<unsigned>(text[at++] - '0');
      const std::size_t width = at - start;
      if (width == 0 || value > 255 || (width > 1 && text[start] == '0')) return std::unexpected{wrong};
      address->bytes_[field] = static_cast<std::uint8_t>(value);
    }
    if (at != text.size()) return std::unexpected{wrong};
    return address;
  }

  /// In network order.
  [[nodiscard]] constexpr const bytes_type& bytes() const noexcept { return bytes_; }
  /// 0.0.0.0
  [[nodiscard]] constexpr bool is_unspecified() const noexcept { return *this == ipv4_address{}; }
  /// 127.0.0.0/8
  [[nodiscard]] constexpr bool is_loopback() const noexcept { return bytes_[0] == 127; }
  /// 224.0.0.0/4
  [[nodiscard]] constexpr bool is_multicast() const noexcept { return (bytes_[0] & 0xf0) == 0xe0; }
  /// 169.254.0.0/16 (RFC 3927)
  [[nodiscard]] constexpr bool is_link_local() const noexcept { return bytes_[0] == 169 && bytes_[1] == 254; }

  friend constexpr auto operator<=>(const ipv4_address&, const ipv4_address&) noexcept = default;

 private:
  bytes_type bytes_{};
};

/// Four decimal numbers with dots between them.
[[nodiscard]] constexpr std::to_chars_result to_chars(char* first, char* last,
                                                      const ipv4_address& address) noexcept {
  detail::writer out{first, last};
  for (std::size_t i = 0; i < 4; ++i) {
    if (i != 0) out.put('.');
    out.put_decimal(address.bytes()[i]);
  }
  return out.result();
}

/// As to_chars().
[[nodiscard]] inline std::string to_string(const ipv4_address& address) {
  return detail::to_string_by_to_chars(address);
}

/// Sixteen bytes in network order, without zone.
class ipv6_address {
 public:
  /// In network order: the first two are the leftmost group of the text.
  using bytes_type = std::array<std::uint8_t, 16>;
  /// Bytes of the longest text: six groups of four digits and a dotted tail.
  static constexpr std::size_t max_text = 45;

  /// The unspecified address `::`.
  constexpr ipv6_address() noexcept = default;
  /// From bytes in network order.
  constexpr explicit ipv6_address(const bytes_type& bytes) noexcept : bytes_{bytes} {}

  /// The text forms of RFC 4291 section 2.2, at most four digits a group; no brackets, zone or prefix.
  /// Error: bad_ipv6_address over the whole text.
  [[nodiscard]] static constexpr std::expected<ipv6_address, error> parse(std::string_view text) noexcept {
    const error wrong{text_errc::bad_ipv6_address, {0, static_cast<std::uint32_t>(text.size())}};
    bytes_type bytes{};
    std::size_t filled = 0, gap = bytes.size() + 1, at = 0;
    if (detail::starts_with(text, "::")) {
      gap = 0;
      at = 2;
    }
    bool need_group = gap != 0;
    while (at < text.size()) {
      const std::size_t start = at;
      unsigned value = 0;
      while (at < text.size() && at - start < 4 && detail::hex_value(text[at]) >= 0)
        value = value * 16 + static_cast<unsigned>(detail::hex_value(text[at++]));
      if (at == start) return std::unexpected{wrong};
      if (at < text.size() && text[at] == '.') {
        const auto tail = ipv4_address::parse(detail::text_from(text, start));
        if (!tail || filled > 12) return std::unexpected{wrong};
        for (const auto byte : tail->bytes()) bytes[filled++] = byte;
        need_group = false;
        break;
      }
      if (filled == bytes.size()) return std::unexpected{wrong};
      bytes[filled++] = static_cast<std::uint8_t>(value >> 8);
      bytes[filled++] = static_cast<std::uint8_t>(value & 0xff);
      need_group = false;
      if (at == text.size()) break;
      if (text[at++] != ':') return std::unexpected{wrong};
      need_group = true;
      if (at < text.size() && text[at] == ':') {
        if (gap <= bytes.size()) return std::unexpected{wrong};
        gap = filled;
        ++at;
        need_group = false;
      }
    }
    const bool has_gap = gap <= bytes.size();
    if (need_group || (has_gap ? filled == bytes.size() : filled != bytes.size()))
      return std::unexpected{wrong};
    if (has_gap) {
      const std::size_t moved = filled - gap;
      for (std::size_t i = 0; i < moved; ++i) bytes[bytes.size() - 1 - i] = bytes[filled - 1 - i];
      for (std::size_t i = gap; i < bytes.size() - moved; ++i) bytes[i] = 0;
    }
    return ipv6_address{bytes};
  }

  /// In network order.
  [[nodiscard]] constexpr const bytes_type& bytes() const noexcept { return bytes_; }
  /// One of the eight groups of 16 bits, from the left. Precondition: index < 8.
  [[nodiscard]] constexpr std::uint16_t group(std::size_t index) const noexcept {
    return static_cast<std::uint16_t>(bytes_[2 * index] << 8 | bytes_[2 * index + 1]);
  }
  /// The address `::`.
  [[nodiscard]] constexpr bool is_unspecified() const noexcept { return *this == ipv6_address{}; }
  /// The address `::1`, not the IPv4-mapped 127.0.0.0/8.
  [[nodiscard]] constexpr bool is_loopback() const noexcept {
    bytes_type one{};
    one[15] = 1;
    return bytes_ == one;
  }
  /// `ff00::/8`
  [[nodiscard]] constexpr bool is_multicast() const noexcept { return bytes_[0] == 0xff; }
  /// `fe80::/10`
  [[nodiscard]] constexpr bool is_link_local() const noexcept {
    return bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
  }
  /// An IPv4 address in IPv6 form (RFC 4291, 2.5.5.2), which is how a dual-stack socket shows an IPv4 peer.
  [[nodiscard]] constexpr bool is_v4_mapped() const noexcept {
    for (std::size_t i = 0; i < 10; ++i)
      if (bytes_[i] != 0) return false;
    return bytes_[10] == 0xff && bytes_[11] == 0xff;
  }

  friend constexpr auto operator<=>(const ipv6_address&, const ipv6_address&) noexcept = default;

 private:
  bytes_type bytes_{};
};

namespace detail {

/// Lower case, the first longest run of two or more zero groups compressed; dotted writes the last four bytes
/// as an IPv4 address.
constexpr std::to_chars_result write_ipv6(char* first, char* last, const ipv6_address& address,
                                          bool dotted) noexcept {
  writer out{first, last};
  const std::size_t groups = dotted ? 6 : 8;
  std::size_t best = 8, best_length = 1;
  for (std::size_t i = 0; i < groups;) {
    std::size_t end = i;
    while (end < groups && address.group(end) == 0) ++end;
    if (end - i > best_length) {
      best = i;
      best_length = end - i;
    }
    i = end + 1;
  }
  for (std::size_t i = 0; i < groups;) {
    if (i == best) {
      out.put("::");
      i += best_length;
      continue;
    }
    const unsigned group = address.group(i);
    bool started = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
      const unsigned digit = group >> shift & 15;
      started = started || digit != 0 || shift == 0;
      if (started) out.put(hex_digits[digit]);
    }
    if (++i < groups && i != best) out.put(':');
  }
  if (dotted) {
    if (best + best_length != groups) out.put(':');
    for (std::size_t i = 12; i < 16; ++i) {
      if (i != 12) out.put('.');
      out.put_decimal(address.bytes()[i]);
    }
  }
  return out.result();
}

}  // namespace detail

/// RFC 5952: lower case, the first longest run of zero groups compressed, IPv4-mapped with a dotted tail.
[[nodiscard]] constexpr std::to_chars_result to_chars(char* first, char* last,
                                                      const ipv6_address& address) noexcept {
  return detail::write_ipv6(first, last, address, address.is_v4_mapped());
}

/// As to_chars().
[[nodiscard]] inline std::string to_string(const ipv6_address& address) {
  return detail::to_string_by_to_chars(address);
}

/// Which kind of address an ip_address holds.
enum class ip_family : std::uint8_t {
  v4,  ///< four bytes
  v6,  ///< sixteen bytes, IPv4-mapped ones too
};

/// Either family. 0.0.0.0 and `::` are different values.
class ip_address {
 public:
  /// Bytes of the longest text, that of an IPv6 address.
  static constexpr std::size_t max_text = ipv6_address::max_text;

  /// 0.0.0.0
  constexpr ip_address() noexcept = default;
  /// An IPv4 address; nothing is mapped to IPv6.
  constexpr ip_address(const ipv4_address& address) noexcept {  // NOLINT: both convert on purpose
    for (std::size_t i = 0; i < 4; ++i) bytes_[i] = address.bytes()[i];
  }
  /// An IPv6 address; an IPv4-mapped one stays IPv6, see unmapped().
  constexpr ip_address(const ipv6_address& address) noexcept  // NOLINT
      : family_{ip_family::v6}, bytes_{address.bytes()} {}

  /// A text with a colon is IPv6, any other IPv4. Errors: bad_ipv6_address, bad_ip_address.
  [[nodiscard]] static constexpr std::expected<ip_address, error> parse(std::string_view text) noexcept {
    if (text.find(':') != text.npos) {
      const auto v6 = ipv6_address::parse(text);
      if (!v6) return std::unexpected{v6.error()};
      return ip_address{*v6};
    }
    const auto v4 = ipv4_address::parse(text);
    if (!v4) return std::unexpected{error{text_errc::bad_ip_address, v4.error().where}};
    return ip_address{*v4};
  }

  /// Which of v4() and v6() may be called.
  [[nodiscard]] constexpr ip_family family() const noexcept { return family_; }
  /// True when v4() may be called.
  [[nodiscard]] constexpr bool is_v4() const noexcept { return family_ == ip_family::v4; }
  /// True when v6() may be called.
  [[nodiscard]] constexpr bool is_v6() const noexcept { return family_ == ip_family::v6; }
  /// Precondition: is_v4().
  [[nodiscard]] constexpr ipv4_address v4() const noexcept {
    return {bytes_[0], bytes_[1], bytes_[2], bytes_[3]};
  }
  /// Precondition: is_v6().
  [[nodiscard]] constexpr ipv6_address v6() const noexcept { return ipv6_address{bytes_}; }

  /// 0.0.0.0 or `::`
  [[nodiscard]] constexpr bool is_unspecified() const noexcept {
    return is_v4() ? v4().is_unspecified() : v6().is_unspecified();
  }
  /// 127.0.0.0/8 or `::1`
  [[nodiscard]] constexpr bool is_loopback() const noexcept {
    return is_v4() ? v4().is_loopback() : v6().is_loopback();
  }
  /// 224.0.0.0/4 or `ff00::/8`
  [[nodiscard]] constexpr bool is_multicast() const noexcept {
    return is_v4() ? v4().is_multicast() : v6().is_multicast();
  }
  /// 169.254.0.0/16 or `fe80::/10`
  [[nodiscard]] constexpr bool is_link_local() const noexcept {
    return is_v4() ? v4().is_link_local() : v6().is_link_local();
  }

  /// An IPv4-mapped IPv6 address as the IPv4 address it carries; any other as it is.
  [[nodiscard]] constexpr ip_address unmapped() const noexcept {
    if (is_v4() || !v6().is_v4_mapped()) return *this;
    return ipv4_address{bytes_[12], bytes_[13], bytes_[14], bytes_[15]};
  }

  /// The bytes of an IPv6 address; of an IPv4 address in the first four.
  [[nodiscard]] constexpr const std::array<std::uint8_t, 16>& raw() const noexcept { return bytes_; }

  friend constexpr bool operator==(const ip_address& a, const ip_address& b) noexcept {
    if consteval {
      return a.family_ == b.family_ && a.bytes_ == b.bytes_;
    } else {  // two words: receivers compare senders packet by packet
      std::uint64_t x[2], y[2];
      std::memcpy(x, a.bytes_.data(), sizeof x);
      std::memcpy(y, b.bytes_.data(), sizeof y);
      return x[0] == y[0] && x[1] == y[1] && a.family_ == b.family_;
    }
  }
  friend constexpr auto operator<=>(const ip_address&, const ip_address&) noexcept = default;

 private:
  ip_family family_ = ip_family::v4;
  std::array<std::uint8_t, 16> bytes_{};
};

/// As to_chars() of the address's family.
[[nodiscard]] constexpr std::to_chars_result to_chars(char* first, char* last,
                                                      const ip_address& address) noexcept {
  return address.is_v4() ? to_chars(first, last, address.v4()) : to_chars(first, last, address.v6());
}

/// As to_chars().
[[nodiscard]] inline std::string to_string(const ip_address& address) {
  return detail::to_string_by_to_chars(address);
}

}  // namespace netcon::inline v0_1

template <>
struct std::hash<netcon::ipv4_address> {
  std::size_t operator()(const netcon::ipv4_address& address) const noexcept {
    return netcon::detail::hash_bytes(address.bytes());
  }
};

template <>
struct std::hash<netcon::ipv6_address> {
  std::size_t operator()(const netcon::ipv6_address& address) const noexcept {
    return netcon::detail::hash_bytes(address.bytes());
  }
};

template <>
struct std::hash<netcon::ip_address> {
  std::size_t operator()(const netcon::ip_address& address) const noexcept {
    return netcon::detail::hash_bytes(address.raw()) ^ static_cast<std::size_t>(address.family());
  }
};
