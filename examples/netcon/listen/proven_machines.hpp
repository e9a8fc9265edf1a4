// SPDX-License-Identifier: MIT
// The machines that have sent what --require asks for, as seen by all workers together: a forged packet from
// another port may come to another socket.
#pragma once

#include <netcon/core/endpoint.hpp>

#include <cstddef>
#include <mutex>
#include <set>

namespace tool {

class proven_machines {
 public:
  /// Who has the secret may forge any number; then all are forgotten, and the next proof is soon there.
  static constexpr std::size_t most = 65536;

  void add(const netcon::endpoint& sender) {
    const std::lock_guard lock{mutex_};
    if (known_.size() >= most) known_.clear();
    known_.insert(machine(sender));
  }
  bool has(const netcon::endpoint& sender) const {
    const std::lock_guard lock{mutex_};
    return known_.contains(machine(sender));
  }

 private:
  static netcon::endpoint machine(netcon::endpoint sender) {
    sender.port = {};
    return sender;
  }

  mutable std::mutex mutex_;
  std::set<netcon::endpoint> known_;
};

}  // namespace tool
