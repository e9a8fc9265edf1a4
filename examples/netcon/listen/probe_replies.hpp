// SPDX-License-Identifier: MIT
// The answers of netcon listen to the probes of netcon test, and which lines of its output are part of a
// test.
#pragma once

#include <netcon/core/time.hpp>
#include <netcon/os/udp_receiver.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/probe_answerer.hpp>
#include <netcon/wire/probe.hpp>
#include <netcon/wire/record.hpp>

#include <cstdint>
#include <mutex>
#include <string_view>

namespace tool {

/// Shared by the workers: the limits hold for all of them together.
class probe_replies {
 public:
  struct counters {
    std::uint64_t answered = 0;
    std::uint64_t limited = 0;  // probes over a limit
    std::uint64_t failed = 0;   // answers that could not be sent
  };

  explicit probe_replies(const netcon::answer_limits& limits = {});

  /// Whether a packet is worth a look at all.
  static bool may_ask(std::string_view packet) { return packet.find("netcon-probe ") != packet.npos; }

  void observe(const netcon::event::lost&);
  /// Answers a well-formed probe within the limits, through the socket that received it.
  void reply(const netcon::udp_receiver& socket, const netcon::datagram& datagram,
             const netcon::record_view& packet, netcon::time_point now);
  counters stats() const;

 private:
  mutable std::mutex mutex_;
  netcon::probe_answerer answerer_;
  std::uint64_t failed_ = 0;
};

/// Whether an event shows a probe, or what a socket of netcon test or netcon doctor sent.
template <class Event>
bool is_of_test(const Event& event) {
  if constexpr (requires { event.record; }) {
    return netcon::find_probe(event.record).has_value();
  } else if constexpr (std::is_same_v<Event, netcon::event::basic>) {
    return netcon::is_from_socket(event.text) || netcon::find_probe(event.text);
  }
  return false;
}

}  // namespace tool
