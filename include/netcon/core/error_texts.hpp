// SPDX-License-Identifier: MIT
// The words of each error: name, message and hint; and text_errc as a std::error_code.
#pragma once

#include <netcon/core/error.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace netcon::inline v0_1 {

/// A row of the table of errors.
struct error_text {
  text_errc code;            ///< the key of the row
  std::string_view name;     ///< stable, kebab-case
  std::string_view message;  ///< what is wrong
  std::string_view hint;     ///< what to write instead
};

// clang-format off: a row is two lines.
/// One row for each text_errc, in the order of their numbers; docs/errors.md has examples.
inline constexpr auto error_texts = std::to_array<error_text>({
    {text_errc::bad_ipv4_address, "bad-ipv4-address", "not an IPv4 address",
     "write four numbers from 0 to 255 with dots between them, as in 10.0.0.2"},
    {text_errc::bad_ipv6_address, "bad-ipv6-address", "not an IPv6 address",
     "write groups of hexadecimal digits, as in fd00::2, without brackets, zone or prefix length"},
    {text_errc::bad_ip_address, "bad-ip-address", "not an IP address",
     "write an IPv4 address such as 10.0.0.2 or an IPv6 address such as fd00::2; names are not looked up"},
    {text_errc::bad_mac_address, "bad-mac-address", "not a MAC address",
     "write six pairs of hexadecimal digits with colons between them, as in 52:54:00:12:34:56"},
    {text_errc::bad_port, "bad-port", "not a port number", "write a decimal number from 0 to 65535"},
    {text_errc::port_out_of_range, "port-out-of-range", "the port number is larger than 65535",
     "write a decimal number from 0 to 65535"},
    {text_errc::bad_interface_name, "bad-interface-name", "not a name that an interface can have or a parameter can hold",
     "write 1 to 15 bytes without '/', ':' and white space, in a parameter also without ',' and ';'; ip link lists the names"},
    {text_errc::interface_name_too_long, "interface-name-too-long", "an interface name has at most 15 bytes",
     "write the name that ip link shows"},
    {text_errc::bad_endpoint, "bad-endpoint", "not an address with a port",
     "write ADDRESS:PORT, with brackets around an IPv6 address: 10.0.0.2:6666, [fd00::2]:6666"},
    {text_errc::bad_kernel_version, "bad-kernel-version", "not a kernel version",
     "write it as uname -r prints it: 6.12, 6.12.117 or 6.12.117+deb12-amd64"},
    {text_errc::empty_target, "empty-target", "there is no target here",
     "write at least @/,@ADDRESS/ and no ';' before, after or next to another ';'"},
    {text_errc::missing_first_at, "missing-first-at", "no '@' follows the local port",
     "write [PORT]@[ADDRESS]/[DEVICE],[PORT]@ADDRESS/[MAC]; an omitted part leaves its separator"},
    {text_errc::missing_first_slash, "missing-first-slash", "no '/' follows the local address",
     "write [PORT]@[ADDRESS]/[DEVICE],[PORT]@ADDRESS/[MAC]; an omitted part leaves its separator"},
    {text_errc::missing_comma, "missing-comma", "no ',' follows the local device",
     "write [PORT]@[ADDRESS]/[DEVICE],[PORT]@ADDRESS/[MAC]: this machine, a comma, the receiver"},
    {text_errc::missing_second_at, "missing-second-at", "no '@' follows the remote port",
     "write [PORT]@[ADDRESS]/[DEVICE],[PORT]@ADDRESS/[MAC]; an omitted part leaves its separator"},
    {text_errc::missing_second_slash, "missing-second-slash", "no '/' follows the remote address",
     "end the address with '/', also when no MAC address follows: @/,@10.0.0.2/"},
    {text_errc::missing_remote_address, "missing-remote-address", "the remote address is missing",
     "write the address of the machine that receives, as in @/,@10.0.0.2/"},
    {text_errc::family_mismatch, "family-mismatch", "one address is IPv4 and the other IPv6",
     "write both addresses of one family, or leave the local one out"},
    {text_errc::ipv6_unsupported, "ipv6-unsupported", "this kernel has no netconsole over IPv6",
     "write IPv4 addresses; IPv6 needs Linux 3.9 built with CONFIG_IPV6"},
    {text_errc::ipv6_needs_source, "ipv6-needs-source",
     "before Linux 3.14 an IPv6 target needs a local IPv6 address",
     "write the local address too, as in @fd00::1/,@fd00::2/"},
    {text_errc::bad_device_mac, "bad-device-mac", "a device with ':' in it must be a MAC address",
     "write an interface name such as eth0, without alias, or six pairs of hexadecimal digits with colons"},
    {text_errc::device_mac_unsupported, "device-mac-unsupported",
     "this kernel does not find its device by MAC address",
     "write the interface name; a MAC address needs Linux 6.15 or 6.12.91"},
    {text_errc::extended_unsupported, "extended-unsupported", "this kernel does not know '+'",
     "leave '+' out; extended records need Linux 4.2"},
    {text_errc::release_unsupported, "release-unsupported", "this kernel does not know 'r'",
     "leave 'r' out; the release prefix needs Linux 6.6"},
    {text_errc::release_without_extended, "release-without-extended", "'r' needs '+' before it",
     "write +r, or leave 'r' out"},
    {text_errc::several_targets, "several-targets", "a ';' begins another target", "give one target at a time"},
    {text_errc::parameter_too_long, "parameter-too-long", "the parameter has more than 255 bytes",
     "shorten it, or make further targets through configfs"},
    {text_errc::bad_address_range, "bad-address-range", "not a range of addresses",
     "write one address, or ADDRESS/BITS as in 10.0.0.0/8 or fd00::/8"},
    {text_errc::text_after_mac, "text-after-mac", "the text after the complete MAC address is ignored",
     "remove it; targets are separated by ';'"},
    {text_errc::name_cut, "name-cut", "the interface name is longer than 15 bytes: the kernel cuts it",
     "write the name that ip link shows"},
    {text_errc::broadcast_mac, "broadcast-mac", "no MAC address: every packet is an Ethernet broadcast",
     "write the MAC address of the receiver, or of the router when it is in another network"},
    {text_errc::zero_mac, "zero-mac", "the MAC address is all zero",
     "write the MAC address of the receiver or of the router"},
    {text_errc::multicast_mac, "multicast-mac", "the MAC address is a multicast address",
     "write the MAC address of the receiver or of the router"},
    {text_errc::swapped_halves, "swapped-halves", "source and target look swapped",
     "write this machine before the ',' and the receiver after it"},
    {text_errc::half_missing, "half-missing", "one half of the target is missing",
     "write both halves: [PORT]@[ADDRESS]/[DEVICE],[PORT]@ADDRESS/[MAC]; the shortest first half is @/"},
    {text_errc::quote_character, "quote-character", "the kernel takes this quote as part of the text",
     "leave it out, or put the quotes where the shell or the boot loader removes them"},
    {text_errc::backslash, "backslash", "the kernel takes this backslash as part of the text",
     "leave it out: only the shell or the boot loader knows backslashes"},
    {text_errc::parameter_name_inside, "parameter-name-inside", "the name of the parameter is inside its value",
     "write netconsole= once, before the value"},
    {text_errc::stray_blank, "stray-blank", "white space is not allowed here", "leave it out"},
    {text_errc::stray_newline, "stray-newline", "there is a newline in the text",
     "leave it and what follows it in the field out"},
    {text_errc::bracketed_address, "bracketed-address", "the kernel does not read brackets around an address",
     "write the bare address, as in fd00::2"},
    {text_errc::address_zone, "address-zone", "the kernel does not read a zone in an address",
     "leave %DEVICE out and name the device before the ','"},
    {text_errc::prefix_length, "prefix-length", "the kernel does not read a prefix length",
     "leave it out: the device, the MAC address or nothing follows the '/'"},
    {text_errc::leading_zeros, "leading-zeros", "leading zeros: the number is decimal, not octal",
     "leave the zeros out"},
    {text_errc::host_name, "host-name", "a host name: the kernel does not look names up", "write the address"},
    {text_errc::syslog_port, "syslog-port", "port 514 is syslog's: these records are not in syslog's format",
     "receive on another port, such as 6666, or set the syslog server up for plain text"},
    {text_errc::low_remote_port, "low-remote-port", "only root can listen on a port below 1024",
     "receive on a port from 1024 up, such as 6666"},
    {text_errc::wireless_device, "wireless-device",
     "looks like a wireless device: nothing is sent while it is not associated", "use a wired interface"},
    {text_errc::compound_device, "compound-device",
     "looks like a bridge, bond or team: it works only if every port has netpoll",
     "check on the running system that the kernel enables the target"},
    {text_errc::unusable_name, "unusable-name", "no interface can have this name",
     "write the name that ip link shows"},
    {text_errc::device_alias, "device-alias", "an alias is not a device: the kernel will not find it",
     "write the name before the ':'"},
    {text_errc::device_never_found, "device-never-found", "no device has an all-zero or multicast MAC address",
     "write the MAC address that ip link shows"},
    {text_errc::device_mac_too_old, "device-mac-too-old",
     "this kernel takes a MAC address in this place for a name, and cuts it",
     "write the interface name; a MAC address needs Linux 6.15 or 6.12.91"},
    {text_errc::raspberry_dialect, "raspberry-dialect",
     "this is the Raspberry Pi boot loader's form: Linux needs the target address",
     "write the receiver's address before the last '/'"},
    {text_errc::unspecified_remote, "unspecified-remote", "the unspecified address has no receiver",
     "write the address of the machine that receives"},
    {text_errc::loopback_remote, "loopback-remote", "a loopback address does not leave this machine",
     "write the address of the machine that receives"},
    {text_errc::unspecified_source, "unspecified-source", "the unspecified address is no source",
     "leave it out: the kernel then picks an address of the device"},
    {text_errc::port_zero, "port-zero", "port 0 is not a port that a packet can be received on",
     "write a port from 1 to 65535, or leave it out"},
    {text_errc::plus_in_port, "plus-in-port", "a '+' before the number is part of the port",
     "leave it out; write '+' for extended records once, at the very beginning"},
    {text_errc::nul_byte, "nul-byte", "the kernel sees nothing from the NUL byte on", "remove it"},
    {text_errc::cut_at_limit, "cut-at-limit",
     "a built-in netconsole keeps 255 bytes and drops the rest without a word",
     "shorten the parameter, or make further targets through configfs"},
    {text_errc::mac_spelling, "mac-spelling", "the kernel does not read this spelling of a MAC address",
     "write six pairs of hexadecimal digits with colons between them"},
    {text_errc::not_hexadecimal, "not-hexadecimal", "not a hexadecimal digit",
     "look the MAC address up again: its digits are 0 to 9 and a to f"},
    {text_errc::misread_address, "misread-address",
     "this kernel does not check addresses and will misread this one",
     "write an IPv4 address such as 10.0.0.2"},
    {text_errc::misread_port, "misread-port", "this kernel does not check ports and will misread this one",
     "write a decimal number from 0 to 65535"},
    {text_errc::flag_too_old, "flag-too-old",
     "this kernel does not know this flag and takes it for a part of the port",
     "leave it out; '+' needs Linux 4.2 and 'r' needs Linux 6.6"},
    {text_errc::repeated_target, "repeated-target", "an earlier target already sends to this address and port",
     "remove one of the two, or each record arrives twice"},
    {text_errc::swapped_ports, "swapped-ports", "the default ports look swapped",
     "Linux sends from port 6665 to port 6666"},
    {text_errc::comma_between_targets, "comma-between-targets", "a ',' does not begin another target",
     "separate targets with ';'"},
    {text_errc::semicolon_ends_command, "semicolon-ends-command",
     "the shell or the boot loader ends the command at this ';'",
     "put the value in single quotes, or write a backslash before the ';'"},
    {text_errc::value_overridden, "value-overridden", "a later netconsole= replaces this one",
     "write one netconsole= with all targets, separated by ';'"},
    {text_errc::name_with_parent, "name-with-parent", "ip link shows NAME@PARENT for the interface NAME",
     "write the name before the '@'"},
    {text_errc::blank_ends_value, "blank-ends-value", "the value ends at this blank, before the rest of what is meant",
     "leave the blank out; an assignment of a shell needs quotes around all of it"},
    {text_errc::no_target, "no-target", "the parameter is empty: the kernel takes it and makes no target",
     "write at least @/,@ADDRESS/, or leave it empty if targets come through configfs"},
    {text_errc::panic_reboots, "panic-reboots", "this kernel reboots after a panic before it has sent any of it",
     "write panic=0, so that it halts, or record panics in another way too, such as pstore"},
    {text_errc::crash_kernel_silent, "crash-kernel-silent",
     "once a crash kernel is loaded, this kernel sends nothing of a panic",
     "rely on the dump for panics; netconsole has what came before"},
    {text_errc::oops_only_silent, "oops-only-silent", "with oops_only this kernel sends nothing of an oops",
     "leave it out: it works up to Linux 6.19"},
    {text_errc::built_in_only, "built-in-only",
     "only a netconsole that is built in reads netconsole= on the command line; distributions build a module",
     "write netconsole.netconsole= for a module and load it early, or use modprobe.d"},
    {text_errc::console_level, "console-level", "this keeps records of higher levels away from netconsole too",
     "leave quiet out, or write loglevel=7 for all but debug records, loglevel=8 for all"},
    {text_errc::device_not_yet, "device-not-yet",
     "a netconsole that is built in starts before a device has this name",
     "write the kernel's own name such as eth0, or from Linux 6.15 on the MAC address of the device"},
    {text_errc::address_not_yet, "address-not-yet",
     "a netconsole that is built in starts before the device has an address",
     "write the source address before the device, as in @10.0.0.1/eth0"},
    {text_errc::tunnel_device, "tunnel-device", "looks like a tunnel: it has no Ethernet, which netconsole sends",
     "use the Ethernet interface that packets leave through"},
    {text_errc::source_network, "source-network", "the source is in another network than the receiver",
     "check the digits: a receiver on the same link has an address of the same network"},
    {text_errc::port_after_mac, "port-after-mac", "the kernel ignores a port after the MAC address",
     "write the receiver's port before its '@', as in 6666@10.0.0.2"},
    {text_errc::not_expanded, "not-expanded", "not expanded here: what a shell or a template puts in is not known",
     "check the text that it becomes; the rest of the target was checked"},
    {text_errc::name_forgotten, "name-forgotten", "the name of the module or of the parameter is missing",
     "write the module and the parameter: options netconsole netconsole=..."},
    {text_errc::other_format, "other-format",
     "this is another program's configuration: its own fields are checked, not a parameter of the kernel",
     "write these fields as that program documents them"},
    {text_errc::foreign_value, "foreign-value", "the program that reads this file does not take that",
     "write its own form, without that of the kernel's parameter"},
    {text_errc::not_read, "not-read", "the kernel does not get this parameter from here",
     "write it where it is read: on the kernel's command line before a lone --, in the first line, in GRUB_CMDLINE_LINUX, or behind 'options netconsole' in modprobe.d"},
    {text_errc::comma_ends_value, "comma-ends-value", "the ',' makes a list of two values here",
     "put the whole value in quotes"},
    {text_errc::unclosed_quote, "unclosed-quote", "these quotes do not end", "close them after the last parameter"},
    {text_errc::redefined_key, "redefined-key", "the key has a value already: the kernel refuses the whole boot configuration",
     "write all values behind one key, or += to add one, or := to replace it"},
    {text_errc::empty_packet, "empty-packet", "the packet is empty",
     "no kernel sends one: look for another sender on this port"},
    {text_errc::number_out_of_range, "number-out-of-range", "a number in the header does not fit its field",
     "a kernel's sequence and timestamp have 64 bits: another program sent this"},
    {text_errc::bad_priority, "bad-priority", "the priority is larger than 2047",
     "facility x 8 + level is at most 2047: another program sent this"},
    {text_errc::bad_fragment, "bad-fragment", "the ncfrag field is not OFFSET/TOTAL",
     "a kernel writes ncfrag=OFFSET/TOTAL in decimal: another program sent this"},
    {text_errc::fragment_out_of_bounds, "fragment-out-of-bounds", "the fragment reaches beyond the total it names",
     "offset plus length is at most the total: the packet is damaged or hostile"},
    {text_errc::fragment_too_large, "fragment-too-large", "the total named by the fragment is above the limit",
     "raise the limit if the sender is trusted: a kernel of today sends up to 68 kB"},
    {text_errc::fragment_empty, "fragment-empty", "the fragment carries no bytes",
     "no kernel sends one: the packet is forged"},
    {text_errc::not_sent_by_kernel, "not-sent-by-kernel", "this kernel cannot send that part of the record",
     "a caller needs Linux 5.1, release 6.6, userdata 6.9, cpu, taskname and release lines 6.15, msgid 6.17; the flag "
     "'+' ended with 4.9"},
    {text_errc::header_too_long, "header-too-long",
     "release and header leave no room for text in a packet of 1000 bytes", "shorten the release"},
    {text_errc::bad_header, "bad-header", "not a header that the kernel writes",
     "write PRIORITY,SEQUENCE,MICROSECONDS,FLAG and perhaps ,caller=T1: decimal numbers without leading zeros, no ';'"},
    {text_errc::bad_release, "bad-release", "not a kernel release", "write what uname -r prints: no ',', ';' or newline"},
    {text_errc::bad_userdata_key, "bad-userdata-key", "not a userdata key",
     "write 1 to 53 bytes that can name a directory: without '/', not '.' or '..'"},
    {text_errc::bad_userdata_value, "bad-userdata-value", "not a userdata value", "write at most 199 bytes without NUL"},
    {text_errc::too_many_userdata, "too-many-userdata", "more userdata than a target has room for",
     "give at most 256 entries from Linux 6.19 on, 16 before; up to 6.18 each sysdata line counts as one"},
    {text_errc::bad_task_name, "bad-task-name", "a task name has at most 15 bytes", "cut it as the kernel does"},
    {text_errc::buffer_too_small, "buffer-too-small", "the record does not fit into the buffer",
     "pass a buffer of formatted_limit() bytes; max_formatted always suffices"},
});
// clang-format on

