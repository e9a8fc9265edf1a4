// SPDX-License-Identifier: MIT
// A suggested target in configfs: made, adopted from the boot parameter, corrected, or left as it is.
#pragma once

#include "commands/change_target.hpp"
#include "suggestion/wanted_target.hpp"

#include <netcon/core/kernel.hpp>
#include <netcon/os/mounted_tree.hpp>

#include <expected>
#include <string>
#include <vector>

namespace tool {

struct applied_target {
  std::string summary;               // "target netcon changed: remote_mac A -> B"
  std::vector<std::string> remarks;  // one line each
};

/// Brings about what is wanted and touches no target of another name, except one of the boot parameter that
/// sends to the same receiver: that one is changed instead of making a second one. Where another target sends
/// there already, nothing is done without force: every record would arrive twice.
std::expected<applied_target, change_error> apply_target(netcon::configfs::mounted_tree& tree,
                                                         const wanted_target& wanted,
                                                         const netcon::kernel_profile& kernel, bool force);

}  // namespace tool
