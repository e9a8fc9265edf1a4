// SPDX-License-Identifier: MIT
// The readers that kernels use for numbers, switches and addresses, byte for byte, and how they print an
// address. The readers differ from the strict parse() of the values: these accept what a kernel accepts and
// report where it stopped, and the loose ones give the value that old kernels made of any text. Texts end at
// their first NUL; callers cut there.
#pragma once

#include <netcon/core/ip_address.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/detail/slice.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// The part of a buffer that a C string function sees.
constexpr std::string_view until_nul(std::string_view bytes) noexcept {
  return text_up_to(bytes, bytes.find('\0'));
}

/// Decimal digits, at most one newline after them. An overflow of 64 bits is reported before junk at the end.
constexpr number_state read_kernel_digits(std::string_view text, std::uint64_t& value) noexcept {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  const char *at = text.data(), *const first = at, *const last = first + text.size();
  std::uint64_t sum = 0;
  for (; at != last && is_digit(*at); ++at) {
    const auto digit = static_cast<std::uint64_t>(*at - '0');
    if (sum >= most / 10 && (sum > most / 10 || digit > most % 10)) return number_state::overflow;
    sum = sum * 10 + digit;
  }
  if (at == first || (at != last && (*at != '\n' || at + 1 != last))) return number_state::not_a_number;
  value = sum;
  return number_state::ok;
}

/// kstrtou16, base 10: one leading '+' is fine.
constexpr number_state read_kernel_u16(std::string_view text, std::uint16_t& value) noexcept {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::uint64_t wide = 0;
  const auto answer = read_kernel_digits(text, wide);
  if (answer != number_state::ok) return answer;
  if (wide > 0xffff) return number_state::overflow;
  value = static_cast<std::uint16_t>(wide);
  return number_state::ok;
}

/// kstrtoint, base 10: one leading '+' or '-'.
constexpr number_state read_kernel_int(std::string_view text, int& value) noexcept {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::uint64_t wide = 0;
  const auto answer = read_kernel_digits(text, wide);
  if (answer != number_state::ok) return answer;
  const auto most = static_cast<std::uint64_t>(std::numeric_limits<int>::max()) + (negative ? 1 : 0);
  if (wide > most) return number_state::overflow;
  value = static_cast<int>(negative ? -static_cast<std::int64_t>(wide) : static_cast<std::int64_t>(wide));
  return number_state::ok;
}

/// kstrtobool: the first byte decides, after 'o' the second; wide also knows e/E and d/D (6.16).
constexpr std::optional<bool> read_kernel_bool(std::string_view text, bool wide) noexcept {
  const auto at = [text](std::size_t i) { return i < text.size() ? text[i] : '\0'; };
  switch (at(0)) {
    case '1':
    case 'y':
    case 'Y':
    case 't':
    case 'T':
      return true;
    case '0':
    case 'n':
    case 'N':
    case 'f':
    case 'F':
      return false;
    case 'e':
    case 'E':
      return wide ? std::optional{true} : std::nullopt;
    case 'd':
    case 'D':
      return wide ? std::optional{false} : std::nullopt;
    case 'o':
    case 'O':
      if (at(1) == 'n' || at(1) == 'N') return true;
      if (at(1) == 'f' || at(1) == 'F') return false;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

/// simple_strtol in base 10, stored in 16 bits: one optional '-', digits, the rest ignored; without digits 0.
constexpr std::uint16_t read_loose_u16(std::string_view text) noexcept {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::uint32_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) break;
    value = (value * 10 + static_cast<std::uint32_t>(c - '0')) & 0xffff;
  }
  return static_cast<std::uint16_t>(negative ? 0x10000 - value : value);
}

/// mac_pton: a complete MAC address in the first 17 bytes; whatever follows is ignored.
constexpr bool read_kernel_mac(std::string_view text, mac_address& mac) noexcept {
  const auto read = mac_address::parse(text_up_to(text, mac_address::max_text));
  if (read) mac = *read;
  return read.has_value();
}

/// in_aton: any bytes give four bytes. Parts end at '.' and newline; a part above 255 spills to its left, and
/// how a byte above 127 counts depends on the signedness of the kernel's char (unsigned since 6.2).
constexpr ipv4_address::bytes_type read_loose_ipv4(std::string_view text, bool signed_char = true) noexcept {
  std::uint32_t address = 0;
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    address <<= 8;
    std::uint32_t value = 0;
    for (; at < text.size() && text[at] != '.' && text[at] != '\n'; ++at) {
      auto byte = static_cast<std::uint32_t>(static_cast<unsigned char>(text[at]));
      if (signed_char && byte > 127) byte -= 256;
      value = value * 10 + byte - '0';
    }
    address |= value;
    if (at < text.size()) ++at;
  }
  return {static_cast<std::uint8_t>(address >> 24), static_cast<std::uint8_t>(address >> 16),
          static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address)};
}

