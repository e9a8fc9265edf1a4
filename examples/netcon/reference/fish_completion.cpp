// SPDX-License-Identifier: MIT
#include "reference/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

namespace tool {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + '\'';
}

/// The options of fish's complete for a value.
std::string value(const completion& from) {
  using enum completion::kind;
  switch (from.from) {
    case nothing:
      return " -x";
    case words:
      return fmt::format(" -x -a {}", in_quotes(fmt::format("{}", fmt::join(from.words, " "))));
    case files:
      return " -r -F";
    case directories:
      return " -x -a '(__fish_complete_directories)'";
    case users:
      return " -x -a '(__fish_complete_users)'";
    case interfaces:
      return " -x -a '(__fish_print_interfaces)'";
    case commands:
      return " -x -a '(__fish_complete_command)'";
  }
  return "";
}

std::string words_of(const command_description& command) {
  const auto space = command.name.find(' ');
  return space == command.name.npos ? "" : command.name.substr(space + 1);
}

void append_names(std::string& out, const command_description& command) {
  for (const auto& group : command.commands)
    for (const auto& one : group.members) {
      out += " " + in_quotes(words_of(one));
      append_names(out, one);
    }
}

void append_command(std::string& out, const command_description& command) {
  const auto begin =
      fmt::format("complete -c netcon -n \"__netcon_command_is {}\"", in_quotes(words_of(command)));
  for (const auto& group : command.commands)
    for (const auto& one : group.members)
      out += fmt::format("{} -a {} -d {}\n", begin, one.short_name(), in_quotes(one.about));
  for (const auto& group : command.options)
    for (const auto& option : group.members) {
      std::string names;
      for (const auto& name : option.names)
        names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      // A value that may be left out cannot be asked for.
      const bool needs_value = !option.value.empty() && !option.value.starts_with('[');
      out += begin + names + (needs_value ? value(completion_of(option)) : "") + " -d " +
             in_quotes(option.about) + '\n';
    }
  if (!command.arguments.empty()) {
    const auto from = completion_of(command.arguments.back());
    using enum completion::kind;
    if (from.from == files) out += begin + " -F\n";
    if (from.from == directories) out += begin + " -a '(__fish_complete_directories)'\n";
  }
  for (const auto& group : command.commands)
    for (const auto& one : group.members) append_command(out, one);
}

}  // namespace

std::string make_fish_completion(const command_description& root) {
  std::string out =
      R"(# Completion of netcon for fish, written by netcon_reference from the definition of its options.

# True when the words before the cursor choose this command; '' is the program itself.
function __netcon_command_is
    set -l command ''
    set -l words (commandline -opc)
    for word in $words[2..-1]
        set -l longer (string trim -- "$command $word")
        contains -- $longer)";
  append_names(out, root);
  out += R"(
        and set command $longer
    end
    test "$command" = "$argv[1]"
end

complete -c netcon -f
)";
  append_command(out, root);
  return out;
}

}  // namespace tool
