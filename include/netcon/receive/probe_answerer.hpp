// SPDX-License-Identifier: MIT
// Which probes of netcon test a receiver answers, and with what.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/time.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/hash_key.hpp>
#include <netcon/receive/internal/endpoint_table.hpp>
#include <netcon/receive/loss.hpp>
#include <netcon/wire/probe.hpp>
#include <netcon/wire/record.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace netcon::inline v0_1 {

/// How often a receiver answers, and how much it remembers for that.
struct answer_limits {
  std::uint32_t each = 16,          ///< answers in a window to one address, whatever its ports
      all = 256;                    ///< answers in a window to all addresses together
  std::chrono::seconds window{10};  ///< from the first answer that counts
  std::size_t addresses = 4096,     ///< remembered; of more the one silent for longest is forgotten
      senders = 4096;               ///< whose losses are remembered, in the same way
};

/// Decides on answers; who receives sends them. Answers are limited for each address and in all, so that a
/// receiver is of no use to who forges senders. Time is passed in, as is the key of the hash.
class probe_answerer {
 public:
  /// What became of well-formed probes since the object was made.
  struct counters {
    std::uint64_t answered = 0;  ///< answers that answer() gave
    std::uint64_t limited = 0;   ///< well-formed probes without an answer, by answer_limits
  };

  /// With a key that senders must not know.
  explicit probe_answerer(const answer_limits& limits = {}, const hash_key& key = {})
      : limits_{limits},
        window_{detail::to_nanoseconds(std::max(limits.window, std::chrono::seconds{0}))},
        addresses_{key},
        losses_{key} {}

  /// Counts the loss of a sender, for its answers. Jumps that no kernel can make are none.
  void observe(const event::lost& event) {
    if (event.cause == loss::impossible || limits_.senders == 0) return;
    auto& known = find(losses_, event.sender, limits_.senders);
    const auto most = std::numeric_limits<std::uint64_t>::max() - known.lost;
    known.lost += event.count < most ? event.count : most;
  }

  /// What to send to the sender of a packet: nothing when it holds no well-formed probe, repeats one, has no
  /// port to answer to, or is over a limit.
  [[nodiscard]] std::optional<probe_answer> answer(const endpoint& sender, const record_view& packet,
                                                   time_point now) {
    const auto asked = find_probe(packet);
    if (!asked || packet.is_replayed() || sender.port == port{}) return std::nullopt;
    if (!admit(sender, now)) {
      ++stats_.limited;
      return std::nullopt;
    }
    ++stats_.answered;
    const auto* const known = losses_.find(sender);
    return probe_answer{
        asked->nonce, asked->level, {sender.address, sender.port}, known == nullptr ? 0 : known->lost};
  }

  /// Since the object was made.
  [[nodiscard]] const counters& stats() const noexcept { return stats_; }
  /// Addresses and senders that are known.
  [[nodiscard]] std::size_t size() const noexcept { return addresses_.size() + losses_.size(); }

 private:
  struct known_address : detail::endpoint_links<known_address> {
    time_point begin{};
    std::uint32_t answers = 0;
  };
  struct known_sender : detail::endpoint_links<known_sender> {
    std::uint64_t lost = 0;
  };

  template <class Node>
  static Node& find(detail::endpoint_table<Node>& table, const endpoint& of, std::size_t most) {
    if (auto* const known = table.find(of)) {
      table.make_newest(*known);
      return *known;
    }
    if (table.size() >= most) table.remove(*table.oldest());
    return table.add(of);
  }

  bool admit(const endpoint& sender, time_point now) {
    if (limits_.addresses == 0 || limits_.each == 0) return false;
    if (detail::elapsed(begin_, now) >= window_ || begin_ == time_point{}) {
      begin_ = now;
      answers_ = 0;
    }
    if (answers_ >= limits_.all) return false;
    auto& known = find(addresses_, {sender.address, {}, sender.scope}, limits_.addresses);
    if (known.answers == 0 || detail::elapsed(known.begin, now) >= window_) {
      known.begin = now;
      known.answers = 0;
    }
    if (known.answers >= limits_.each) return false;
    ++known.answers;
    ++answers_;
    return true;
  }

  answer_limits limits_;
  std::chrono::nanoseconds window_;
  detail::endpoint_table<known_address> addresses_;
  detail::endpoint_table<known_sender> losses_;
  time_point begin_{};
  std::uint32_t answers_ = 0;  // in the window since begin_
  counters stats_;
};

}  // namespace netcon::inline v0_1
