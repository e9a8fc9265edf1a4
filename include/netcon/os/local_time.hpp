// SPDX-License-Identifier: MIT
// This machine's time zone.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <chrono>
#include <ctime>

#include <time.h>

namespace netcon::inline v0_1 {

/// How far local time (TZ, /etc/localtime) is ahead of UTC at a time; zero where the C library does not know.
[[nodiscard]] inline std::chrono::seconds local_utc_offset(
    std::chrono::system_clock::time_point time) noexcept {
  const std::time_t second = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  if (::localtime_r(&second, &parts) == nullptr) return std::chrono::seconds{0};
  return std::chrono::seconds{parts.tm_gmtoff};
}

}  // namespace netcon::inline v0_1
