// SPDX-License-Identifier: MIT
// What doctor says: which check, how it ended, on what evidence, and the command that repairs it.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::doctor {

/// How a check ended. bad: records do not arrive, or arrive twice. warning: some do not, or will not after
/// the next boot. unknown: it could not be looked up.
enum class severity : std::uint8_t {
  ok,       ///< as it should be
  unknown,  ///< nothing can be said
  warning,  ///< works now, or for the most part
  bad,      ///< does not work
};

/// "ok", "unknown", "warning" or "bad".
[[nodiscard]] constexpr std::string_view name(severity value) noexcept {
  constexpr std::string_view names[] = {"ok", "unknown", "warning", "bad"};
  return names[static_cast<std::size_t>(value) & 3];
}

/// The severity of that name.
[[nodiscard]] constexpr std::optional<severity> parse_severity(std::string_view text) noexcept {
  for (const auto value : {severity::ok, severity::unknown, severity::warning, severity::bad})
    if (name(value) == text) return value;
  return std::nullopt;
}

/// What a wireless device does to records; the name of the device goes before it.
inline constexpr std::string_view wireless_remark =
    "is wireless: nothing is sent while it is not associated, and perhaps nothing in a crash";

/// What is looked at. docs/doctor.md has a row for each.
enum class check : std::uint8_t {
  kernel,           ///< which kernel runs
  module,           ///< is netconsole loaded, or built in
  dynamic,          ///< can targets be seen and changed in configfs
  parameter,        ///< what this kernel makes of each netconsole= it is given
  log,              ///< what the kernel itself said about it
  next_boot,        ///< will netconsole have a target after the next boot
  target,           ///< is there any target
  hidden_target,    ///< is a target of the boot parameter hidden from configfs
  duplicate,        ///< do two targets send the same to the same receiver
  enabled,          ///< is the target enabled, and if not why
  device,           ///< does its device exist
  link,             ///< is the device up, with carrier
  master,           ///< does the device belong to a bridge, bond or team
  netpoll,          ///< can netconsole send through a device of this kind
  source,           ///< is the source address one of the device
  route,            ///< does the machine reach the receiver, and through this device
  remote_mac,       ///< is the MAC address the one that the route would use now
  format,           ///< does the form of the records fit the receiver's port, and carry the userdata
  transmit_errors,  ///< did the kernel fail to send
  receiver,         ///< does the receiver refuse
  console,          ///< is netconsole's console registered and enabled
  console_level,    ///< do records of the wanted level reach the consoles
  boot_level,       ///< will they after the next boot
  oops_only,        ///< does the parameter oops_only hold records back
  panic,            ///< does the text of a panic leave the machine
  crash_kernel,     ///< does a crash kernel keep the text of a panic back
  port,             ///< who has the receiver's port
  bound_address,    ///< does the receiver listen on more than this machine itself
  buffer,           ///< did packets find the receiver's buffer full
  checksum,         ///< did packets come damaged
  reverse_path,     ///< does rp_filter drop packets by their source address
  firewall,         ///< does the firewall let the port in
};

/// A row of the table of checks.
struct check_row {
  check what;                 ///< at the place of its value
  std::string_view name;      ///< in tables, JSON and documentation
  std::string_view question;  ///< what it answers
};

// clang-format off: one row a line.
/// One row for each check, in order.
inline constexpr auto check_table = std::to_array<check_row>({
    {check::kernel, "kernel", "which kernel runs"},
    {check::module, "module", "is netconsole loaded, or built in"},
    {check::dynamic, "dynamic", "can targets be seen and changed in configfs"},
    {check::parameter, "parameter", "what this kernel makes of each netconsole= it is given"},
    {check::log, "log", "what the kernel itself said about it"},
    {check::next_boot, "next-boot", "will netconsole have a target after the next boot"},
    {check::target, "target", "is there any target"},
    {check::hidden_target, "hidden-target", "is a target of the boot parameter hidden from configfs"},
    {check::duplicate, "duplicate", "do two targets send the same to the same receiver"},
    {check::enabled, "enabled", "is the target enabled, and if not why"},
    {check::device, "device", "does its device exist"},
    {check::link, "link", "is the device up, with carrier"},
    {check::master, "master", "does the device belong to a bridge, bond or team"},
    {check::netpoll, "netpoll", "can netconsole send through a device of this kind"},
    {check::source, "source", "is the source address one of the device"},
    {check::route, "route", "does the machine reach the receiver, and through this device"},
    {check::remote_mac, "remote-mac", "is the MAC address the one that the route would use now"},
    {check::format, "format", "does the form of the records fit the receiver's port, and carry the userdata"},
    {check::transmit_errors, "transmit-errors", "did the kernel fail to send"},
    {check::receiver, "receiver", "does the receiver refuse"},
    {check::console, "console", "is netconsole's console registered and enabled"},
    {check::console_level, "console-level", "do records of the wanted level reach the consoles"},
    {check::boot_level, "boot-level", "will they after the next boot"},
    {check::oops_only, "oops-only", "does the parameter oops_only hold records back"},
    {check::panic, "panic", "does the text of a panic leave the machine"},
    {check::crash_kernel, "crash-kernel", "does a crash kernel keep the text of a panic back"},
    {check::port, "port", "who has the receiver's port"},
    {check::bound_address, "bound-address", "does the receiver listen on more than this machine itself"},
    {check::buffer, "buffer", "did packets find the receiver's buffer full"},
    {check::checksum, "checksum", "did packets come damaged"},
    {check::reverse_path, "reverse-path", "does rp_filter drop packets by their source address"},
    {check::firewall, "firewall", "does the firewall let the port in"},
});
// clang-format on

/// The name in its row.
[[nodiscard]] constexpr std::string_view name(check what) noexcept {
  return check_table[static_cast<std::size_t>(what)].name;
}

/// The check of that name.
[[nodiscard]] constexpr std::optional<check> parse_check(std::string_view text) noexcept {
  for (const auto& row : check_table)
    if (row.name == text) return row.what;
  return std::nullopt;
}

/// The answer of one check, about one thing.
struct finding {
  check code{};                                      ///< which check
  doctor::severity severity = doctor::severity::ok;  ///< how it ended
  std::string subject{};   ///< the target, device or file that it is about; empty: the machine
  std::string evidence{};  ///< one line without a full stop
  std::string remedy{};    ///< a command for a shell, as root; empty: nothing to do, or no command does it

  friend bool operator==(const finding&, const finding&) = default;
};

}  // namespace netcon::inline v0_1::doctor
