// SPDX-License-Identifier: MIT
// A configuration file: TOML, with a key for each option of a command.
#pragma once

#include <CLI/CLI.hpp>

#include <expected>
#include <string>
#include <vector>

namespace tool {

/// What the command line gave, as arguments again: --name=value, and positional values.
std::vector<std::string> given_arguments(const CLI::App& command);

/// The arguments that the file adds to them: keys that are given on the command line are left out, and so is
/// --config itself. An array is an option that is given several times. The error is one line that names the
/// file and the key.
std::expected<std::vector<std::string>, std::string> config_arguments(const std::string& path,
                                                                      const CLI::App& command);

}  // namespace tool
