// SPDX-License-Identifier: MIT
// What netcon lint looks at: parameters from the command line, from standard input and from boot configs.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/lint/config_format.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/text_lines.hpp>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace tool {

struct lint_source {
  std::string name;  // a path, "-", or empty for an argument
  std::string text;
  netcon::config_format format = netcon::config_format::parameters;  // of an argument not used
};

/// Why a file is not looked at.
enum class unread : std::uint8_t { cannot_read, too_large, not_text };

struct unread_file {
  unread why{};
  std::string message;  // one line, with the path
};

/// A file, its format from path and text where none is forced; standard input has a parameter on each line.
std::expected<lint_source, unread_file> read_source(const std::string& path,
                                                    std::optional<netcon::config_format> forced);

std::vector<netcon::finding> findings(const lint_source& source, const netcon::kernel_profile& kernel);

/// The source's text with all fixes applied.
std::string fixed(const lint_source& source, const netcon::kernel_profile& kernel);

/// A finding as people read it, with FILE:LINE:COLUMN before it where there is a file. `lines` are
/// those of the source.
std::string rendered(const lint_source& source, const netcon::text_lines& lines, const netcon::finding& one);

}  // namespace tool
