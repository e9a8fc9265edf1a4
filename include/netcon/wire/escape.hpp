// SPDX-License-Identifier: MIT
// The kernel's \xNN escaping of record text, both ways.
#pragma once

#include <netcon/detail/digits.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace netcon::inline v0_1 {

/// True for the bytes that printk writes as `\xNN` in an extended record: below 0x20, 0x7f and above, and the
/// backslash (Linux, printk.c).
[[nodiscard]] constexpr bool is_escaped_by_kernel(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte >= 0x7f || c == '\\';
}

/// Writes text escaped as printk does. Error: value_too_large when [first, last) is too small; four times
/// text.size() always suffices.
[[nodiscard]] constexpr std::to_chars_result escape_to(char* first, char* last,
                                                       std::string_view text) noexcept {
  detail::writer out{first, last};
  for (const char c : text) {
    if (is_escaped_by_kernel(c)) {
      const auto byte = static_cast<unsigned char>(c);
      out.put("\\x").put(detail::hex_digits[byte >> 4]).put(detail::hex_digits[byte & 15]);
    } else {
      out.put(c);
    }
  }
  return out.result();
}

/// As escape_to(), into a string of its own.
[[nodiscard]] inline std::string escape(std::string_view text) {
  std::string out(text.size() * 4, '\0');
  out.resize(static_cast<std::size_t>(escape_to(out.data(), out.data() + out.size(), text).ptr - out.data()));
  return out;
}

/// Writes text with every complete `\xNN` (two hexadecimal digits) replaced by its byte. The result is never
/// longer than text. [first, last) may be the text itself.
[[nodiscard]] constexpr std::to_chars_result unescape_to(char* first, char* last,
                                                         std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++first) {
    if (first == last) return {last, std::errc::value_too_large};
    if (text[i] == '\\' && text.size() - i >= 4 && text[i + 1] == 'x') {
      const int high = detail::hex_value(text[i + 2]), low = detail::hex_value(text[i + 3]);
      if (high >= 0 && low >= 0) {
        *first = static_cast<char>(high * 16 + low);
        i += 4;
        continue;
      }
    }
    *first = text[i++];
  }
  return {first, std::errc{}};
}

/// As unescape_to(), into a string of its own.
[[nodiscard]] inline std::string unescape(std::string_view text) {
  std::string out(text.size(), '\0');
  out.resize(
      static_cast<std::size_t>(unescape_to(out.data(), out.data() + out.size(), text).ptr - out.data()));
  return out;
}

}  // namespace netcon::inline v0_1
