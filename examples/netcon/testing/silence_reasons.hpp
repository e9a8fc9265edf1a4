// SPDX-License-Identifier: MIT
// Why a test was not answered: what the test itself saw, and what this machine shows.
#pragma once

#include "testing/path_result.hpp"

#include <string>
#include <vector>

namespace tool {

/// One line each, the likeliest first; empty when every level was answered. All that netcon test says about
/// causes comes from here: the findings of a closer look at this machine belong here too.
std::vector<std::string> find_reasons(const path_result&);

}  // namespace tool
