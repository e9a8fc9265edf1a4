// SPDX-License-Identifier: MIT
// Brings a target to a wanted state: reads it, plans, applies, and goes back when a step fails.
#pragma once

#include <netcon/configfs/adopt.hpp>
#include <netcon/configfs/apply.hpp>
#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/state.hpp>
#include <netcon/configfs/tree.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/linux_errno.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace netcon::inline v0_1::configfs {

/// Why a target is not as wanted, in words. problem: no plan leads there. step: the operation that the kernel
/// refused; rolled_back: the target is as it was before.
struct [[nodiscard]] converge_error {
  std::string reason{};                 ///< one line for people: the operation, and what to do
  std::optional<plan_error> problem{};  ///< present when no plan leads to the wanted state
  std::optional<step> failed{};         ///< present when the kernel refused an operation
  std::error_code code{};               ///< the kernel's errno of a refusal; none with problem
  bool rolled_back = true;              ///< false: the way back failed too
};

/// Makes the target name what want says, with as few operations as possible, and returns the plan that was
/// carried out: empty when nothing was to do. Works on a mounted_tree and on a memory_tree. A target cmdlineN
/// of the parameter is attached to by making its directory (6.7+), which stays, and then changed.
template <tree T>
[[nodiscard]] std::expected<plan, converge_error> converge(
    T& on, std::string_view name, const state& want,
    const kernel_profile& kernel = kernel_profile::latest()) {
  // Whether a plan leads there depends on what is wanted alone, so it is known before anything is made.
  auto planned = create(name, want, kernel);
  if (!planned)
    return std::unexpected{converge_error{.reason = message(planned.error()), .problem = planned.error()}};
  const auto refused = [](const apply_error& e) {
    return std::unexpected{converge_error{.reason = describe(e.failed) + ": " + e.reason,
                                          .failed = e.failed,
                                          .code = e.code,
                                          .rolled_back = e.rolled_back}};
  };
  const auto missing = kernel_error(linux_errno::enoent);
  auto now = read(std::as_const(on), name, kernel);
  bool is_attached = false;
  if (!now && now.error().code == missing) {
    const auto attached = attach_boot_target(on, name, kernel);
    if (!attached) return refused(attached.error());
    is_attached = *attached;
    if (is_attached) now = read(std::as_const(on), name, kernel);
  }
  if (!now && (is_attached || now.error().code != missing))
    return std::unexpected{
        converge_error{.reason = now.error().file + " cannot be read: " + now.error().code.message(),
                       .code = now.error().code,
                       .rolled_back = !is_attached}};
  if (now) planned = update(name, *now, want, kernel);
  if (const auto done = apply(on, *planned); !done) return refused(done.error());
  return *planned;
}

}  // namespace netcon::inline v0_1::configfs
