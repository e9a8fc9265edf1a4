// SPDX-License-Identifier: MIT
// Which record numbers of a stretch came.
#pragma once

#include <netcon/crash/report.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace netcon::inline v0_1::crash::detail {

/// Takes numbers in any order; knows those between the first and the highest one that did not come. With more
/// than most_ranges ranges of them it names too many, never too few.
class continuity {
 public:
  static constexpr std::size_t most_ranges = 64;

  /// The number behind the highest one.
  std::optional<std::uint64_t> next() const noexcept { return next_; }

  /// No number was sent between the highest one and this.
  void skip_to(std::uint64_t number) noexcept {
    if (next_) next_ = std::max(*next_, number);
  }

  void add(std::uint64_t number) {
    if (next_ && number < *next_) return add_late(number);
    if (next_ && number > *next_) add_gap({*next_, number});
    next_ = number + (number == std::numeric_limits<std::uint64_t>::max() ? 0 : 1);
  }

  /// The oldest first.
  const std::vector<missing_range>& missing() const noexcept { return missing_; }

  /// What is missing before the number does not count any more.
  void forget_before(std::uint64_t number) {
    std::erase_if(missing_, [&](const missing_range& gap) { return gap.end <= number; });
  }
  /// The same for the oldest range where no other one would have room.
  void make_room() {
    if (missing_.size() == most_ranges) missing_.erase(missing_.begin());
  }

 private:
  void add_late(std::uint64_t number) {
    for (auto gap = missing_.begin(); gap != missing_.end(); ++gap) {
      if (number < gap->begin || number >= gap->end) continue;
      if (gap->begin + 1 == gap->end)
        missing_.erase(gap);
      else if (number == gap->begin)
        ++gap->begin;
      else if (number + 1 == gap->end)
        --gap->end;
      else if (missing_.size() < most_ranges)
        split(gap, number);
      return;
    }
  }

  void add_gap(missing_range gap) {
    if (missing_.size() < most_ranges)
      missing_.push_back(gap);
    else
      missing_.back().end = gap.end;
  }

  void split(std::vector<missing_range>::iterator gap, std::uint64_t number) {
    const missing_range behind{number + 1, gap->end};
    gap->end = number;
    missing_.insert(gap + 1, behind);
  }

  std::optional<std::uint64_t> next_;
  std::vector<missing_range> missing_;
};

}  // namespace netcon::inline v0_1::crash::detail
