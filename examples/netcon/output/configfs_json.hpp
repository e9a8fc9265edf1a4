// SPDX-License-Identifier: MIT
// The state of a target as JSON, both ways. docs/configfs.md has the members.
#pragma once

#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/state.hpp>
#include <netcon/doctor/boot_targets.hpp>

#include <nlohmann/json.hpp>

#include <expected>
#include <string>
#include <string_view>

namespace tool {

/// A string where the bytes are UTF-8, otherwise {"hex": "..."}.
nlohmann::ordered_json json_of_bytes(std::string_view bytes);

nlohmann::ordered_json json_of(std::string_view name, const netcon::configfs::state& s);
/// Of a target that configfs hides: without the members that only its directory says, with "hidden".
nlohmann::ordered_json json_of(const netcon::doctor::boot_target& hidden);
nlohmann::ordered_json json_of(const netcon::configfs::plan& p);

/// Members that are left out have the default of a new target, enabled; the error names the member.
std::expected<netcon::configfs::state, std::string> state_of(const nlohmann::json& from);

}  // namespace tool
