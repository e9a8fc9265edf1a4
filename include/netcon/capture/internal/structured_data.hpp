// SPDX-License-Identifier: MIT
// The structured data of RFC 5424, which netcon listen puts the header of a record into.
#pragma once

#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/capture/log_line.hpp>
#include <netcon/detail/digits.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// ` name="value"` of an element, with the value as it stands there: brackets and quotes in it are escaped.
constexpr bool read_parameter(stamp_reader& from, std::string_view& key, std::string_view& value) noexcept {
  auto at = from;
  if (!at.skip(' ')) return false;
  const auto equals = at.rest.find("=\"");
  if (equals == at.rest.npos) return false;
  key = at.rest.substr(0, equals);
  at.rest.remove_prefix(equals + 2);
  std::size_t size = 0;
  while (size < at.rest.size() && at.rest[size] != '"') size += at.rest[size] == '\\' ? 2u : 1u;
  if (size >= at.rest.size()) return false;
  value = at.rest.substr(0, size);
  at.rest.remove_prefix(size + 1);
  from = at;
  return true;
}

/// "[netconsole@32473 seq="7" usec="1500000" release="6.12.1"]"; other elements are passed over. False: it
/// has no end.
constexpr bool read_structured_data(stamp_reader& from, log_line& out) noexcept {
  auto at = from;
  while (at.skip('[')) {
    const auto name = at.rest.substr(0, at.rest.find_first_of(" ]"));
    const bool is_ours = name.starts_with("netconsole@");
    at.rest.remove_prefix(name.size());
    std::string_view key, value;
    while (read_parameter(at, key, value)) {
      std::uint64_t number = 0;
      if (!is_ours) continue;
      const bool is_number = read_decimal(value, number) == number_state::ok;
      if (key == "seq" && is_number)
        out.sequence = number;
      else if (key == "usec" && is_number)
        out.timestamp_us = number;
      else if (key == "release")
        out.release = value;
    }
    if (!at.skip(']')) return false;
  }
  from = at;
  return true;
}

}  // namespace netcon::inline v0_1::detail
