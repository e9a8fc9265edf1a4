// A file, or standard input, as one text.
#pragma once

#include <expected>
#include <string>

namespace tool {

/// All of it; - is standard input. The error says why not, or that it has more than 16 MiB, which no script
/// and no configuration has.
std::expected<std::string, std::string> read_text_file(const std::string& path);

}  // namespace tool
