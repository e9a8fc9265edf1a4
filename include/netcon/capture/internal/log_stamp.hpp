// SPDX-License-Identifier: MIT
// The times and numbers that logs put before a line, one by one.
#pragma once

#include <netcon/capture/internal/log_clock.hpp>
#include <netcon/capture/log_line.hpp>
#include <netcon/detail/digits.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::detail {

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

/// The two digits at the front of a text that has them; a number above 99 where it has others.
constexpr unsigned two_digits(std::string_view text) noexcept {
  const auto tens = static_cast<unsigned char>(text[0] - '0'),
             ones = static_cast<unsigned char>(text[1] - '0');
  return tens > 9 || ones > 9 ? 100 : tens * 10u + ones;
}

/// The digits of a fraction of a second as microseconds; what is finer is left out.
constexpr std::uint64_t take_fraction(stamp_reader& at) noexcept {
  std::uint64_t micros = 0;
  for (unsigned scale = 100000; !at.rest.empty() && is_digit(at.rest.front()); scale /= 10) {
    micros += scale * static_cast<unsigned>(at.rest.front() - '0');
    at.rest.remove_prefix(1);
  }
  return micros;
}

/// "07:40:32.123456": microseconds of the day.
constexpr std::optional<std::chrono::microseconds> read_clock(stamp_reader& at) noexcept {
  constexpr std::size_t size = 8;
  if (at.rest.size() < size || at.rest[2] != ':' || at.rest[5] != ':') return std::nullopt;
  const auto hours = two_digits(at.rest), minutes = two_digits(at.rest.substr(3)),
             seconds = two_digits(at.rest.substr(6));
  if (hours > 23 || minutes > 59 || seconds > 60) return std::nullopt;
  at.rest.remove_prefix(size);
  std::uint64_t micros = ((hours * 60 + minutes) * std::uint64_t{60} + seconds) * 1000000;
  if ((at.rest.starts_with('.') || at.rest.starts_with(',')) && at.rest.size() > 1 && is_digit(at.rest[1])) {
    at.rest.remove_prefix(1);
    micros += take_fraction(at);
  }
  return std::chrono::microseconds{micros};
}

constexpr unsigned read_month(stamp_reader& at) noexcept {
  if (at.rest.size() < 4 || at.rest[3] != ' ') return 0;
  constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
  unsigned month = 0;
  for (std::size_t i = 0; i < names.size() && month == 0; i += 3)
    if (names[i + 2] == at.rest[2] && names[i + 1] == at.rest[1] && names[i] == at.rest[0])
      month = static_cast<unsigned>(i / 3 + 1);
  if (month == 0) return 0;
  at.rest.remove_prefix(3);
  at.skip_spaces();
  return month;
}

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
  std::optional<std::chrono::seconds> zone;
  if (at.skip('Z')) {
    zone = std::chrono::seconds{0};
  } else if (at.rest.starts_with('+') || at.rest.starts_with('-')) {
    const bool behind = at.rest.starts_with('-');
    auto offset = at;
    offset.rest.remove_prefix(1);
    const auto hours = offset.digits(2, 2);
    offset.skip(':');
    const auto minutes = offset.digits(2, 2);
    if (hours && minutes) {
      const std::chrono::seconds size{(*hours * 60 + *minutes) * 60};
      zone = behind ? -size : size;
      at = offset;
    }
  }
  if (!at.rest.empty() && at.rest.front() != ' ') return std::nullopt;
  auto out = make_time(static_cast<int>(*year), *month, *day, *time);
  if (out) out = zone ? believed(*out - *zone) : clock.to_utc(*out);
  if (out) from = at;
  return out;
}

/// Who writes a time as read_iso_time() takes it.
enum class iso_form : std::uint8_t { of_logs, of_dmesg, of_containers };
/// "2026-11-28T07:40:32,123456+00:00 " is dmesg's, "2026-11-28T07:40:32.123456789Z " of kubectl, docker and
/// all else that writes more digits than syslog: neither has a host behind it.
constexpr iso_form form_of_iso_time(std::string_view text) noexcept {
  constexpr std::size_t fraction = 19, seventh = fraction + 7;
  if (text.size() <= seventh || text[10] != 'T') return iso_form::of_logs;
  if (text[fraction] == '.' && is_digit(text[seventh])) return iso_form::of_containers;
  const bool has_zone = text[seventh] == '+' || text[seventh] == '-' || text[seventh] == 'Z';
  return text[fraction] == ',' && has_zone ? iso_form::of_dmesg : iso_form::of_logs;
}

