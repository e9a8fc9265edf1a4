// SPDX-License-Identifier: MIT
// Time as the receiving side takes it: passed in by the caller, never read from a clock. The last time that
// files have.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <chrono>

namespace netcon::inline v0_1 {

/// The caller passes the current steady-clock time to every function that depends on it.
using time_point = std::chrono::steady_clock::time_point;

/// The last second of a log's or capture's wall time, in 2255: nanoseconds since 1970 do not reach much
/// farther. A later one is an error in a capture, and text in a log.
inline constexpr std::chrono::sys_seconds last_wall_time{std::chrono::seconds{9'000'000'000}};

namespace detail {

/// since + wait, but no later than time_point::max(). Precondition: wait is not negative.
constexpr time_point after(time_point since, std::chrono::nanoseconds wait) noexcept {
  return since > time_point::max() - wait ? time_point::max() : since + wait;
}

/// The time in nanoseconds, but no more than the most: who gives the longest one means for ever.
/// Precondition: it is not negative.
template <class Rep, class Period>
constexpr std::chrono::nanoseconds to_nanoseconds(std::chrono::duration<Rep, Period> time) noexcept {
  constexpr auto most = std::chrono::nanoseconds::max();
  return time > std::chrono::floor<std::chrono::duration<Rep, Period>>(most) ? most
                                                                             : std::chrono::nanoseconds{time};
}

/// now - since, but no less than 0 and no more than the most: a capture may jump through the centuries.
constexpr std::chrono::nanoseconds elapsed(time_point since, time_point now) noexcept {
  if (now <= since) return std::chrono::nanoseconds{0};
  constexpr auto most = std::chrono::nanoseconds::max();
  return since < time_point{} && now > since + most ? most : now - since;
}

}  // namespace detail

}  // namespace netcon::inline v0_1
