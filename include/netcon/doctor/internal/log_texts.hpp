// SPDX-License-Identifier: MIT
// The table of the kernel's own texts: how each begins and ends, and what it means.
#pragma once

#include <netcon/doctor/finding.hpp>

#include <array>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::doctor::internal {

/// As log_text::after: nothing stands after `before`.
inline constexpr std::string_view line_end = "\n";

/// A text of the kernel. '%' in meaning and remedy stands for what is between `before` and `after`.
struct log_text {
  std::string_view before;
  std::string_view after;
  doctor::severity severity;
  std::string_view name;
  std::string_view meaning;
  std::string_view remedy;

  /// What stands between the two; the line ends with `after`, which may be empty.
  constexpr std::optional<std::string_view> match(std::string_view line) const noexcept {
    if (after == line_end) return line == before ? std::optional{std::string_view{}} : std::nullopt;
    if (line.size() < before.size() + after.size() || !line.starts_with(before) || !line.ends_with(after))
      return std::nullopt;
    auto subject = line.substr(before.size(), line.size() - before.size() - after.size());
    if (subject.size() > 1 && subject.front() == '\'' && subject.back() == '\'')
      subject = subject.substr(1, subject.size() - 2);
    return subject;
  }
};

inline constexpr std::string_view ask_suggest = "netcon suggest RECEIVER --apply";

