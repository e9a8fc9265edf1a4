// SPDX-License-Identifier: MIT
// Records that came before others with lower numbers: one sender's queue, in the order of their numbers.
#pragma once

#include <netcon/core/time.hpp>
#include <netcon/wire/record.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

namespace netcon::inline v0_1 {

/// A whole record on its way through the stages.
struct arrived_record {
  const record_view& record;         ///< whole: all its fragments came
  time_point arrived;                ///< when its last packet came
  bool conflict = false;             ///< fragments of it disagreed about a byte, or records about its text
  std::uint32_t stopped_copies = 0;  ///< that the kernel sent before, and not to the end

  /// The same, after another one with its number and time and another text.
  [[nodiscard]] arrived_record as_conflict() const noexcept {
    return {record, arrived, true, stopped_copies};
  }
};

/// Keeps copies of the records' bytes. Takes no decision about time: the caller asks for the oldest arrival.
class reorder_queue {
 public:
  /// What push() made of a record.
  enum class result : std::uint8_t {
    queued,      ///< in the queue, with a copy of its bytes
    duplicate,   ///< is in the queue
    conflict,    ///< another one with its number and time is, with another text
    other_boot,  ///< its number is in the queue with another time
  };

  /// A record in the queue, as pop() gives it.
  struct queued_record {
    record bytes;                      ///< the record, with bytes of its own
    time_point arrived;                ///< as it was pushed
    bool conflict = false;             ///< as it was pushed
    std::uint32_t stopped_copies = 0;  ///< as it was pushed
    std::uint32_t repeats = 0;         ///< by the kernel, sent after it
    /// The one that arrived before it; null for the first, and after pop() without meaning.
    queued_record* earlier = nullptr;
    /// The one that arrived after it; null for the last, and after pop() without meaning.
    queued_record* later = nullptr;

    /// The same as it was pushed. Precondition: view is bytes.view().
    [[nodiscard]] arrived_record as_arrived(const record_view& view) const noexcept {
      return {view, arrived, conflict, stopped_copies};
    }
  };

  /// What a record takes beside its bytes.
  static constexpr std::size_t overhead = sizeof(queued_record) + 64;

  /// Empty.
  reorder_queue() = default;
  reorder_queue(const reorder_queue&) = delete;
  reorder_queue& operator=(const reorder_queue&) = delete;

  /// delivered is the highest number delivered: numbers count from there, also around 2^64.
  result push(const arrived_record& one, std::uint64_t delivered) {
    if (records_.empty()) base_ = delivered;
    const auto distance = one.record.sequence() - base_;
    const auto place = records_.lower_bound(distance);
    if (place != records_.end() && place->first == distance) {
      const auto view = place->second.bytes.view();
      if (view.timestamp_us() != one.record.timestamp_us()) return result::other_boot;
      return view.text() == one.record.text() ? result::duplicate : result::conflict;
    }
    record bytes{one.record};  // before its place: memory may run out
    auto& queued = records_.try_emplace(place, distance)->second;
    queued.bytes = std::move(bytes);
    queued.arrived = one.arrived;
    queued.conflict = one.conflict;
    queued.stopped_copies = one.stopped_copies;
    queued.earlier = newest_;
    (newest_ == nullptr ? oldest_ : newest_->later) = &queued;
    newest_ = &queued;
    bytes_ += size_of(queued);
    return result::queued;
  }

  /// Takes out the record with the lowest number. Precondition: !empty().
  queued_record pop() {
    auto first = records_.extract(records_.begin());
    auto& queued = first.mapped();
    (queued.earlier == nullptr ? oldest_ : queued.earlier->later) = queued.later;
    (queued.later == nullptr ? newest_ : queued.later->earlier) = queued.earlier;
    bytes_ -= size_of(queued);
    return std::move(queued);
  }

  /// The kernel sent one of the queued records again. Precondition: !empty().
  void count_repeat() noexcept { ++records_.rbegin()->second.repeats; }

  /// A record with its number and time; with_text: and its text.
  [[nodiscard]] bool contains(const record_view& record, bool with_text = false) const noexcept {
    const auto at = records_.find(record.sequence() - base_);
    if (at == records_.end()) return false;
    const auto known = at->second.bytes.view();
    return known.timestamp_us() == record.timestamp_us() && (!with_text || known.text() == record.text());
  }

  /// True when the lowest number is lower than sequence, which is above the highest delivered.
  [[nodiscard]] bool is_before(std::uint64_t sequence) const noexcept {
    return !records_.empty() && records_.begin()->first < sequence - base_;
  }

  /// True when no record waits.
  [[nodiscard]] bool empty() const noexcept { return records_.empty(); }
  /// Records that wait.
  [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }
  /// The lowest number. Precondition: !empty().
  [[nodiscard]] std::uint64_t first_sequence() const noexcept { return records_.begin()->first + base_; }
  /// The arrival of the record that waits for longest. Precondition: !empty().
  [[nodiscard]] time_point since() const noexcept { return oldest_->arrived; }
  /// Of all records, with overhead for each.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  static std::size_t size_of(const queued_record& queued) noexcept {
    return queued.bytes.view().wire().size() + overhead;
  }

  std::map<std::uint64_t, queued_record> records_;  // by distance from base_
  std::uint64_t base_ = 0;
  std::size_t bytes_ = 0;
  queued_record* oldest_ = nullptr;  // in the order of arrival
  queued_record* newest_ = nullptr;
};

}  // namespace netcon::inline v0_1
