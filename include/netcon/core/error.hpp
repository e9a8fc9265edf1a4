// Text problems as values: a code and a range of the caller's own text. error_texts.hpp has the words.
// Codes are stable: never renumbered, never reused; docs/errors.md has a row for each.
#pragma once

#include <netcon/detail/hash.hpp>
#include <netcon/detail/requires_cpp23.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

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
  bad_address_range = 28,

  text_after_mac = 50,
  name_cut = 51,
  broadcast_mac = 52,
  zero_mac = 53,
  multicast_mac = 54,
  swapped_halves = 55,
  half_missing = 56,
  quote_character = 57,
  backslash = 58,
  parameter_name_inside = 59,
  stray_blank = 60,
  stray_newline = 61,
  bracketed_address = 62,
  address_zone = 63,
  prefix_length = 64,
  leading_zeros = 65,
  host_name = 66,
  syslog_port = 67,
  low_remote_port = 68,
  wireless_device = 69,
  compound_device = 70,
  unusable_name = 71,
  device_alias = 72,
  device_never_found = 73,
  device_mac_too_old = 74,
  raspberry_dialect = 75,
  unspecified_remote = 76,
  loopback_remote = 77,
  unspecified_source = 78,
  port_zero = 79,
  plus_in_port = 80,
  nul_byte = 81,
  cut_at_limit = 82,
  mac_spelling = 83,
  not_hexadecimal = 84,
  misread_address = 85,
  misread_port = 86,
  flag_too_old = 87,
  repeated_target = 88,
  swapped_ports = 89,
  comma_between_targets = 90,
  semicolon_ends_command = 91,
  value_overridden = 92,
  name_with_parent = 93,
  blank_ends_value = 94,
  no_target = 95,
  built_in_only = 96,
  console_level = 97,
  device_not_yet = 98,
  address_not_yet = 99,
  panic_reboots = 100,
  crash_kernel_silent = 101,
  oops_only_silent = 102,
  tunnel_device = 103,
  source_network = 104,
  port_after_mac = 105,
  not_expanded = 106,
  name_forgotten = 107,
  other_format = 108,
  foreign_value = 109,
  not_read = 110,
  comma_ends_value = 111,
  unclosed_quote = 112,

  empty_packet = 150,
  number_out_of_range = 151,
  bad_priority = 152,
  bad_fragment = 153,
  fragment_out_of_bounds = 154,
  fragment_too_large = 155,
  fragment_empty = 157,
  not_sent_by_kernel = 158,
  header_too_long = 159,
  bad_header = 160,
  bad_release = 161,
  bad_userdata_key = 162,
  bad_userdata_value = 163,
  too_many_userdata = 164,
  bad_task_name = 165,
  buffer_too_small = 166,
};

/// A range of bytes of a text that the caller passed: [begin, end).
struct text_range {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  /// Precondition: first <= last, and both fit 32 bits.
  static constexpr text_range between(std::size_t first, std::size_t last) noexcept {
    return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)};
  }

  constexpr std::uint32_t size() const noexcept { return end - begin; }
  constexpr bool empty() const noexcept { return begin == end; }
  /// These bytes of the text. Precondition: the range lies in it.
  constexpr std::string_view in(std::string_view text) const noexcept {
    return {text.data() + begin, size()};
  }

  friend constexpr auto operator<=>(const text_range&, const text_range&) = default;
};

/// What is wrong and where.
struct error {
  errc code{};
  text_range where{};

  friend constexpr auto operator<=>(const error&, const error&) = default;
};

}  // namespace netcon

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
