// SPDX-License-Identifier: MIT
// --kernel, --with and --without: the kernel that a subcommand assumes.
#pragma once

#include <netcon/core/kernel.hpp>

#include <CLI/CLI.hpp>

#include <expected>
#include <string>
#include <vector>

namespace tool {

struct kernel_option {
  std::string version = "newest";  // or "running": this machine's
  std::vector<std::string> with, without;

  /// Adds --kernel, --with and --without.
  void add_to(CLI::App& command);

  /// The error is one line that says what to write.
  std::expected<netcon::kernel_profile, std::string> profile() const;

  /// One line about the rules that are assumed: of which stable release, where the version's text hides it
  /// and later ones of its series differ, and of which kernel, where this one is older or newer than all that
  /// are known. Otherwise empty. Features that --with or --without decide are not named.
  std::string assumption() const;
};

}  // namespace tool
