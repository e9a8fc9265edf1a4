// SPDX-License-Identifier: MIT
// A file, or standard input, as one text.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace tool {

/// The error about a file above the limit.
inline constexpr std::string_view too_large_text = "more than 16 MiB";

/// All of it; - is standard input. The error says why not, or that it has more than 16 MiB, which no script
/// and no configuration has.
std::expected<std::string, std::string> read_text_file(const std::string& path);

/// What to say of a file or directory in the place of a parameter, each of which has an '@'; empty for any
/// other text.
std::string explain_path(const std::string& argument);

}  // namespace tool
