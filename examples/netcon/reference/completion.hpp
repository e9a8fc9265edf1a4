// SPDX-License-Identifier: MIT
// Completions for shells: commands, options, and the values of options where they can be known.
#pragma once

#include "options/command_description.hpp"

#include <string>
#include <vector>

namespace tool {

/// What a shell offers as value of an option or argument.
struct completion {
  enum class kind : unsigned char { nothing, words, files, directories, users, interfaces, commands };
  kind from = kind::nothing;
  std::vector<std::string> words;
};
completion completion_of(const option_description&);

std::string make_bash_completion(const command_description& root);
std::string make_zsh_completion(const command_description& root);
std::string make_fish_completion(const command_description& root);

}  // namespace tool
