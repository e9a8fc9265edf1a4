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

constexpr std::optional<log_time> make_time(int year, unsigned month, unsigned day,
                                            std::chrono::microseconds clock,
                                            std::chrono::seconds zone) noexcept {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!date.ok()) return std::nullopt;
  return believed(log_time{std::chrono::sys_days{date}.time_since_epoch() + clock - zone});
}

/// How a log without years and zones is read.
struct log_clock {
  int year = 1970;
  std::chrono::seconds zone{0};    // how far the log's time is ahead of UTC
  std::optional<log_time> last{};  // when the log was written
};

/// The time of a stamp without a year. What is later than the log is of the year before: a day later, since
/// zones and clocks differ.
constexpr std::optional<log_time> make_syslog_time(const log_clock& clock, unsigned month, unsigned day,
                                                   std::chrono::microseconds time) noexcept {
  const auto in_year = [&](int year) {
    const auto out = make_time(year, month, day, time, clock.zone);
    // The year is a guess; in another one the day exists.
    if (!out && month == 2 && day == 29)
      return make_time(year, 2, 28, time + std::chrono::days{1}, clock.zone);
    return out;
  };
  const auto out = in_year(clock.year);
  const bool is_later = out && clock.last && *out - std::chrono::days{1} > *clock.last;
  return is_later ? in_year(clock.year - 1) : out;
}

}  // namespace netcon::inline v0_1::detail
