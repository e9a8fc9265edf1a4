// SPDX-License-Identifier: MIT
// The test of netcon test: probes out, answers in, for all targets at once.
#pragma once

#include "testing/kernel_log.hpp"
#include "testing/path_result.hpp"

#include <netcon/core/level.hpp>

#include <chrono>
#include <expected>
#include <string>
#include <vector>

namespace tool {

struct path_options {
  std::vector<netcon::level> levels{netcon::level::info};  // to be answered, each once
  std::chrono::milliseconds wait{2000};                    // for the answers at one level
  /// Through it the kernel sends the probes; none: the sockets do, and nothing is tried beyond levels.
  const kernel_log* log = nullptr;
};

/// Levels that may be tried without being asked for: syslog daemons write more urgent ones to every terminal.
inline constexpr netcon::level fallback_levels[] = {netcon::level::warning, netcon::level::err};

/// Tests the targets that have no problem yet. Where the least urgent level stays silent, the fallback levels
/// are tried until one is answered, so that the console level is found. The error, of the kernel's log, is
/// one line.
std::expected<std::vector<path_result>, std::string> test_paths(std::vector<tested_target> targets,
                                                                const path_options& options);

}  // namespace tool