/// in4_pton without a stop character: four decimal fields of 0 to 255. Where the conversion ended, or nothing
/// (then out is untouched). Any byte but a hexadecimal digit and '.' ends it.
constexpr std::optional<std::size_t> read_kernel_ipv4(std::string_view text,
                                                      ipv4_address::bytes_type& out) noexcept {
  const char *at = text.data(), *const first = at, *const last = first + text.size();
  std::array<std::uint8_t, 4> bytes{};
  for (std::size_t field = 0;;) {
    if (at == last || !is_digit(*at)) return std::nullopt;
    auto value = static_cast<unsigned>(*at++ - '0');
    for (; at != last && is_digit(*at); ++at) {
      value = value * 10 + static_cast<unsigned>(*at - '0');
      if (value > 255) return std::nullopt;
    }
    bytes[field] = static_cast<std::uint8_t>(value);
    if (++field == bytes.size()) break;
    if (at == last || *at++ != '.') return std::nullopt;
  }
  if (at != last && (*at == '.' || hex_value(*at) >= 0)) return std::nullopt;
  out = bytes;
  return static_cast<std::size_t>(at - first);
}

/// in6_pton without a stop character. Where the conversion ended, or nothing (then out is untouched). A byte
/// that cannot be part of an address ends it.
constexpr std::optional<std::size_t> read_kernel_ipv6(std::string_view text,
                                                      ipv6_address::bytes_type& out) noexcept {
  constexpr std::size_t no_gap = 17;
  std::array<std::uint8_t, 16> bytes{};
  std::size_t filled = 0, gap = no_gap, at = 0;
  // "::" is at least one group of zeros.
  const auto open_gap = [&] {
    filled += 2;
    gap = filled;
  };
  const auto is_part = [&](std::size_t i) {
    return i < text.size() && (hex_value(text[i]) >= 0 || text[i] == ':' || text[i] == '.');
  };
  if (starts_with(text, "::")) {
    open_gap();
    at = 2;
  }
  while (!(gap == filled && !is_part(at))) {
    const std::size_t start = at;
    unsigned value = 0;
    for (; at < text.size() && hex_value(text[at]) >= 0; ++at) {
      if (value > 0xfff) return std::nullopt;
      value = value << 4 | static_cast<unsigned>(hex_value(text[at]));
    }
    if (at == start || filled == bytes.size()) return std::nullopt;
    if (at < text.size() && text[at] == '.') {
      std::array<std::uint8_t, 4> tail{};
      const bool fits = gap != no_gap ? filled <= 12 : filled == 12;
      const auto end = fits ? read_kernel_ipv4(text_from(text, start), tail) : std::nullopt;
      if (!end) return std::nullopt;
      for (const auto byte : tail) bytes[filled++] = byte;
      at = start + *end;
      break;
    }
    bytes[filled++] = static_cast<std::uint8_t>(value >> 8);
    bytes[filled++] = static_cast<std::uint8_t>(value & 0xff);
    if (!is_part(at)) {
      if (gap == no_gap && filled != bytes.size()) return std::nullopt;
      break;
    }
    if (filled == bytes.size()) return std::nullopt;
    ++at;  // the colon
    if (gap == no_gap && at < text.size() && text[at] == ':') {
      open_gap();
      ++at;
    }
  }
  if (gap != no_gap) {
    const std::size_t moved = filled - gap;
    for (std::size_t i = 0; i < moved; ++i) bytes[15 - i] = bytes[filled - 1 - i];
    for (std::size_t i = gap; i < bytes.size() - moved; ++i) bytes[i] = 0;
  }
  out = bytes;
  return at;
}

/// %pI4 and %pI6c: as to_string, but ISATAP addresses get a dotted tail too.
inline std::string kernel_ip_text(const ip_address& address) {
  if (address.is_v4()) return to_string(address);
  const auto v6 = address.v6();
  const bool is_isatap = (v6.group(4) & 0xfdff) == 0 && v6.group(5) == 0x5efe;
  std::array<char, ipv6_address::max_text> buffer;
  const auto end =
      write_ipv6(buffer.data(), buffer.data() + buffer.size(), v6, v6.is_v4_mapped() || is_isatap).ptr;
  return {buffer.data(), end};
}

}  // namespace netcon::inline v0_1::detail
