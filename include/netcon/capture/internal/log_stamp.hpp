// The times and names that logs put before a line.
#pragma once

#include <netcon/capture/log_line.hpp>
#include <netcon/core/endpoint.hpp>
#include <netcon/core/level.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/wire/basic.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::detail {

/// What is left of a line; each function takes something from its front, or leaves it as it is.
struct stamp_reader {
  std::string_view rest;

  constexpr void skip_spaces() noexcept {
    while (rest.starts_with(' ') || rest.starts_with('\t')) rest.remove_prefix(1);
  }
  constexpr std::optional<unsigned> digits(std::size_t least, std::size_t most) noexcept {
    std::size_t size = 0;
    unsigned value = 0;
    while (size < rest.size() && size < most && is_digit(rest[size]))
      value = value * 10 + static_cast<unsigned>(rest[size++] - '0');
    if (size < least) return std::nullopt;
    rest.remove_prefix(size);
    return value;
  }
  constexpr bool skip(char c) noexcept {
    if (!rest.starts_with(c)) return false;
    rest.remove_prefix(1);
    return true;
  }
  constexpr std::string_view word() noexcept {
    const auto taken = rest.substr(0, rest.find(' '));
    rest.remove_prefix(taken.size());
    return taken;
  }
};

/// "07:40:32.123456": microseconds of the day.
constexpr std::optional<std::chrono::microseconds> read_clock(stamp_reader& at) noexcept {
  const auto hours = at.digits(2, 2);
  if (!hours || !at.skip(':')) return std::nullopt;
  const auto minutes = at.digits(2, 2);
  if (!minutes || !at.skip(':')) return std::nullopt;
  const auto seconds = at.digits(2, 2);
  if (!seconds || *hours > 23 || *minutes > 59 || *seconds > 60) return std::nullopt;
  std::uint64_t micros = (*hours * 60 + *minutes) * std::uint64_t{60} + *seconds;
  micros *= 1000000;
  if ((at.rest.starts_with('.') || at.rest.starts_with(',')) && at.rest.size() > 1 && is_digit(at.rest[1])) {
    at.rest.remove_prefix(1);
    for (unsigned scale = 100000; at.rest.size() > 0 && is_digit(at.rest.front()); scale /= 10) {
      micros += scale * static_cast<unsigned>(at.rest.front() - '0');
      at.rest.remove_prefix(1);
    }
  }
  return std::chrono::microseconds{micros};
}

constexpr std::optional<log_time> make_time(int year, unsigned month, unsigned day,
                                            std::chrono::microseconds clock,
                                            std::chrono::seconds zone) noexcept {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!date.ok()) return std::nullopt;
  return log_time{std::chrono::sys_days{date}.time_since_epoch() + clock - zone};
}

constexpr unsigned read_month(stamp_reader& at) noexcept {
  constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (at.rest.size() < 4 || at.rest[3] != ' ') return 0;
  const auto found = names.find(at.rest.substr(0, 3));
  if (found == names.npos || found % 3 != 0) return 0;
  at.rest.remove_prefix(3);
  at.skip_spaces();
  return static_cast<unsigned>(found / 3 + 1);
}

/// How a log without years and zones is read.
struct log_clock {
  int year = 1970;
  std::chrono::seconds zone{0};  // how far the log's time is ahead of UTC
};

/// "2026-11-28T07:40:32.123456+01:00", "2026-11-28 07:40:32.123", "2026/11/28 07:40:32".
constexpr std::optional<log_time> read_iso_time(stamp_reader& from, const log_clock& clock) noexcept {
  auto at = from;
  const auto year = at.digits(4, 4);
  if (!year || at.rest.empty() || (at.rest.front() != '-' && at.rest.front() != '/')) return std::nullopt;
  const char between = at.rest.front();
  at.skip(between);
  const auto month = at.digits(2, 2);
  if (!month || !at.skip(between)) return std::nullopt;
  const auto day = at.digits(2, 2);
  if (!day || (!at.skip('T') && !at.skip(' '))) return std::nullopt;
  const auto time = read_clock(at);
  if (!time) return std::nullopt;
  auto zone = clock.zone;
  if (at.skip('Z')) {
    zone = {};
  } else if (at.rest.starts_with('+') || at.rest.starts_with('-')) {
    const bool behind = at.rest.starts_with('-');
    auto offset = at;
    offset.rest.remove_prefix(1);
    const auto hours = offset.digits(2, 2);
    offset.skip(':');
    const auto minutes = offset.digits(2, 2);
    if (hours && minutes) {
      zone = std::chrono::seconds{(*hours * 60 + *minutes) * 60 * (behind ? -1 : 1)};
      at = offset;
    }
  }
  if (!at.rest.empty() && at.rest.front() != ' ') return std::nullopt;
  const auto out = make_time(static_cast<int>(*year), *month, *day, *time, zone);
  if (out) from = at;
  return out;
}

/// "Nov 28 07:40:32", of syslog.
constexpr std::optional<log_time> read_syslog_time(stamp_reader& from, const log_clock& clock) noexcept {
  auto at = from;
  const auto month = read_month(at);
  if (month == 0) return std::nullopt;
  const auto day = at.digits(1, 2);
  if (!day || !at.skip(' ')) return std::nullopt;
  const auto time = read_clock(at);
  if (!time || (!at.rest.empty() && at.rest.front() != ' ')) return std::nullopt;
  const auto out = make_time(clock.year, month, *day, *time, clock.zone);
  if (out) from = at;
  return out;
}

