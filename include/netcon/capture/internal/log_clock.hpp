// SPDX-License-Identifier: MIT
// The time of a stamp from its parts, some of which the stamp may lack.
#pragma once

#include <netcon/capture/log_line.hpp>
#include <netcon/core/time.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace netcon::inline v0_1::detail {

/// Nothing when it is before first_log_time or after last_wall_time.
constexpr std::optional<log_time> believed(log_time time) noexcept {
  if (time < first_log_time || time > last_wall_time) return std::nullopt;
  return time;
}
/// As above; so many microseconds since 1970.
constexpr std::optional<log_time> believed(std::uint64_t microseconds) noexcept {
  constexpr auto last = static_cast<std::uint64_t>(log_time{last_wall_time}.time_since_epoch().count());
  if (microseconds > last) return std::nullopt;
  return log_time{std::chrono::microseconds{static_cast<std::int64_t>(microseconds)}};
}

/// How a log without years and zones is read.
struct log_clock {
  int year = 1970;
  std::chrono::seconds zone{0};    // how far the log's time is ahead of UTC
  std::optional<log_time> last{};  // when the log was written
  std::chrono::seconds (*zone_at)(std::chrono::system_clock::time_point) noexcept =
      nullptr;  // instead of zone

  /// Of a time that is ahead of UTC by so much: nothing where that is not believed.
  constexpr std::optional<log_time> to_utc(log_time local) const noexcept {
    if (zone_at == nullptr || !believed(local)) return believed(local - zone);
    // What was ahead an hour or two before or after decides only in the hours in which that changes.
    const auto offset_at = [&](log_time time) {
      return zone_at(std::chrono::time_point_cast<std::chrono::system_clock::duration>(time));
    };
    return believed(local - offset_at(local - offset_at(local)));
  }
};

/// The time of a day that exists, in UTC.
constexpr std::optional<log_time> make_time(int year, unsigned month, unsigned day,
                                            std::chrono::microseconds clock) noexcept {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!date.ok()) return std::nullopt;
  return log_time{std::chrono::sys_days{date}.time_since_epoch() + clock};
}
/// The same in the zone of the log.
constexpr std::optional<log_time> make_time(int year, unsigned month, unsigned day,
                                            std::chrono::microseconds time, const log_clock& clock) noexcept {
  const auto local = make_time(year, month, day, time);
  return local ? clock.to_utc(*local) : std::nullopt;
}

/// The time of a stamp without a year. What is later than the log is of the year before: a day later, since
/// zones and clocks differ.
constexpr std::optional<log_time> make_syslog_time(const log_clock& clock, unsigned month, unsigned day,
                                                   std::chrono::microseconds time) noexcept {
  const auto in_year = [&](int year) {
    const auto out = make_time(year, month, day, time, clock);
    // The year is a guess; in another one the day exists.
    if (!out && month == 2 && day == 29) return make_time(year, 2, 28, time + std::chrono::days{1}, clock);
    return out;
  };
  const auto out = in_year(clock.year);
  const bool is_later = out && clock.last && *out - std::chrono::days{1} > *clock.last;
  return is_later ? in_year(clock.year - 1) : out;
}

}  // namespace netcon::inline v0_1::detail
