// SPDX-License-Identifier: MIT
#include "listen/reverse_dns.hpp"

#include <netcon/os/socket_address.hpp>

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

namespace tool {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

struct reverse_dns::state {
  struct answer {
    std::string name;
    clock::time_point until{};
    bool is_asked = false;
  };

  std::mutex mutex;
  std::condition_variable wake;
  bool end = false;
  std::function<void()> changed;  // under the mutex: not called after the end
  lookup ask;
  std::deque<netcon::endpoint> waiting;
  std::map<netcon::endpoint, answer> known;

  void run() {
    std::unique_lock lock{mutex};
    for (;;) {
      wake.wait(lock, [&] { return end || !waiting.empty(); });
      if (end) return;
      const auto next = waiting.front();
      waiting.pop_front();
      lock.unlock();
      std::string name;
      try {
        name = ask(next);
      } catch (const std::bad_alloc&) {
        // Without memory for the answer there is none.
      }
      lock.lock();
      if (end) return;
      try {
        keep(next, std::move(name));
      } catch (const std::bad_alloc&) {
        known.erase(next);
      }
    }
  }

  void keep(const netcon::endpoint& of, std::string name) {
    if (known.size() >= most_known) known.clear();
    auto& one = known[of];
    const bool is_new = one.name != name;
    one.until = clock::now() + (name.empty() ? 5min : 60min);
    one.name = std::move(name);
    one.is_asked = false;
    if (is_new) changed();
  }
};

reverse_dns::reverse_dns(std::function<void()> changed, lookup ask) : state_{std::make_shared<state>()} {
  state_->changed = std::move(changed);
  state_->ask = std::move(ask);
  // A question may outlast the process's patience: its thread ends by itself.
  for (unsigned i = 0; i < threads; ++i) std::thread{[state = state_] { state->run(); }}.detach();
}

reverse_dns::~reverse_dns() {
  const std::lock_guard lock{state_->mutex};
  state_->end = true;
  state_->wake.notify_all();
}

std::string reverse_dns::name_of(const netcon::endpoint& of) {
  const netcon::endpoint address{of.address, {}, of.scope};
  const std::lock_guard lock{state_->mutex};
  const auto known = state_->known.find(address);
  if (known != state_->known.end() && (known->second.is_asked || clock::now() < known->second.until))
    return known->second.name;
  if (state_->waiting.size() >= most_waiting) return known == state_->known.end() ? "" : known->second.name;
  if (known == state_->known.end() && state_->known.size() >= most_known) state_->known.clear();
  auto& one = state_->known[address];
  one.is_asked = true;
  state_->waiting.push_back(address);
  state_->wake.notify_one();
  return one.name;
}

std::string reverse_dns::system_name(const netcon::endpoint& of) {
  const netcon::socket_address address{of};
  std::array<char, NI_MAXHOST> name{};
  const int problem =
      ::getnameinfo(address.get(), address.size, name.data(), name.size(), nullptr, 0, NI_NAMEREQD);
  return problem == 0 ? std::string{name.data()} : std::string{};
}

}  // namespace tool
