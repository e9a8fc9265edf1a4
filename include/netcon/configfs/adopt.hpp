// SPDX-License-Identifier: MIT
// Targets that are there already: those of the boot parameter, which configfs hides, and who sends to a
// receiver.
#pragma once

#include <netcon/configfs/kernel_error.hpp>
#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/state.hpp>
#include <netcon/configfs/tree.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/linux_errno.hpp>
#include <netcon/core/port.hpp>
#include <netcon/parameter/parse.hpp>

#include <expected>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::configfs {

/// Shows the targets of the boot parameter, and returns the names of those that were hidden. mkdir of
/// cmdlineN attaches to the running target of that number, and makes a new, disabled one where there is none
/// (Linux 6.7, netconsole.c): that one is removed again, and ends the search. Before 6.7 nothing is done.
/// Errors: of mkdir and rmdir.
template <tree T>
[[nodiscard]] std::expected<std::vector<std::string>, std::error_code> attach_boot_targets(
    T& on, const kernel_profile& kernel) {
  std::vector<std::string> attached;
  if (!kernel.supports(feature::boot_targets_in_configfs)) return attached;
  for (std::size_t number = 0; number < parameter::max_targets; ++number) {
    const auto name = "cmdline" + std::to_string(number);
    if (const auto made = on.mkdir(name); !made) {
      if (made.error() == kernel_error(linux_errno::eexist)) continue;
      return std::unexpected{made.error()};
    }
    const auto now = read(std::as_const(on), name, kernel);
    // A target of the parameter has an address: the parser wants one.
    const bool is_new = now && !now->enabled && now->settings.remote_ip.is_unspecified();
    if (!is_new) {
      attached.push_back(name);
      continue;
    }
    if (const auto gone = on.rmdir(name); !gone) return std::unexpected{gone.error()};
    break;
  }
  return attached;
}

/// The names of the targets that send to that address and port, or would when enabled, in the order of the
/// directory.
template <tree T>
[[nodiscard]] std::expected<std::vector<std::string>, read_error> find_targets_to(
    const T& from, const ip_address& remote_ip, port remote_port, const kernel_profile& kernel) {
  std::vector<std::string> found;
  const auto names = from.entries("");
  if (!names) return std::unexpected{read_error{"", names.error()}};
  for (const auto& name : *names) {
    const auto now = read(from, name, kernel);
    if (!now) return std::unexpected{now.error()};
    if (now->settings.remote_ip == remote_ip && now->settings.remote_port == remote_port)
      found.push_back(name);
  }
  return found;
}

}  // namespace netcon::inline v0_1::configfs
