// SPDX-License-Identifier: MIT
// The parts of the text at the end of a command's --help: remarks, examples, exit code.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tool {

struct footer_parts {
  std::vector<std::string> paragraphs;  // lines are as in the help
  std::string examples;                 // indented by two columns
  std::string exit_code;
};

/// Parts are separated by an empty line; examples begin with "Examples:", the exit code with "Exit code:".
footer_parts split_footer(std::string_view footer);

}  // namespace tool
