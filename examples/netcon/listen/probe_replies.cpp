// SPDX-License-Identifier: MIT
#include "listen/probe_replies.hpp"

#include <netcon/os/random_key.hpp>

#include <string>

namespace tool {

probe_replies::probe_replies(const netcon::answer_limits& limits) : answerer_{limits, netcon::random_key()} {}

void probe_replies::observe(const netcon::event::lost& event) {
  const std::lock_guard lock{mutex_};
  answerer_.observe(event);
}

void probe_replies::reply(const netcon::udp_receiver& socket, const netcon::datagram& datagram,
                          const netcon::record_view& packet, netcon::time_point now) {
  const std::lock_guard lock{mutex_};
  const auto answer = answerer_.answer(datagram.sender, packet, now);
  if (answer && !socket.answer(datagram, to_string(*answer) + '\n')) ++failed_;
}

probe_replies::counters probe_replies::stats() const {
  const std::lock_guard lock{mutex_};
  const auto& of_answers = answerer_.stats();
  return {of_answers.answered - failed_, of_answers.limited, failed_};
}

}  // namespace tool
