// SPDX-License-Identifier: MIT
// Bytes that a person typed or pasted for looks: blanks, quotes, and what only resembles them.
#pragma once

#include <netcon/detail/digits.hpp>

#include <cstddef>
#include <string_view>

namespace netcon::inline v0_1::detail {

inline constexpr std::string_view parameter_name = "netconsole=";

constexpr bool is_blank(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
constexpr bool is_quote(char c) noexcept {
  return c == '"' || c == '\'' || c == '`';
}
constexpr bool is_letter(char c) noexcept {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

template <class Is>
constexpr bool all_bytes(std::string_view text, Is is) noexcept {
  for (const char c : text)
    if (!is(c)) return false;
  return true;
}
constexpr std::size_t count_byte(std::string_view text, char byte) noexcept {
  std::size_t count = 0;
  for (const char c : text) count += c == byte ? 1u : 0u;
  return count;
}
/// Where one of the bytes is from `start` on, or the text's end.
constexpr std::size_t find_or_end(std::string_view text, std::string_view bytes, std::size_t start) noexcept {
  const auto at = text.find_first_of(bytes, start);
  return at == text.npos ? text.size() : at;
}

constexpr bool is_ascii(std::string_view text) noexcept {
  return all_bytes(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}
constexpr bool is_hexadecimal(std::string_view text) noexcept {
  return !text.empty() && all_bytes(text, [](char c) { return hex_value(c) >= 0; });
}

/// How many bytes at the beginning are a quote that word processors and web pages make of a plain one
/// (UTF-8).
constexpr std::size_t typeset_quote(std::string_view text) noexcept {
  return text.size() >= 3 && text.starts_with("\xe2\x80") && text[2] >= '\x98' && text[2] <= '\x9f' ? 3 : 0;
}
/// How many bytes at the beginning are a blank that does not show: no-break, without width, byte order mark.
constexpr std::size_t invisible_blank(std::string_view text) noexcept {
  for (const std::string_view one :
       {"\xc2\xa0", "\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x81\xa0", "\xef\xbb\xbf"})
    if (text.starts_with(one)) return one.size();
  return 0;
}

/// Whether a value has both halves of a target: a ',' and behind it an '@'.
constexpr bool has_both_halves(std::string_view value) noexcept {
  const auto comma = value.find(',');
  return comma != value.npos && value.find('@', comma) != value.npos;
}

}  // namespace netcon::inline v0_1::detail
