// SPDX-License-Identifier: MIT
// Points in time as text, for many in a row that mostly lie within the same second.
#pragma once

#include <netcon/output/internal/append.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace netcon::inline v0_1 {

/// Time of the world's clock, in the resolution of the system.
using wall_time = std::chrono::system_clock::time_point;

/// How far local time is ahead of UTC at a time. On Linux os/local_time.hpp has one: local_utc_offset.
using utc_offset = std::chrono::seconds (*)(wall_time);

/// Appends wall times to a string. It keeps the text of the last second.
class wall_time_writer {
 public:
  /// 2026-11-20T12:37:21.123456Z (RFC 3339, UTC).
  wall_time_writer() noexcept = default;
  /// 2026-11-20 13:37:21.123 in local time; without an offset in UTC.
  explicit wall_time_writer(utc_offset offset) noexcept : is_local_{true}, offset_{offset} {}

  /// In the form that the constructor says.
  void append(std::string& out, wall_time time) {
    namespace chrono = std::chrono;
    const auto second = chrono::floor<chrono::seconds>(time);
    if (text_.empty() || second != second_) {
      second_ = second;
      write_second(offset_ == nullptr ? second : second + offset_(time));
    }
    out += text_;
    const auto micros =
        static_cast<std::uint64_t>(chrono::floor<chrono::microseconds>(time - second).count());
    if (is_local_) {
      detail::append_decimal(out, micros / 1000, 3, '0');
    } else {
      detail::append_decimal(out, micros, 6, '0');
      out += 'Z';
    }
  }

 private:
  void write_second(std::chrono::sys_seconds second) {
    const auto day = std::chrono::floor<std::chrono::days>(second);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss<std::chrono::seconds> clock{second - day};
    text_.clear();
    const auto put = [&](auto number, std::size_t width, char end) {
      detail::append_decimal(text_, static_cast<std::uint64_t>(number), width, '0');
      text_ += end;
    };
    const int year = static_cast<int>(date.year());
    if (year < 0) text_ += '-';
    put(year < 0 ? -year : year, 4, '-');
    put(static_cast<unsigned>(date.month()), 2, '-');
    put(static_cast<unsigned>(date.day()), 2, is_local_ ? ' ' : 'T');
    put(clock.hours().count(), 2, ':');
    put(clock.minutes().count(), 2, ':');
    put(clock.seconds().count(), 2, '.');
  }

  bool is_local_ = false;
  utc_offset offset_ = nullptr;
  std::chrono::sys_seconds second_{};
  std::string text_;  // of second_, with the point
};

}  // namespace netcon::inline v0_1
