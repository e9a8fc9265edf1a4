// SPDX-License-Identifier: MIT
// What the collector keeps of one sender.
#pragma once

#include <netcon/core/time.hpp>
#include <netcon/receive/basic_lines.hpp>
#include <netcon/receive/continuation.hpp>
#include <netcon/receive/internal/deadline_queue.hpp>
#include <netcon/receive/internal/endpoint_table.hpp>
#include <netcon/receive/internal/recent_texts.hpp>
#include <netcon/receive/loss.hpp>
#include <netcon/receive/reorder.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace netcon::inline v0_1::detail {

struct sender;

/// What waits in the stages: few senders have any, and those for a short time only.
struct pending_work {
  basic_lines lines;
  reorder_queue queue;
  continuation_joiner joiner;
  deadline_queue<sender>::place place;
  std::size_t counted_bytes = 0;  // in the total of all senders

  bool empty() const noexcept { return lines.empty() && queue.empty() && joiner.empty(); }
  std::size_t bytes() const noexcept { return lines.bytes() + queue.bytes() + joiner.bytes() + overhead(); }
  static constexpr std::size_t overhead() noexcept { return sizeof(pending_work) + 64; }
};

struct sender : endpoint_links<sender> {
  loss_tracker numbers;
  continuation_flags flags;
  std::unique_ptr<pending_work> pending;
  std::array<recent_texts::place, sequence_tracker::remembered> texts{};

  recent_texts::place& text_of(const record_view& record) noexcept {
    return texts[record.sequence() % texts.size()];
  }
};

inline numbering numbering_of(arrival kind) noexcept {
  return kind == arrival::late || kind == arrival::completes ? numbering::late : numbering::on_time;
}

inline bool is_queued_or_delivered(const sender& s, const record_view& record) noexcept {
  const auto kind = s.numbers.sequence().classify(record.sequence(), record.timestamp_us());
  return kind == arrival::duplicate || (s.pending && s.pending->queue.contains(record));
}

/// More records than a kernel can have made since the sender's last packet: a million a second, and a second
/// more.
inline bool is_impossible(const sender& s, std::uint64_t count, std::optional<time_point> now) noexcept {
  constexpr std::uint64_t a_second = 1'000'000;
  if (count <= a_second) return false;
  if (!now) return true;
  const auto silent =
      std::chrono::duration_cast<std::chrono::seconds>(elapsed(s.numbers.last_packet(), *now)).count();
  return count / a_second > static_cast<std::uint64_t>(silent) + 1;
}

/// The kernel sent a record again, after all that came.
inline void skip_msgid(sender& s) noexcept {
  if (s.pending && !s.pending->queue.empty()) {
    s.pending->queue.count_repeat();
  } else {
    s.numbers.skip_msgids(1);
  }
}

}  // namespace netcon::inline v0_1::detail
