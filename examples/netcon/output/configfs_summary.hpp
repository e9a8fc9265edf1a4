// SPDX-License-Identifier: MIT
// A target in a few lines, for people.
#pragma once

#include <netcon/configfs/state.hpp>
#include <netcon/core/kernel.hpp>

#include <string>
#include <string_view>

namespace tool {

/// "box1  enabled  +6665@10.0.2.15/eth0,6666@10.0.2.2/..." and what the parameter has no form for below.
std::string summary(std::string_view name, const netcon::configfs::state& s,
                    const netcon::kernel_profile& kernel);

}  // namespace tool
