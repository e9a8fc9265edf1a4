// SPDX-License-Identifier: MIT
// The colours of lines for people.
#pragma once

#include <netcon/core/level.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

enum class style : std::uint8_t { plain, bold_red, red, yellow, bold, dim, magenta };

constexpr style style_of(level of) noexcept {
  switch (of) {
    case level::emerg:
    case level::alert:
    case level::crit:
      return style::bold_red;
    case level::err:
      return style::red;
    case level::warning:
      return style::yellow;
    case level::notice:
      return style::bold;
    case level::info:
      return style::plain;
    case level::debug:
      return style::dim;
  }
  return style::plain;
}

inline void append_start(std::string& out, style wanted) {
  constexpr std::string_view codes[] = {"",        "\x1b[1;31m", "\x1b[31m", "\x1b[33m",
                                        "\x1b[1m", "\x1b[2m",    "\x1b[35m"};
  out += codes[static_cast<std::size_t>(wanted)];
}

inline void append_stop(std::string& out, style wanted) {
  if (wanted != style::plain) out += "\x1b[0m";
}

}  // namespace netcon::inline v0_1::detail