/// The row of a code; nullptr for a number that is no text_errc.
[[nodiscard]] constexpr const error_text* find_error_text(text_errc code) noexcept {
  for (const auto& row : error_texts)
    if (row.code == code) return &row;
  return nullptr;
}

/// The code of that name.
[[nodiscard]] constexpr std::optional<text_errc> parse_text_errc(std::string_view name) noexcept {
  for (const auto& row : error_texts)
    if (row.name == name) return row.code;
  return std::nullopt;
}

/// The stable kebab-case name of a code, as docs/errors.md and the tools show it.
[[nodiscard]] constexpr std::string_view name(text_errc code) noexcept {
  const auto* row = find_error_text(code);
  return row ? row->name : "unknown-error";
}

/// What is wrong, one line without a full stop.
[[nodiscard]] constexpr std::string_view message(text_errc code) noexcept {
  const auto* row = find_error_text(code);
  return row ? row->message : "unknown error";
}

/// What to write instead, one line without a full stop.
[[nodiscard]] constexpr std::string_view hint(text_errc code) noexcept {
  const auto* row = find_error_text(code);
  return row ? row->hint : "";
}

/// The category that makes an text_errc a std::error_code. Its codes equal std::errc::invalid_argument, but
/// buffer_too_small, which equals no_buffer_space.
[[nodiscard]] inline const std::error_category& netcon_category() noexcept {
  static const struct final : std::error_category {
    const char* name() const noexcept override { return "netcon"; }
    std::string message(int value) const override {
      return std::string{netcon::message(static_cast<text_errc>(value))};
    }
    std::error_condition default_error_condition(int value) const noexcept override {
      return static_cast<text_errc>(value) == text_errc::buffer_too_small ? std::errc::no_buffer_space
                                                                          : std::errc::invalid_argument;
    }
  } category;
  return category;
}

/// Found by std::error_code's constructor: `std::error_code e = text_errc::bad_port`.
[[nodiscard]] inline std::error_code make_error_code(text_errc code) noexcept {
  return {static_cast<int>(code), netcon_category()};
}

}  // namespace netcon::inline v0_1

template <>
struct std::is_error_code_enum<netcon::text_errc> : std::true_type {};
