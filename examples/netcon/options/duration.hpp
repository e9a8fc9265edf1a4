// SPDX-License-Identifier: MIT
// Durations as options take them: a number and a unit.
#pragma once

#include <CLI/CLI.hpp>

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

namespace tool {

/// "50ms", "1.5s", "30s", "5m", "24h", "7d"; "0" needs no unit. Parts of a millisecond are rounded up. The
/// error is one line.
std::expected<std::chrono::milliseconds, std::string> parse_duration(std::string_view text);

/// In the largest unit that gives a whole number: "1500ms", "30s", "24h".
std::string to_text(std::chrono::milliseconds);

/// An option that takes a duration of least to most, shown as TIME in the help.
CLI::Option* add_duration(CLI::App& command, const std::string& name, std::chrono::milliseconds& to,
                          const std::string& description, std::chrono::milliseconds least,
                          std::chrono::milliseconds most);

}  // namespace tool
