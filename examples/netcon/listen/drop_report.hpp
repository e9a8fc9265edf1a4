// SPDX-License-Identifier: MIT
// What standard error reports about packets that were dropped before they were decoded.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tool {

/// Packets of one cause.
class drop_report {
 public:
  using clock = std::chrono::steady_clock;

  static constexpr std::chrono::seconds between_reports{60};

  /// What: as the last line names them. Reason: why they were dropped, and what helps.
  drop_report(std::string_view what, std::string reason) : what_{what}, reason_{std::move(reason)} {}

  /// The line for so many drops so far, where there are more than the last one told; once a minute.
  std::optional<std::string> update(std::uint64_t drops, clock::time_point now);

 private:
  std::string_view what_;
  std::string reason_;
  std::uint64_t reported_ = 0;
  std::optional<clock::time_point> next_;
};

}  // namespace tool
