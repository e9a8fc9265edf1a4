// SPDX-License-Identifier: MIT
// All that logs put before the text of a line: times, hosts, tags, priorities.
#pragma once

#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/capture/log_line.hpp>
#include <netcon/core/endpoint.hpp>
#include <netcon/core/level.hpp>
#include <netcon/detail/digits.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// Whether a tag is the kernel's, or that of what relays it.
constexpr bool is_kernel_tag(std::string_view tag) noexcept {
  for (const std::string_view one :
       {"kernel", "netconsole", "netcon", "kmsg", "klogd", "vmkernel", "systemd-pstore", "pstore"})
    if (tag == one) return true;
  return false;
}

/// "127.0.0.1:58455", or with the name of the machine "web17@127.0.0.1:58455".
constexpr std::optional<endpoint> sender_of(std::string_view text) noexcept {
  if (text.empty() || !is_digit(text.back()) || text.find(':') == text.npos) return std::nullopt;
  const auto parsed = endpoint::parse(text.substr(text.rfind('@') + 1));
  if (!parsed) return std::nullopt;
  return *parsed;
}

/// What the line before this one had in front of its text: the next one mostly has the same.
struct repeated_prefix {
  std::string source;  // " web17 kernel: "
  std::size_t host_at = 0, host_size = 0;
  bool from_kernel = true;
  std::string day;  // "Nov 28 "
  log_time midnight{};
};

/// read_syslog_time(), which has the day of the line before.
constexpr std::optional<log_time> read_repeated_time(stamp_reader& from, const log_clock& clock,
                                                     repeated_prefix& last) {
  constexpr std::size_t size = 7;
  auto at = from;
  const auto day = at.rest.substr(0, size);
  if (day.size() == size && day == last.day) {
    at.rest.remove_prefix(size);
    const auto time = read_clock(at);
    if (!time || (!at.rest.empty() && at.rest.front() != ' ')) return std::nullopt;
    from = at;
    return last.midnight + *time;
  }
  const auto out = read_syslog_time(from, clock);
  if (out && day.ends_with(' ') && at.rest.size() > size && is_digit(at.rest[size])) {
    at.rest.remove_prefix(size);
    if (const auto time = read_clock(at)) {
      last.day = day;
      last.midnight = *out - *time;
    }
  }
  return out;
}

/// " web17 kernel: ", after a time of syslog; " 127.0.0.1:58455 warning ", after a time of netcon listen.
constexpr void read_source(stamp_reader& from, log_line& out, repeated_prefix& last) {
  if (!last.source.empty() && from.rest.starts_with(last.source)) {
    out.host = from.rest.substr(last.host_at, last.host_size);
    out.from_kernel = last.from_kernel;
    from.rest.remove_prefix(last.source.size());
    return;
  }
  auto at = from;
  at.skip_spaces();
  const auto host = at.word();
  const auto sender = host.ends_with(':') ? std::nullopt : sender_of(host);
  if (!sender && (host.empty() || host.front() == '[' || host.front() == '<')) {
    at = from;
    at.skip_spaces();
    from = at;
    return;
  }
  if (sender) {
    out.host = host;
    at.skip_spaces();
    auto level_at = at;
    const auto word = level_at.word();
    if (word == "-") {
      level_at.skip_spaces();
      at = level_at;
    }
    for (std::uint16_t i = 0; i < 8; ++i)
      if (word == name(static_cast<level>(i))) {
        out.priority = i;
        level_at.skip_spaces();
        at = level_at;
        break;
      }
    from = at;
    return;
  }
  at.skip_spaces();
  // "kern.warn kernel:", of busybox.
  if (at.rest.starts_with("kern.")) {
    at.word();
    at.skip_spaces();
  }
  // "kernel:", "foo[12]:". What has neither the number of a process nor a name of the kernel's is its text.
  auto tagged = at;
  const auto tag = tagged.word();
  if (!host.ends_with(':') && tag.size() > 1 && tag.ends_with(':')) {
    auto program = tag.substr(0, tag.size() - 1);
    const bool is_process = program.ends_with(']');
    program = program.substr(0, program.find('['));
    out.host = host;
    if (is_process || is_kernel_tag(program)) {
      out.from_kernel = is_kernel_tag(program);
      if (tagged.skip(' ')) {
        last.source = from.rest.substr(0, from.rest.size() - tagged.rest.size());
        last.host_at = static_cast<std::size_t>(host.data() - from.rest.data());
        last.host_size = host.size();
        last.from_kernel = out.from_kernel;
      }
      at = tagged;
    }
    from = at;
    return;
  }
  if (host.size() > 1 && host.ends_with(':') && is_kernel_tag(host.substr(0, host.size() - 1))) {
    from = at;
    return;
  }
  // A host, and no tag: what rsyslog makes of netconsole's packets.
  const bool starts = at.rest.starts_with('[') || at.rest.starts_with('<');
  if (starts) {
    out.host = host;
    from = at;
    return;
  }
  at = from;
  at.skip(' ');
  from = at;
}

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
