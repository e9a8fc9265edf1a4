// As much of the shell as scripts for configfs use: words, quotes, variables, redirections, && || ; and |
// tee.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

struct shell_command {
  enum condition { always, after_success, after_failure };  // ';' "&&" "||" before it

  std::size_t line = 0;
  condition when = always;
  std::string source;                 // as it stands in the script
  std::vector<std::string> words;     // quotes removed, variables put in
  std::optional<std::string> output;  // the file after '>' or tee
};

/// The simple commands of a script, in order. Assignments take effect here and are no commands. The error is one
/// line with the number of the line that goes beyond this.
std::expected<std::vector<shell_command>, std::string> read_script(std::string_view text);

}  // namespace tool
