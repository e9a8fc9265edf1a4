// SPDX-License-Identifier: MIT
// The whole state of one target in configfs: its settings, whether it is enabled, userdata and sysdata.
#pragma once

#include <netcon/configfs/attribute.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/core/number.hpp>
#include <netcon/detail/hash.hpp>
#include <netcon/parameter/target.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1::configfs {

/// A line of the user, sent with every extended record (6.9+).
struct userdata_entry {
  std::string key{};    ///< name of a directory, at most max_userdata_key bytes
  std::string value{};  ///< at most max_userdata_value bytes; an entry without one is not sent

  friend auto operator<=>(const userdata_entry&, const userdata_entry&) = default;
};

/// The lines that the kernel appends to extended records by itself.
struct sysdata_switches {
  bool cpu_nr = false;    ///< which processor printed (6.15+)
  bool taskname = false;  ///< which task printed (6.15+)
  bool release = false;   ///< the kernel's release (6.15+)
  bool msgid = false;     ///< count of the sent records (6.17+)

  friend auto operator<=>(const sysdata_switches&, const sysdata_switches&) = default;
};

/// A row of the table of sysdata switches.
struct sysdata_switch {
  std::string_view name;            ///< in plans, JSON and Python
  bool sysdata_switches::* member;  ///< the switch itself
  attribute file;                   ///< where the kernel has it
};

/// One row for each member of sysdata_switches, in order.
inline constexpr auto sysdata_table = std::to_array<sysdata_switch>({
    {"cpu_nr", &sysdata_switches::cpu_nr, attribute::cpu_nr_enabled},
    {"taskname", &sysdata_switches::taskname, attribute::taskname_enabled},
    {"release", &sysdata_switches::release, attribute::release_enabled},
    {"msgid", &sysdata_switches::msgid, attribute::msgid_enabled},
});

/// A file whose content says nothing about the state: one that this library does not know, from a kernel
/// newer than it, which is never written, or release_enabled where the kernel shows another switch there
/// (6.15 to 6.19.9, feature release_enabled_shown).
struct unknown_file {
  std::string path{};     ///< relative to the target's directory
  std::string content{};  ///< as read, with its newline

  friend auto operator<=>(const unknown_file&, const unknown_file&) = default;
};

/// Relative to the target's directory.
inline constexpr std::string_view release_switch_path = "userdata/release_enabled";

/// A target as it is wanted, or as it was read.
struct state {
  netcon::settings settings{};             ///< addresses, ports, device and flags
  bool enabled = true;                     ///< whether it sends
  std::vector<userdata_entry> userdata{};  ///< in the order made, which is the order sent
  sysdata_switches sysdata{};              ///< lines that the kernel adds by itself

  // Known only from reading; plans ignore these.
  mac_address local_mac = mac_address::broadcast();  ///< broadcast: no interface is bound
  std::optional<std::uint64_t> transmit_errors{};    ///< 6.13+
  std::vector<unknown_file> unknown{};               ///< empty for every kernel that this library knows

  friend bool operator==(const state&, const state&) = default;
};

/// A target right after mkdir.
[[nodiscard]] inline state fresh(const kernel_profile& kernel) {
  state s{.enabled = false};
  s.settings.extended = kernel.supports(feature::extended_by_default);
  s.settings.release = kernel.supports(feature::release_by_default);
  return s;
}

/// cmdlineN: the kernel gives such names to the targets of the parameter.
[[nodiscard]] constexpr bool is_boot_target_name(std::string_view name) noexcept {
  constexpr std::string_view front = "cmdline";
  return name.starts_with(front) && parse_decimal(name.substr(front.size()));
}

/// Whether the switch release_enabled may be either: it was read where the kernel shows another one.
[[nodiscard]] inline bool is_release_switch_unknown(const state& s) noexcept {
  return std::ranges::find(s.unknown, release_switch_path, &unknown_file::path) != s.unknown.end();
}

/// Whether userdata or sysdata is set and never sent: only extended records have such lines.
[[nodiscard]] inline bool has_unsent_lines(const state& s) noexcept {
  return !s.settings.extended && (!s.userdata.empty() || s.sysdata != sysdata_switches{});
}

/// now is what want asks for, as far as now was read. A local address that want leaves to the kernel is
/// whatever now has while enabled.
[[nodiscard]] inline bool satisfies(const state& now, const state& want) {
  auto have = now.settings;
  if (now.enabled && !want.settings.local_ip) have.local_ip.reset();
  auto on = now.sysdata;
  if (is_release_switch_unknown(now) || is_release_switch_unknown(want)) on.release = want.sysdata.release;
  return have == want.settings && now.enabled == want.enabled && now.userdata == want.userdata &&
         on == want.sysdata;
}

/// Whether a target was read as mkdir makes one: disabled, and all else as at first, but for what a build
/// turns on. One of the parameter differs: the parser wants an address.
[[nodiscard]] inline bool is_fresh(const state& now) {
  state first{.enabled = false};
  first.settings.extended = now.settings.extended;
  first.settings.release = now.settings.release;
  return satisfies(now, first);
}

}  // namespace netcon::inline v0_1::configfs

template <>
struct std::hash<netcon::configfs::userdata_entry> {
  std::size_t operator()(const netcon::configfs::userdata_entry& entry) const noexcept {
    return netcon::detail::hash_of(entry.key, entry.value);
  }
};

template <>
struct std::hash<netcon::configfs::sysdata_switches> {
  std::size_t operator()(const netcon::configfs::sysdata_switches& switches) const noexcept {
    return netcon::detail::hash_of(switches.cpu_nr, switches.taskname, switches.release, switches.msgid);
  }
};
