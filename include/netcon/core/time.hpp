// SPDX-License-Identifier: MIT
// Time as the receiving side takes it: passed in by the caller, never read from a clock.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <chrono>

namespace netcon::inline v0_1 {

/// The caller passes the current steady-clock time to every function that depends on it.
using time_point = std::chrono::steady_clock::time_point;

namespace detail {

/// since + wait, but no later than time_point::max(). Precondition: wait is not negative.
constexpr time_point after(time_point since, std::chrono::nanoseconds wait) noexcept {
  return since > time_point::max() - wait ? time_point::max() : since + wait;
}

}  // namespace detail

}  // namespace netcon::inline v0_1
