// SPDX-License-Identifier: MIT
// What this machine's settings do to what netconsole sends, and what a configuration needs besides itself.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/doctor/facts.hpp>

#include <string>
#include <vector>

namespace tool {

/// What doctor finds of a machine that keeps a crash from being sent, one line each: panic=N, a crash kernel,
/// oops_only.
std::vector<std::string> crash_remarks(const netcon::doctor::facts& known);

/// What a configuration for the next boot needs besides itself: a console level, by the finding of doctor,
/// and when the module is loaded. root is put before the paths.
std::vector<std::string> boot_remarks(const netcon::doctor::facts& known,
                                      const netcon::kernel_profile& kernel, const std::string& root = {});

}  // namespace tool
