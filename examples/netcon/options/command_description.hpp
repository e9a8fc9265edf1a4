// SPDX-License-Identifier: MIT
// What a command says about itself, read from the definition that parses its arguments. --help, the man
// pages, the completions and the tables of the docs are made from it.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace tool {

struct option_description {
  std::vector<std::string> names;  // with their dashes, the short ones first; none for an argument
  std::string value;               // FILE, [FILE], TIME; empty for a flag
  std::string about;
  std::string standard;              // the default as it is shown; empty when there is none
  std::vector<std::string> choices;  // when the value is one of a list
  bool is_repeatable = false;

  /// "-h, --help", "--keep N"; of an argument its value.
  std::string heading() const;
};

/// What lies under one heading of --help.
template <class Member>
struct description_group {
  std::string name;
  std::vector<Member> members;
};

struct command_description {
  std::string name;  // "netcon configfs show"
  std::string about;
  std::string usage;  // "netcon configfs show [OPTIONS] [NAME ...]"
  std::vector<option_description> arguments;
  std::vector<description_group<command_description>> commands;
  std::vector<description_group<option_description>> options;
  std::string footer;

  /// The last word of its name.
  std::string_view short_name() const;
};

/// Groups come in the order of their first member.
command_description describe(const CLI::App&);

}  // namespace tool
