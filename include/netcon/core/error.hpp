// SPDX-License-Identifier: MIT
// Text problems as values: a code and a range of the caller's own text. error_texts.hpp has the words.
// Codes are stable: never renumbered, never reused; docs/errors.md has a row for each.
#pragma once

#include <netcon/detail/hash.hpp>
#include <netcon/detail/requires_cpp23.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netcon::inline v0_1 {

/// One enumerator per mistake. 1-49 texts of values and of the parameter, 50-149 lint, 150-199 the wire.
enum class [[nodiscard]] text_errc : std::uint8_t {
  bad_ipv4_address = 1,           ///< not an IPv4 address
  bad_ipv6_address = 2,           ///< not an IPv6 address
  bad_ip_address = 3,             ///< not an IP address
  bad_mac_address = 4,            ///< not a MAC address
  bad_port = 5,                   ///< not a port number
  port_out_of_range = 6,          ///< the port number is larger than 65535
  bad_interface_name = 7,         ///< not a name that an interface can have or a parameter can hold
  interface_name_too_long = 8,    ///< an interface name has at most 15 bytes
  bad_endpoint = 9,               ///< not an address with a port
  bad_kernel_version = 10,        ///< not a kernel version
  empty_target = 11,              ///< there is no target here
  missing_first_at = 12,          ///< no '@' follows the local port
  missing_first_slash = 13,       ///< no '/' follows the local address
  missing_comma = 14,             ///< no ',' follows the local device
  missing_second_at = 15,         ///< no '@' follows the remote port
  missing_second_slash = 16,      ///< no '/' follows the remote address
  missing_remote_address = 17,    ///< the remote address is missing
  family_mismatch = 18,           ///< one address is IPv4 and the other IPv6
  ipv6_unsupported = 19,          ///< this kernel has no netconsole over IPv6
  ipv6_needs_source = 20,         ///< before Linux 3.14 an IPv6 target needs a local IPv6 address
  bad_device_mac = 21,            ///< a device with ':' in it must be a MAC address
  device_mac_unsupported = 22,    ///< this kernel does not find its device by MAC address
  extended_unsupported = 23,      ///< this kernel does not know '+'
  release_unsupported = 24,       ///< this kernel does not know 'r'
  release_without_extended = 25,  ///< 'r' needs '+' before it
  several_targets = 26,           ///< a ';' begins another target
  parameter_too_long = 27,        ///< the parameter has more than 255 bytes
  bad_address_range = 28,         ///< not a range of addresses

  text_after_mac = 50,         ///< the text after the complete MAC address is ignored
  name_cut = 51,               ///< the interface name is longer than 15 bytes: the kernel cuts it
  broadcast_mac = 52,          ///< no MAC address: every packet is an Ethernet broadcast
  zero_mac = 53,               ///< the MAC address is all zero
  multicast_mac = 54,          ///< the MAC address is a multicast address
  swapped_halves = 55,         ///< source and target look swapped
  half_missing = 56,           ///< one half of the target is missing
  quote_character = 57,        ///< the kernel takes this quote as part of the text
  backslash = 58,              ///< the kernel takes this backslash as part of the text
  parameter_name_inside = 59,  ///< the name of the parameter is inside its value
  stray_blank = 60,            ///< white space is not allowed here
  stray_newline = 61,          ///< there is a newline in the text
  bracketed_address = 62,      ///< the kernel does not read brackets around an address
  address_zone = 63,           ///< the kernel does not read a zone in an address
  prefix_length = 64,          ///< the kernel does not read a prefix length
  leading_zeros = 65,          ///< leading zeros: the number is decimal, not octal
  host_name = 66,              ///< a host name: the kernel does not look names up
  syslog_port = 67,            ///< port 514 is syslog's: these records are not in syslog's format
  low_remote_port = 68,        ///< only root can listen on a port below 1024
  wireless_device = 69,        ///< looks like a wireless device: nothing is sent while it is not associated
  compound_device = 70,        ///< looks like a bridge, bond or team: it works only if every port has netpoll
  unusable_name = 71,          ///< no interface can have this name
  device_alias = 72,           ///< an alias is not a device: the kernel will not find it
  device_never_found = 73,     ///< no device has an all-zero or multicast MAC address
  device_mac_too_old = 74,     ///< this kernel takes a MAC address in this place for a name, and cuts it
  raspberry_dialect = 75,   ///< this is the Raspberry Pi boot loader's form: Linux needs the target address
  unspecified_remote = 76,  ///< the unspecified address has no receiver
  loopback_remote = 77,     ///< a loopback address does not leave this machine
  unspecified_source = 78,  ///< the unspecified address is no source
  port_zero = 79,           ///< port 0 is not a port that a packet can be received on
  plus_in_port = 80,        ///< a '+' before the number is part of the port
  nul_byte = 81,            ///< the kernel sees nothing from the NUL byte on
  cut_at_limit = 82,        ///< a built-in netconsole keeps 255 bytes and drops the rest without a word
  mac_spelling = 83,        ///< the kernel does not read this spelling of a MAC address
  not_hexadecimal = 84,     ///< not a hexadecimal digit
  misread_address = 85,     ///< this kernel does not check addresses and will misread this one
  misread_port = 86,        ///< this kernel does not check ports and will misread this one
  flag_too_old = 87,        ///< this kernel does not know this flag and takes it for a part of the port
  repeated_target = 88,     ///< an earlier target already sends to this address and port
  swapped_ports = 89,       ///< the default ports look swapped
  comma_between_targets = 90,   ///< a ',' does not begin another target
  semicolon_ends_command = 91,  ///< the shell or the boot loader ends the command at this ';'
  value_overridden = 92,        ///< a later netconsole= replaces this one
  name_with_parent = 93,        ///< ip link shows `NAME@PARENT` for the interface NAME
  blank_ends_value = 94,        ///< the value ends at this blank, before the rest of what is meant
  no_target = 95,               ///< the parameter is empty: the kernel takes it and makes no target
  built_in_only = 96,           ///< only a netconsole that is built in reads netconsole= on the command line;
                                ///< distributions build a module
  console_level = 97,           ///< this keeps records of higher levels away from netconsole too
  device_not_yet = 98,          ///< a netconsole that is built in starts before a device has this name
  address_not_yet = 99,         ///< a netconsole that is built in starts before the device has an address
  panic_reboots = 100,          ///< this kernel reboots after a panic before it has sent any of it
  crash_kernel_silent = 101,    ///< once a crash kernel is loaded, this kernel sends nothing of a panic
  oops_only_silent = 102,       ///< with oops_only this kernel sends nothing of an oops
  tunnel_device = 103,          ///< looks like a tunnel: it has no Ethernet, which netconsole sends
  source_network = 104,         ///< the source is in another network than the receiver
  port_after_mac = 105,         ///< the kernel ignores a port after the MAC address
  not_expanded = 106,           ///< not expanded here: what a shell or a template puts in is not known
  name_forgotten = 107,         ///< the name of the module or of the parameter is missing
  other_format = 108,      ///< this is another program's configuration: its own fields are checked, not a
                           ///< parameter of the kernel
  foreign_value = 109,     ///< the program that reads this file does not take that
  not_read = 110,          ///< the kernel does not get this parameter from here
  comma_ends_value = 111,  ///< the ',' makes a list of two values here
  unclosed_quote = 112,    ///< these quotes do not end
  redefined_key = 113,     ///< the key has a value already: the kernel refuses the whole boot configuration

