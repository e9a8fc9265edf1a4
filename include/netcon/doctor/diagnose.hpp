// SPDX-License-Identifier: MIT
// From the facts about a machine that sends to findings: what is right, what is wrong, what repairs it.
#pragma once

#include <netcon/core/level.hpp>
#include <netcon/doctor/facts.hpp>
#include <netcon/doctor/finding.hpp>
#include <netcon/doctor/internal/check_consoles.hpp>
#include <netcon/doctor/internal/check_software.hpp>
#include <netcon/doctor/internal/check_target.hpp>
#include <netcon/doctor/internal/check_targets.hpp>
#include <netcon/doctor/internal/examination.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace netcon::inline v0_1::doctor {

/// What diagnose() is asked.
struct diagnose_options {
  /// The highest level of the records that shall arrive.
  level wanted = level::info;
  /// The names of the targets to look at; none means all.
  std::vector<std::string> targets{};
  /// Targets that someone named, whether the kernel has them or not.
  std::vector<target_facts> typed{};
};

/// One finding for each check, in the order of check_table as far as it is about one thing: the machine
/// first, then target by target, then what all targets share. Looks at nothing but the facts.
[[nodiscard]] inline std::vector<finding> diagnose(const facts& known, const diagnose_options& options = {}) {
  internal::examination e{known, options.wanted};
  check_kernel(e);
  check_module(e);
  check_dynamic(e);
  check_parameter(e);
  check_log(e);
  check_next_boot(e);
  check_any_target(e);
  check_hidden_targets(e);
  check_duplicates(e);
  bool has_basic = false, has_extended = false;
  const auto note_form = [&](bool is_extended) { (is_extended ? has_extended : has_basic) = true; };
  const auto is_asked = [&](const std::string& name) {
    return options.targets.empty() || std::ranges::find(options.targets, name) != options.targets.end();
  };
  using internal::target_check, internal::target_origin, internal::repair_command;
  for (const auto& one : e.hidden) {
    if (one.is_form_known) note_form(one.wanted.extended);
    if (!is_asked(one.name)) continue;
    const target_facts as_given{one.name, {.settings = one.wanted}};
    target_check{e, as_given, target_origin::parameter,
                 repair_command(e, one.wanted, target_origin::parameter, one.place)}
        .run();
  }
  if (known.targets)
    for (const auto& one : *known.targets) {
      if (!is_asked(one.name)) continue;
      target_check{e, one, target_origin::directory, repair_command(e, one)}.run();
      if (one.state.enabled) note_form(one.state.settings.extended);
    }
  for (const auto& one : options.typed) {
    target_check{e, one, target_origin::typed,
                 repair_command(e, one.state.settings, target_origin::typed, {})}
        .run();
    note_form(one.state.settings.extended);
  }
  if (has_basic) check_console(e, false);
  if (has_extended) check_console(e, true);
  check_console_level(e);
  check_boot_level(e);
  if (!known.kernel.is_loaded.is(false)) check_oops_only(e);
  check_panic(e);
  check_crash_kernel(e);
  return std::move(e.found);
}

/// The worst of the findings; ok where there is none.
[[nodiscard]] inline severity worst(const std::vector<finding>& found) {
  auto most = severity::ok;
  for (const auto& one : found) most = std::max(most, one.severity);
  return most;
}

}  // namespace netcon::inline v0_1::doctor
