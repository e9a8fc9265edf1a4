// SPDX-License-Identifier: MIT
// Checks of option values as they are written: CLI11 reads -1 as a large number and 010 as 8.
#pragma once

#include <CLI/CLI.hpp>

#include <netcon/core/level.hpp>

#include <cstdint>
#include <expected>
#include <limits>
#include <string>
#include <string_view>

namespace tool {

// For Option::transform, which passes the value on as the check has written it.

/// Decimal digits.
CLI::Validator whole_number(std::uint64_t least,
                            std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
/// Bytes; K, M, G or T after the number for KiB, MiB and so on, with or without B or iB.
CLI::Validator byte_size();
/// Refuses the empty text of an unset shell variable, instead of treating the option as not given.
CLI::Validator not_empty();

/// As whole_number(), of a text. The error is one line; here and below.
std::expected<std::uint64_t, std::string> read_number(
    std::string_view text, std::uint64_t least,
    std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

/// As byte_size(), of a text.
std::expected<std::uint64_t, std::string> read_size(std::string_view text);

/// 0 to 7 or the name of a level.
std::expected<netcon::level, std::string> read_level(std::string_view text);

}  // namespace tool