  empty_packet = 150,            ///< the packet is empty
  number_out_of_range = 151,     ///< a number in the header does not fit its field
  bad_priority = 152,            ///< the priority is larger than 2047
  bad_fragment = 153,            ///< the ncfrag field is not OFFSET/TOTAL
  fragment_out_of_bounds = 154,  ///< the fragment reaches beyond the total it names
  fragment_too_large = 155,      ///< the total named by the fragment is above the limit
  fragment_empty = 157,          ///< the fragment carries no bytes
  not_sent_by_kernel = 158,      ///< this kernel cannot send that part of the record
  header_too_long = 159,         ///< release and header leave no room for text in a packet of 1000 bytes
  bad_header = 160,              ///< not a header that the kernel writes
  bad_release = 161,             ///< not a kernel release
  bad_userdata_key = 162,        ///< not a userdata key
  bad_userdata_value = 163,      ///< not a userdata value
  too_many_userdata = 164,       ///< more userdata than a target has room for
  bad_task_name = 165,           ///< a task name has at most 15 bytes
  buffer_too_small = 166,        ///< the record does not fit into the buffer
};

/// A range of bytes of a text that the caller passed: [begin, end).
struct text_range {
  std::uint32_t begin = 0;  ///< offset of the first byte
  std::uint32_t end = 0;    ///< offset behind the last byte

  /// Precondition: first <= last, and both fit 32 bits.
  [[nodiscard]] static constexpr text_range between(std::size_t first, std::size_t last) noexcept {
    return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)};
  }

  /// In bytes.
  [[nodiscard]] constexpr std::uint32_t size() const noexcept { return end - begin; }
  /// True for a place between two bytes, where something is missing.
  [[nodiscard]] constexpr bool empty() const noexcept { return begin == end; }
  /// These bytes of the text. Precondition: the range lies in it.
  [[nodiscard]] constexpr std::string_view in(std::string_view text) const noexcept {
    return {text.data() + begin, size()};
  }

  friend constexpr auto operator<=>(const text_range&, const text_range&) = default;
};

/// What is wrong and where.
struct [[nodiscard]] error {
  text_errc code{};    ///< which mistake; error_texts.hpp has its words
  text_range where{};  ///< in the text that was passed to the parser

  friend constexpr auto operator<=>(const error&, const error&) = default;
};

}  // namespace netcon::inline v0_1

template <>
struct std::hash<netcon::text_range> {
  std::size_t operator()(const netcon::text_range& range) const noexcept {
    return netcon::detail::hash_of(range.begin, range.end);
  }
};

template <>
struct std::hash<netcon::error> {
  std::size_t operator()(const netcon::error& mistake) const noexcept {
    return netcon::detail::hash_of(mistake.code, mistake.where);
  }
};
