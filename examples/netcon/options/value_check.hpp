// What options may be given, checked as it is written: CLI11 takes -1 for a large number, 010 for 8 and nan
// for any.
#pragma once

#include <CLI/CLI.hpp>

#include <netcon/core/level.hpp>

#include <cstdint>
#include <expected>
#include <limits>
#include <string>
#include <string_view>

namespace tool {

// For Option::transform, which hands on what the check makes of the text.

/// Decimal digits.
CLI::Validator whole_number(std::uint64_t least,
                            std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
CLI::Validator number(double least, double most);
/// Bytes; K, M, G or T behind the number for KiB, MiB and so on, with or without B or iB.
CLI::Validator byte_size();
/// As an unset shell variable would be: not taken for an option that was not given.
CLI::Validator not_empty();

/// 0 to 7 or the name of a level. The error is one line.
std::expected<netcon::level, std::string> read_level(std::string_view text);

}  // namespace tool
