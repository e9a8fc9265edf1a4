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

/// What is before the first bracket of a line: a priority, a time with its source.
constexpr void read_front(stamp_reader& at, log_line& out, const log_clock& clock, repeated_prefix& last) {
  if (const auto priority = read_log_priority(at)) {
    out.priority = priority;
    read_rfc5424(at, out, clock);
  }
  if (const auto priority = read_decoded_priority(at)) out.priority = priority;
  if (out.time || at.rest.empty()) return;
  const char first = at.rest.front();
  if (is_digit(first)) {
    const auto form = form_of_iso_time(at.rest);
    out.time = read_iso_time(at, clock);
    if (!out.time) return;
    if (form == iso_form::of_dmesg) {
      at.skip(' ');
    } else if (form == iso_form::of_containers) {
      if (!read_tagged_source(at, out, last)) {
        at.skip(' ');
        skip_stream(at);
      }
    } else {
      read_source(at, out, clock, last);
    }
  } else if (first >= 'A' && first <= 'S') {
    out.time = read_repeated_time(at, clock, last);
    if (!out.time) return;
    read_source(at, out, clock, last);
  }
  if (out.time)
    if (const auto priority = read_decoded_priority(at)) out.priority = priority;
}

/// "[    1.500000][   T17] ", with what vendors add.
constexpr bool read_kernel_stamp(stamp_reader& at, log_line& out) {
  const auto time = read_boot_time(at);
  if (!time) return false;
  out.timestamp_us = time;
  const bool plain = at.rest.size() > 1 && at.rest[0] == ' ' && at.rest[1] != '[' && at.rest[1] != 'c';
  if (!plain) {
    if (const auto caller = read_caller_behind(at); !caller.empty()) out.caller = caller;
    skip_vendor_stamp(at);
  }
  return true;
}

/// " printk messages dropped ** " behind their number.
constexpr bool read_dropped(stamp_reader& from, log_line& out) noexcept {
  auto at = from;
  constexpr std::string_view notice = " printk messages dropped ** ";
  if (!at.rest.starts_with("** ")) return false;
  at.rest.remove_prefix(3);
  const auto count = at.digits(1, 9);
  if (!count || !at.rest.starts_with(notice)) return false;
  at.rest.remove_prefix(notice.size());
  out.dropped += *count;
  from = at;
  return true;
}

/// A stamp in brackets: of the kernel, of dmesg, or a caller without a time.
constexpr bool read_bracket(stamp_reader& at, log_line& out, const log_clock& clock) {
  if (out.timestamp_us) return false;
  if (!read_kernel_stamp(at, out)) {
    const auto time = read_dmesg_time(at, clock);
    if (time) out.time = time;
    const bool is_time = time || read_relative_time(at, clock, out.time);
    if (!is_time && !out.caller.empty()) return false;
    const auto caller = is_time ? read_caller_behind(at) : read_caller(at);
    if (!is_time && caller.empty()) return false;
    if (!caller.empty()) out.caller = caller;
  }
  at.skip(' ');
  return true;
}

/// Takes all stamps from a line, in any order that logs have them in, and leaves the text.
constexpr void read_stamps(std::string_view line, log_line& out, const log_clock& clock,
                           repeated_prefix& last) {
  stamp_reader at{line};
  // What a serial console leaves.
  while (!at.rest.empty() && (at.rest.front() == '\r' || at.rest.front() == '\0')) at.rest.remove_prefix(1);
  if (!at.rest.starts_with('[')) read_front(at, out, clock, last);
  // Dropped lines join what is left to one line, again and again.
  for (;;) {
    if (at.rest.empty()) break;
    const char first = at.rest.front();
    if (first == '[') {
      if (!read_bracket(at, out, clock)) break;
    } else if (first == '<') {
      const auto priority = read_log_priority(at);
      if (!priority) break;
      out.priority = priority;
    } else if (first != '*' || !read_dropped(at, out)) {
      break;
    }
  }
  out.text = at.rest;
}

}  // namespace netcon::inline v0_1::detail
