// SPDX-License-Identifier: MIT
// The units that keep targets as they should be: a service that runs netcon suggest --apply, and its timer.
#pragma once

#include <span>
#include <string>

namespace tool {

struct systemd_units {
  std::string name;            // of both, without ".service"
  std::string service, timer;  // their texts
};

/// name: any bytes, of which those that a unit's name cannot have become \xNN. command: program and arguments
/// of the service. receivers: for people.
systemd_units make_units(const std::string& name, std::span<const std::string> command,
                         const std::string& receivers);

}  // namespace tool
