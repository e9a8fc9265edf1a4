// SPDX-License-Identifier: MIT
// Which record numbers of a stretch came.
#pragma once

#include <netcon/crash/report.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace netcon::inline v0_1::crash::detail {

/// Takes numbers in any order; knows those between the first and the highest one that did not come.
class continuity {
 public:
  static constexpr std::size_t most_ranges = 64;

  void start(std::uint64_t first) { next_ = first; }
  bool started() const noexcept { return next_.has_value(); }
  std::uint64_t next() const noexcept { return next_.value_or(0); }

  /// No number was sent between the highest one and this.
  void skip_to(std::uint64_t number) noexcept {
    if (next_ && number > *next_) next_ = number;
  }

  /// False when the number closed no gap and was no new one: it came before, or is older than the first.
  bool add(std::uint64_t number) {
    if (!next_) {
      next_ = number + 1;
      return true;
    }
    if (number >= *next_) {
      if (number > *next_) add_gap({*next_, number});
      next_ = number + 1;
      return true;
    }
    for (std::size_t i = 0; i < missing_.size(); ++i) {
      auto& gap = missing_[i];
      if (number < gap.begin || number >= gap.end) continue;
      const missing_range after{number + 1, gap.end};
      gap.end = number;
      const bool empty = gap.begin == gap.end;
      if (empty) missing_.erase(missing_.begin() + static_cast<std::ptrdiff_t>(i));
      if (after.begin < after.end && missing_.size() < most_ranges)
        missing_.insert(missing_.begin() + static_cast<std::ptrdiff_t>(empty ? i : i + 1), after);
      return true;
    }
    return false;
  }

  /// The last gap, for a stretch that only remembers where it was.
  const std::vector<missing_range>& missing() const noexcept { return missing_; }

  void add_gap(missing_range gap) {
    if (missing_.size() < most_ranges) {
      missing_.push_back(gap);
    } else {
      missing_.back().end = gap.end;  // what came between them counts as missing: never too little
    }
  }

 private:
  std::optional<std::uint64_t> next_;
  std::vector<missing_range> missing_;
};

}  // namespace netcon::inline v0_1::crash::detail