/// "[Sat Nov 28 07:40:32 2026]", of dmesg -T.
constexpr std::optional<log_time> read_dmesg_time(stamp_reader& from, const log_clock& clock) noexcept {
  auto at = from;
  if (!at.skip('[') || at.rest.size() < 5 || at.rest[3] != ' ') return std::nullopt;
  at.rest.remove_prefix(4);
  const auto month = read_month(at);
  if (month == 0) return std::nullopt;
  const auto day = at.digits(1, 2);
  if (!day || !at.skip(' ')) return std::nullopt;
  const auto time = read_clock(at);
  if (!time || !at.skip(' ')) return std::nullopt;
  const auto year = at.digits(4, 4);
  if (!year || !at.skip(']')) return std::nullopt;
  const auto out = make_time(static_cast<int>(*year), month, *day, *time, clock.zone);
  if (!out) return std::nullopt;
  at.skip(' ');
  from = at;
  return out;
}

/// "[    1.234567] ", "[    1.5]", "[    1.234567,0]": since the boot.
constexpr std::optional<std::uint64_t> read_boot_time(stamp_reader& from) noexcept {
  auto at = from;
  if (!at.skip('[')) return std::nullopt;
  at.skip_spaces();
  std::uint64_t seconds = 0;
  std::size_t count = 0;
  while (!at.rest.empty() && is_digit(at.rest.front()) && count < 12) {
    seconds = seconds * 10 + static_cast<unsigned>(at.rest.front() - '0');
    at.rest.remove_prefix(1);
    ++count;
  }
  if (count == 0 || count == 12 || !at.skip('.')) return std::nullopt;
  std::uint64_t micros = 0;
  std::uint64_t scale = 100000;
  for (count = 0; !at.rest.empty() && is_digit(at.rest.front()) && count < 9; ++count, scale /= 10) {
    micros += scale * static_cast<unsigned>(at.rest.front() - '0');
    at.rest.remove_prefix(1);
  }
  if (count == 0) return std::nullopt;
  if (at.skip(',')) at.digits(1, 3);
  if (!at.skip(']')) return std::nullopt;
  from = at;
  return seconds * 1000000 + micros;
}

/// "[   T12]", "[C0]", behind a time or before the text.
constexpr std::string_view read_caller(stamp_reader& from) noexcept {
  auto at = from;
  if (!at.skip('[')) return {};
  at.skip_spaces();
  const auto end = at.rest.find(']');
  if (end == at.rest.npos || end < 2 || end > 12) return {};
  const auto caller = at.rest.substr(0, end);
  if (caller[0] != 'T' && caller[0] != 'C') return {};
  for (const char c : caller.substr(1))
    if (!is_digit(c)) return {};
  at.rest.remove_prefix(end + 1);
  from = at;
  return caller;
}

/// "<6>": facility x 8 + level.
constexpr std::optional<std::uint16_t> read_log_priority(stamp_reader& from) noexcept {
  auto at = from;
  if (!at.skip('<')) return std::nullopt;
  const auto value = at.digits(1, 4);
  if (!value || *value > 2047 || !at.skip('>')) return std::nullopt;
  from = at;
  return static_cast<std::uint16_t>(*value);
}

/// "kern  :warn  : ", of dmesg -x.
constexpr std::optional<std::uint16_t> read_decoded_priority(stamp_reader& from) noexcept {
  if (!from.rest.starts_with("kern ")) return std::nullopt;
  auto at = from;
  at.word();
  at.skip_spaces();
  if (!at.skip(':')) return std::nullopt;
  const auto name = at.word();
  at.skip_spaces();
  if (!at.skip(':')) return std::nullopt;
  constexpr std::string_view names[] = {"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"};
  for (std::uint16_t i = 0; i < 8; ++i)
    if (name == names[i]) {
      at.skip(' ');
      from = at;
      return i;
    }
  return std::nullopt;
}

/// Whether a tag is the kernel's, or that of what relays it.
constexpr bool is_kernel_tag(std::string_view tag) noexcept {
  for (const std::string_view one :
       {"kernel", "netconsole", "netcon", "kmsg", "klogd", "vmkernel", "systemd-pstore", "pstore"})
    if (tag == one) return true;
  return false;
}

constexpr std::optional<endpoint> sender_of(std::string_view text) noexcept {
  const auto parsed = endpoint::parse(text);
  if (!parsed) return std::nullopt;
  return *parsed;
}

/// " web17 kernel: ", after a time of syslog; " 127.0.0.1:58455 warning ", after a time of netcon listen.
constexpr void read_source(stamp_reader& from, log_line& out) noexcept {
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
      tagged.skip(' ');
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

/// Takes all stamps from a line, in any order that logs have them in, and leaves the text.
constexpr void read_stamps(std::string_view line, log_line& out, const log_clock& clock) noexcept {
  stamp_reader at{line};
  // A terminal's colours, and what a serial console leaves.
  while (!at.rest.empty() && (at.rest.front() == '\r' || at.rest.front() == '\0')) at.rest.remove_prefix(1);
  if (const auto priority = read_log_priority(at)) {
    out.priority = priority;
    read_rfc5424(at, out, clock);
  }
  if (!out.time && !at.rest.empty() &&
      (is_digit(at.rest.front()) || (at.rest.front() >= 'A' && at.rest.front() <= 'S'))) {
    out.time = read_iso_time(at, clock);
    if (!out.time) out.time = read_syslog_time(at, clock);
    if (out.time) read_source(at, out);
  }
  if (const auto priority = read_decoded_priority(at)) out.priority = priority;
  // Dropped lines join what is left to one line, again and again.
  for (;;) {
    if (at.rest.starts_with("** ")) {
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
        if (const auto caller = read_caller(at); !caller.empty()) out.caller = caller;
        at.skip(' ');
        continue;
      }
      if (const auto time = read_dmesg_time(at, clock)) {
        out.time = time;
        continue;
      }
    }
    break;
  }
  out.text = at.rest;
}

}  // namespace netcon::detail