/// "stdout F ", which container runtimes write before a whole line (F) or a part of one (P).
constexpr void skip_stream(stamp_reader& from) noexcept {
  for (const std::string_view one : {"stdout F ", "stdout P ", "stderr F ", "stderr P "})
    if (from.rest.starts_with(one)) {
      from.rest.remove_prefix(one.size());
      return;
    }
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
  const auto out = make_syslog_time(clock, month, *day, *time);
  if (out) from = at;
  return out;
}

/// Whether a word names a zone, "UTC" or "+0530", and not a year.
constexpr bool is_zone_name(std::string_view zone) noexcept {
  constexpr std::size_t longest = 6;
  if (zone.empty() || zone.size() > longest || is_digit(zone.front())) return false;
  for (const char c : zone)
    if (!is_digit(c) && (c < 'A' || c > 'Z') && c != '+' && c != '-') return false;
  return true;
}

/// "Sat 2026-11-28 07:40:32 UTC", of journalctl -o short-full and with-unit. The name of a zone other than
/// UTC does not say what it is: it is taken for that of the clock.
constexpr std::optional<log_time> read_full_time(stamp_reader& from, const log_clock& clock) noexcept {
  if (from.rest.size() < 5 || from.rest[3] != ' ' || !is_digit(from.rest[4])) return std::nullopt;
  constexpr std::string_view days = "Mon Tue Wed Thu Fri Sat Sun ";
  if (const auto day = days.find(from.rest.substr(0, 4)); day == days.npos || day % 4 != 0)
    return std::nullopt;
  auto at = from;
  at.rest.remove_prefix(4);
  auto time = read_iso_time(at, {});
  if (!time || !at.skip(' ')) return std::nullopt;
  const auto zone = at.word();
  if (!is_zone_name(zone)) return std::nullopt;
  if (zone.starts_with('+') || zone.starts_with('-')) {
    stamp_reader offset{zone.substr(1)};
    const auto hours = offset.digits(2, 2), minutes = offset.digits(2, 2);
    const std::chrono::minutes ahead{hours.value_or(0) * 60 + minutes.value_or(0)};
    time = believed(zone.front() == '-' ? *time + ahead : *time - ahead);
  } else if (zone != "UTC" && zone != "GMT") {
    time = clock.to_utc(*time);
  }
  if (time) from = at;
  return time;
}

/// "Sat Nov 28 07:40:32 2026", of OpenWrt's logread, whose -t puts "[1795851632.123]" behind it.
constexpr std::optional<log_time> read_dated_time(stamp_reader& from, const log_clock& clock) noexcept {
  constexpr std::string_view form = "Sat Nov 28 07:40:32 2026 ";
  if (from.rest.size() < form.size()) return std::nullopt;
  for (std::size_t i = 3; i < form.size(); ++i)
    if ((form[i] == ' ' || form[i] == ':') && i != 8 && from.rest[i] != form[i]) return std::nullopt;
  stamp_reader at{from.rest.substr(4)};
  const auto month = read_month(at);
  const auto day = at.digits(1, 2);
  if (month == 0 || !day || !at.skip(' ')) return std::nullopt;
  const auto time = read_clock(at);
  if (!time || !at.skip(' ')) return std::nullopt;
  const auto year = at.digits(4, 4);
  if (!year || !at.rest.starts_with(' ')) return std::nullopt;
  const auto out = make_time(static_cast<int>(*year), month, *day, *time, clock);
  if (!out) return std::nullopt;
  if (auto exact = at; exact.skip(' ') && exact.skip('[') && exact.digits(9, 11) && exact.skip('.') &&
                       exact.digits(3, 3) && exact.rest.starts_with("] "))
    at.rest = exact.rest.substr(1);
  from = at;
  return out;
}

