// SPDX-License-Identifier: MIT
// Drops root once nothing needs it any more.
#pragma once

#include <expected>
#include <string>

namespace tool {

/// The process becomes that user, with its groups and nothing else: no capabilities, and no program that it
/// starts gets any. The error is one line.
std::expected<void, std::string> become_user(const std::string& name);

}  // namespace tool
