// SPDX-License-Identifier: MIT
// The tables of docs/options.md: every command, argument and option.
#pragma once

#include "options/command_description.hpp"

#include <string>

namespace tool {

std::string make_option_tables(const command_description& root);

}  // namespace tool
