// At most so many messages a second of each sender's address; what is above that is counted.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/receive/event.hpp>

#include <chrono>
#include <cstdint>
#include <unordered_map>

namespace tool {

using netcon::event::suppressed;

class rate_limiter {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// 0 is no limit.
  explicit rate_limiter(std::uint64_t per_second) : limit_{per_second} {}

  /// Whether the message may pass. What the sender's last second left out goes to sink first.
  template <class Sink>
  bool admit(const netcon::endpoint& from, time_point now, Sink&& sink) {
    if (limit_ == 0) return true;
    auto& one = states_.size() < most_senders ? states_[from.address] : find(from);
    if (now - one.begin >= std::chrono::seconds{1}) {
      report(one, sink);
      one = {};
      one.from = from;
      one.begin = now;
    }
    if (one.passed == limit_) {
      ++one.left_out;
      return false;
    }
    ++one.passed;
    return true;
  }

  /// Reports the senders whose second is over, and forgets them; all at the end.
  template <class Sink>
  void tick(time_point now, bool all, Sink&& sink) {
    std::erase_if(states_, [&](const auto& entry) {
      if (!all && now - entry.second.begin < std::chrono::seconds{1}) return false;
      report(entry.second, sink);
      return true;
    });
    if (!all) return;
    report(others_, sink);
    others_ = {};
  }

 private:
  struct state {
    netcon::endpoint from;
    time_point begin{};
    std::uint64_t passed = 0, left_out = 0;
  };

  static constexpr std::size_t most_senders = 65536;

  /// Forged senders beyond any real number share one limit.
  state& find(const netcon::endpoint& from) {
    const auto at = states_.find(from.address);
    return at == states_.end() ? others_ : at->second;
  }

  template <class Sink>
  static void report(const state& s, Sink&& sink) {
    if (s.left_out != 0) sink(suppressed{s.from, s.left_out});
  }

  std::uint64_t limit_;
  std::unordered_map<netcon::ip_address, state> states_;
  state others_;
};

}  // namespace tool
