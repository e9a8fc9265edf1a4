// At most a number of records a second of each sender's address; the rest is counted.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/time.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/hash_key.hpp>
#include <netcon/receive/internal/endpoint_hash.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace netcon {

/// Bounded: the addresses above most_senders share one limit. Time is passed in, as is the key of the hash,
/// which senders must not know; os/random_key.hpp draws one.
class rate_limiter {
 public:
  static constexpr std::size_t most_senders = 65536;

  /// 0 is no limit.
  explicit rate_limiter(std::uint64_t per_second, const hash_key& key = {})
      : limit_{per_second}, states_{0, hash{detail::endpoint_hash{key}}} {}

  /// True when the record is within the limit. What the sender's last second left out goes to
  /// sink(const event::suppressed&) first.
  template <class Sink>
  bool admit(const endpoint& from, time_point now, Sink&& sink) {
    if (limit_ == 0) return true;
    auto& one = states_.size() < most_senders ? states_[from.address] : find(from);
    if (now - one.begin >= std::chrono::seconds{1}) {
      report(one, sink);
      one = {.sender = from, .begin = now};
    }
    if (one.admitted == limit_) {
      ++one.left_out;
      return false;
    }
    ++one.admitted;
    return true;
  }

  /// Reports the senders whose second is over, and forgets them. O(senders).
  template <class Sink>
  void expire(time_point now, Sink&& sink) {
    std::erase_if(states_, [&](const auto& entry) {
      if (now - entry.second.begin < std::chrono::seconds{1}) return false;
      report(entry.second, sink);
      return true;
    });
  }

  /// Reports all senders, and forgets them.
  template <class Sink>
  void flush(Sink&& sink) {
    for (const auto& [address, one] : states_) report(one, sink);
    states_.clear();
    report(others_, sink);
    others_ = {};
  }

  /// Senders that are known.
  std::size_t size() const noexcept { return states_.size(); }

 private:
  struct state {
    endpoint sender;
    time_point begin{};
    std::uint64_t admitted = 0, left_out = 0;
  };

  struct hash {
    detail::endpoint_hash of_endpoint;
    std::size_t operator()(const ip_address& address) const noexcept { return of_endpoint({address, {}, 0}); }
  };

  state& find(const endpoint& from) {
    const auto at = states_.find(from.address);
    return at == states_.end() ? others_ : at->second;
  }

  template <class Sink>
  static void report(const state& one, Sink& sink) {
    if (one.left_out != 0) sink(event::suppressed{one.sender, one.left_out});
  }

  std::uint64_t limit_;
  std::unordered_map<ip_address, state, hash> states_;
  state others_;
};

}  // namespace netcon
