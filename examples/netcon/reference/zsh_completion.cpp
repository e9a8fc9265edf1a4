// SPDX-License-Identifier: MIT
#include "reference/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

namespace tool {
namespace {

/// Text between single quotes, in a specification of _arguments.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string action(const completion& from) {
  using enum completion::kind;
  switch (from.from) {
    case nothing:
      return " ";
    case words:
      return fmt::format("({})", fmt::join(from.words, " "));
    case files:
      return "_files";
    case directories:
      return "_files -/";
    case users:
      return "_users";
    case interfaces:
      return "_net_interfaces";
    case commands:
      return "_command_names";
  }
  return "";
}

std::string function_of(const command_description& command) {
  auto out = '_' + command.name;
  std::ranges::replace(out, ' ', '_');
  return out;
}

void append_option(std::string& out, const option_description& option) {
  const std::string_view optional = option.value.starts_with('[') ? "::" : ":";
  std::string value;
  if (!option.value.empty())
    value = fmt::format("{}{}:{}", optional, escaped(option.value), action(completion_of(option)));
  // A repeatable option may come again; of any other, one name excludes the rest.
  const auto before =
      option.is_repeatable ? std::string{"*"} : fmt::format("({})", fmt::join(option.names, " "));
  for (const auto& name : option.names)
    out += fmt::format("    '{}{}{}[{}]{}' \\\n", before, name,
                       option.value.empty()     ? ""
                       : name.starts_with("--") ? "="
                                                : "+",
                       escaped(option.about), value);
}

void append_function(std::string& out, const command_description& command) {
  const auto name = function_of(command);
  out += fmt::format("\n{}() {{\n", name);
  if (!command.commands.empty()) out += "  local context state state_descr line\n  typeset -A opt_args\n";
  out += "  _arguments -s -S" + std::string{command.commands.empty() ? "" : " -C"} + " \\\n";
  for (const auto& group : command.options)
    for (const auto& option : group.members) append_option(out, option);
  if (!command.commands.empty()) {
    out +=
        "    '1: :->command' '*:: :->arguments'\n  case $state in\n    command)\n      local -a commands\n"
        "      commands=(\n";
    for (const auto& group : command.commands)
      for (const auto& one : group.members)
        out += fmt::format("        '{}:{}'\n", one.short_name(), escaped(one.about));
    out += "      )\n      _describe command commands\n      ;;\n";
    out += fmt::format("    arguments) (( $+functions[{0}_${{line[1]}}] )) && {0}_${{line[1]}} ;;\n  esac\n",
                       name);
  } else {
    for (const auto& argument : command.arguments)
      out +=
          fmt::format("    '{}:{}:{}'{}\n", argument.is_repeatable ? "*" : "", escaped(argument.value),
                      action(completion_of(argument)), &argument == &command.arguments.back() ? "" : " \\");
    if (command.arguments.empty()) out += "    && return 0\n";
  }
  out += "}\n";
  for (const auto& group : command.commands)
    for (const auto& one : group.members) append_function(out, one);
}

}  // namespace

std::string make_zsh_completion(const command_description& root) {
  std::string out =
      "#compdef netcon\n"
      "# Completion of netcon for zsh, written by netcon_reference from the definition of its options.\n";
  append_function(out, root);
  return out + "\n_netcon \"$@\"\n";
}

}  // namespace tool
