// SPDX-License-Identifier: MIT
// --color: whether lines for people have colours.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace tool {

struct color_option {
  std::string when = "auto";

  CLI::Option* add_to(CLI::App& command);

  /// For output to that descriptor. auto: on a terminal that is not dumb, without NO_COLOR (no-color.org).
  bool wanted(int fd) const;
};

}  // namespace tool
