// SPDX-License-Identifier: MIT
// Findings with the line that they are about.
#pragma once

#include "json_writer.hpp"

#include <netcon/lint/finding.hpp>

#include <span>
#include <string_view>

namespace checker {

/// Appends the member findings: each as netcon lint --json has it, with the underlined line (quoted) and,
/// where one line has the whole fix, that line as it then is (fixed_line).
void write_findings(json_writer& out, std::string_view text, std::span<const netcon::finding> found);

}  // namespace checker
