// The readers that kernels use for numbers and addresses. They differ from the vocabulary's strict parse():
// these accept what a kernel accepts, and the loose ones give what old kernels made of any text.
#pragma once

#include <netcon/detail/digits.hpp>
#include <netcon/ip_address.hpp>
#include <netcon/mac_address.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netcon::detail {

/// kstrtou16 in base 10: one optional '+', digits, one optional newline; nothing else.
constexpr number_state read_kernel_u16(std::string_view text, std::uint16_t& value) noexcept {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::uint64_t wide = 0;
  const auto state = read_decimal(text, wide);
  if (state != number_state::ok) return state;
  if (wide > 0xffff) return number_state::overflow;
  value = static_cast<std::uint16_t>(wide);
  return number_state::ok;
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

/// in4_pton over the whole text: four decimal fields up to 255, with any number of leading zeros.
constexpr bool read_kernel_ipv4(std::string_view text, ipv4_address::bytes_type& bytes) noexcept {
  std::size_t at = 0;
  for (std::size_t field = 0; field < bytes.size(); ++field) {
    if (field != 0 && (at == text.size() || text[at++] != '.')) return false;
    const std::size_t start = at;
    unsigned value = 0;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      value = value * 10 + static_cast<unsigned>(text[at] - '0');
      if (value > 255) return false;
    }
    if (at == start) return false;
    bytes[field] = static_cast<std::uint8_t>(value);
  }
  return at == text.size();
}

/// in6_pton over the whole text: groups of at most four significant digits after any number of leading zeros,
/// one "::" that stands for at least one group, the last four bytes possibly as IPv4.
constexpr bool read_kernel_ipv6(std::string_view text, ipv6_address::bytes_type& bytes) noexcept {
  constexpr std::size_t size = 16, none = size + 1;
  ipv6_address::bytes_type read{};
  std::size_t filled = 0, gap = none, at = 0;
  bool group_due = true;
  if (text.starts_with("::")) {
    gap = 0;
    at = 2;
    group_due = false;
  }
  while (at < text.size()) {
    const std::size_t start = at;
    unsigned value = 0;
    for (; at < text.size() && hex_value(text[at]) >= 0; ++at) {
      value = value * 16 + static_cast<unsigned>(hex_value(text[at]));
      if (value > 0xffff) return false;
    }
    if (at == start) return false;
    if (at < text.size() && text[at] == '.') {
      ipv4_address::bytes_type tail{};
      if (filled > size - tail.size() || !read_kernel_ipv4(text.substr(start), tail)) return false;
      for (const auto byte : tail) read[filled++] = byte;
      group_due = false;
      break;
    }
    if (filled == size) return false;
    read[filled++] = static_cast<std::uint8_t>(value >> 8);
    read[filled++] = static_cast<std::uint8_t>(value & 0xff);
    group_due = false;
    if (at == text.size()) break;
    if (text[at++] != ':') return false;
    group_due = true;
    if (at < text.size() && text[at] == ':') {
      if (gap != none) return false;
      gap = filled;
      ++at;
      group_due = false;
    }
  }
  if (group_due || (gap == none ? filled != size : filled == size)) return false;
  bytes = {};
  const std::size_t before = gap == none ? filled : gap, after = filled - before;
  for (std::size_t i = 0; i < before; ++i) bytes[i] = read[i];
  for (std::size_t i = 0; i < after; ++i) bytes[size - after + i] = read[before + i];
  return true;
}

/// in_aton: four parts ended by '.' or a newline, each byte c weighing c - '0' in decimal whatever it is, a
/// part above 255 spilling into those before it, missing parts 0, the rest ignored. Bytes are signed, as on
/// x86.
constexpr ipv4_address::bytes_type read_loose_ipv4(std::string_view text) noexcept {
  std::uint32_t address = 0;
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    std::uint32_t value = 0;
    for (; at < text.size() && text[at] != '.' && text[at] != '\n'; ++at) {
      const int weight = static_cast<signed char>(text[at]) - '0';
      value = value * 10 + static_cast<std::uint32_t>(weight);
    }
    address = address << 8 | value;
    if (at < text.size()) ++at;
  }
  return {static_cast<std::uint8_t>(address >> 24), static_cast<std::uint8_t>(address >> 16 & 0xff),
          static_cast<std::uint8_t>(address >> 8 & 0xff), static_cast<std::uint8_t>(address & 0xff)};
}

/// mac_pton: a complete MAC address in the first 17 bytes; whatever follows is ignored.
constexpr bool read_kernel_mac(std::string_view text, mac_address& mac) noexcept {
  const auto read = mac_address::parse(text.substr(0, mac_address::max_text));
  if (read) mac = *read;
  return read.has_value();
}

}  // namespace netcon::detail
