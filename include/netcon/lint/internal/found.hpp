// SPDX-License-Identifier: MIT
// What the readers of boot configs find.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/internal/panic_settings.hpp>
#include <netcon/lint/source_map.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace netcon::inline v0_1 {

/// One netconsole parameter of a text.
struct found_parameter {
  source_map value;         // as the kernel gets it
  bool for_module = false;  // netconsole.netconsole= and modprobe options, not the built-in's netconsole=
  std::size_t group = 0;    // parameters of one command line: the last one of a group and form wins
  bool has_placeholder = false;  // something in it is not expanded here
  bool has_commands = false;     // `...` in it is what a command of a shell prints
  bool is_fixable = true;        // it is in the text byte for byte
  bool takes_semicolon = true;   // a ';' in it reaches the kernel as it is
  bool is_boot_line = false;     // of a boot loader's configuration: what a built-in lacks at boot matters
  bool is_overridden = false;    // a later one of the same command line and form replaces it
  std::optional<text_range> level{};  // quiet or loglevel=N in the same command line
};

namespace detail {

/// The parameters, and what goes wrong before the kernel sees them.
struct found_list {
  std::vector<found_parameter> found;
  std::vector<finding> problems;
  std::vector<panic_setting> panic_settings;
};

}  // namespace detail

}  // namespace netcon::inline v0_1
