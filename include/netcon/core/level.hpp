// The kernel's log levels.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon {

/// The kernel's log levels, named as printk names them.
enum class level : std::uint8_t { emerg, alert, crit, err, warning, notice, info, debug };

namespace detail {

inline constexpr std::string_view level_names[] = {"emerg",   "alert",  "crit", "err",
                                                   "warning", "notice", "info", "debug"};

}  // namespace detail

constexpr std::string_view name(level value) noexcept {
  return detail::level_names[static_cast<unsigned>(value) & 7];
}

/// A level by its name or its number, 0 to 7; nothing for any other text.
constexpr std::optional<level> parse_level(std::string_view text) noexcept {
  if (text.size() == 1 && text[0] >= '0' && text[0] <= '7') return static_cast<level>(text[0] - '0');
  for (std::size_t i = 0; i < 8; ++i)
    if (text == detail::level_names[i]) return static_cast<level>(i);
  return std::nullopt;
}

}  // namespace netcon
