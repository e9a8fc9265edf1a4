// SPDX-License-Identifier: MIT
#include "reference/option_tables.hpp"

#include <fmt/format.h>

#include <string_view>

namespace tool {
namespace {

std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '*') out += '\\';
    out += c;
  }
  return out;
}

/// A bar ends a cell even in code.
std::string code(std::string_view text) {
  std::string out = "`";
  for (const char c : text) out += c == '|' ? std::string{"\\|"} : std::string{c};
  return out + '`';
}

void append_row(std::string& out, const option_description& option) {
  out += fmt::format("| {} | {} | {} |\n", code(option.heading()), cell(option.about),
                     option.standard.empty() ? "" : code(option.standard));
}

void append_command(std::string& out, const command_description& command) {
  out += fmt::format("\n## {}\n\n`{}`\n\n{}.\n", command.name, command.usage, cell(command.about));
  constexpr std::string_view columns = "| what it does | default |\n| --- | --- | --- |\n";
  if (!command.arguments.empty()) out += fmt::format("\n| argument {}", columns);
  for (const auto& argument : command.arguments) append_row(out, argument);
  for (const auto& group : command.options) {
    out += fmt::format("\n| {} {}", group.name == "Options" ? "option" : group.name, columns);
    for (const auto& option : group.members) append_row(out, option);
  }
  for (const auto& group : command.commands)
    for (const auto& one : group.members) append_command(out, one);
}

}  // namespace

std::string make_option_tables(const command_description& root) {
  std::string out = R"(# Options

`netcon_reference` writes this page from the definition that also makes `--help` and the man pages:
`cmake --build --preset dev --target update_options_page`.
)";
  append_command(out, root);
  return out;
}

}  // namespace tool
