// SPDX-License-Identifier: MIT
// How wide a text is on a terminal, and where to break it.
#pragma once

#include <netcon/core/printable.hpp>

#include <cstddef>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// Columns of a character on a terminal: 0 for marks over the one before, 2 for those of East Asia and emoji.
constexpr std::size_t columns_of(char32_t code) noexcept {
  if (code < 0x300) return 1;
  if (code < 0x370 || (code >= 0xfe00 && code <= 0xfe0f) || (code >= 0x20d0 && code <= 0x20ff)) return 0;
  const bool is_wide = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) ||
                       (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) ||
                       (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) ||
                       (code >= 0xffe0 && code <= 0xffe6) || (code >= 0x1f300 && code <= 0x1faff) ||
                       (code >= 0x20000 && code <= 0x3fffd);
  return is_wide ? 2 : 1;
}

/// How many bytes of printable text have room in so many columns, at least one character: up to the last
/// blank where words would be broken otherwise, unless that is in the first half.
constexpr std::size_t bytes_in(std::string_view text, std::size_t columns) noexcept {
  std::size_t at = 0, used = 0, blank = 0;
  while (at < text.size()) {
    char32_t code = 0;
    const auto length = utf8_sequence(text.substr(at), code);
    const auto width = length == 0 ? 1 : columns_of(code);
    if (at != 0 && used + width > columns) return text[at] != ' ' && blank * 2 > at ? blank : at;
    if (text[at] == ' ') blank = at;
    at += length == 0 ? 1 : length;
    used += width;
  }
  return at;
}

/// The columns of printable text.
constexpr std::size_t width_of(std::string_view text) noexcept {
  std::size_t used = 0;
  while (!text.empty()) {
    char32_t code = 0;
    const auto length = utf8_sequence(text, code);
    used += length == 0 ? 1 : columns_of(code);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return used;
}

}  // namespace netcon::inline v0_1::detail
