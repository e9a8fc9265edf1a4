// SPDX-License-Identifier: MIT
// Fragmented records that were delivered, so that more of their fragments start no record of their own.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/receive/internal/release_hash.hpp>
#include <netcon/wire/record.hpp>

#include <array>
#include <cstdint>

namespace netcon::inline v0_1::detail {

/// Remembers one record for each number modulo 64.
class done_records {
 public:
  enum class state : std::uint8_t { unknown, whole, partial };

  /// A replay of a record that was delivered in part is unknown: it may become whole.
  state find(const endpoint& sender, const record_view& record) const noexcept {
    const auto& done = slot(record.sequence());
    if (!done.is(sender, record) || (!done.whole && record.is_replayed() && !done.replayed))
      return state::unknown;
    return done.whole ? state::whole : state::partial;
  }

  void add(const endpoint& sender, const record_view& record, std::uint32_t total, bool whole) noexcept {
    auto& done = slot(record.sequence());
    done.sender = sender;
    done.sequence = record.sequence();
    done.timestamp_us = record.timestamp_us();
    done.release = release_hash(record);
    done.total = total;
    done.priority = record.priority();
    done.known = true;
    done.whole = whole;
    done.replayed = record.is_replayed();
  }

  void forget(const endpoint& sender) noexcept {
    for (auto& done : entries_)
      if (done.sender == sender) done.known = false;
  }

 private:
  struct entry {
    endpoint sender;
    std::uint64_t sequence;
    std::uint64_t timestamp_us;
    std::uint32_t release;  // hash
    std::uint32_t total;
    std::uint16_t priority;
    bool known;
    bool whole;
    bool replayed;

    bool is(const endpoint& from, const record_view& r) const noexcept {
      return known && sequence == r.sequence() && timestamp_us == r.timestamp_us() &&
             total == r.fragment()->total && priority == r.priority() && sender == from &&
             release == release_hash(r);
    }
  };

  entry& slot(std::uint64_t sequence) noexcept { return entries_[sequence % entries_.size()]; }
  const entry& slot(std::uint64_t sequence) const noexcept { return entries_[sequence % entries_.size()]; }

  std::array<entry, 64> entries_{};
};

}  // namespace netcon::inline v0_1::detail
