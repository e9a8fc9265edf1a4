// SPDX-License-Identifier: MIT
// What every check has: the facts, the kernel that they are about, and the list of findings.
#pragma once

#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/shell.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/level.hpp>
#include <netcon/doctor/boot_targets.hpp>
#include <netcon/doctor/facts.hpp>
#include <netcon/doctor/finding.hpp>
#include <netcon/doctor/profile.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::doctor::internal {

inline constexpr std::string_view suggest_command = "netcon suggest RECEIVER --apply";

/// The steps of a plan as one command.
inline std::string command_of(const configfs::plan& p, std::string_view root) {
  std::string command;
  for (const auto& step : p.steps)
    command += (command.empty() ? "" : " && ") + configfs::shell_command(step, root);
  return command;
}

struct examination {
  explicit examination(const facts& of, level wanted_level)
      : known{of}, kernel{profile_of(of.kernel)}, wanted{wanted_level}, hidden{hidden_targets(of)} {}

  void ok(check code, std::string_view subject, std::string evidence) {
    found.push_back({code, severity::ok, std::string{subject}, std::move(evidence), {}});
  }
  void warn(check code, std::string_view subject, std::string evidence, std::string remedy) {
    found.push_back({code, severity::warning, std::string{subject}, std::move(evidence), std::move(remedy)});
  }
  void bad(check code, std::string_view subject, std::string evidence, std::string remedy) {
    found.push_back({code, severity::bad, std::string{subject}, std::move(evidence), std::move(remedy)});
  }
  void unknown(check code, std::string_view subject, std::string reason, std::string remedy = {}) {
    found.push_back({code, severity::unknown, std::string{subject}, std::move(reason), std::move(remedy)});
  }

  const device_facts* device(std::string_view name) const {
    if (!known.devices) return nullptr;
    for (const auto& one : *known.devices)
      if (one.name.view() == name) return &one;
    return nullptr;
  }
  /// through: a device's name, or nothing for the way that the tables choose.
  const way_facts* way_to(const ip_address& remote, std::string_view through) const {
    for (const auto& one : known.ways)
      if (one.remote == remote && one.through.view() == through) return &one;
    return nullptr;
  }
  const std::vector<target_facts>& targets() const { return *known.targets; }

  const facts& known;
  kernel_profile kernel;
  level wanted;
  std::vector<boot_target> hidden;  // those of the parameter that have no directory
  std::vector<finding> found{};
};

inline std::string shell_word(std::string_view text) {
  return configfs::internal::shell_word(text);
}

/// "10.0.0.2:6666".
inline std::string receiver_of(const settings& s) {
  return to_string(endpoint{s.remote_ip, s.remote_port});
}

}  // namespace netcon::inline v0_1::doctor::internal
