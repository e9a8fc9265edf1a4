// SPDX-License-Identifier: MIT
// The bounds of a collector, and what it counts.
#pragma once

#include <netcon/receive/loss.hpp>
#include <netcon/receive/reassembler.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace netcon::inline v0_1 {

/// What a collector keeps at most, in memory and in time. The defaults serve thousands of machines.
struct collector_limits {
  std::size_t senders = 65536;             ///< the least recently active one is forgotten first
  reassembler::limits fragments{};         ///< of records of which not all fragments came
  std::chrono::nanoseconds reorder{0};     ///< how long a record waits for those before it; 0: not at all
  std::size_t reorder_bytes = 256 * 1024;  ///< of one sender's waiting records; above that the first go
  /// Of all senders: waiting records and unfinished basic lines.
  std::size_t queued_bytes = 16 * 1024 * 1024;
  std::size_t line_bytes = 8192;  ///< of a basic line; a longer one is delivered in parts
  /// How long a basic line waits for its newline.
  std::chrono::nanoseconds line_age = std::chrono::seconds{1};
  bool join_continuations = false;  ///< 'c' records become part of the one they continue
  /// How long a record waits for those that continue it, with join_continuations.
  std::chrono::nanoseconds continuation_age = std::chrono::milliseconds{100};
  std::chrono::nanoseconds late_age = std::chrono::seconds{10};  ///< a lower number after so long is a reboot

  /// As a collector takes them: a negative time is 0, and no sender or no byte of a line is 1.
  [[nodiscard]] collector_limits in_range() const noexcept {
    auto out = *this;
    out.senders = std::max<std::size_t>(senders, 1);
    out.line_bytes = std::max<std::size_t>(line_bytes, 1);
    for (auto* const time : {&out.reorder, &out.line_age, &out.continuation_age, &out.late_age})
      *time = std::max(*time, std::chrono::nanoseconds{0});
    return out;
  }
};

/// What a collector counted since it was made. Events are counted when they are reported.
struct collector_counters {
  std::uint64_t packets = 0;         ///< all that were pushed, junk too
  std::uint64_t bytes = 0;           ///< of all packets, without UDP and IP headers
  std::uint64_t records = 0;         ///< whole ones delivered in time
  std::uint64_t partial = 0;         ///< records delivered without some of their fragments
  std::uint64_t lost = 0;            ///< the sum of the three below; at its largest value, so many or more
  std::uint64_t lost_inferred = 0;   ///< by gaps of record numbers not filled since
  std::uint64_t lost_counted = 0;    ///< by gaps of msgids not filled since
  std::uint64_t lost_announced = 0;  ///< as the sender says
  std::uint64_t recovered_inferred = 0;  ///< were in lost_inferred, and came after all
  std::uint64_t recovered_counted = 0;   ///< were in lost_counted, and came after all
  std::uint64_t impossible = 0;          ///< jumps and announcements of more than a kernel can have made
  std::uint64_t rebooted = 0;            ///< reboots, of all senders
  std::uint64_t duplicate = 0;           ///< records and fragments that came before
  std::uint64_t late = 0;                ///< records that came after they were reported lost or partial
  std::uint64_t basic = 0;               ///< lines
  std::uint64_t folded = 0;              ///< empty lines of a packet that followed two empty ones
  std::uint64_t junk = 0;                ///< packets that netconsole does not send
  std::uint64_t forgotten = 0;           ///< senders, each time that the limit pushed one out

  /// Where records of that cause that came after all are counted; null where none can.
  std::uint64_t* recovered_of(loss cause) noexcept {
    if (cause == loss::sequence_gap) return &recovered_inferred;
    return cause == loss::msgid_gap ? &recovered_counted : nullptr;
  }

  /// Where losses of that cause are counted; null for impossible ones.
  std::uint64_t* total_of(loss cause) noexcept {
    switch (cause) {
      case loss::sequence_gap:
        return &lost_inferred;
      case loss::msgid_gap:
        return &lost_counted;
      case loss::announced:
        return &lost_announced;
      case loss::impossible:
        break;
    }
    return nullptr;
  }
};

}  // namespace netcon::inline v0_1
