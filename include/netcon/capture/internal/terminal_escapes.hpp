// SPDX-License-Identifier: MIT
// Colours and what else steers a terminal, in logs that were taken from one.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

inline constexpr char escape_byte = '\x1b';

/// The length of the sequence at the front of a text that begins with an escape: "ESC[0;1;31m", "ESC]0;title"
/// up to its end, "ESC(B", "ESC=". One that is cut ends with the text.
constexpr std::size_t escape_size(std::string_view text) noexcept {
  const auto in = [&](std::size_t at, char first, char last) {
    return at < text.size() && text[at] >= first && text[at] <= last;
  };
  std::size_t size = 1;
  if (in(size, '[', '[')) {  // parameters and a letter
    ++size;
    while (in(size, ' ', '?')) ++size;
    return in(size, '@', '~') ? size + 1 : size;
  }
  if (in(size, ']', ']') || in(size, 'P', 'P')) {  // a string, up to a bell or an "ESC\\"
    for (++size; size < text.size(); ++size) {
      if (text[size] == '\a') return size + 1;
      if (text[size] == escape_byte) return in(size + 1, '\\', '\\') ? size + 2 : size;
    }
    return size;
  }
  while (in(size, ' ', '/')) ++size;
  return in(size, '0', '~') ? size + 1 : size;
}

/// The line without such sequences, which room holds where it has any.
inline std::string_view without_escapes(std::string_view line, std::string& room) {
  if (line.find(escape_byte) == line.npos) return line;
  room.clear();
  while (!line.empty()) {
    const auto at = line.find(escape_byte);
    room += line.substr(0, at);
    if (at == line.npos) break;
    line.remove_prefix(at);
    line.remove_prefix(escape_size(line));
  }
  return room;
}

}  // namespace netcon::inline v0_1::detail
