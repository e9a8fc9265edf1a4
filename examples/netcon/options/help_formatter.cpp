// SPDX-License-Identifier: MIT
#include "options/help_formatter.hpp"

#include "options/command_description.hpp"

#include <algorithm>
#include <string_view>

namespace tool {
namespace {

constexpr std::size_t line_width = 100;
constexpr std::size_t name_width = 27;  // of the column of names, its indentation included

void append_row(std::string& out, std::string_view name, std::string_view about) {
  auto line = "  " + std::string{name};
  // A long name has a line of its own.
  if (line.size() + 2 > name_width) {
    out += line + '\n';
    line.clear();
  }
  while (!about.empty()) {
    line.resize(name_width, ' ');
    auto length = about.size();
    if (name_width + length > line_width) {
      length = about.rfind(' ', line_width - name_width);
      if (length == about.npos) length = std::min(about.find(' '), about.size());
    }
    line += about.substr(0, length);
    out += line + '\n';
    about.remove_prefix(std::min(length + 1, about.size()));
    line.clear();
  }
}

void append_option(std::string& out, const option_description& option) {
  append_row(out, option.heading(),
             option.about + (option.standard.empty() ? "" : " [" + option.standard + ']'));
}

}  // namespace

std::string help_formatter::make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const {
  const auto command = describe(*app);
  auto out = command.about + "\n\nUsage: " + command.usage + '\n';
  if (!command.arguments.empty()) out += "\nArguments:\n";
  for (const auto& argument : command.arguments) append_option(out, argument);
  for (const auto& group : command.commands) {
    out += '\n' + group.name + ":\n";
    for (const auto& one : group.members) append_row(out, one.short_name(), one.about);
  }
  for (const auto& group : command.options) {
    out += '\n' + group.name + ":\n";
    for (const auto& option : group.members) append_option(out, option);
  }
  if (!command.footer.empty()) out += '\n' + command.footer + '\n';
  return out;
}

}  // namespace tool
