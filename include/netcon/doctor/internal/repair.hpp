// SPDX-License-Identifier: MIT
// A target as it should be now: the device, source and MAC address of the way to its receiver, enabled.
#pragma once

#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/state.hpp>
#include <netcon/doctor/internal/examination.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace netcon::inline v0_1::doctor::internal {

/// Whether netconsole could send through the device, were it up.
inline bool is_usable(const device_facts& device) {
  return device.master.empty() && device.is_ethernet && !device.is_loopback && !device.is_wireless &&
         device.kind != "hsr" && device.kind != "netkit";
}

inline bool has_address(const device_facts& device, const ip_address& address) {
  return std::ranges::find(device.addresses, address) != device.addresses.end();
}

/// Whether a source that is written down still is one; without the devices' addresses it is taken to be.
inline bool is_source_there(const examination& e, const settings& s) {
  if (!s.local_ip || s.local_ip->is_unspecified() || !e.known.devices) return true;
  return std::ranges::any_of(*e.known.devices,
                             [&](const device_facts& one) { return has_address(one, *s.local_ip); });
}

/// The way that the target's packets should take: through its own device where that can be, otherwise as the
/// routing tables choose.
inline const way_facts* best_way(const examination& e, const settings& s) {
  const auto* const device = e.device(s.dev_name.view());
  const auto* const own = e.way_to(s.remote_ip, s.dev_name.view());
  const bool keeps_device = !e.known.devices || (device != nullptr && is_usable(*device));
  if (keeps_device && own != nullptr && own->found) return own;
  const auto* const free = e.way_to(s.remote_ip, {});
  if (free != nullptr && free->found) return free;
  return nullptr;
}

/// The state that repairs the target, as far as the facts say it.
inline configfs::state repaired(const examination& e, const configfs::state& now) {
  auto want = now;
  want.enabled = true;
  if (want.settings.release && !want.settings.extended) want.settings.extended = true;
  const auto* const way = best_way(e, now.settings);
  if (way == nullptr) return want;
  auto& s = want.settings;
  if (s.dev_name != way->found->dev_name) {
    s.dev_name = way->found->dev_name;
    s.local_ip = way->found->source;
  }
  if (!is_source_there(e, s)) s.local_ip = way->found->source;
  if (way->mac) s.remote_mac = *way->mac;
  return want;
}

/// The commands that repair the target; nothing where there is nothing to change.
inline std::string repair_command(const examination& e, const target_facts& target) {
  const auto plan = configfs::update(target.name, target.state, repaired(e, target.state), e.kernel);
  return plan ? command_of(*plan, e.known.configfs_root) : std::string{};
}

}  // namespace netcon::inline v0_1::doctor::internal
