// SPDX-License-Identifier: MIT
// How an output shows events: the formats one can choose, and those that a place brings with it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tool {

enum class output_format : std::uint8_t { brief, full, json, raw, syslog, local_syslog, journal };

/// Of those that one can choose, and then the others.
inline constexpr std::array<std::string_view, 7> output_format_names{
    "short", "full", "json", "raw", "syslog", "local syslog", "journal"};
inline constexpr std::size_t chosen_formats = 4;

constexpr std::string_view name(output_format of) {
  return output_format_names[static_cast<std::size_t>(of)];
}

/// Of the formats that one can choose.
constexpr std::optional<output_format> parse_output_format(std::string_view text) {
  const auto* const end = output_format_names.begin() + chosen_formats;
  const auto* const at = std::find(output_format_names.begin(), end, text);
  if (at == end) return std::nullopt;
  return static_cast<output_format>(at - output_format_names.begin());
}

}  // namespace tool
