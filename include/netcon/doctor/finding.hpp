// What doctor says: which check, how it ended, on what evidence, and the command that repairs it.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::doctor {

/// How a check ended. bad: records do not arrive, or arrive twice. warning: some do not, or will not after
/// the next boot. unknown: it could not be looked up.
enum class severity : std::uint8_t { ok, unknown, warning, bad };

constexpr std::string_view name(severity value) noexcept {
  constexpr std::string_view names[] = {"ok", "unknown", "warning", "bad"};
  return names[static_cast<std::size_t>(value) & 3];
}

constexpr std::optional<severity> parse_severity(std::string_view text) noexcept {
  for (const auto value : {severity::ok, severity::unknown, severity::warning, severity::bad})
    if (name(value) == text) return value;
  return std::nullopt;
}

/// What is looked at. docs/doctor.md has a row for each.
enum class check : std::uint8_t {
  kernel,
  module,
  dynamic,
  parameter,
  log,
  next_boot,
  target,
  hidden_target,
  duplicate,
  enabled,
  device,
  link,
  master,
  netpoll,
  source,
  route,
  remote_mac,
  format,
  transmit_errors,
  receiver,
  console,
  console_level,
  boot_level,
  oops_only,
  panic,
  crash_kernel,
  port,
  bound_address,
  buffer,
  checksum,
  reverse_path,
  firewall,
};

struct check_row {
  check what;
  std::string_view name;
  std::string_view question;
};

// clang-format off: one row a line.
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
    {check::format, "format", "does the form of the records fit the receiver's port"},
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

constexpr std::string_view name(check what) noexcept {
  return check_table[static_cast<std::size_t>(what)].name;
}

constexpr std::optional<check> parse_check(std::string_view text) noexcept {
  for (const auto& row : check_table)
    if (row.name == text) return row.what;
  return std::nullopt;
}

struct finding {
  check code{};
  doctor::severity severity = doctor::severity::ok;
  std::string subject{};   // the target, device or file that it is about; empty: the machine
  std::string evidence{};  // one line without a full stop
  std::string remedy{};    // a command for a shell, as root; empty: nothing to do, or no command does it

  friend bool operator==(const finding&, const finding&) = default;
};

}  // namespace netcon::doctor
