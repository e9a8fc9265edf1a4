// SPDX-License-Identifier: MIT
// What a plan of netcon listen names on this machine: user, interface, directories, addresses.
#pragma once

#include "listen/listen_options.hpp"

#include <expected>
#include <string>

namespace tool {

/// Whether all of it is there, without opening or creating anything: what would fail for that when the plan
/// runs. Whether a user may write there it does not ask, as the plan may run as another one. The error is one
/// line, with the option's name.
std::expected<void, std::string> check_places(const listen_plan&);

}  // namespace tool
