// A level as people write it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace tool {

/// 0 to 7 or the name of a level. The error is one line.
std::expected<std::uint8_t, std::string> parse_level(std::string_view text);

}  // namespace tool
