// SPDX-License-Identifier: MIT
// Carries out a plan on a tree, and leads back when a step fails.
#pragma once

#include <netcon/configfs/kernel_error.hpp>
#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/plan_error.hpp>
#include <netcon/configfs/state.hpp>
#include <netcon/configfs/tree.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/linux_errno.hpp>

#include <algorithm>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace netcon::inline v0_1::configfs {

/// A plan that stopped: which step, the errno, the reason in words, and whether the way back succeeded.
struct [[nodiscard]] apply_error {
  std::size_t step = 0;      ///< index into the plan's steps
  configfs::step failed{};   ///< a copy of that step
  std::error_code code{};    ///< the kernel's errno; EEXIST: mkdir attached to a target of the parameter
  std::string reason{};      ///< in words, for people
  bool rolled_back = false;  ///< whether the target is as it was before
};

namespace internal {

/// What speaks against going on after a mkdir that succeeded: it may have attached to a target of the
/// parameter, which runs. Only reading tells, and rmdir would be for good.
template <tree T>
std::optional<apply_error> find_owner(const T& at, const step& made, const kernel_profile& kernel) {
  if (!is_boot_target_name(made.path)) return std::nullopt;
  const auto now = read(at, made.path, kernel);
  if (!now)
    return apply_error{.failed = made,
                       .code = now.error().code,
                       .reason = now.error().file + " cannot be read, so whose target it is"};
  if (is_fresh(*now)) return std::nullopt;
  return apply_error{
      .failed = made,
      .code = kernel_error(linux_errno::eexist),
      .reason = "it is a target of the boot parameter, which has a directory now: read and update it",
      .rolled_back = true};
}

using target_read = std::expected<state, read_error>;

inline bool is_missing(const target_read& now, std::string_view name) {
  return !now && now.error().file == name && number_of(now.error().code) == linux_errno::enoent;
}

/// What a step fails with when another program has changed the target meanwhile.
inline bool may_be_of_another(const std::error_code& code) {
  const auto number = number_of(code);
  return number == linux_errno::einval || number == linux_errno::eexist || number == linux_errno::enoent ||
         number == linux_errno::enotempty;
}

/// Whether another program has done what the plan is for, while its step failed. A switch that no file shows
/// may be left to do.
template <tree T>
bool is_done_elsewhere(T& on, const plan& p, const target_read& now) {
  if (!p.after) return is_missing(now, p.name);
  if (!now || !satisfies(*now, *p.after)) return false;
  const auto rest = update(p.name, *now, *p.after, p.kernel);
  return rest && std::ranges::none_of(rest->steps,
                                      [&](const step& one) { return static_cast<bool>(perform(on, one)); });
}

/// Whether another program has removed the target, or enabled the one that the plan makes: it keeps it.
inline bool is_taken(const plan& p, std::size_t failed, const target_read& now) {
  if (!p.before) return now && now->enabled;
  const step removal{operation::rmdir, p.name, {}};
  const auto begin = p.steps.begin(), end = begin + static_cast<std::ptrdiff_t>(failed);
  return is_missing(now, p.name) && std::find(begin, end, removal) == end;
}

}  // namespace internal

/// Carries out the steps. When one fails, the target is brought back to what the plan started from: read as
/// it is now, and updated, made or removed accordingly. A plan that makes cmdlineN stops where mkdir attached
/// to a target of the parameter, which is left as it runs. One that leaves a target disabled keeps it so:
/// from 7.0 on it may be waiting for its interface, which no file shows. Where another program works on the
/// target meanwhile, what it made as wanted is no error, and what it enabled or removed stays so.
template <tree T>
[[nodiscard]] std::expected<void, apply_error> apply(T& on, const plan& p) {
  for (std::size_t i = 0; i < p.steps.size(); ++i) {
    const auto code = perform(on, p.steps[i]);
    if (!code) {
      const bool makes_target = i == 0 && !p.before && p.steps[i].what == operation::mkdir;
      if (!makes_target) continue;
      if (auto owner = internal::find_owner(std::as_const(on), p.steps[i], p.kernel))
        return std::unexpected{std::move(*owner)};
      continue;
    }
    apply_error problem{i, p.steps[i], code, explain(std::as_const(on), p.steps[i], code), true};
    // A target that could not even be made is someone else's.
    if (i == 0 && !p.before) return std::unexpected{std::move(problem)};
    const auto now = read(std::as_const(on), p.name, p.kernel);
    const bool is_missing = internal::is_missing(now, p.name);
    // Nor is one to be made that was not there to begin with.
    if (i == 0 && is_missing) return std::unexpected{std::move(problem)};
    if (internal::may_be_of_another(code)) {
      if (internal::is_done_elsewhere(on, p, now)) return {};
      if (internal::is_taken(p, i, now)) {
        problem.reason += "; another program changes this target, which stays as it is now";
        problem.rolled_back = false;
        return std::unexpected{std::move(problem)};
      }
    }
    std::expected<plan, plan_error> back = plan{};
    if (p.before) {
      back = now ? update(p.name, *now, *p.before, p.kernel) : create(p.name, *p.before, p.kernel);
    } else if (now) {
      back = remove(p.name, *now, p.kernel);
    }
    problem.rolled_back = back.has_value() && (now || is_missing);
    for (std::size_t step = 0; problem.rolled_back && step < back->steps.size(); ++step)
      problem.rolled_back = !perform(on, back->steps[step]);
    return std::unexpected{std::move(problem)};
  }
  // EINVAL, because it is disabled, but it waits no longer.
  const bool may_wait = p.before && !p.before->enabled && p.after && !p.after->enabled;
  if (may_wait && p.kernel.supports(feature::resumable))
    static_cast<void>(on.write(p.name + "/enabled", "0\n"));
  return {};
}

}  // namespace netcon::inline v0_1::configfs