/// "1795851632.123456", of journalctl -o short-unix and ts: since 1970.
constexpr std::optional<log_time> read_unix_time(stamp_reader& from) noexcept {
  auto at = from;
  std::uint64_t number = 0;
  for (; !at.rest.empty() && is_digit(at.rest.front()) && number < 1'000'000'000; at.rest.remove_prefix(1))
    number = number * 10 + static_cast<unsigned>(at.rest.front() - '0');
  if (number < 100'000'000 || !at.skip('.')) return std::nullopt;
  const auto micros = at.digits(6, 6);
  if (!micros || !at.rest.starts_with(' ')) return std::nullopt;
  const auto out = believed(number * 1'000'000 + *micros);
  if (out) from = at;
  return out;
}

/// "407819.286867] ", where a file begins within a stamp: digits may be missing, so that it is no time.
constexpr void skip_cut_stamp(stamp_reader& from) noexcept {
  auto at = from;
  if (!at.digits(1, 9) || !at.skip('.') || !at.digits(6, 6) || !at.skip(']')) return;
  if (at.skip(' ') || at.rest.starts_with('[')) from = at;
}

/// " <    0.000004>" behind a time: since the line before, of dmesg -d. journalctl -o short-delta has " >" at
/// its end, "*>" where it is not sure, and blanks where there is no line before.
constexpr void skip_delta(stamp_reader& from) noexcept {
  auto at = from;
  if (!at.skip(' ')) return;
  if (at.skip('<')) {
    at.skip_spaces();
    if (!at.digits(1, 9) || !at.skip('.') || !at.digits(1, 9)) return;
    if (!at.skip('*')) at.skip(' ');
    if (!at.skip('>')) return;
  } else {
    at.skip_spaces();
    if (!at.rest.starts_with(']')) return;
  }
  from = at;
}

/// "[  +0.000004] " and "[Nov28 07:40] ", of dmesg -H: the time of the second, nothing of the first; whether
/// it is one of these.
constexpr bool read_relative_time(stamp_reader& from, const log_clock& clock,
                                  std::optional<log_time>& out) noexcept {
  auto at = from;
  if (!at.skip('[')) return false;
  std::optional<log_time> time;
  const bool padded = !at.rest.empty() && at.rest.front() == ' ';
  at.skip_spaces();
  if (at.skip('+')) {
    if (!at.digits(1, 9) || !at.skip('.') || !at.digits(1, 9)) return false;
  } else {
    if (padded || at.rest.size() < 5 || at.rest[3] == ' ') return false;
    const std::string_view month = at.rest.substr(0, 3);
    const char spaced[] = {month[0], month[1], month[2], ' '};
    stamp_reader name{{spaced, sizeof spaced}};
    const auto number = read_month(name);
    at.rest.remove_prefix(3);
    const auto day = at.digits(2, 2);
    if (number == 0 || !day || !at.skip(' ')) return false;
    const auto hour = at.digits(2, 2);
    if (!hour || !at.skip(':')) return false;
    const auto minute = at.digits(2, 2);
    if (!minute || *hour > 23 || *minute > 59) return false;
    time = make_syslog_time(clock, number, *day, std::chrono::minutes{*hour * 60 + *minute});
  }
  if (!at.skip(']')) return false;
  if (time) out = time;
  from = at;
  return true;
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
  auto named = at;  // "UTC 2026", of crash's "log -T"
  const auto zone = named.word();
  const bool has_zone = is_zone_name(zone) && named.skip(' ');
  if (has_zone) at = named;
  const auto year = at.digits(4, 4);
  skip_delta(at);
  if (!year || !at.skip(']')) return std::nullopt;
  const auto number = static_cast<int>(*year);
  const auto out = has_zone && (zone == "UTC" || zone == "GMT")
                       ? make_time(number, month, *day, *time)
                       : make_time(number, month, *day, *time, clock);
  if (!out) return std::nullopt;
  from = at;
  return out;
}

/// "[2026-11-28 07:40:32.123] ", "[2026/11/28, 07:40:32]", of terminals such as minicom and PuTTY's; their
/// "[07:40:32.123] " has no day. Whether it is one of these.
constexpr bool read_terminal_time(stamp_reader& from, const log_clock& clock,
                                  std::optional<log_time>& out) noexcept {
  auto at = from;
  if (!at.skip('[') || at.rest.empty() || !is_digit(at.rest.front())) return false;
  const auto text = at.rest.substr(0, at.rest.substr(0, 40).find(']'));
  if (text.size() == at.rest.size() || text.size() == 40) return false;
  std::optional<log_time> time;
  if (text.size() > 12 && text[10] == ',' && text[11] == ' ') {
    stamp_reader clock_at{text.substr(12)};
    const auto since_midnight = read_clock(clock_at);
    if (!since_midnight || !clock_at.rest.empty()) return false;
    char joined[] = "0000-00-00 00:00:00";
    for (std::size_t i = 0; i < sizeof joined - 1; ++i) joined[i] = i < 10 ? text[i] : text[i + 1];
    stamp_reader second{{joined, sizeof joined - 1}};
    time = read_iso_time(second, clock);
    if (!time) return false;
    *time += *since_midnight % std::chrono::seconds{1};
  } else {
    stamp_reader behind{text};
    time = read_iso_time(behind, clock);
    if (!time && !read_clock(behind)) return false;
    if (!behind.rest.empty()) return false;
  }
  at.rest.remove_prefix(text.size() + 1);
  if (time) out = time;
  from = at;
  return true;
}

/// "[    1.234567] ", "[    1.5]", "[    1.234567,0]": since the boot.
constexpr std::optional<std::uint64_t> read_boot_time(stamp_reader& from) noexcept {
  const auto text = from.rest;
  if (text.empty() || text.front() != '[') return std::nullopt;
  std::size_t at = 1;
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  std::uint64_t seconds = 0;
  const auto first = at;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    if (at - first == 11) return std::nullopt;
    seconds = seconds * 10 + static_cast<unsigned>(text[at] - '0');
  }
  if (at == first || at == text.size() || text[at] != '.') return std::nullopt;
  const auto fraction = ++at;
  if (constexpr std::size_t size = 6; text.size() - at > size && text[at + size] == ']') {
    const auto high = two_digits(text.substr(at)), middle = two_digits(text.substr(at + 2)),
               low = two_digits(text.substr(at + 4));
    if (high > 99 || middle > 99 || low > 99) return std::nullopt;
    from.rest.remove_prefix(at + size + 1);
    return seconds * 1000000 + (high * 100 + middle) * 100 + low;
  }
  std::uint64_t micros = 0, scale = 100000;
  for (; at < text.size() && is_digit(text[at]) && at - fraction < 9; ++at, scale /= 10)
    micros += scale * static_cast<unsigned>(text[at] - '0');
  if (at == fraction) return std::nullopt;
  stamp_reader end{text.substr(at)};
  if (!end.skip(']')) {
    if (end.skip(',') || end.skip('@')) end.digits(1, 3);  // the processor, of some vendors
    end.skip('s');                                         // of Huawei
    skip_delta(end);
    if (!end.skip(']')) return std::nullopt;
  }
  from = end;
  return seconds * 1000000 + micros;
}

/// Whether a stamp with a vendor's mark in it has six digits behind its point, or the "s" of Huawei, which
/// has fewer.
[[gnu::noinline]] constexpr bool is_marked_of_kernel(std::string_view stamp) noexcept {
  const auto fraction = stamp.substr(std::min(stamp.find('.'), stamp.size() - 1) + 1);
  std::size_t digits = 0;
  while (digits < fraction.size() && is_digit(fraction[digits])) ++digits;
  return digits == 6 || (digits != 0 && fraction.substr(digits).starts_with('s'));
}

/// Whether a stamp that read_boot_time() took is the kernel's, with six digits behind its point. Boot loaders
/// have three.
constexpr bool is_of_kernel(std::string_view stamp) noexcept {
  constexpr std::size_t end = 8;  // ".123456]"
  return (stamp.size() > end && stamp[stamp.size() - end] == '.') || is_marked_of_kernel(stamp);
}

}  // namespace netcon::inline v0_1::detail
