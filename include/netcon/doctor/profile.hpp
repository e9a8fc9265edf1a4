// SPDX-License-Identifier: MIT
// The kernel of a machine as a profile: its version, and how it was built.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/doctor/facts.hpp>

#include <algorithm>
#include <string_view>

namespace netcon::inline v0_1::doctor {

/// The profile that the facts describe; the newest kernel where the version is unknown.
[[nodiscard]] inline kernel_profile profile_of(const kernel_facts& known) {
  auto kernel = known.version ? kernel_profile{*known.version} : kernel_profile::latest();
  if (known.is_built_in.is(true)) kernel = kernel.without(feature::module);
  if (known.build_options) {
    const auto& options = *known.build_options;
    const auto has = [&](std::string_view line) { return std::ranges::find(options, line) != options.end(); };
    if (has("# CONFIG_NETCONSOLE_DYNAMIC is not set")) kernel = kernel.without(feature::dynamic);
    if (has("# CONFIG_IPV6 is not set")) kernel = kernel.without(feature::ipv6);
    if (has("CONFIG_NETCONSOLE_EXTENDED_LOG=y")) kernel = kernel.with(feature::extended_by_default);
    if (has("CONFIG_NETCONSOLE_PREPEND_RELEASE=y")) kernel = kernel.with(feature::release_by_default);
    if (has("CONFIG_PRINTK_CALLER=y")) kernel = kernel.with(feature::caller_ids);
  }
  return kernel;
}

}  // namespace netcon::inline v0_1::doctor
