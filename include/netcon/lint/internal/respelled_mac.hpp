// SPDX-License-Identifier: MIT
// MAC addresses in the spellings of other programs.
#pragma once

#include <netcon/core/mac_address.hpp>
#include <netcon/lint/internal/characters.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// Reads a MAC address in any usual spelling: a:b:c:d:e:f, aa-bb-cc-dd-ee-ff, aabb.ccdd.eeff, aabbccddeeff.
/// The result is what the kernel prints: six pairs of small digits.
inline std::optional<std::string> respelled_mac(std::string_view text) {
  std::string digits;
  const char separator = text.find(':') != text.npos ? ':' : text.find('-') != text.npos ? '-' : '.';
  if (text.find(separator) == text.npos) {
    digits = text;
  } else {
    const std::size_t width = separator == '.' ? 4 : 2;
    // Two digits everywhere but at the end: the text is truncated, and no zero was left out.
    if (width == 2 && text.size() == mac_address::max_text - 1 && text[text.size() - 2] == separator)
      return std::nullopt;
    for (std::size_t start = 0; start <= text.size();) {
      const auto end = find_or_end(text, {&separator, 1}, start);
      const auto group = text.substr(start, end - start);
      if (!is_hexadecimal(group) || group.size() > width || (width == 4 && group.size() != width))
        return std::nullopt;
      digits.append(width - group.size(), '0').append(group);
      start = end + 1;
    }
  }
  if (digits.size() != 12 || !is_hexadecimal(digits)) return std::nullopt;
  std::string mac;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    if (i != 0) mac += ':';
    for (const char digit : {digits[i], digits[i + 1]})
      mac += is_letter(digit) ? static_cast<char>(digit | 0x20) : digit;
  }
  return mac;
}

}  // namespace netcon::inline v0_1::detail
