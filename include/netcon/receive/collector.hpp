// SPDX-License-Identifier: MIT
// clang-format off
// The receiving side without a socket: packets of many senders in, events out. Memory and time are bounded
// whatever arrives; it has no threads and no clock. This file only connects the stages:
//
//   extended:  fragments --> number --> reorder --> continuation --> event
//   basic:     basic text --> lines --> event
//
//   fragments     reassembler.hpp   joins fragments; after fragments.age it delivers a partial record.
//                                   A packet that holds a whole record skips this stage.
//   number        loss.hpp          classifies the sequence number: next, gap, late, duplicate or reboot;
//                                   reports lost records. sequence.hpp does the counting.
//   reorder       reorder.hpp       queues a whole record until those before it came, at most limits.reorder.
//   continuation  continuation.hpp  joins a 'c' record to the one that it continues, when asked to.
//   lines         basic_lines.hpp   cuts and joins basic text at newlines.
//
// limits.reorder decides when a record gets its number. Without it, the first fragment does, so that loss is
// reported at once; the reassembler keeps the result with the fragments (enum numbering). With it, a record is
// numbered when it leaves the queue. The first fragment after a reboot still starts the new stream, so that the
// reboot is reported at once.
//
// A record that came whole is never discarded for one that did not. A kernel that stops a record midway at a
// panic sends it again, perhaps with a longer msgid: both copies are in flight, the first whole one is
// delivered and discards the others; one that comes after a partial one was delivered is late.
//
// internal/stages.hpp connects the stages; internal/sender.hpp is the state of a sender;
// internal/waiting_senders.hpp finds those with work that is due; internal/reporter.hpp counts events.
// clang-format on
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/error.hpp>
#include <netcon/core/time.hpp>
#include <netcon/receive/collector_limits.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/hash_key.hpp>
#include <netcon/receive/internal/check_sink.hpp>
#include <netcon/receive/internal/deadline_queue.hpp>
#include <netcon/receive/internal/endpoint_table.hpp>
#include <netcon/receive/internal/sender.hpp>
#include <netcon/receive/internal/stages.hpp>
#include <netcon/receive/reassembler.hpp>
#include <netcon/wire/decode.hpp>
#include <netcon/wire/record.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1 {

/// Packets in, events out: in the order of arrival, or with limits::reorder in the order of each sender's
/// record numbers. A sender is an address and a port. The sink is called with each type of namespace event
/// and must not call back into the collector: netcon::overloaded makes one of a function for each kind.
class collector {
 public:
  /// Memory and times: what a collector keeps, and for how long.
  using limits = collector_limits;
  /// What came and what became of it.
  using counters = collector_counters;

  /// expire() may be called this late: deadlines closer together share one call.
  static constexpr std::chrono::nanoseconds granularity = detail::deadline_granularity;

  /// With the fixed key of hash_key{}: for tests, and where all senders are trusted.
  collector() : collector{limits{}} {}
  /// With limits of its own, and the fixed key of hash_key{}.
  explicit collector(const limits& bounds) : collector{bounds, hash_key{}} {}
  /// With a key that senders must not know; os/random_key.hpp draws one.
  collector(const limits& bounds, const hash_key& key) : stages_{bounds, key}, senders_{key} {}

  /// Takes one packet as it came from the socket. Never fails: a packet that cannot be read becomes junk.
  template <class Sink>
  void push(const endpoint& from, std::string_view packet, time_point now, Sink&& sink) {
    detail::check_sink<Sink>();
    stages_.report().count_packet(packet.size());
    auto* const newest = senders_.newest();
    auto& sender = newest != nullptr && newest->address == from ? *newest : touch(from, sink);
    if (stages_.expects_next_fragment() && stages_.push_next_fragment(sender, packet, now, sink)) return;
    auto record = detail::decoder::start(packet);
    error wrong;
    if (!detail::decoder::run(packet, record, wrong)) {
      stages_.report().junk(sender, packet, wrong.code, sink);
    } else if (record.is_basic()) {
      stages_.push_basic(sender, packet, now, sink);
    } else if (record.is_fragment()) {
      stages_.push_fragment(sender, record, now, finder{senders_}, sink);
    } else {
      stages_.push_whole(sender, record, now, sink);
    }
  }

  /// The time at which to call expire(); none when nothing waits.
  [[nodiscard]] std::optional<time_point> deadline() const noexcept { return stages_.deadline(); }

  /// Delivers what waited for too long: unfinished records as partial, queued records and lines as they are.
  template <class Sink>
  void expire(time_point now, Sink&& sink) {
    detail::check_sink<Sink>();
    stages_.expire(now, finder{senders_}, sink);
  }

  /// Delivers everything that waits, as at the end of a run.
  template <class Sink>
  void flush(Sink&& sink) {
    detail::check_sink<Sink>();
    stages_.flush(finder{senders_}, sink);
  }

  /// Since the collector was made; totals stop at their largest value.
  [[nodiscard]] const counters& stats() const noexcept { return stages_.report().counters; }
  /// Of fragments alone, since the collector was made.
  [[nodiscard]] const reassembler::counters& fragment_stats() const noexcept {
    return stages_.fragments().stats();
  }
  /// Senders that are known now, at most limits::senders.
  [[nodiscard]] std::size_t senders() const noexcept { return senders_.size(); }
  /// Bytes of memory that a known sender of whole records takes.
  [[nodiscard]] static constexpr std::size_t bytes_per_sender() noexcept { return table::bytes_each(); }

 private:
  using table = detail::endpoint_table<detail::sender>;

  struct finder {
    table& senders;
    detail::sender& operator()(const endpoint& from) const noexcept { return *senders.find(from); }
  };

  /// Finds or adds the sender and makes it the newest. Beyond the limit the oldest one is forgotten.
  template <class Sink>
  [[gnu::noinline]] detail::sender& touch(const endpoint& from, Sink& sink) {
    if (auto* const known = senders_.find(from)) {
      senders_.make_newest(*known);
      return *known;
    }
    if (senders_.size() >= stages_.limits().senders) {
      auto& oldest = *senders_.oldest();
      stages_.forget(oldest, sink);
      senders_.remove(oldest);
    }
    return senders_.add(from);
  }

  detail::stages stages_;
  table senders_;
};

}  // namespace netcon::inline v0_1
