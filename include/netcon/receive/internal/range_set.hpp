// SPDX-License-Identifier: MIT
// Which bytes of a record have come.
#pragma once

#include <netcon/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace netcon::inline v0_1::detail {

/// Ranges of bytes, sorted, never touching.
class range_set {
 public:
  /// Adds a range. Calls fresh(begin, end) for each part of it that is new and known(begin, end) for each
  /// that is not; true when any was new.
  template <class Fresh, class Known>
  bool add(std::uint32_t begin, std::uint32_t end, Fresh&& fresh, Known&& known) {
    // In order is the common case.
    if (ranges_.empty() || begin > ranges_.back().end) {
      fresh(begin, end);
      ranges_.push_back({begin, end});
      covered_ += end - begin;
      return true;
    }
    if (begin == ranges_.back().end) {
      fresh(begin, end);
      extend_last(end - begin);
      return true;
    }
    return merge(begin, end, fresh, known);
  }

  /// Precondition: !empty().
  void extend_last(std::uint32_t size) noexcept {
    ranges_.back().end += size;
    covered_ += size;
  }

  /// The ranges between those, up to total.
  void holes(std::uint32_t total, std::vector<text_range>& out) const {
    out.clear();
    std::uint32_t at = 0;
    for (const auto& range : ranges_) {
      if (at < range.begin) out.push_back({at, range.begin});
      at = range.end;
    }
    if (at < total) out.push_back({at, total});
  }

  void clear() noexcept {
    ranges_.clear();
    covered_ = 0;
  }
  std::size_t size() const noexcept { return ranges_.size(); }
  /// Where the last range ends. Precondition: !empty().
  std::uint32_t end() const noexcept { return ranges_.back().end; }
  std::uint32_t covered() const noexcept { return covered_; }

 private:
  /// As add(), for a range that begins before the end of the last one.
  template <class Fresh, class Known>
  [[gnu::noinline]] bool merge(std::uint32_t begin, std::uint32_t end, Fresh& fresh, Known& known) {
    const auto before = covered_;
    const auto first =
        std::ranges::lower_bound(ranges_, begin, {}, &text_range::end);  // may touch the new one
    text_range merged{begin, end};
    std::uint32_t at = begin;
    auto last = first;
    const auto fill_to = [&](std::uint32_t to) {
      if (at >= to) return;
      fresh(at, to);
      covered_ += to - at;
    };
    for (; last != ranges_.end() && last->begin <= end; ++last) {
      fill_to(last->begin);
      const auto from = std::max(last->begin, begin), to = std::min(last->end, end);
      if (from < to) known(from, to);
      at = std::max(at, last->end);
      merged = {std::min(merged.begin, last->begin), std::max(merged.end, last->end)};
    }
    fill_to(end);
    if (first == last) {
      ranges_.insert(first, merged);
    } else {
      *first = merged;
      ranges_.erase(first + 1, last);
    }
    return covered_ != before;
  }

  std::vector<text_range> ranges_;
  std::uint32_t covered_ = 0;
};

}  // namespace netcon::inline v0_1::detail
