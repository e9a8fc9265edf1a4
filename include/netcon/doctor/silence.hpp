// SPDX-License-Identifier: MIT
// Which findings explain that a record which was written did not arrive.
#pragma once

#include <netcon/doctor/finding.hpp>

#include <algorithm>
#include <vector>

namespace netcon::inline v0_1::doctor {

/// Whether what is wrong there keeps records from arriving now. The other checks are about the next boot,
/// about crashes, and about records that arrive twice.
[[nodiscard]] constexpr bool explains_silence(check code) noexcept {
  switch (code) {
    case check::next_boot:
    case check::hidden_target:
    case check::duplicate:
    case check::boot_level:
    case check::panic:
    case check::crash_kernel:
      return false;
    default:
      return true;
  }
}

/// Of all that diagnose() found, what explains the silence: what came back from the network, then what else
/// is bad, then warnings, each in their order, and a next hop that does not say its MAC address. A parameter
/// that makes no target, and what the kernel logged about it, explain it only where nothing else that is bad
/// does: other targets may have been made since.
[[nodiscard]] inline std::vector<finding> explain_silence(const std::vector<finding>& found) {
  const auto is_of_load = [](const finding& one) {
    return one.code == check::parameter || one.code == check::log;
  };
  std::vector<finding> out;
  const auto take = [&](severity how, bool of_load) {
    for (const auto& one : found)
      if (one.severity == how && explains_silence(one.code) && is_of_load(one) == of_load) out.push_back(one);
  };
  take(severity::bad, false);
  // Without a module or any target: the parameter is what should have made one.
  const auto is_missing = [](const finding& one) {
    return one.code == check::module || one.code == check::target;
  };
  if (std::ranges::all_of(out, is_missing)) take(severity::bad, true);
  // As std::ranges::stable_partition, of which Clang warns with the library of GCC 12.
  const auto put_first = [&out](const auto& is_first) {
    auto at = out.begin();
    for (auto one = out.begin(); one != out.end(); ++one)
      if (is_first(*one)) std::rotate(at++, one, one + 1);
  };
  put_first(is_of_load);
  put_first([](const finding& one) { return one.code == check::receiver; });
  take(severity::warning, false);
  // A next hop that does not say its MAC address proves nothing, but is what to look at.
  for (const auto& one : found)
    if (one.severity == severity::unknown && one.code == check::remote_mac) out.push_back(one);
  return out;
}

}  // namespace netcon::inline v0_1::doctor
