// SPDX-License-Identifier: MIT
// What a kernel writes to its log while it reads the parameter. Setting the targets up (devices, addresses,
// carrier) depends on the machine and writes more. The words are those of 3.9 and later; what is known of the
// log of older kernels is less.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/core/linux_errno.hpp>
#include <netcon/parameter/fields.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/target.hpp>
#include <netcon/parameter/write.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1 {

/// The errno that a refusal by parse_target or parse_parameter becomes: insmod reports it where the whole
/// load fails. The parser itself knows only -1, which is EPERM.
[[nodiscard]] constexpr int kernel_errno(text_errc code) noexcept {
  switch (code) {
    case text_errc::release_without_extended:
      return static_cast<int>(linux_errno::einval);
    case text_errc::parameter_too_long:
      return static_cast<int>(linux_errno::enospc);
    default:
      return static_cast<int>(linux_errno::eperm);
  }
}

namespace detail {

inline std::string_view parser_prefix(const kernel_profile& kernel) noexcept {
  return kernel.supports(feature::parser_in_netconsole) ? "netconsole: netconsole: "
                                                        : "netpoll: netconsole: ";
}

/// How printk names a console that it tells of.
inline std::string_view console_words(const kernel_profile& kernel) noexcept {
  const bool is_legacy =
      kernel.supports(feature::legacy_console_named) && !kernel.supports(feature::threaded_console);
  return is_legacy ? "printk: legacy console " : "printk: console ";
}

inline void log_target(const target& t, const kernel_profile& kernel, std::vector<std::string>& lines) {
  const auto s = resolve(t, kernel);
  const std::string prefix{parser_prefix(kernel)};
  const auto address = [&](std::string_view side, const std::optional<ip_address>& ip,
                           const ip_address& unset) {
    if (!ip && kernel.supports(feature::per_address_family)) {
      lines.push_back(prefix + std::string{side} + " IP unset");
      return;
    }
    const std::string family = !kernel.supports(feature::strict_addresses) ? " IP "
                               : unset.is_v6()                             ? " IPv6 address "
                                                                           : " IPv4 address ";
    lines.push_back(prefix + std::string{side} + family + kernel_ip_text(ip.value_or(unset)));
  };
  const ip_address unset = s.remote_ip.is_v6() ? ip_address{ipv6_address{}} : ip_address{ipv4_address{}};
  lines.push_back(prefix + "local port " + to_string(s.local_port));
  address("local", s.local_ip, unset);
  const std::string name{s.dev_name.view()};
  if (kernel.supports(feature::device_by_mac)) {
    lines.push_back(prefix + "interface name '" + name + "'");
    // A name that is written down goes with the broadcast address, eth0 by default with zeros.
    const auto no_mac = t.local_device.is_name() ? mac_address::broadcast() : mac_address{};
    lines.push_back(prefix + "local ethernet address '" + to_string(s.dev_mac.value_or(no_mac)) + "'");
  } else {
    lines.push_back(prefix + "interface '" + name + "'");
  }
  lines.push_back(prefix + "remote port " + to_string(s.remote_port));
  address("remote", s.remote_ip, unset);
  lines.push_back(prefix + "remote ethernet address " + to_string(s.remote_mac));
}

/// The one bad port that the kernel warns about in words of its own.
inline bool has_blank_before_remote_port(std::string_view text, const error& e,
                                         const kernel_profile& kernel) noexcept {
  if (e.code != text_errc::bad_port || e.where != split_target(text, kernel).remote_port) return false;
  const char first = text[e.where.begin];
  return first == ' ' || first == '\t';
}

}  // namespace detail

/// The line about a refusal that parse_target or parse_parameter reported for this text; empty for
/// several_targets, which no kernel says. Linux 6.17 changed the prefix.
[[nodiscard]] inline std::string refusal_line(std::string_view text, const error& e,
                                              const kernel_profile& kernel = kernel_profile::latest()) {
  switch (e.code) {
    case text_errc::several_targets:
      return {};
    case text_errc::parameter_too_long:
      return "netconsole: string doesn't fit in 255 chars.";
    case text_errc::release_without_extended:
      return "netconsole: Netconsole configuration error. Release feature requires extended log message";
    default:
      break;
  }
  return std::string{detail::parser_prefix(kernel)} + "couldn't parse config at '" +
         std::string{e.where.in(text)} + "'!";
}

/// All lines for a parameter, in the order of the log: what each target was read as, or why it was refused.
[[nodiscard]] inline std::vector<std::string> boot_log(
    std::string_view text, const kernel_profile& kernel = kernel_profile::latest()) {
  std::vector<std::string> lines;
  const auto received = detail::as_received(text, kernel);
  if (!received) return {refusal_line(text, received.error(), kernel)};
  for (const text_range where : target_ranges{*received, kernel}) {
    const auto one_text = where.in(*received);
    const auto one = detail::target_parser{one_text, 0, kernel}.run();
    if (one) {
      detail::log_target(*one, kernel, lines);
      continue;
    }
    if (detail::has_blank_before_remote_port(one_text, one.error(), kernel))
      lines.push_back(std::string{detail::parser_prefix(kernel)} + "warning: whitespace is not allowed");
    lines.push_back(refusal_line(one_text, one.error(), kernel));
    if (!(kernel.supports(feature::bad_target_skipped) && kernel.supports(feature::dynamic))) {
      lines.emplace_back("netconsole: cleaning up");
      break;
    }
  }
  return lines;
}

/// The lines that end the load of a parameter, after those of setting its targets up: the consoles, and
/// "network logging started", which says that netconsole is loaded, not that a target works. None where the
/// load fails; that of a bad target before 6.11, or of a device that is not there, does.
[[nodiscard]] inline std::vector<std::string> start_log(
    std::string_view text, const kernel_profile& kernel = kernel_profile::latest()) {
  const auto read = parse_parameter(text, kernel);
  if (!read) return {};
  bool extended = false, basic = !kernel.supports(feature::needed_consoles_only);
  for (const auto& one : *read) (resolve(one.value, kernel).extended ? extended : basic) = true;
  const std::string console{detail::console_words(kernel)};
  std::vector<std::string> lines;
  if (extended) lines.push_back(console + "[netcon_ext0] enabled");
  if (basic) lines.push_back(console + "[netcon0] enabled");
  lines.emplace_back("netconsole: network logging started");
  return lines;
}

}  // namespace netcon::inline v0_1
