// SPDX-License-Identifier: MIT
// What this machine's settings do to what netconsole sends.
#pragma once

#include <netcon/core/kernel.hpp>

#include <string>
#include <vector>

namespace tool {

/// Settings that keep a crash from being sent, one line each: panic=N and a crash kernel on kernels whose
/// netconsole has a thread, and oops_only. root is put before the paths.
std::vector<std::string> crash_remarks(const netcon::kernel_profile& kernel, const std::string& root = {});

/// What a configuration for the next boot needs besides itself: the console level and when the module is
/// loaded.
std::vector<std::string> boot_remarks(const netcon::kernel_profile& kernel, const std::string& root = {});

}  // namespace tool
