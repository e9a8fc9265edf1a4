// SPDX-License-Identifier: MIT
// The wanted end of a plan as what sets it up at boot: a modprobe.d line, kernel command line, systemd unit.
#pragma once

#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/shell.hpp>
#include <netcon/configfs/state.hpp>
#include <netcon/core/error_texts.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/target.hpp>
#include <netcon/parameter/write.hpp>

#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::configfs {

/// The text, or in one line why this form cannot express the target.
using boot_text = std::expected<std::string, std::string>;

namespace internal {

inline boot_text parameter_of(const plan& p) {
  const auto cannot = [](std::string_view why) { return std::unexpected{std::string{why}}; };
  if (!p.after) return cannot("the plan removes the target");
  const auto& s = *p.after;
  if (!s.enabled) return cannot("the parameter has no form for a disabled target");
  if (!s.userdata.empty()) return cannot("the parameter has no form for userdata: use the systemd unit");
  if (s.sysdata != sysdata_switches{})
    return cannot("the parameter has no form for sysdata switches: use the systemd unit");
  const auto written = shortest(full(s.settings), p.kernel);
  if (const auto code = check(written, p.kernel)) return cannot(message(*code));
  auto text = to_string(written);
  const auto read = parse_target(text, p.kernel);
  if (!read || resolve(*read, p.kernel) != s.settings)
    return cannot(
        "this kernel's build turns on what the target has off, and the parameter cannot turn it off");
  if (!is_printable(text) || text.find('"') != text.npos)
    return cannot("the device name holds bytes that cannot be quoted there");
  return text;
}

/// The targets of several plans, separated by ';'.
inline boot_text parameter_of(std::span<const plan> plans) {
  std::string all;
  for (const auto& p : plans) {
    const auto one = parameter_of(p);
    if (!one) return one;
    if (!all.empty()) all += ';';
    all += *one;
  }
  if (plans.size() > 1 && !plans.front().kernel.supports(feature::multiple_targets))
    return std::unexpected{std::string{"this kernel reads one target only"}};
  // A built-in netconsole cuts the rest off without a word.
  if (all.size() > max_parameter)
    return std::unexpected{std::string{message(text_errc::parameter_too_long)} + ": use the systemd unit"};
  return all;
}

// The kernel knows only the double quote, and drops it around a whole value.
inline std::string as_option_value(const std::string& text) {
  return text.find(' ') == text.npos ? text : '"' + text + '"';
}

inline std::string systemd_command(std::string_view command) {
  std::string line = "/bin/sh -c \"";
  for (const char c : command) {
    if (c == '%' || c == '$') line += c;
    if (c == '"' || c == '\\') line += '\\';
    line += c;
  }
  return line + "\"\n";
}

// A backslash at the end of a line would join the next one to it.
inline std::string systemd_description(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (c == '\\') {
      line += "\\x5c";
    } else {
      line.append(c == '%' ? 2 : 1, c);
    }
  }
  return line;
}

// As systemd-escape: anything but a letter, a digit, ':', '_' or an inner '.' becomes \xNN.
inline std::string systemd_escape(std::string_view name) {
  std::string unit;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || netcon::detail::is_digit(c);
    if (letter || c == ':' || c == '_' || (c == '.' && !unit.empty())) {
      unit += c;
    } else if (c == '/') {
      unit += '-';
    } else {
      const auto byte = static_cast<unsigned char>(c);
      unit.append("\\x") += netcon::detail::hex_digits[byte >> 4];
      unit += netcon::detail::hex_digits[byte & 15];
    }
  }
  return unit;
}

}  // namespace internal

/// A line for /etc/modprobe.d/NAME.conf, with the targets of all plans. They are for the same kernel.
[[nodiscard]] inline boot_text to_modprobe(std::span<const plan> plans) {
  if (!plans.empty() && !plans.front().kernel.supports(feature::module))
    return std::unexpected{std::string{"netconsole is built into this kernel: use the command line"}};
  const auto text = internal::parameter_of(plans);
  if (!text) return text;
  std::string line = "options netconsole netconsole=";
  for (const char c : internal::as_option_value(*text)) {
    if (c == '\\') line += c;  // modprobe takes one off
    line += c;
  }
  return line += '\n';
}

/// For one target.
[[nodiscard]] inline boot_text to_modprobe(const plan& p) {
  return to_modprobe({&p, 1});
}

/// What to add to the kernel command line, with the targets of all plans. They are for the same kernel. A
/// module reads its option there when it is loaded.
[[nodiscard]] inline boot_text to_cmdline(std::span<const plan> plans) {
  auto text = internal::parameter_of(plans);
  const bool module = plans.empty() || plans.front().kernel.supports(feature::module);
  if (text) *text = (module ? "netconsole.netconsole=" : "netconsole=") + internal::as_option_value(*text);
  return text;
}

/// For one target.
[[nodiscard]] inline boot_text to_cmdline(const plan& p) {
  return to_cmdline({&p, 1});
}

/// A oneshot service that mounts configfs, loads the module and makes the target, and removes it when
/// stopped.
[[nodiscard]] inline boot_text to_systemd_unit(const plan& p) {
  if (!p.after) return std::unexpected{std::string{"the plan removes the target"}};
  if (!p.kernel.supports(feature::dynamic))
    return std::unexpected{std::string{"this kernel has no netconsole in configfs: use the parameter"}};
  const auto made = create(p.name, *p.after, p.kernel);
  if (!made) return std::unexpected{message(made.error())};
  const auto& s = p.after->settings;
  constexpr std::string_view root = "/sys/kernel/config/netconsole";
  std::string unit = "[Unit]\nDescription=netconsole target ";
  unit += internal::systemd_description(netcon::printable(p.name)) += '\n';
  if (!s.local_ip) {
    // The kernel takes the interface's own address, so there must be one.
    unit += "Wants=network-online.target\nAfter=network-online.target\n";
  } else {
    const auto device =
        "sys-subsystem-net-devices-" + internal::systemd_escape(s.dev_name.view()) + ".device";
    unit.append("Wants=").append(device).append("\nAfter=").append(device) += '\n';
  }
  unit += "\n[Service]\nType=oneshot\nRemainAfterExit=yes\n";
  const auto run = [&](std::string_view when, std::string_view command) {
    unit.append(when).append("=").append(internal::systemd_command(command));
  };
  run("ExecStart", "mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config");
  run("ExecStart", "[ -d " + std::string{root} + " ] || modprobe netconsole");
  // A start that failed half way left a target, which the next start would stumble over.
  const step leftover{operation::rmdir, p.name, {}};
  const auto path = std::string{root} + '/' + internal::shell_word(p.name);
  if (internal::is_printable(p.name))
    run("ExecStart", "if [ -d " + path + " ]; then for e in " + internal::shell_entries(path) +
                         "; do [ ! -d \"$e\" ] || rmdir \"$e\"; done; " + shell_command(leftover, root) +
                         "; fi");
  for (const auto& step : made->steps) run("ExecStart", shell_command(step, root));
  for (const auto& step : remove(p.name, *p.after, p.kernel).steps)
    run("ExecStop", shell_command(step, root));
  unit += "\n[Install]\nWantedBy=multi-user.target\n";
  return unit;
}

}  // namespace netcon::inline v0_1::configfs