// The first row that matches counts.
inline constexpr auto log_text_table = std::to_array<log_text>({
    // Reading the parameter.
    {"couldn't parse config at '", "'!", severity::bad, "parameter-refused",
     "the kernel refuses a target of netconsole= at '%': it does not exist", "netcon lint 'PARAMETER'"},
    {"warning: whitespace is not allowed", "", severity::bad, "blank-in-parameter",
     "a blank stands before the remote port: the kernel refuses the target", "netcon lint 'PARAMETER'"},
    {"string doesn't fit in ", " chars.", severity::bad, "parameter-too-long",
     "the parameter has more than % bytes: the module does not load", "netcon lint 'PARAMETER'"},
    {"`", "' too large for parameter `netconsole'", severity::bad, "parameter-too-long",
     "the parameter has more than 255 bytes: the module does not load", "netcon lint 'PARAMETER'"},
    {"`", "' invalid for parameter `oops_only'", severity::bad, "oops-only-refused",
     "oops_only=% is neither yes nor no: the module does not load", "modprobe netconsole oops_only=0"},
    {"unknown parameter '", "' ignored", severity::bad, "parameter-unknown",
     "netconsole has no parameter '%': the module takes netconsole= and oops_only=",
     "modprobe -r netconsole; modprobe netconsole netconsole='PARAMETER'"},
    {"Netconsole configuration error. Release feature requires extended log message", "", severity::bad,
     "release-without-extended", "'r' is written without '+': the kernel refuses the target",
     "netcon lint 'PARAMETER'"},
    {"cleaning up", "", severity::bad, "load-failed",
     "a bad target made the whole load fail: netconsole is not there and no target exists",
     "netcon lint 'PARAMETER'"},

    // The banner of a target.
    {"local port ", "", severity::ok, "local-port", "a target is read or enabled: it sends from port %", ""},
    {"remote port ", "", severity::ok, "remote-port", "it sends to port %", ""},
    {"interface name ''", "", severity::ok, "interface", "its device is found by MAC address", ""},
    {"interface name ", "", severity::ok, "interface", "it sends through %", ""},
    {"interface ", "", severity::ok, "interface", "it sends through %", ""},
    {"local ethernet address '00:00:00:00:00:00'", "", severity::ok, "local-mac",
     "its device is found by name", ""},
    {"local ethernet address 'ff:ff:ff:ff:ff:ff'", "", severity::ok, "local-mac",
     "its device is found by name", ""},
    {"local ethernet address ", "", severity::ok, "local-mac", "it sends through the device with address %",
     ""},
    {"remote ethernet address ", "", severity::ok, "remote-mac",
     "its packets go to the MAC address %: that of the receiver, or of the router in front of it", ""},
    {"local IPv4 address 0.0.0.0", line_end, severity::ok, "local-address",
     "no source address was given: the kernel takes one of the device", ""},
    {"local IPv6 address ::", line_end, severity::ok, "local-address",
     "no source address was given: the kernel takes one of the device", ""},
    {"local IP unset", "", severity::ok, "local-address",
     "no source address was given: the kernel takes one of the device", ""},
    {"local IPv4 address ", "", severity::ok, "local-address", "it sends from the address %", ""},
    {"local IPv6 address ", "", severity::ok, "local-address", "it sends from the address %", ""},
    {"remote IP unset", "", severity::bad, "no-remote-address", "the target has no receiver", ask_suggest},
    {"remote IPv4 address 0.0.0.0", line_end, severity::bad, "no-remote-address",
     "the target has no receiver", ask_suggest},
    {"remote IPv6 address ::", line_end, severity::bad, "no-remote-address", "the target has no receiver",
     ask_suggest},
    {"remote IPv4 address ", "", severity::ok, "remote-address", "it sends to the address %", ""},
    {"remote IPv6 address ", "", severity::ok, "remote-address", "it sends to the address %", ""},
    {"local IPv6 ", "", severity::ok, "source-chosen", "the kernel chose % as its source address", ""},
    {"local IP ", "", severity::ok, "source-chosen", "the kernel chose % as its source address", ""},

    // Setting a target up on its device.
    {"", " doesn't exist, aborting", severity::bad, "no-device",
     "there was no device % when the target was set up: the target is not enabled", "ip link"},
    {"", " is a slave device, aborting", severity::bad, "enslaved",
     "% belongs to a bridge, bond or team: netconsole sends through that one, not through its port",
     "ip link show dev %"},
    {"", " doesn't support polling, aborting", severity::bad, "no-netpoll",
     "the driver of % has no netpoll, as those of tunnels: the target is not enabled", ask_suggest},
    {"no IP address for ", ", aborting", severity::bad, "no-source",
     "% had no IPv4 address when the target was set up: it is not enabled", "ip address show dev %"},
    {"no IPv6 address for ", ", aborting", severity::bad, "no-source",
     "% had no IPv6 address of the receiver's scope when the target was set up: it is not enabled",
     "ip address show dev %"},
    {"IPv6 is not supported ", ", aborting", severity::bad, "no-ipv6",
     "this kernel is built without IPv6: the target is not enabled", "netcon suggest IPV4-RECEIVER --apply"},
    {"failed to open ", "", severity::bad, "device-not-opened",
     "% could not be brought up: the target is not enabled", "ip link set % up"},
    {"device ", " not up yet, forcing it", severity::ok, "device-brought-up",
     "% was down: the kernel brings it up and waits for carrier", ""},
    {"timeout waiting for carrier", "", severity::warning, "no-carrier",
     "the device had no carrier in time: what is sent before it has is lost", "ip link"},
    {"carrier detect appears untrustworthy, waiting ", "", severity::ok, "carrier-distrusted",
     "carrier came at once: the kernel waits % to be sure", ""},
    {"Not enabling netconsole for ", ". Netpoll setup failed", severity::bad, "target-not-enabled",
     "% exists but is disabled: a line before this one says why",
     "mkdir -p /sys/kernel/config/netconsole/%; echo 1 > /sys/kernel/config/netconsole/%/enabled"},
    {"Not enabling netconsole. Release feature requires extended log message", "", severity::bad,
     "release-without-extended", "the target was not enabled: release is on and extended is off",
     "echo 1 > /sys/kernel/config/netconsole/TARGET/extended"},

    // What becomes of targets.
    {"network logging started", "", severity::ok, "started",
     "netconsole is loaded, or a target is enabled: it does not say that a target exists or works", ""},
    {"network logging has already started", "", severity::ok, "already-started",
     "1 was written to `enabled` of a target that was enabled: nothing changed", ""},
    {"network logging has already stopped", "", severity::ok, "already-stopped",
     "0 was written to `enabled` of a target that was disabled: nothing changed", ""},
    {"network logging stopped on interface ", " as it unregistered", severity::bad, "device-gone",
     "% is gone: its targets stopped; from Linux 7.0 on they resume when it returns", ask_suggest},
    {"network logging stopped on interface ", " as it is joining a master device", severity::bad,
     "joined-master", "% became a port of a bridge, bond or team: its targets stopped and stay disabled",
     ask_suggest},
    {"network logging stopped on interface ", " as it released slaves", severity::bad, "released-ports",
     "% released its ports: its targets stopped and stay disabled", ask_suggest},
    {"network logging stopped on interface ", "", severity::bad, "stopped",
     "the targets of this device stopped: %", ask_suggest},
    {"network logging resumed on interface ", "", severity::ok, "resumed",
     "% returned: its target sends again", ""},
    {"target (", ") is enabled, disable to update parameters", severity::warning, "locked",
     "a setting of target % was written while it was enabled: nothing changed",
     "echo 0 > /sys/kernel/config/netconsole/%/enabled"},
    {"invalid IPv6 address at: <", ">", severity::bad, "bad-address",
     "an address written to configfs is not an IPv6 address from '%' on", "netcon configfs show"},

    // Consoles.
    {"console [netcon0] enabled", "", severity::ok, "basic-console",
     "records go to basic targets, if there are any", ""},
    {"console [netcon_ext0] enabled", "", severity::ok, "extended-console",
     "records go to extended targets, if there are any", ""},
    {"console [netcon0] disabled", "", severity::warning, "basic-console-gone",
     "no record goes to basic targets any more: netconsole was unloaded, or the last one was disabled",
     "netcon doctor"},
    {"console [netcon_ext0] disabled", "", severity::warning, "extended-console-gone",
     "no record goes to extended targets any more: netconsole was unloaded, or the last one was disabled",
     "netcon doctor"},
    {"console [", "] enabled", severity::ok, "other-console", "console % is registered; not netconsole's",
     ""},
    {"console [", "] disabled", severity::ok, "other-console", "console % is gone; not netconsole's", ""},
    {"bootconsole [", "] enabled", severity::ok, "other-console",
     "an early console, %, is registered; not netconsole's", ""},
    {"bootconsole [", "] disabled", severity::ok, "other-console",
     "an early console, %, is gone, as it should when a real one is there; not netconsole's", ""},
    {"ignoring loglevel setting", "", severity::ok, "level-ignored",
     "ignore_loglevel is on: records of every level go to the consoles", ""},
});

}  // namespace netcon::inline v0_1::doctor::internal
