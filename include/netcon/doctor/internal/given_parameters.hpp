// SPDX-License-Identifier: MIT
// Where netconsole= is written: modprobe.d and the kernel command line.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/doctor/facts.hpp>
#include <netcon/doctor/internal/arguments.hpp>

#include <string>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::doctor::internal {

/// A value of netconsole= and where it is written.
struct given_parameter {
  std::string place;
  std::string value;
  bool is_file = false;  // of modprobe.d; otherwise the kernel command line
  bool is_read = true;   // false: a module does not read netconsole= on the command line
};

inline std::vector<given_parameter> given_parameters(const facts& known, const kernel_profile& kernel) {
  std::vector<given_parameter> given;
  const bool is_module = kernel.supports(feature::module);
  if (known.boot.modprobe && is_module)
    for (const auto& line : *known.boot.modprobe) {
      const auto words = words_of(line.text);
      if (words.size() < 2 || words[0] != "options") continue;
      if (auto value = value_of_last(words, "netconsole")) {
        // The module's own name is the second word.
        if (!value->empty()) given.push_back({line.file, *std::move(value), true});
      }
    }
  if (known.boot.command_line) {
    const auto words = words_of(*known.boot.command_line);
    if (auto value = value_of_last(words, "netconsole.netconsole"))
      given.push_back({"the kernel command line", *std::move(value)});
    if (auto value = value_of_last(words, "netconsole"))
      given.push_back({"the kernel command line", *std::move(value), false, !is_module});
  }
  return given;
}

}  // namespace netcon::inline v0_1::doctor::internal
