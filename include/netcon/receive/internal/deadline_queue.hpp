// SPDX-License-Identifier: MIT
// Senders with pending work, queued by deadline.
#pragma once

#include <netcon/core/time.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

namespace netcon::inline v0_1::detail {

/// Deadlines closer together than this share one call of expire().
inline constexpr std::chrono::nanoseconds deadline_granularity = std::chrono::milliseconds{5};

/// An entry whose deadline moved away keeps its place until its turn comes; one whose deadline came closer
/// moves at once.
template <class Node>
class deadline_queue {
 public:
  using place = typename std::multimap<time_point, Node*>::iterator;

  /// The entry is due at the end of time, until bring_forward().
  place add(Node& node) { return entries_.emplace_hint(entries_.end(), time_point::max(), &node); }
  void remove(place at) { entries_.erase(at); }

  void bring_forward(place& at, time_point deadline) {
    if (deadline < at->first) move(at, deadline);
    next_look_ = std::min(next_look_, deadline);
  }
  void move(place& at, time_point deadline) {
    auto entry = entries_.extract(at);
    entry.key() = deadline;
    at = entries_.insert(std::move(entry));
  }

  bool empty() const noexcept { return entries_.empty(); }
  Node& first() const noexcept { return *entries_.begin()->second; }

  std::optional<time_point> deadline() const noexcept {
    if (entries_.empty()) return std::nullopt;
    return next_look_;
  }

  /// Calls expire(node) for each entry that is due; it removes the entry or move()s it behind now.
  template <class Expire>
  void expire(time_point now, Expire&& expire) {
    if (entries_.empty() || now < next_look_) return;
    while (!entries_.empty() && entries_.begin()->first <= now) expire(first());
    next_look_ = std::max(entries_.empty() ? time_point::max() : entries_.begin()->first,
                          after(now, deadline_granularity));
  }

 private:
  std::multimap<time_point, Node*> entries_;
  time_point next_look_ = time_point::max();
};

}  // namespace netcon::inline v0_1::detail
