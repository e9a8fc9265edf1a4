// SPDX-License-Identifier: MIT
// The text of --help, laid out here alone: CLI11's own layout changes with its versions.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace tool {

/// Description, usage, arguments, options and commands by group, footer; lines of at most 100 columns.
class help_formatter : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App*, std::string, CLI::AppFormatMode) const override;
};

}  // namespace tool
