// SPDX-License-Identifier: MIT
// A target as it should be now: the device, source and MAC address of the way to its receiver, enabled.
#pragma once

#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/state.hpp>
#include <netcon/doctor/internal/examination.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1::doctor::internal {

inline constexpr std::string_view reload_command = "modprobe -r netconsole; modprobe netconsole";

/// A command that loads the module anew. Every directory of a target keeps it loaded, so those go first.
inline std::string command_to_reload(const examination& e, std::string_view reload = reload_command) {
  const bool is_kept = e.known.targets && !e.targets().empty();
  return (is_kept ? "netcon configfs remove --all; " : "") + std::string{reload};
}

/// A command that disables the target and enables it again.
inline std::string command_to_restart(const examination& e, const std::string& name) {
  const auto file = shell_word(e.known.configfs_root + '/' + name + "/enabled");
  return "echo 0 > " + file + "; echo 1 > " + file;
}

/// Writes what a command of netcon suggest makes to where the parameter is read, and has it read. place: a
/// file of modprobe.d; otherwise the usual one.
inline std::string command_to_write(const examination& e, const std::string& suggest,
                                    std::string_view place) {
  if (!e.kernel.supports(feature::module)) return suggest + " --as cmdline  # for the kernel command line";
  const auto file = place.starts_with('/') ? place : "/etc/modprobe.d/netconsole.conf";
  return suggest + " --as modprobe > " + shell_word(file) + "; " + command_to_reload(e);
}

/// Whether netconsole could send through the device, were it up.
inline bool is_usable(const device_facts& device) {
  return device.master.empty() && device.is_ethernet && !device.is_loopback && device.kind != "hsr" &&
         device.kind != "netkit";
}

inline bool has_address(const device_facts& device, const ip_address& address) {
  return std::ranges::find(device.addresses, address) != device.addresses.end();
}

/// Whether the address is known to be one of this machine.
inline bool is_own_address(const examination& e, const ip_address& address) {
  if (address.is_loopback()) return true;
  return e.known.devices && std::ranges::any_of(*e.known.devices, [&](const device_facts& one) {
           return has_address(one, address);
         });
}

/// Whether a source that is written down still is one; without the devices' addresses it is taken to be.
inline bool is_source_there(const examination& e, const settings& s) {
  if (!s.local_ip || s.local_ip->is_unspecified() || !e.known.devices) return true;
  return is_own_address(e, *s.local_ip);
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

/// How a target came to be known.
enum class target_origin : std::uint8_t {
  directory,  // configfs shows it
  parameter,  // it was given as netconsole=, and configfs does not show it
  typed,      // someone named it; whether the kernel has it is not known
};

/// The command that repairs a target without a directory: netcon suggest finds the way, and adopts a target
/// of the parameter where the kernel can show it. place: where the parameter is written.
inline std::string repair_command(const examination& e, const settings& s, target_origin origin,
                                  std::string_view place) {
  auto command = "netcon suggest " + receiver_of(s);
  if (s.remote_ip.is_v6() && s.remote_ip.is_link_local() && !s.dev_name.empty())
    command += " --device " + shell_word(s.dev_name.view());
  if (s.release)
    command += " --release";
  else if (s.extended)
    command += " --extended";
  const bool is_adopted =
      origin == target_origin::typed || e.kernel.supports(feature::boot_targets_in_configfs);
  if (e.kernel.supports(feature::dynamic) && is_adopted) return command + " --apply";
  return command_to_write(e, command, place);
}

}  // namespace netcon::inline v0_1::doctor::internal
