// Text problems as values: a code, a place in the caller's own text, and what to say about it.
// Codes are stable: never renumbered, never reused; docs/errors.md has a row for each.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace netcon {

/// One enumerator per mistake. 1-49 texts of values and of the parameter, 50-149 lint, 150-199 the wire.
enum class errc : std::uint8_t {
  bad_ipv4_address = 1,
  bad_ipv6_address = 2,
  bad_ip_address = 3,
  bad_mac_address = 4,
  bad_port = 5,
  port_out_of_range = 6,
  bad_interface_name = 7,
  interface_name_too_long = 8,
  bad_endpoint = 9,
  bad_kernel_version = 10,
  empty_target = 11,
  missing_first_at = 12,
  missing_first_slash = 13,
  missing_comma = 14,
  missing_second_at = 15,
  missing_second_slash = 16,
  missing_remote_address = 17,
  family_mismatch = 18,
  ipv6_unsupported = 19,
  ipv6_needs_source = 20,
  bad_device_mac = 21,
  device_mac_unsupported = 22,
  extended_unsupported = 23,
  release_unsupported = 24,
  release_without_extended = 25,
  several_targets = 26,
  parameter_too_long = 27,

  empty_packet = 150,
  number_out_of_range = 151,
  bad_priority = 152,
  bad_fragment = 153,
  fragment_out_of_bounds = 154,
  fragment_too_large = 155,
  fragment_mismatch = 156,
  fragment_empty = 157,
  not_sent_by_kernel = 158,
  header_too_long = 159,
};

/// A range of bytes in the text that the caller passed.
struct span {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;

  friend constexpr auto operator<=>(const span&, const span&) = default;
};

/// What is wrong and where.
struct error {
  errc code{};
  span where{};

  friend constexpr auto operator<=>(const error&, const error&) = default;
};

