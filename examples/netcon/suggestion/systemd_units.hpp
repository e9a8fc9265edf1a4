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

/// command: program and arguments of the service. receivers: for people.
systemd_units make_units(const std::string& name, std::span<const std::string> command,
                         const std::string& receivers);

}  // namespace tool
