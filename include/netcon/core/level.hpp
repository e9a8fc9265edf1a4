// SPDX-License-Identifier: MIT
// The kernel's log levels.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1 {

/// The kernel's log levels, named as printk names them; a smaller number is more severe.
enum class level : std::uint8_t {
  emerg,    ///< 0: the system is unusable, such as a panic
  alert,    ///< 1: act at once
  crit,     ///< 2: critical
  err,      ///< 3: an error
  warning,  ///< 4: a warning; also a printk without level (CONFIG_MESSAGE_LOGLEVEL_DEFAULT)
  notice,   ///< 5: normal, but worth a look
  info,     ///< 6: such as a driver that found its device
  debug,    ///< 7: off unless asked for
};

namespace detail {

inline constexpr std::string_view level_names[] = {"emerg",   "alert",  "crit", "err",
                                                   "warning", "notice", "info", "debug"};

}  // namespace detail

/// "emerg", "alert" and so on: printk's words.
[[nodiscard]] constexpr std::string_view name(level value) noexcept {
  return detail::level_names[static_cast<unsigned>(value) & 7];
}

/// A level by its name or its number, 0 to 7; nothing for any other text.
[[nodiscard]] constexpr std::optional<level> parse_level(std::string_view text) noexcept {
  if (text.size() == 1 && text[0] >= '0' && text[0] <= '7') return static_cast<level>(text[0] - '0');
  for (std::size_t i = 0; i < 8; ++i)
    if (text == detail::level_names[i]) return static_cast<level>(i);
  return std::nullopt;
}

}  // namespace netcon::inline v0_1