namespace detail {

struct error_text {
  errc code;
  std::string_view name;     // stable, kebab-case
  std::string_view message;  // what is wrong
  std::string_view hint;     // what to write instead
};

inline constexpr auto error_texts = std::to_array<error_text>({
    {errc::bad_ipv4_address, "bad-ipv4-address", "not an IPv4 address",
     "write four numbers from 0 to 255 with dots between them, as in 10.0.0.2"},
    {errc::bad_ipv6_address, "bad-ipv6-address", "not an IPv6 address",
     "write groups of hexadecimal digits, as in fd00::2, without brackets, zone or prefix length"},
    {errc::bad_ip_address, "bad-ip-address", "not an IP address",
     "write an IPv4 address such as 10.0.0.2 or an IPv6 address such as fd00::2; names are not looked up"},
    {errc::bad_mac_address, "bad-mac-address", "not a MAC address",
     "write six pairs of hexadecimal digits with colons between them, as in 52:54:00:12:34:56"},
    {errc::bad_port, "bad-port", "not a port number", "write a decimal number from 0 to 65535"},
    {errc::port_out_of_range, "port-out-of-range", "the port number is larger than 65535",
     "write a decimal number from 0 to 65535"},
    {errc::bad_interface_name, "bad-interface-name", "not a name that a network interface can have",
     "write 1 to 15 bytes without '/', ':' and white space, as in eth0; ip link lists them"},
    {errc::interface_name_too_long, "interface-name-too-long", "an interface name has at most 15 bytes",
     "write the name that ip link shows"},
    {errc::bad_endpoint, "bad-endpoint", "not an address with a port",
     "write ADDRESS:PORT, with brackets around an IPv6 address: 10.0.0.2:6666, [fd00::2]:6666"},
    {errc::bad_kernel_version, "bad-kernel-version", "not a kernel version",
     "write it as uname -r prints it: 6.12, 6.12.117 or 6.12.117+deb12-amd64"},
    {errc::empty_target, "empty-target", "there is no target here",
     "write at least @/,@ADDRESS/ and no ';' before, after or next to another ';'"},
    {errc::missing_first_at, "missing-first-at", "no '@' follows the local port",
     "write [PORT]@[ADDRESS]/[DEVICE],[PORT]@ADDRESS/[MAC]; an omitted part leaves its separator"},
    {errc::missing_first_slash, "missing-first-slash", "no '/' follows the local address",
     "write [PORT]@[ADDRESS]/[DEVICE],[PORT]@ADDRESS/[MAC]; an omitted part leaves its separator"},
    {errc::missing_comma, "missing-comma", "no ',' follows the local device",
     "write [PORT]@[ADDRESS]/[DEVICE],[PORT]@ADDRESS/[MAC]: this machine, a comma, the receiver"},
    {errc::missing_second_at, "missing-second-at", "no '@' follows the remote port",
     "write [PORT]@[ADDRESS]/[DEVICE],[PORT]@ADDRESS/[MAC]; an omitted part leaves its separator"},
    {errc::missing_second_slash, "missing-second-slash", "no '/' follows the remote address",
     "end the address with '/', also when no MAC address follows: @/,@10.0.0.2/"},
    {errc::missing_remote_address, "missing-remote-address", "the remote address is missing",
     "write the address of the machine that receives, as in @/,@10.0.0.2/"},
    {errc::family_mismatch, "family-mismatch", "one address is IPv4 and the other IPv6",
     "write both addresses of one family, or leave the local one out"},
    {errc::ipv6_unsupported, "ipv6-unsupported", "this kernel has no netconsole over IPv6",
     "write IPv4 addresses; IPv6 needs Linux 3.9 built with CONFIG_IPV6"},
    {errc::ipv6_needs_source, "ipv6-needs-source", "before Linux 3.14 an IPv6 target needs a local IPv6 address",
     "write the local address too, as in @fd00::1/,@fd00::2/"},
    {errc::bad_device_mac, "bad-device-mac", "a device with ':' in it must be a MAC address",
     "write an interface name such as eth0, without alias, or six pairs of hexadecimal digits with colons"},
    {errc::device_mac_unsupported, "device-mac-unsupported", "this kernel does not find its device by MAC address",
     "write the interface name; a MAC address needs Linux 6.15 or 6.12.94"},
    {errc::extended_unsupported, "extended-unsupported", "this kernel does not know '+'",
     "leave '+' out; extended records need Linux 4.2"},
    {errc::release_unsupported, "release-unsupported", "this kernel does not know 'r'",
     "leave 'r' out; the release prefix needs Linux 6.6"},
    {errc::release_without_extended, "release-without-extended", "'r' needs '+' before it",
     "write +r, or leave 'r' out"},
    {errc::several_targets, "several-targets", "a ';' begins another target", "give one target at a time"},
    {errc::parameter_too_long, "parameter-too-long", "the parameter has more than 255 bytes",
     "shorten it, or make further targets through configfs"},
    {errc::empty_packet, "empty-packet", "the packet is empty", "no kernel sends one: look for another sender on this port"},
    {errc::number_out_of_range, "number-out-of-range", "a number in the header does not fit its field",
     "a kernel's sequence and timestamp have 64 bits: another program sent this"},
    {errc::bad_priority, "bad-priority", "the priority is larger than 2047",
     "facility x 8 + level is at most 2047: another program sent this"},
    {errc::bad_fragment, "bad-fragment", "the ncfrag field is not OFFSET/TOTAL",
     "a kernel writes ncfrag=OFFSET/TOTAL in decimal: another program sent this"},
    {errc::fragment_out_of_bounds, "fragment-out-of-bounds", "the fragment reaches beyond the total it names",
     "offset plus length is at most the total: the packet is damaged or hostile"},
    {errc::fragment_too_large, "fragment-too-large", "the total named by the fragment is above the limit",
     "raise the limit if the sender is trusted: a kernel of today sends up to 68 kB"},
    {errc::fragment_mismatch, "fragment-mismatch", "the fragment contradicts an earlier one of the same message",
     "two senders share an address and port, or the packet is forged"},
    {errc::fragment_empty, "fragment-empty", "the fragment carries no bytes", "no kernel sends one: the packet is forged"},
    {errc::not_sent_by_kernel, "not-sent-by-kernel", "this kernel cannot send that part of the message",
     "release needs Linux 6.6, userdata 6.9, cpu, taskname and release lines 6.15, msgid 6.17"},
    {errc::header_too_long, "header-too-long", "release and header leave no room for text in a packet of 1000 bytes",
     "shorten the release"},
});

constexpr const error_text* find_error_text(errc code) noexcept {
  for (const auto& row : error_texts)
    if (row.code == code) return &row;
  return nullptr;
}

}  // namespace detail

/// The stable kebab-case name of a code, as docs/errors.md and the tools show it.
constexpr std::string_view name(errc code) noexcept {
  const auto* row = detail::find_error_text(code);
  return row ? row->name : "unknown-error";
}

/// What is wrong, one line without a full stop.
constexpr std::string_view message(errc code) noexcept {
  const auto* row = detail::find_error_text(code);
  return row ? row->message : "unknown error";
}

/// What to write instead, one line without a full stop.
constexpr std::string_view hint(errc code) noexcept {
  const auto* row = detail::find_error_text(code);
  return row ? row->hint : "";
}

/// The category that makes an errc a std::error_code.
inline const std::error_category& error_category() noexcept {
  static const struct final : std::error_category {
    const char* name() const noexcept override { return "netcon"; }
    std::string message(int value) const override {
      return std::string{netcon::message(static_cast<errc>(value))};
    }
  } category;
  return category;
}

inline std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

}  // namespace netcon

template <>
struct std::is_error_code_enum<netcon::errc> : std::true_type {};
