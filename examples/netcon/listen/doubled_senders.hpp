// SPDX-License-Identifier: MIT
// The machines that send every record twice, as seen by all workers together: their two targets may send from
// two ports, to two sockets.
#pragma once

#include <netcon/core/time.hpp>
#include <netcon/os/random_key.hpp>
#include <netcon/receive/double_watch.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

namespace tool {

class doubled_senders {
 public:
  doubled_senders() {
    const auto key = netcon::random_key();
    for (std::size_t i = 0; i < parts; ++i) parts_.emplace_back(key);
  }

  /// As that of netcon::double_watch. May be called by several threads.
  template <class Event, class Sink>
  void observe(const Event& event, netcon::time_point now, Sink&& sink) {
    auto& part = parts_[std::hash<netcon::ip_address>{}(event.sender.address) % parts];
    bool is_doubled = false;
    {
      const std::lock_guard lock{part.mutex};
      part.watch.observe(event, now, [&](const netcon::event::doubled&) { is_doubled = true; });
    }
    if (is_doubled) sink(netcon::event::doubled{event.sender});
  }

 private:
  static constexpr std::size_t parts = 16;  // so that workers seldom wait for each other
  struct shard {
    explicit shard(const netcon::hash_key& key) : watch{key, netcon::double_watch::default_senders / parts} {}
    std::mutex mutex{};
    netcon::double_watch watch;
  };
  std::deque<shard> parts_{};
};

}  // namespace tool
