// SPDX-License-Identifier: MIT
// The targets of this boot's parameter: in /proc/cmdline and, of a module, in the configuration of modprobe.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/parameter/target.hpp>

#include <string>
#include <vector>

namespace tool {

struct named_boot_target {
  std::string name;  // cmdline0 and so on, as the kernel names it
  netcon::target target;
  std::string source;  // the file
};

/// Those that the kernel was asked for and can read. Whether it runs them, only configfs shows (Linux 6.7),
/// or its log. root is put before the paths.
std::vector<named_boot_target> read_boot_targets(const netcon::kernel_profile& kernel,
                                                 const std::string& root = {});

}  // namespace tool
