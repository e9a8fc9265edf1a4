// SPDX-License-Identifier: MIT
// The manual page of a command, in the man macros of roff.
#pragma once

#include "options/command_description.hpp"

#include <string>
#include <string_view>

namespace tool {

/// "netcon-configfs-show.1"
std::string man_page_name(const command_description&);

/// notes are further sections in roff, which come before the examples; empty for none. root is the program,
/// whose commands the page refers to. The page bears no date, so that a build can be repeated.
std::string make_man_page(const command_description& root, const command_description& command,
                          std::string_view version, std::string_view notes);

}  // namespace tool
