// SPDX-License-Identifier: MIT
// How reports about locks, RCU and tasks that do not go on begin.
#pragma once

#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/opening.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1::crash::detail {

inline opening make(kind what, std::string title, blame rule = blame::counter) {
  opening out;
  out.kind = what;
  out.title = std::move(title);
  out.rule = rule;
  return out;
}

/// lockdep's reports, after "WARNING: ", "BUG: " or "INFO: "; label is that word.
inline std::optional<opening> read_lockdep(std::string_view label, std::string_view text) {
  const auto titled = [&](std::string_view rest) { return std::string{label} + ": " + std::string{rest}; };
  const bool warns = label == "WARNING";
  if (text.starts_with("possible ") && contains(text, "detected")) {
    if (contains(text, "circular locking"))
      return make(kind::possible_deadlock, "possible deadlock",
                  warns ? blame::two_locks : blame::wanted_lock);
    if (contains(text, "lock inversion"))
      return make(kind::possible_deadlock, "possible deadlock", blame::changed_lock);
    if (contains(text, "recursive locking") || contains(text, "irq lock") || contains(text, "deadlock"))
      return make(kind::possible_deadlock, "possible deadlock", blame::wanted_lock);
  }
  if (contains(text, "-safe -> ") && contains(text, "unsafe lock order"))
    return make(kind::possible_deadlock, "possible deadlock",
                warns ? blame::unsafe_trace : blame::wanted_lock);
  if (text.starts_with("inconsistent lock state"))
    return make(kind::possible_deadlock, "inconsistent lock state", warns ? blame::trace : blame::any_lock);
  if (text.starts_with("bad unlock balance"))
    return make(kind::lock_misuse, titled("bad unlock balance"), blame::released_lock);
  if (text.starts_with("bad contention"))
    return make(kind::lock_misuse, titled("bad contention"), blame::released_lock);
  if (text.starts_with("held lock freed"))
    return make(kind::lock_misuse, titled("held lock freed"), blame::any_lock);
  if (contains(text, "still has locks held"))
    return make(kind::lock_misuse, titled("still has locks held"), blame::any_lock);
  if (text.starts_with("lock held when returning to user space")) {
    auto out =
        make(kind::lock_registration, titled("lock held when returning to user space"), blame::kept_lock);
    out.needs_trace = false;
    return out;
  }
  if (contains(text, "lock held at task exit"))
    return make(kind::lock_misuse, titled("lock held at task exit"), blame::any_lock);
  if (text.starts_with("Nested lock was not taken") || text.starts_with("nested lock was not taken"))
    return make(kind::lock_misuse, titled("nested lock was not taken"), blame::check);
  if (text.starts_with("Invalid wait context"))
    return make(kind::lock_misuse, "WARNING: locking bug", blame::trace);
  if (text.starts_with("suspicious RCU usage") ||
      text.starts_with("suspicious rcu_dereference_check() usage")) {  // before 3.2
    auto out = make(kind::suspicious_rcu, titled("suspicious RCU usage"), blame::trace);
    out.needs_function = false;
    return out;
  }
  if (text.starts_with("trying to register non-static key"))
    return make(kind::lock_registration, "INFO: trying to register non-static key", blame::trace);
  return std::nullopt;
}

/// "task foo:12 blocked for more than 120 seconds.", after "INFO: ".
inline std::optional<opening> read_hung_task(std::string_view text) {
  if (!text.starts_with("task ")) return std::nullopt;
  if (contains(text, " blocked for more than ") || contains(text, " blocked in I/O wait for more than "))
    return make(kind::task_hung, "INFO: task hung", blame::trace);
  if (contains(text, " can't die for more than "))
    return make(kind::task_hung, "INFO: task can't die", blame::trace);
  return std::nullopt;
}

/// "rcu_preempt detected stalls on CPUs/tasks:", after "INFO: ".
inline std::optional<opening> read_rcu_stall(std::string_view text) {
  if (text.starts_with("RCU detected CPU") && contains(text, " stall"))  // before Linux 2.6.34
    return make(kind::rcu_stall, "INFO: rcu detected stall", blame::interrupted);
  if (!text.starts_with("rcu") && !text.starts_with("rcuc") && !text.starts_with("Tasks RCU"))
    return std::nullopt;
  if (!contains(text, "detected stall") && !contains(text, "detected expedited stall") &&
      !contains(text, "self-detected stall"))
    return std::nullopt;
  return make(kind::rcu_stall, "INFO: rcu detected stall",
              contains(text, "self-detected") ? blame::interrupted_here : blame::interrupted);
}

/// Lockups, after "BUG: " or without it.
inline std::optional<opening> read_lockup(std::string_view text) {
  if (text.starts_with("soft lockup") &&
      (contains(text, "stuck for") || text.starts_with("soft lockup detected on CPU#")))  // before 2.6.20
    return make(kind::lockup, "BUG: soft lockup", blame::loop);
  if (text.starts_with("workqueue lockup")) {
    auto out = make(kind::lockup, "BUG: workqueue lockup", blame::none);
    out.needs_function = out.needs_trace = false;
    return out;
  }
  if (text.starts_with("Watchdog detected hard LOCKUP") || text.starts_with("hard LOCKUP") ||
      text.starts_with("NMI Watchdog detected LOCKUP") ||  // before 2.6.38
      (text.starts_with("CPU") && contains(text, "detected hard LOCKUP")) ||
      (contains(text, "Hard LOCKUP") &&
       (contains(text, "Watchdog CPU:") || text.starts_with("CPU "))))  // PowerPC
    return make(kind::lockup, "BUG: hard lockup", blame::loop);
  return std::nullopt;
}

}  // namespace netcon::inline v0_1::crash::detail
