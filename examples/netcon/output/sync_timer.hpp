// SPDX-License-Identifier: MIT
// When the disk has to store what was written.
#pragma once

#include "output/destination.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace tool {

class sync_timer {
 public:
  /// most_age: how old data may be that a loss of power takes; none: as old as the system makes it.
  explicit sync_timer(std::optional<std::chrono::milliseconds> most_age) : most_age_{most_age} {}

  /// Whether anything is synced.
  explicit operator bool() const { return most_age_.has_value(); }

  /// Calls sync when its time has come, unless all is synced. Returns what destination::rest() has to.
  template <class Sync>
  std::chrono::milliseconds rest(bool is_synced, const Sync& sync) {
    if (!most_age_ || is_synced) return destination::longest_rest;
    const auto now = clock::now();
    if (now < next_)
      return std::min(destination::longest_rest, std::chrono::ceil<std::chrono::milliseconds>(next_ - now));
    sync();
    next_ = clock::now() + *most_age_;
    return destination::longest_rest;
  }

 private:
  using clock = std::chrono::steady_clock;

  std::optional<std::chrono::milliseconds> most_age_;
  clock::time_point next_{};
};

}  // namespace tool
