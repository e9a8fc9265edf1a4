// SPDX-License-Identifier: MIT
// One target of a netconsole directory, from what it is to what it shall be: the way of every command that
// changes one.
#pragma once

#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/state.hpp>
#include <netcon/configfs/tree.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/os/mounted_tree.hpp>

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tool {

/// A target, or nothing where there is none of its name.
using optional_state = std::optional<netcon::configfs::state>;

inline constexpr std::string_view default_root = "/sys/kernel/config/netconsole";

/// In one line.
std::string describe(const netcon::configfs::read_error& problem);

/// The target as it is. The error is one line.
std::expected<optional_state, std::string> live_state(const netcon::configfs::mounted_tree& tree,
                                                      std::string_view name,
                                                      const netcon::kernel_profile& kernel);

/// The plan from now to want. The error is one line.
std::expected<netcon::configfs::plan, std::string> plan_between(const std::string& name,
                                                                const optional_state& now,
                                                                const optional_state& want,
                                                                const netcon::kernel_profile& kernel);

/// "KEY=VALUE" of --userdata. The error is one line.
std::expected<netcon::configfs::userdata_entry, std::string> parse_userdata(std::string_view text);

struct change_error {
  std::string text;      // one line
  bool refused = false;  // by the kernel, at a step; otherwise nothing was tried
};

struct change_options {
  bool dry_run = false;
  /// Called with the plan before anything is changed.
  std::function<void(const netcon::configfs::plan&)> show = [](const auto&) {};
};

/// Brings the target to want, or removes it, and gives the plan that did. After a refused step the target is
/// brought back to its former state.
std::expected<netcon::configfs::plan, change_error> change_target(netcon::configfs::mounted_tree& tree,
                                                                  const std::string& name,
                                                                  const optional_state& want,
                                                                  const netcon::kernel_profile& kernel,
                                                                  const change_options& how);

}  // namespace tool
