// SPDX-License-Identifier: MIT
// Everything that is known of a machine that sends, as one value: what diagnose() judges. Every fact may be
// unknown, with the reason.
#pragma once

#include <netcon/configfs/state.hpp>
#include <netcon/core/endpoint.hpp>
#include <netcon/core/interface_name.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/doctor/fact.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace netcon::inline v0_1::doctor {

/// A line of a file.
struct file_line {
  std::string file{};  ///< its path
  std::string text{};  ///< without the newline; lines that end in a backslash are joined

  friend bool operator==(const file_line&, const file_line&) = default;
};

/// In the order in which they were read.
using file_lines = std::vector<file_line>;

/// The kernel, and netconsole in it.
struct kernel_facts {
  fact<std::string> release{};     ///< uname -r
  fact<kernel_version> version{};  ///< with its stable level, where the distribution says it
  fact<bool> is_built_in{};        ///< not a module
  fact<bool> has_module{};         ///< modprobe would find one
  fact<bool> is_loaded{};          ///< a module that is loaded, or built in
  fact<std::vector<std::string>>
      build_options{};  ///< "CONFIG_NETCONSOLE=m": those that netconsole depends on

  friend bool operator==(const kernel_facts&, const kernel_facts&) = default;
};

/// Whether a systemd unit that names netconsole is started at boot.
struct unit_facts {
  std::string file{};       ///< its path
  bool is_enabled = false;  ///< a target wants it

  friend bool operator==(const unit_facts&, const unit_facts&) = default;
};

/// What decides about the next boot.
struct boot_facts {
  fact<std::string> command_line{};  ///< that of the running kernel
  fact<file_lines> modprobe{};       ///< modprobe.d: options, blacklist, install and softdep of netconsole
  fact<file_lines> module_loads{};   ///< modules-load.d, /etc/modules: lines that load netconsole
  fact<std::vector<unit_facts>> units{};  ///< below /etc/systemd/system
  fact<file_lines> sysctls{};             ///< sysctl.d: kernel.printk and kernel.panic

  friend bool operator==(const boot_facts&, const boot_facts&) = default;
};

/// A console as /proc/consoles shows it.
struct console {
  std::string name{};   ///< "ttyS0", "netcon0", "netcon_ext0"
  std::string flags{};  ///< "EC p": E is enabled, N has a thread of its own

  /// Whether records go there.
  [[nodiscard]] bool is_enabled() const noexcept { return flags.find('E') != flags.npos; }

  friend bool operator==(const console&, const console&) = default;
};

/// What reaches the consoles.
struct printk_facts {
  fact<int> console_level{};              ///< records of lower levels go to the consoles
  fact<bool> ignores_level{};             ///< ignore_loglevel: all records do
  fact<std::vector<console>> consoles{};  ///< all that are registered

  friend bool operator==(const printk_facts&, const printk_facts&) = default;
};

/// What decides about the text of a crash.
struct crash_facts {
  fact<int> panic{};              ///< seconds until the reboot; 0 halts, less reboots at once
  fact<bool> panic_on_oops{};     ///< whether an oops is a panic
  fact<bool> has_crash_kernel{};  ///< kdump: one is loaded
  fact<bool> oops_only{};         ///< netconsole's parameter

  friend bool operator==(const crash_facts&, const crash_facts&) = default;
};

/// A target as its directory shows it.
struct target_facts {
  std::string name{};       ///< of its directory
  configfs::state state{};  ///< as its files show it

  friend bool operator==(const target_facts&, const target_facts&) = default;
};

/// A network device.
struct device_facts {
  interface_name name{};                ///< as ip link shows it
  mac_address mac{};                    ///< zero where it has none
  std::string kind{};                   ///< "bridge", "bond", "vlan", "tun"...; empty for hardware
  interface_name master{};              ///< the bridge, bond or team that it belongs to
  std::string master_kind{};            ///< "bridge", "bond" or "team"; empty without a master
  bool is_up = false;                   ///< ip link set up
  bool has_carrier = false;             ///< a cable with something at its other end
  bool is_ethernet = false;             ///< has frames that netconsole can build
  bool is_loopback = false;             ///< leads to this machine itself
  bool is_wireless = false;             ///< it sends only while it is associated
  std::vector<ip_address> addresses{};  ///< of both families

  friend bool operator==(const device_facts&, const device_facts&) = default;
};

/// How packets go to a receiver now.
struct way {
  interface_name dev_name{};  ///< the device
  ip_address source{};        ///< the address that the tables choose
  ip_address next_hop{};      ///< the receiver itself when it is on the link
  bool via_gateway = false;   ///< the next hop is a router

  friend bool operator==(const way&, const way&) = default;
};

/// The way to a receiver: as the routing tables choose it, or through the device that a target names.
struct way_facts {
  ip_address remote{};       ///< the receiver
  interface_name through{};  ///< empty: the tables choose
  fact<way> found{};         ///< unknown: why there is none
  fact<mac_address> mac{};   ///< of the next hop

  friend bool operator==(const way_facts&, const way_facts&) = default;
};

/// What came back when a datagram was sent to the receiver.
enum class contact : std::uint8_t {
  silent,       ///< nothing, as from a receiver that works
  answered,     ///< a datagram: something has the port
  refused,      ///< ICMP: nothing is bound to the port there
  unreachable,  ///< ICMP: the host or network is not reached, or it is prohibited
  unresolved,   ///< nothing left this machine: the next hop does not say its MAC address
};

/// "silent", "answered", "refused", "unreachable", "unresolved".
[[nodiscard]] constexpr std::string_view name(contact value) noexcept {
  constexpr std::string_view names[] = {"silent", "answered", "refused", "unreachable", "unresolved"};
  return names[static_cast<std::size_t>(value)];
}

/// What one receiver did.
struct contact_facts {
  endpoint receiver{};   ///< where the datagram went
  fact<contact> came{};  ///< within the time
  ip_address by{};       ///< who refused: the receiver or a router; unspecified: not known
  std::string said{};    ///< in words, such as "administratively prohibited"

  friend bool operator==(const contact_facts&, const contact_facts&) = default;
};

/// A machine that sends, or shall.
struct facts {
  std::string configfs_root = "/sys/kernel/config/netconsole";  ///< where targets are looked for

  kernel_facts kernel{};                      ///< which one, and netconsole in it
  boot_facts boot{};                          ///< what the next boot does
  printk_facts printk{};                      ///< what reaches consoles
  crash_facts crash{};                        ///< what a crash does
  fact<bool> has_configfs{};                  ///< mounted
  fact<std::vector<target_facts>> targets{};  ///< those that configfs shows
  fact<std::vector<device_facts>> devices{};  ///< all of this network namespace
  std::vector<way_facts> ways{};  ///< two for each target: as the tables choose, and through its device
  std::vector<contact_facts> contacts{};  ///< with receivers of enabled targets
  fact<std::vector<std::string>>
      log{};  ///< the kernel's lines about netconsole, oldest first, without stamps

  friend bool operator==(const facts&, const facts&) = default;
};

/// The most lines of the kernel's log that are kept: the newest.
inline constexpr std::size_t most_log_lines = 400;

}  // namespace netcon::inline v0_1::doctor
