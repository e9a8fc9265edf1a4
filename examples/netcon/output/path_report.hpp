// SPDX-License-Identifier: MIT
// The results of netcon test for people and as JSON.
#pragma once

#include "testing/path_result.hpp"

#include <nlohmann/json.hpp>

#include <span>
#include <string>

namespace tool {

/// A table, a row for each level of each target, and after it the reasons.
std::string path_table(std::span<const path_result>);

/// docs/json.md describes it.
nlohmann::ordered_json path_json(std::span<const path_result>);

}  // namespace tool
