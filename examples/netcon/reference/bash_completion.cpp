// SPDX-License-Identifier: MIT
#include "reference/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tool {
namespace {

/// The bash command that fills COMPREPLY.
std::string reply(const completion& from) {
  using enum completion::kind;
  switch (from.from) {
    case nothing:
      return "COMPREPLY=()";
    case words:
      return fmt::format("_netcon_reply -W '{}'", fmt::join(from.words, " "));
    case files:
      return "_netcon_paths -f";
    case directories:
      return "_netcon_paths -d";
    case users:
      return "_netcon_reply -A user";
    case interfaces:
      return "_netcon_reply -W \"$(command ls /sys/class/net 2>/dev/null)\"";
    case commands:
      return "_netcon_reply -A command";
  }
  return "";
}

/// "listen", "configfs show"; empty for the program itself.
std::string words_of(const command_description& command) {
  const auto space = command.name.find(' ');
  return space == command.name.npos ? "" : command.name.substr(space + 1);
}

std::string all_names(const command_description& command) {
  std::string out;
  for (const auto& group : command.options)
    for (const auto& option : group.members)
      for (const auto& name : option.names) out += (out.empty() ? "" : " ") + name;
  return out;
}

struct tables {
  std::string commands;   // which words are a command
  std::string values;     // of options
  std::string options;    // of commands
  std::string arguments;  // of commands
};

void fill(tables& out, const command_description& command) {
  const auto words = words_of(command);
  std::string subcommands;
  for (const auto& group : command.commands)
    for (const auto& one : group.members)
      subcommands += (subcommands.empty() ? "" : " ") + std::string{one.short_name()};
  if (!words.empty()) out.commands += fmt::format("      '{}') command='{}' ;;\n", words, words);
  for (const auto& group : command.options)
    for (const auto& option : group.members)
      if (!option.value.empty() && !option.value.starts_with('['))
        out.values += fmt::format("    '{} {}')\n      {}\n      return\n      ;;\n", words,
                                  fmt::join(option.names, fmt::format("' | '{} ", words)),
                                  reply(completion_of(option)));
  out.options += fmt::format("      '{}') _netcon_reply -W '{}' ;;\n", words, all_names(command));
  if (!subcommands.empty()) {
    out.arguments += fmt::format("    '{}') _netcon_reply -W '{}' ;;\n", words, subcommands);
  } else if (!command.arguments.empty()) {
    out.arguments += fmt::format("    '{}') {} ;;\n", words, reply(completion_of(command.arguments.back())));
  }
  for (const auto& group : command.commands)
    for (const auto& one : group.members) fill(out, one);
}

}  // namespace

std::string make_bash_completion(const command_description& root) {
  tables all;
  fill(all, root);
  return R"(# shellcheck shell=bash
# Completion of netcon for bash, written by netcon_reference from the definition of its options.

_netcon_reply() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$@" -- "$current")
}

_netcon_paths() {
  compopt -o filenames 2>/dev/null
  _netcon_reply "$@"
}

_netcon() {
  local current=${COMP_WORDS[COMP_CWORD]} previous='' command='' i
  # Readline makes three words of --option=value.
  if [[ $current = '=' ]]; then
    current='' previous=${COMP_WORDS[COMP_CWORD - 1]}
  elif ((COMP_CWORD > 2)) && [[ ${COMP_WORDS[COMP_CWORD - 1]} = '=' ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  else
    previous=${COMP_WORDS[COMP_CWORD - 1]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "${command:+$command }${COMP_WORDS[i]}" in
)" + all.commands +
         R"(    esac
  done
  case "$command $previous" in
)" + all.values +
         R"(  esac
  if [[ $current = -* ]]; then
    case "$command" in
)" + all.options +
         R"(    esac
    return
  fi
  case "$command" in
)" + all.arguments +
         R"(    *) COMPREPLY=() ;;
  esac
}

complete -F _netcon netcon
)";
}

}  // namespace tool
