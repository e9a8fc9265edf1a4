// SPDX-License-Identifier: MIT
// All that logs put before the text of a line: times, hosts, tags, priorities.
#pragma once

#include <netcon/capture/internal/log_source.hpp>
#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/capture/log_line.hpp>
#include <netcon/detail/digits.hpp>

#include <array>
#include <cstddef>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// "1 2026-11-28T07:40:32Z web17 kernel - - - ", after "<4>": RFC 5424.
constexpr bool read_rfc5424(stamp_reader& from, log_line& out, const log_clock& clock) noexcept {
  auto at = from;
  if (!at.skip('1') || !at.skip(' ')) return false;
  const auto time = read_iso_time(at, clock);
  if (!time) return false;
  std::array<std::string_view, 4> words;
  for (auto& one : words) {
    if (!at.skip(' ')) return false;
    one = at.word();
  }
  if (!at.skip(' ')) return false;
  if (at.rest.starts_with('-')) {
    at.skip('-');
  } else {
    while (at.skip('[')) {
      const auto end = at.rest.find(']');
      if (end == at.rest.npos) return false;
      at.rest.remove_prefix(end + 1);
    }
  }
  at.skip(' ');
  if (at.rest.starts_with("\xef\xbb\xbf")) at.rest.remove_prefix(3);
  out.time = time;
  if (words[0] != "-") out.host = words[0];
  out.from_kernel = words[1] == "-" || is_kernel_tag(words[1]);
  from = at;
  return true;
}

/// Where a stamp stands inside of a text, "login: [   12.345678] foo": what a program wrote to the console
/// was not at the end of its line. npos: nowhere.
constexpr std::size_t find_inner_stamp(std::string_view text) noexcept {
  for (auto at = text.find('[', 1); at != text.npos; at = text.find('[', at + 1)) {
    auto inside = text.substr(at + 1, 14);
    while (inside.starts_with(' ')) inside.remove_prefix(1);
    std::size_t digits = 0;
    while (digits < inside.size() && is_digit(inside[digits])) ++digits;
    if (digits == 0 || digits > 9 || inside.size() <= digits || inside[digits] != '.') continue;
    stamp_reader stamp{text.substr(at)};
    const auto size = stamp.rest.size();
    if (read_boot_time(stamp) && size - stamp.rest.size() >= 14) return at;
  }
  return text.npos;
}

/// Takes all stamps from a line, in any order that logs have them in, and leaves the text.
constexpr void read_stamps(std::string_view line, log_line& out, const log_clock& clock,
                           repeated_prefix& last) {
  stamp_reader at{line};
  // A terminal's colours, and what a serial console leaves.
  while (!at.rest.empty() && (at.rest.front() == '\r' || at.rest.front() == '\0')) at.rest.remove_prefix(1);
  if (const auto priority = read_log_priority(at)) {
    out.priority = priority;
    read_rfc5424(at, out, clock);
  }
  if (!out.time && !at.rest.empty() &&
      (is_digit(at.rest.front()) || (at.rest.front() >= 'A' && at.rest.front() <= 'S'))) {
    out.time = is_digit(at.rest.front()) ? read_iso_time(at, clock) : read_repeated_time(at, clock, last);
    if (out.time) read_source(at, out, last);
    if (out.caller = read_caller_behind(at); !out.caller.empty()) at.skip(' ');  // dmesg, in ISO time
  }
  if (const auto priority = read_decoded_priority(at)) out.priority = priority;
  // Dropped lines join what is left to one line, again and again.
  for (;;) {
    if (at.rest.starts_with('*') && at.rest.starts_with("** ")) {
      auto ahead = at;
      ahead.rest.remove_prefix(3);
      const auto count = ahead.digits(1, 9);
      constexpr std::string_view notice = " printk messages dropped ** ";
      if (count && ahead.rest.starts_with(notice)) {
        ahead.rest.remove_prefix(notice.size());
        out.dropped += *count;
        at = ahead;
        continue;
      }
    }
    if (const auto priority = read_log_priority(at)) {
      out.priority = priority;
      continue;
    }
    if (!out.timestamp_us) {
      if (const auto time = read_boot_time(at)) {
        out.timestamp_us = time;
        if (const auto caller = read_caller_behind(at); !caller.empty()) out.caller = caller;
        skip_vendor_stamp(at);
        at.skip(' ');
        continue;
      }
      const auto time = read_dmesg_time(at, clock);
      if (time) out.time = time;
      if (time || read_relative_time(at, clock, out.time)) {
        if (const auto caller = read_caller_behind(at); !caller.empty()) out.caller = caller;
        at.skip(' ');
        continue;
      }
    }
    break;
  }
  out.text = at.rest;
}

}  // namespace netcon::inline v0_1::detail
