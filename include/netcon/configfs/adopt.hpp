// SPDX-License-Identifier: MIT
// Targets that are there already: those of the boot parameter, which configfs hides, and who sends to a
// receiver.
#pragma once

#include <netcon/configfs/apply.hpp>
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
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::configfs {

/// Shows the target cmdlineN of the boot parameter, and says whether there is one that was hidden. mkdir of
/// its name attaches to the running target, and makes a new one where there is none (Linux 6.7,
/// netconsole.c): that one is removed again. For another name, and before 6.7, nothing is done.
template <tree T>
[[nodiscard]] std::expected<bool, apply_error> attach_boot_target(T& on, std::string_view name,
                                                                  const kernel_profile& kernel) {
  if (!kernel.supports(feature::boot_targets_in_configfs) || !is_boot_target_name(name)) return false;
  const auto failed = [&](step what, const std::error_code& code, bool is_undone) {
    auto reason = explain(std::as_const(on), what, code);
    return std::unexpected{apply_error{0, std::move(what), code, std::move(reason), is_undone}};
  };
  const step attach{operation::mkdir, std::string{name}, {}};
  if (const auto code = perform(on, attach)) return failed(attach, code, true);
  const auto now = read(std::as_const(on), name, kernel);
  // One that cannot be read may run: rmdir would be for good.
  if (!now || !is_fresh(*now)) return true;
  const step leave{operation::rmdir, std::string{name}, {}};
  if (const auto code = perform(on, leave)) return failed(leave, code, false);
  return false;
}

/// Shows the targets of the boot parameter, and returns the names of those that were hidden. Every number
/// that a parameter can have is asked for: one whose target was removed does not hide the ones after it.
/// Before Linux 6.7 nothing is done. Errors: of mkdir and rmdir.
template <tree T>
[[nodiscard]] std::expected<std::vector<std::string>, std::error_code> attach_boot_targets(
    T& on, const kernel_profile& kernel) {
  std::vector<std::string> attached;
  if (!kernel.supports(feature::boot_targets_in_configfs)) return attached;
  for (std::size_t number = 0; number < parameter::max_targets; ++number) {
    auto name = "cmdline" + std::to_string(number);
    const auto there = attach_boot_target(on, name, kernel);
    if (!there) {
      if (there.error().code == kernel_error(linux_errno::eexist)) continue;
      return std::unexpected{there.error().code};
    }
    if (*there) attached.push_back(std::move(name));
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
