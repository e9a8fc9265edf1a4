// SPDX-License-Identifier: MIT
// What a text log does not say of itself.
#pragma once

#include <netcon/capture/log_line.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

namespace netcon::inline v0_1 {

/// What a text_log cannot find in the log itself.
struct text_log_options {
  std::size_t longest_line = 64 * 1024;  ///< what is longer is cut and marked
  int year = 1970;                       ///< of stamps that have none
  std::chrono::seconds zone{0};          ///< how far stamps without a zone are ahead of UTC
  /// When the log ends: what is a day later without a year is of the year before.
  std::optional<log_time> last{};
  /// How far they are ahead at a time, in place of zone: os/local_time.hpp has one that knows of summer.
  std::chrono::seconds (*zone_at)(std::chrono::system_clock::time_point) noexcept = nullptr;
};

}  // namespace netcon::inline v0_1
