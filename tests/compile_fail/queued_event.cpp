// expect: deleted
// SPDX-License-Identifier: MIT
#include <netcon/core/overloaded.hpp>
#include <netcon/receive/collector.hpp>
#include <netcon/receive/owned_event.hpp>

#include <functional>
#include <mutex>
#include <queue>
#include <string_view>

/// Work for another thread.
struct work_queue {
  std::mutex mutex;
  std::queue<std::function<void()>> work;
};

void show(std::string_view text);

void collect(netcon::collector& all, const netcon::endpoint& from, std::string_view packet, work_queue& to) {
  const auto send = [&](const netcon::event::basic& event) {
    const std::lock_guard lock{to.mutex};
#ifdef MUST_NOT_BUILD
    to.work.push([event] { show(event.text); });
#else
    to.work.push([kept = to_owned(event)] { show(kept.text); });
#endif
  };
  all.push(from, packet, {}, netcon::overloaded{send, netcon::ignore_rest});
}
