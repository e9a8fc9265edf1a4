// SPDX-License-Identifier: MIT
// A parameter as people type it: the value alone, with its name, or in a modprobe command.
#pragma once

#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/found.hpp>
#include <netcon/lint/internal/kernel_arguments.hpp>
#include <netcon/lint/internal/placeholder.hpp>
#include <netcon/lint/internal/text_reader.hpp>

#include <string_view>

namespace netcon::inline v0_1::detail {

/// The parameters of a line that is a command line or a command; none where the line is a value.
inline found_list read_argument(std::string_view line) {
  found_list to;
  const auto name = line.find(parameter_name);
  const bool is_command = has_word(line, {"modprobe", "insmod", "options"});
  const bool is_own =
      name != line.npos && (name == 0 || is_blank(line[name - 1]) || is_quote(line[name - 1]) ||
                            line.substr(0, name).ends_with("netconsole."));
  if (is_command) {
    text_reader{line, {.hash_comments = false}, to}.run();
    // The module without a parameter.
    const bool is_removal = has_word(line, {"-r", "--remove", "rmmod"});
    if (to.found.empty() && to.problems.empty() && !is_removal && line.find('@') == line.npos &&
        has_word(line, {"netconsole"})) {
      to.found.emplace_back().value.end_at(line.size());
      to.found.back().for_module = true;
    }
  } else if (is_own) {
    kernel_arguments{plain_part(line, 0, line.size()), {}, to}.read();
    for (auto& one : to.found) one.is_boot_line = false;
  }
  return to;
}

}  // namespace netcon::inline v0_1::detail
