// SPDX-License-Identifier: MIT
// Why a test was not answered: what the test itself saw, and what doctor finds on this machine.
#pragma once

#include "testing/path_result.hpp"

#include <netcon/doctor/facts.hpp>

#include <span>
#include <string>
#include <vector>

namespace tool {

/// What is known of this machine, with the ways to these targets. Sends nothing to the receivers: the test
/// has.
netcon::doctor::facts gather_silence_facts(std::span<const path_result> results,
                                           const std::string& configfs_root);

/// Fills findings and reasons, unless every level was answered. The findings are those of doctor that explain
/// the silence; the reasons say them too, each in one line, and what only the test knows. is_through_kernel:
/// the kernel sent the probes, not a socket.
void explain_result(path_result& one, netcon::doctor::facts known, bool is_through_kernel);

/// Why there is no target to test, as far as doctor explains it; one line, or nothing.
std::string explain_no_target(const std::string& configfs_root);

}  // namespace tool
