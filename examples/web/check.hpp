// SPDX-License-Identifier: MIT
// What is to say about a text that configures netconsole.
#pragma once

#include "json_writer.hpp"

#include <netcon/core/kernel.hpp>
#include <netcon/lint/config_format.hpp>

#include <optional>
#include <string_view>

namespace checker {

/// Appends the members format, findings, fixed (where fixes change the text) and parameters (each as netcon
/// explain --json has it, with its value and what the kernel logs). Without a format the text is an argument:
/// a bare parameter, a modprobe command or a command line.
void write_check(json_writer& out, std::string_view text, std::optional<netcon::config_format> format,
                 const netcon::kernel_profile& kernel);

}  // namespace checker
