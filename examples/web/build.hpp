// SPDX-License-Identifier: MIT
// A parameter from the fields of a form, and what sets it up.
#pragma once

#include "json_writer.hpp"

#include <netcon/core/kernel.hpp>

#include <string_view>

namespace checker {

/// A form is lines FIELD=VALUE with the fields of netcon::target, name (of the target in configfs) and any
/// number of userdata=KEY=VALUE; an empty value is as if it was not there. Appends problems
/// ({field,message}), and without one: parameter, findings about it, and the members cmdline, modprobe, shell
/// and systemd: {text} or {why}.
void write_build(json_writer& out, std::string_view form, const netcon::kernel_profile& kernel);

}  // namespace checker
