// SPDX-License-Identifier: MIT
// Packets that were taken out of a socket and wait for their turn: bounded, and fair among the addresses.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/receive/datagram.hpp>
#include <netcon/receive/hash_key.hpp>
#include <netcon/receive/internal/endpoint_table.hpp>
#include <netcon/receive/internal/recent_addresses.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace netcon::inline v0_1 {

/// First in, first out. A socket that is full drops whatever comes next, whoever sent it; this queue drops
/// the newest packet of the address that has the most waiting, so that an address with few loses nothing.
/// Another port is no other share. An address that remember() was told of may have 16 times as many waiting
/// as a stranger: forged addresses take nothing from those that were heard before. Constant time for each
/// packet. The memory is allocated with the first packet.
class datagram_backlog {
 public:
  /// The packets of an address that was remembered count this much less than a stranger's.
  static constexpr std::size_t weight = 16;

  /// packets: most that wait. packet_bytes: room for each, what is longer is cut; that of the batch. The key
  /// is one that senders must not know; os/random_key.hpp draws one.
  explicit datagram_backlog(std::size_t packets, std::size_t packet_bytes, const hash_key& key)
      : most_{std::max<std::size_t>(packets, 1)}, packet_bytes_{packet_bytes}, addresses_{key}, known_{key} {}

  /// The address is no stranger from now on. It becomes one again when 16,384 others came after it. For times
  /// in which all packets are handled: under a flood of forged addresses they would be remembered.
  void remember(const endpoint& sender) noexcept { known_.add(address_of(sender)); }

  /// Copies the packet to the end of the queue. In a full queue the address with the most packets loses its
  /// newest one; false when that is this packet.
  bool push(const datagram& packet) {
    if (slots_.empty()) allocate();
    const auto from = address_of(packet.sender);
    auto* address = addresses_.find(from);
    const bool is_known = address != nullptr ? address->is_known : known_.contains(from);
    if (size_ == most_) {
      ++dropped_;
      const auto& of = busier();
      auto& busiest = *of.with[of.most_of_one];
      if (&busiest == address || (of.most_of_one == 1 && busiest.is_known == is_known)) return false;
      drop_newest(busiest);
    }
    if (address == nullptr) {
      address = &addresses_.add(from);
      address->is_known = is_known;
    }
    append(*address, packet);
    return true;
  }

  /// The packet that waits for longest; its bytes last until pop(). Precondition: not empty.
  [[nodiscard]] const datagram& front() const noexcept { return slots_[first_].packet; }

  /// Removes front(). Precondition: not empty.
  void pop() noexcept {
    const auto at = first_;
    count_down(*slots_[at].from);
    free_slot(at);
  }

  /// Gives the memory back, unless packets wait. The next one allocates it again.
  void release() noexcept {
    if (size_ != 0 || slots_.empty()) return;
    slots_ = {};
    for (auto& one : crowds_) one.with = {};
    bytes_.reset();
    first_ = last_ = none;
  }

  /// No packet waits.
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// Packets that wait.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Packets that were dropped for want of room, of all addresses.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  static constexpr std::size_t none = ~std::size_t{0};

  struct address_node : detail::endpoint_links<address_node> {
    std::size_t waiting = 0;
    std::size_t newest_packet = none;
    bool is_known = false;  // when its first packet came that waits
    // Among the addresses of its crowd with as many packets.
    address_node* next = nullptr;
    address_node* previous = nullptr;
  };
  struct slot {
    datagram packet;
    address_node* from = nullptr;
    std::size_t next = none, previous = none;  // in the queue; next also among the free
    std::size_t older = none;                  // of the same address; of its oldest packet not valid
  };

  /// The addresses that are known, or the strangers.
  struct crowd {
    std::vector<address_node*> with;  // so many packets each, as a list
    std::size_t most_of_one = 0;
  };

  static endpoint address_of(const endpoint& sender) noexcept { return {sender.address, {}, sender.scope}; }

  /// The crowd whose busiest address makes room in a full queue.
  const crowd& busier() const noexcept {
    const auto& [strangers, known] = crowds_;
    return known.most_of_one > weight * strangers.most_of_one ? known : strangers;
  }

  void allocate() {
    bytes_ = std::make_unique_for_overwrite<char[]>(most_ * packet_bytes_);
    for (auto& one : crowds_) one.with.assign(most_ + 1, nullptr);
    slots_.resize(most_);
    for (std::size_t i = 0; i < most_; ++i) slots_[i].next = i + 1 == most_ ? none : i + 1;
    free_ = 0;
  }

  void append(address_node& from, const datagram& packet) {
    const auto at = free_;
    auto& taken = slots_[at];
    free_ = taken.next;
    taken.packet = packet;
    const auto size = std::min(packet.bytes.size(), packet_bytes_);
    char* const room = bytes_.get() + at * packet_bytes_;
    std::memcpy(room, packet.bytes.data(), size);
    taken.packet.bytes = {room, size};
    taken.packet.truncated |= size < packet.bytes.size();
    taken.from = &from;
    taken.next = none;
    taken.previous = last_;
    (last_ == none ? first_ : slots_[last_].next) = at;
    last_ = at;
    ++size_;
    taken.older = from.newest_packet;
    from.newest_packet = at;
    if (from.waiting != 0) leave(from);
    ++from.waiting;
    join(from);
    auto& its = crowds_[from.is_known];
    its.most_of_one = std::max(its.most_of_one, from.waiting);
  }

  void drop_newest(address_node& from) noexcept {
    const auto at = from.newest_packet;
    from.newest_packet = slots_[at].older;
    count_down(from);
    free_slot(at);
  }

  void count_down(address_node& from) noexcept {
    auto& its = crowds_[from.is_known];
    leave(from);
    --from.waiting;
    if (from.waiting == 0)
      addresses_.remove(from);
    else
      join(from);
    while (its.most_of_one != 0 && its.with[its.most_of_one] == nullptr) --its.most_of_one;
  }

  void join(address_node& one) noexcept {
    auto*& head = crowds_[one.is_known].with[one.waiting];
    one.previous = nullptr;
    one.next = head;
    if (head != nullptr) head->previous = &one;
    head = &one;
  }
  void leave(address_node& one) noexcept {
    (one.previous == nullptr ? crowds_[one.is_known].with[one.waiting] : one.previous->next) = one.next;
    if (one.next != nullptr) one.next->previous = one.previous;
  }

  void free_slot(std::size_t at) noexcept {
    auto& left = slots_[at];
    (left.previous == none ? first_ : slots_[left.previous].next) = left.next;
    (left.next == none ? last_ : slots_[left.next].previous) = left.previous;
    left.next = free_;
    free_ = at;
    --size_;
  }

  std::size_t most_;
  std::size_t packet_bytes_;
  detail::endpoint_table<address_node> addresses_;
  detail::recent_addresses known_;
  std::array<crowd, 2> crowds_;  // strangers, known
  std::unique_ptr<char[]> bytes_;
  std::vector<slot> slots_;
  std::size_t first_ = none, last_ = none, free_ = none;
  std::size_t size_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace netcon::inline v0_1
