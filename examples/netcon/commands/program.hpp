// SPDX-License-Identifier: MIT
// The program with all its commands: what is parsed, and what --help and the reference are made from.
#pragma once

#include <CLI/CLI.hpp>

#include <memory>

namespace tool {

/// The callback of the command that is chosen sets exit_code.
std::unique_ptr<CLI::App> make_program(int& exit_code);

}  // namespace tool
