// SPDX-License-Identifier: MIT
// At most a number of lines a second of each sender, and of its address; the rest is counted.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/time.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/hash_key.hpp>
#include <netcon/receive/internal/endpoint_table.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace netcon::inline v0_1 {

/// The first own_shares senders of an address have a limit each, all further ones share one: another program
/// of a sending machine, at any number of ports, takes nothing from its kernel's lines. Bounded: of more than
/// most_addresses the one silent for longest is forgotten. Time is passed in, as is the key of the hash,
/// which senders must not know; os/random_key.hpp draws one.
class rate_limiter {
 public:
  /// Addresses that are remembered.
  static constexpr std::size_t most_addresses = 65536;
  /// Senders of one address that have a limit of their own.
  static constexpr std::size_t own_shares = 4;
  /// A limit of lines is one of so many bytes for each, too; the line that exceeds it is the last one.
  static constexpr std::uint64_t bytes_per_line = 4096;
  /// A sender silent for so long gives its share to another one.
  static constexpr std::chrono::hours share_age{1};

  /// 0 is no limit.
  explicit rate_limiter(std::uint64_t lines_per_second, const hash_key& key = {})
      : limit_{lines_per_second}, addresses_{key} {}

  /// True when one more line of the sender is within the limit: charge() its bytes. What the share's last
  /// second left out goes to sink(const event::suppressed&) first.
  template <class Sink>
  bool admit(const endpoint& from, time_point now, Sink&& sink) {
    if (limit_ == 0) return true;
    auto& one = share_of(from, now, sink);
    if (!one.is_used || detail::elapsed(one.begin, now) >= std::chrono::seconds{1}) {
      settle(one, sink);
      one.sender = from;
      one.begin = now;
      one.lines = one.bytes = 0;
      one.is_used = true;
    }
    last_ = &one;
    const auto most_bytes = limit_ > std::numeric_limits<std::uint64_t>::max() / bytes_per_line
                                ? std::numeric_limits<std::uint64_t>::max()
                                : limit_ * bytes_per_line;
    if (one.lines == limit_ || one.bytes >= most_bytes) {
      if (one.left_out == 0) {
        over_.push_back(&one);  // what may run out of memory comes first
        one.place = over_.size() - 1;
      }
      ++one.left_out;
      return false;
    }
    ++one.lines;
    return true;
  }

  /// The size of the line that was admitted last.
  void charge(std::size_t bytes) noexcept {
    if (last_ != nullptr) last_->bytes += bytes;
  }

  /// Reports the shares whose second is over.
  template <class Sink>
  void expire(time_point now, Sink&& sink) {
    for (std::size_t at = over_.size(); at-- != 0;)
      if (detail::elapsed(over_[at]->begin, now) >= std::chrono::seconds{1}) settle(*over_[at], sink);
  }

  /// Reports all, and forgets them.
  template <class Sink>
  void flush(Sink&& sink) {
    while (!over_.empty()) settle(*over_.back(), sink);
    last_ = nullptr;
    while (addresses_.size() != 0) addresses_.remove(*addresses_.oldest());
  }

  /// Addresses that are known.
  [[nodiscard]] std::size_t size() const noexcept { return addresses_.size(); }

 private:
  struct share {
    endpoint sender;
    time_point begin{};
    std::uint64_t lines = 0, bytes = 0, left_out = 0;
    std::size_t place = 0;  // in over_, when something was left out
    bool is_used = false;
  };
  struct known_address : detail::endpoint_links<known_address> {
    std::array<share, own_shares> own;
    share common;
  };

  template <class Sink>
  share& share_of(const endpoint& from, time_point now, Sink& sink) {
    auto& known = find({from.address, {}, from.scope}, sink);
    for (auto& one : known.own)
      if (one.is_used && one.sender.port == from.port) return one;
    for (auto& one : known.own)
      if (!one.is_used || detail::elapsed(one.begin, now) >= share_age) return one;
    return known.common;
  }

  template <class Sink>
  known_address& find(const endpoint& of, Sink& sink) {
    if (auto* const known = addresses_.find(of)) {
      addresses_.make_newest(*known);
      return *known;
    }
    if (addresses_.size() >= most_addresses) {
      auto& oldest = *addresses_.oldest();
      for (auto& one : oldest.own) settle(one, sink);
      settle(oldest.common, sink);
      static_assert(most_addresses > 1);  // so that last_ is in another one
      addresses_.remove(oldest);
    }
    return addresses_.add(of);
  }

  /// Reports what the share left out, if anything.
  template <class Sink>
  void settle(share& one, Sink& sink) {
    if (one.left_out == 0) return;
    over_[one.place] = over_.back();
    over_[one.place]->place = one.place;
    over_.pop_back();
    sink(event::suppressed{one.sender, std::exchange(one.left_out, 0)});
  }

  std::uint64_t limit_;
  detail::endpoint_table<known_address> addresses_;
  std::vector<share*> over_;  // those that left something out, to be reported
  share* last_ = nullptr;
};

}  // namespace netcon::inline v0_1
