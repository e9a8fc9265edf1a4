// SPDX-License-Identifier: MIT
// The storage of records of which fragments are missing.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/time.hpp>
#include <netcon/receive/hash_key.hpp>
#include <netcon/receive/internal/arriving_record.hpp>
#include <netcon/receive/internal/endpoint_hash.hpp>
#include <netcon/receive/sequence.hpp>
#include <netcon/wire/record.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

/// Records in flight, found by sender and header, and in the order in which they began. An index stays with
/// its record; a reference is valid until the next begin().
class in_flight_records {
 public:
  using index_type = std::uint32_t;
  static constexpr index_type none = ~index_type{0};

  struct entry {
    endpoint sender;
    std::uint32_t hash;
    time_point since;
    std::uint64_t begun;  // rises with each record
    arriving_record record;
    std::size_t counted_bytes;  // in bytes()
    netcon::numbering numbering;
    bool conflict;
    index_type next;  // in the bucket, or in the list of free ones
    index_type older, newer;
  };

  explicit in_flight_records(const hash_key& key) : buckets_(64, none), hash_{key} {}

  std::uint32_t hash(const endpoint& sender) const noexcept { return hash_(sender); }
  entry& operator[](index_type index) noexcept { return entries_[index]; }
  const entry& operator[](index_type index) const noexcept { return entries_[index]; }
  index_type oldest() const noexcept { return oldest_; }
  std::size_t size() const noexcept { return size_; }
  std::size_t bytes() const noexcept { return bytes_; }

  /// Calls visit(index) for each record of a sender, the newest first; it may remove that one.
  template <class Visit>
  void each_of(std::uint32_t hash, const endpoint& sender, Visit&& visit) const {
    for (auto index = bucket(hash); index != none;) {
      const auto next = entries_[index].next;
      if (entries_[index].sender == sender) visit(index);
      index = next;
    }
  }

  /// As each_of, for the copies of one record, whatever their lengths.
  template <class Visit>
  void each_copy(const endpoint& sender, const record_view& record, Visit&& visit) const {
    if (size_ == 0) return;
    each_of(hash_(sender), sender, [&](index_type index) {
      if (is_copy(entries_[index].record.view(), record)) visit(index);
    });
  }

  /// The record that a fragment is of.
  index_type find(std::uint32_t hash, const endpoint& sender, const record_view& fragment) const noexcept {
    if (size_ == 0) return none;
    const auto total = fragment.fragment()->total;
    for (auto index = bucket(hash); index != none; index = entries_[index].next) {
      const auto& one = entries_[index];
      if (one.record.total() == total && one.sender == sender && is_copy(one.record.view(), fragment))
        return index;
    }
    return none;
  }

  /// Begins with a fragment. A spare buffer is taken when bytes() stays within most_bytes with it.
  index_type begin(std::uint32_t hash, const endpoint& sender, const record_view& fragment, time_point now,
                   netcon::numbering numbering, std::size_t most_bytes) {
    // What may run out of memory comes first.
    if (size_ >= buckets_.size()) grow();
    const auto size = arriving_record::first_size(fragment);
    const bool use_spare = size <= spare_.size && bytes_ + spare_.size <= most_bytes;
    byte_buffer buffer;
    if (!use_spare) buffer = {std::make_unique_for_overwrite<char[]>(size), size};
    if (free_ == none) {
      entries_.emplace_back().next = none;
      free_ = static_cast<index_type>(entries_.size() - 1);
    }
    const auto index = free_;
    auto& one = entries_[index];
    free_ = one.next;
    one.record.begin(std::move(use_spare ? spare_ : buffer), fragment);
    if (use_spare) spare_.size = 0;
    one.counted_bytes = one.record.memory();
    one.sender = sender;
    one.since = now;
    one.begun = begun_++;
    one.conflict = false;
    one.numbering = numbering;
    one.hash = hash;
    one.next = std::exchange(bucket(hash), index);
    one.older = newest_;
    one.newer = none;
    (newest_ == none ? oldest_ : entries_[newest_].newer) = index;
    newest_ = index;
    ++size_;
    bytes_ += one.counted_bytes;
    return index;
  }

  /// Counts what a record in flight takes now.
  void recount(entry& one) noexcept {
    bytes_ -= std::exchange(one.counted_bytes, one.record.memory());
    bytes_ += one.counted_bytes;
  }

  /// The entry keeps what it has until give_back() or the next begin().
  void remove(index_type index) noexcept {
    auto& one = entries_[index];
    auto* link = &bucket(one.hash);
    while (*link != index) link = &entries_[*link].next;
    *link = one.next;
    (one.older == none ? oldest_ : entries_[one.older].newer) = one.newer;
    (one.newer == none ? newest_ : entries_[one.newer].older) = one.older;
    --size_;
    bytes_ -= one.counted_bytes;
    one.next = std::exchange(free_, index);
  }

  /// Keeps one buffer, so that a stream of long records allocates once.
  void give_back(entry& one) noexcept {
    constexpr std::size_t most = 16 * 1024;
    one.record.release(spare_, most);
  }

 private:
  index_type& bucket(std::uint32_t hash) noexcept { return buckets_[hash & (buckets_.size() - 1)]; }
  index_type bucket(std::uint32_t hash) const noexcept { return buckets_[hash & (buckets_.size() - 1)]; }

  static bool is_copy(const record_view& a, const record_view& b) noexcept {
    return a.sequence() == b.sequence() && a.timestamp_us() == b.timestamp_us() && a.header() == b.header() &&
           a.release() == b.release();
  }

  void grow() {
    buckets_.assign(buckets_.size() * 2, none);
    // From old to new: the newest comes first in its bucket.
    for (auto index = oldest_; index != none; index = entries_[index].newer)
      entries_[index].next = std::exchange(bucket(entries_[index].hash), index);
  }

  std::vector<index_type> buckets_;
  endpoint_hash hash_;
  std::vector<entry> entries_;
  index_type free_ = none;
  index_type oldest_ = none, newest_ = none;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t begun_ = 0;
  byte_buffer spare_;
};

}  // namespace netcon::inline v0_1::detail
