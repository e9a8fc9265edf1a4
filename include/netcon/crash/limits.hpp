// SPDX-License-Identifier: MIT
// How much the detector keeps, and how long it waits.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace netcon::inline v0_1::crash {

/// What is over a limit is left out and counted, never waited for.
struct limits {
  /// Lines of one report; the first ones are kept.
  std::size_t lines = 4000;
  /// Bytes of one report; the first ones are kept.
  std::size_t bytes = 512 * 1024;
  /// Bytes of all reports that have begun.
  std::size_t all_bytes = 64 * 1024 * 1024;
  /// Crashes of one sender at the same time, on several processors.
  std::size_t at_once = 8;
  /// Senders that are known; the one silent for longest is forgotten, with the report that it has begun.
  std::size_t senders = 4096;
  /// Lines before a crash that its report has.
  std::size_t before_lines = 16;
  /// Bytes of these lines.
  std::size_t before_bytes = 2048;
  /// A crash ends when no line of its own came for so long.
  std::chrono::nanoseconds silence = std::chrono::seconds{5};
  /// The same after its end marker: a panic may still follow.
  std::chrono::nanoseconds silence_after_end = std::chrono::seconds{1};
  /// It ends too when so many lines came that belong to none.
  std::size_t foreign_lines = 64;
  /// A gap in the numbers of so many records before a crash may hold its beginning.
  std::size_t doubtful_records = 1024;

  /// As a detector takes them: a negative time is 0, and no sender or no crash at a time is 1.
  [[nodiscard]] limits in_range() const noexcept {
    auto out = *this;
    out.at_once = std::max<std::size_t>(at_once, 1);
    out.senders = std::max<std::size_t>(senders, 1);
    for (auto* const time : {&out.silence, &out.silence_after_end})
      *time = std::max(*time, std::chrono::nanoseconds{0});
    return out;
  }
};

}  // namespace netcon::inline v0_1::crash
