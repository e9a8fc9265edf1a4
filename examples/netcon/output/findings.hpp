// SPDX-License-Identifier: MIT
// Findings of doctor as JSON and as one line: for netcon doctor, test and suggest.
#pragma once

#include <netcon/doctor/finding.hpp>

#include <nlohmann/json.hpp>

#include <span>
#include <string>

namespace tool {

/// A list of objects; docs/json.md has their members.
nlohmann::ordered_json findings_json(std::span<const netcon::doctor::finding> found);

/// "remote-mac: web: EVIDENCE; COMMAND", printable. The subject is left out where the reader knows it.
std::string findings_line(const netcon::doctor::finding& one, std::string_view known_subject = {});

}  // namespace tool
