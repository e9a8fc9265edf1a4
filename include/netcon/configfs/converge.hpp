// SPDX-License-Identifier: MIT
// Brings a target to a wanted state: reads it, plans, applies, and goes back when a step fails.
#pragma once

#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/state.hpp>
#include <netcon/configfs/tree.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/linux_errno.hpp>
#include <netcon/core/number.hpp>

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

namespace internal {

/// cmdlineN: the kernel gives such names to the targets of the parameter.
constexpr bool is_boot_target_name(std::string_view name) noexcept {
  constexpr std::string_view front = "cmdline";
  return name.starts_with(front) && parse_decimal(name.substr(front.size()));
}

}  // namespace internal

/// Makes the target name what want says, with as few operations as possible, and returns the plan that was
/// carried out: empty when nothing was to do. Works on a mounted_tree and on a memory_tree. A target cmdlineN
/// of the parameter is attached to by making its directory (6.7+), and then changed.
template <tree T>
[[nodiscard]] std::expected<plan, converge_error> converge(
    T& on, std::string_view name, const state& want,
    const kernel_profile& kernel = kernel_profile::latest()) {
  const auto missing = kernel_error(linux_errno::enoent);
  auto now = read(std::as_const(on), name, kernel);
  if (!now && now.error().code == missing && internal::is_boot_target_name(name) &&
      kernel.supports(feature::boot_targets_in_configfs)) {
    const step attach{operation::mkdir, std::string{name}, {}};
    if (const auto code = perform(on, attach))
      return std::unexpected{
          converge_error{.reason = describe(attach) + ": " + explain(std::as_const(on), attach, code),
                         .failed = attach,
                         .code = code}};
    now = read(std::as_const(on), name, kernel);
  }
  if (!now && now.error().code != missing)
    return std::unexpected{
        converge_error{.reason = now.error().file + " cannot be read: " + now.error().code.message(),
                       .code = now.error().code}};
  const auto planned = now ? update(name, *now, want, kernel) : create(name, want, kernel);
  if (!planned)
    return std::unexpected{converge_error{.reason = message(planned.error()), .problem = planned.error()}};
  const auto done = apply(on, *planned);
  if (!done)
    return std::unexpected{
        converge_error{.reason = describe(done.error().failed) + ": " + done.error().reason,
                       .failed = done.error().failed,
                       .code = done.error().code,
                       .rolled_back = done.error().rolled_back}};
  return *planned;
}

}  // namespace netcon::inline v0_1::configfs
