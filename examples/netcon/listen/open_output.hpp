// SPDX-License-Identifier: MIT
// From what --to describes to the destination that writes there.
#pragma once

#include "listen/output_spec.hpp"
#include "output/destination.hpp"
#include "output/log_names.hpp"

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <system_error>

namespace tool {

/// Why no files can be created in that directory.
std::error_code check_directory(const std::string& path);

/// Creates the directory of an output where it is missing, for a user if one is named; other places need
/// nothing. The error is one line, with the option's name; here and below.
std::expected<void, std::string> create_directory(const output_spec&, const std::string& user);

/// directories: how many of the outputs are directories, which share the files that may be open.
std::expected<std::unique_ptr<destination>, std::string> open_output(const output_spec&,
                                                                     const log_names::settings& names,
                                                                     std::size_t directories);

}  // namespace tool
