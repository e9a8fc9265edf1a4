// SPDX-License-Identifier: MIT
// The targets together: none, hidden ones, two that send the same.
#pragma once

#include <netcon/doctor/internal/examination.hpp>
#include <netcon/doctor/internal/repair.hpp>
#include <netcon/parameter/write.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace netcon::inline v0_1::doctor::internal {

inline void check_any_target(examination& e) {
  if (e.known.kernel.is_loaded.is(false)) return;
  const bool is_dynamic = e.kernel.supports(feature::dynamic);
  if (!e.known.targets && is_dynamic) return e.unknown(check::target, "", e.known.targets.reason());
  const auto count = e.hidden.size() + (e.known.targets ? e.targets().size() : 0);
  if (count == 0)
    return e.bad(
        check::target, "", "there is no target: nothing is sent",
        is_dynamic ? std::string{suggest_command} : command_to_write(e, "netcon suggest RECEIVER", {}));
  std::string text = std::to_string(count) + (count == 1 ? " target" : " targets");
  if (!e.hidden.empty())
    text += ", " + std::to_string(e.hidden.size()) + " of the parameter without a directory";
  e.ok(check::target, "", std::move(text));
}

inline void check_hidden_targets(examination& e) {
  if (!e.known.targets) return;
  for (const auto& one : e.hidden) {
    const auto text = "a target of the parameter to " + receiver_of(one.wanted) +
                      (one.is_logged ? "" : ", as it is written down") + ": configfs does not show it";
    if (e.kernel.supports(feature::boot_targets_in_configfs))
      e.warn(check::hidden_target, one.name, text,
             "mkdir " + shell_word(e.known.configfs_root + '/' + one.name));
    else
      e.warn(check::hidden_target, one.name, text + " before Linux 6.7", {});
  }
}

/// A target that sends, for comparison.
struct sending_target {
  std::string name;
  settings how;
  bool is_hidden = false;
  bool is_form_known = true;
};

/// Appends commands that load the module with the targets of the parameter that it has now, in full where no
/// file has them; nothing when they are not known well enough, or when other directories keep the module.
inline void append_load(const examination& e, std::string& command) {
  if (e.targets().size() > 1) return;
  std::string parameter;
  bool is_written = false;
  for (const auto& one : e.hidden) {
    if (!one.is_form_known) return;
    is_written = is_written || !one.place.empty();
    parameter += (parameter.empty() ? "" : ";") + to_string(shortest(full(one.wanted), e.kernel));
  }
  command += "; " + std::string{reload_command};
  if (!is_written) command += ' ' + shell_word("netconsole=" + parameter);
}

/// Removes one of two and enables the other again: in some kernels (seen on 5.10.223, 6.12.43 and 6.16.12,
/// not on 6.12.117) removing one of two targets of a device silences the other. One that has no directory
/// gets it, or the module is loaded again where it cannot.
inline std::string command_to_remove(const examination& e, const sending_target& one,
                                     const sending_target& other) {
  auto command = "netcon configfs remove " + shell_word(one.name);
  const auto directory = e.known.configfs_root + '/' + other.name;
  if (other.is_hidden && !e.kernel.supports(feature::boot_targets_in_configfs)) {
    if (e.kernel.supports(feature::module)) append_load(e, command);
    return command;
  }
  if (other.is_hidden) command += "; mkdir " + shell_word(directory);
  return command + "; " + command_to_restart(e, other.name);
}

inline void check_duplicates(examination& e) {
  if (!e.known.targets) return;
  std::vector<sending_target> all;
  for (const auto& one : e.hidden) all.push_back({one.name, one.wanted, true, one.is_form_known});
  for (const auto& one : e.targets())
    if (one.state.enabled) all.push_back({one.name, one.state.settings});
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const auto &first = all[j], &second = all[i];
      if (first.how.remote_ip != second.how.remote_ip || first.how.remote_port != second.how.remote_port ||
          first.how.remote_ip.is_unspecified())
        continue;
      const bool same_form = first.how.extended == second.how.extended || !first.is_form_known;
      e.bad(check::duplicate, second.name,
            "it sends to " + receiver_of(second.how) + " as " + first.name +
                " does: every record arrives twice" + (same_form ? "" : ", once basic and once extended"),
            second.is_hidden ? std::string{} : command_to_remove(e, second, first));
      break;
    }
}

}  // namespace netcon::inline v0_1::doctor::internal
