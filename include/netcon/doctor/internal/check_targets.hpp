// SPDX-License-Identifier: MIT
// The targets together: none, hidden ones, two that send the same.
#pragma once

#include <netcon/doctor/internal/examination.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace netcon::inline v0_1::doctor::internal {

inline void check_any_target(examination& e) {
  if (e.known.kernel.is_loaded.is(false)) return;
  if (!e.known.targets) {
    if (e.kernel.supports(feature::dynamic)) e.unknown(check::target, "", e.known.targets.reason());
    return;
  }
  const auto count = e.targets().size() + e.hidden_targets().size();
  if (count == 0)
    return e.bad(check::target, "", "there is no target: nothing is sent", std::string{suggest_command});
  std::string text = std::to_string(count) + (count == 1 ? " target" : " targets");
  if (const auto hidden = e.hidden_targets().size(); hidden != 0)
    text += ", " + std::to_string(hidden) + " of the parameter without a directory";
  e.ok(check::target, "", std::move(text));
}

inline void check_hidden_targets(examination& e) {
  for (const auto& one : e.hidden_targets()) {
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

/// Removes one of two and enables the other again: in some kernels (seen on 5.10.223, not on 6.12.117)
/// removing one of two targets of a device silences the other.
inline std::string command_to_remove(const examination& e, const sending_target& one,
                                     const sending_target& other) {
  auto command = "netcon configfs remove " + shell_word(one.name);
  const auto switch_of_other = shell_word(e.known.configfs_root + '/' + other.name + "/enabled");
  if (!other.is_hidden) command += "; echo 0 > " + switch_of_other + "; echo 1 > " + switch_of_other;
  return command;
}

inline void check_duplicates(examination& e) {
  if (!e.known.targets) return;
  std::vector<sending_target> all;
  for (const auto& one : e.hidden_targets()) all.push_back({one.name, one.wanted, true, one.is_form_known});
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
