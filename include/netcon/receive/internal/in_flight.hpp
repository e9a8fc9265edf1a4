// SPDX-License-Identifier: MIT
// The storage of records of which fragments are missing.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/time.hpp>
#include <netcon/receive/hash_key.hpp>
#include <netcon/receive/internal/endpoint_hash.hpp>
#include <netcon/receive/internal/range_set.hpp>
#include <netcon/receive/sequence.hpp>
#include <netcon/wire/record.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
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
    std::uint64_t begun;             // rises with each record
    record_view view;                // of the packet that the record would have been, over buffer
    std::unique_ptr<char[]> buffer;  // front, then the body
    std::size_t capacity;
    std::size_t front;
    std::size_t head;  // of the front, up to ",ncfrag="
    std::uint32_t total;
    range_set came;
    netcon::numbering numbering;
    bool conflict;
    index_type next;  // in the bucket, or in the list of free ones
    index_type older, newer;

    char* body() const noexcept { return buffer.get() + front; }
    bool is_whole() const noexcept { return came.covered() == total; }
  };

  explicit in_flight_records(const hash_key& key) : buckets_(64, none), hash_{key} {}

  std::uint32_t hash(const endpoint& sender) const noexcept { return hash_(sender); }
  entry& operator[](index_type index) noexcept { return entries_[index]; }
  const entry& operator[](index_type index) const noexcept { return entries_[index]; }
  index_type oldest() const noexcept { return oldest_; }
  std::size_t size() const noexcept { return size_; }
  std::size_t bytes() const noexcept { return bytes_; }

  /// Bytes that a record takes.
  static std::size_t size_of(const record_view& fragment) noexcept {
    return front_size(fragment) + fragment.fragment()->total;
  }

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
      if (is_copy(entries_[index].view, record)) visit(index);
    });
  }

  /// The record that a fragment is of.
  index_type find(std::uint32_t hash, const endpoint& sender, const record_view& fragment) const noexcept {
    if (size_ == 0) return none;
    const auto total = fragment.fragment()->total;
    for (auto index = bucket(hash); index != none; index = entries_[index].next) {
      const auto& one = entries_[index];
      if (one.total == total && one.sender == sender && is_copy(one.view, fragment)) return index;
    }
    return none;
  }

  /// A spare buffer is taken when bytes() stays within most_bytes with it.
  index_type begin(std::uint32_t hash, const endpoint& sender, const record_view& fragment, time_point now,
                   netcon::numbering numbering, std::size_t most_bytes) {
    // What may run out of memory comes first.
    if (size_ >= buckets_.size()) grow();
    const auto front = front_size(fragment), size = size_of(fragment);
    const bool use_spare = size <= spare_size_ && bytes_ + spare_size_ <= most_bytes;
    auto buffer = use_spare ? nullptr : std::make_unique_for_overwrite<char[]>(size);
    index_type index = free_;
    if (index == none) {
      index = static_cast<index_type>(entries_.size());
      entries_.emplace_back();
    } else {
      free_ = entries_[index].next;
    }
    auto& one = entries_[index];
    one.buffer = use_spare ? std::move(spare_) : std::move(buffer);
    one.capacity = use_spare ? std::exchange(spare_size_, 0) : size;
    std::memcpy(one.buffer.get(), fragment.wire().data(), front);
    one.view = fragment.whole({one.buffer.get(), size});
    one.sender = sender;
    one.since = now;
    one.begun = begun_++;
    one.front = front;
    one.head = static_cast<std::size_t>(fragment.header().data() - fragment.wire().data()) +
               fragment.header().size() + std::string_view{",ncfrag="}.size();
    one.total = fragment.fragment()->total;
    one.came.clear();
    one.conflict = false;
    one.numbering = numbering;
    one.hash = hash;
    one.next = std::exchange(bucket(hash), index);
    one.older = newest_;
    one.newer = none;
    (newest_ == none ? oldest_ : entries_[newest_].newer) = index;
    newest_ = index;
    ++size_;
    bytes_ += one.capacity;
    return index;
  }

  /// The entry keeps what it has until the next begin(), but give_back() its buffer.
  void remove(index_type index) noexcept {
    auto& one = entries_[index];
    auto* link = &bucket(one.hash);
    while (*link != index) link = &entries_[*link].next;
    *link = one.next;
    (one.older == none ? oldest_ : entries_[one.older].newer) = one.newer;
    (one.newer == none ? newest_ : entries_[one.newer].older) = one.older;
    --size_;
    bytes_ -= one.capacity;
    one.next = std::exchange(free_, index);
  }

  /// Keeps one buffer, so that a stream of long records allocates once.
  void give_back(std::unique_ptr<char[]> buffer, std::size_t capacity) noexcept {
    constexpr std::size_t most = 8192;
    if (capacity > most || capacity <= spare_size_) return;
    spare_ = std::move(buffer);
    spare_size_ = capacity;
  }

 private:
  index_type& bucket(std::uint32_t hash) noexcept { return buckets_[hash & (buckets_.size() - 1)]; }
  index_type bucket(std::uint32_t hash) const noexcept { return buckets_[hash & (buckets_.size() - 1)]; }

  static std::size_t front_size(const record_view& r) noexcept { return r.wire().size() - r.body().size(); }

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
  std::unique_ptr<char[]> spare_;
  std::size_t spare_size_ = 0;
};

}  // namespace netcon::inline v0_1::detail
