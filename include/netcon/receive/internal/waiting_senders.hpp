// SPDX-License-Identifier: MIT
// The senders with work that waits in a stage: their deadlines and bytes.
#pragma once

#include <netcon/core/time.hpp>
#include <netcon/receive/collector_limits.hpp>
#include <netcon/receive/internal/deadline_queue.hpp>
#include <netcon/receive/internal/sender.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace netcon::inline v0_1::detail {

/// Senders with pending work are queued by deadline; expire() visits only those that are due.
class waiting_senders {
 public:
  explicit waiting_senders(const collector_limits& limits) noexcept
      : most_bytes_{limits.queued_bytes},
        reorder_{limits.reorder},
        line_age_{limits.line_age},
        continuation_age_{limits.continuation_age} {}

  /// The sender's pending work, which may be new and empty: call update() after a change.
  pending_work& work_of(sender& s) {
    if (!s.pending) {
      auto work = std::make_unique<pending_work>();
      work->place = deadlines_.add(s);
      s.pending = std::move(work);
      recount(*s.pending);
    }
    return *s.pending;
  }

  /// Takes note of a change of the sender's pending work; frees it when nothing is left.
  void update(sender& s) {
    if (!s.pending) return;
    auto& work = *s.pending;
    if (work.empty()) {
      deadlines_.remove(work.place);
      bytes_ -= work.counted_bytes;
      s.pending.reset();
      return;
    }
    recount(work);
    deadlines_.bring_forward(work.place, deadline_of(work));
  }

  /// As update(), but keeps the work that is in use.
  void recount(pending_work& work) noexcept {
    const auto bytes = work.bytes();
    bytes_ += bytes - std::exchange(work.counted_bytes, bytes);
  }

  bool empty() const noexcept { return deadlines_.empty(); }
  /// The one that is due first.
  sender& first() const noexcept { return deadlines_.first(); }
  std::optional<time_point> deadline() const noexcept { return deadlines_.deadline(); }
  bool is_above_limit() const noexcept { return bytes_ > most_bytes_ && !empty(); }
  /// True when so many bytes more may wait.
  bool has_room(std::size_t bytes) const noexcept { return bytes_ + bytes <= most_bytes_; }

  /// Calls deliver(sender) for each one that is due.
  template <class Deliver>
  void expire(time_point now, Deliver&& deliver) {
    deadlines_.expire(now, [&](sender& s) {
      deliver(s);
      if (s.pending) deadlines_.move(s.pending->place, deadline_of(*s.pending));
    });
  }

  time_point deadline_of(const reorder_queue& queue) const noexcept { return after(queue.since(), reorder_); }
  time_point deadline_of(const continuation_joiner& joiner) const noexcept {
    return after(joiner.since(), continuation_age_);
  }
  time_point deadline_of(const basic_lines& lines) const noexcept { return after(lines.since(), line_age_); }

 private:
  time_point deadline_of(const pending_work& work) const noexcept {
    auto first = time_point::max();
    if (!work.lines.empty()) first = std::min(first, deadline_of(work.lines));
    if (!work.joiner.empty()) first = std::min(first, deadline_of(work.joiner));
    if (!work.queue.empty()) first = std::min(first, deadline_of(work.queue));
    return first;
  }

  deadline_queue<sender> deadlines_;
  std::size_t bytes_ = 0;
  std::size_t most_bytes_;
  std::chrono::nanoseconds reorder_, line_age_, continuation_age_;
};

}  // namespace netcon::inline v0_1::detail
