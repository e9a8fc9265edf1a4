// SPDX-License-Identifier: MIT
// Machines that send every record twice, to a basic and to an extended target.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/time.hpp>
#include <netcon/detail/not_copyable.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/hash_key.hpp>
#include <netcon/receive/internal/endpoint_table.hpp>
#include <netcon/receive/keyed_hash.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/escape.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netcon::inline v0_1 {

namespace event {

/// The machine at this address has a basic and an extended target that send the same. Reported by who
/// watches.
struct doubled {
  const endpoint& sender;                                     ///< of the packet that showed it
  [[no_unique_address]] detail::not_copyable not_copyable{};  ///< to_owned() copies
};

}  // namespace event

/// Compares the lines of each address, whatever its ports: where the same text comes as a basic line and as
/// an extended record shortly after each other, and again and again, two targets send the same. Reports an
/// address once. Time is passed in, as is the key of the hashes.
class double_watch {
 public:
  /// Addresses that are known; of more the one silent for longest is forgotten.
  static constexpr std::size_t default_senders = 4096;
  /// Lines of each form that wait for their counterpart; of more the oldest is forgotten.
  static constexpr std::size_t lines = 16;
  /// How long a line waits for its counterpart.
  static constexpr std::chrono::seconds apart{2};
  /// How many lines have to come in both forms, after the first of each, before the address is reported.
  static constexpr unsigned needed = 5;
  /// Shorter lines are equal by chance, and are not compared.
  static constexpr std::size_t shortest = 8;

  /// With a key that senders must not know. most_senders: at least 1.
  explicit double_watch(const hash_key& key = {}, std::size_t most_senders = default_senders)
      : hash_{key}, known_{key}, most_senders_{most_senders} {}

  /// Takes an event of the collector. sink(const event::doubled&) gets what it shows.
  template <class Event, class Sink>
  void observe(const Event& event, time_point now, Sink&& sink) {
    if constexpr (requires {
                    event.text;
                    event.replayed;
                  }) {
      if (event.complete && !event.replayed)
        take(event.sender, split_basic_prefix(event.text).text, basic, now, sink);
    } else if constexpr (
        requires {
          event.record;
          event.conflict;
        } && !requires { event.missing; }) {
      if (event.record.is_extended()) take(event.sender, event.record.text(), extended, now, sink);
    }
  }

  /// Addresses that are known.
  [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

 private:
  enum form : std::size_t { basic, extended };
  struct line {
    std::uint64_t hash = 0;
    time_point until{};  // waits for its counterpart
  };
  struct known_sender : detail::endpoint_links<known_sender> {
    std::array<std::array<line, lines>, 2> waiting{};
    std::array<std::size_t, 2> next{};
    std::array<bool, 2> seen{};
    unsigned matches = 0;
  };

  /// Of a text with several lines the first: in the basic form each is a line of its own.
  template <class Sink>
  void take(const endpoint& sender, std::string_view text, form of, time_point now, Sink&& sink) {
    auto& known = find({sender.address, {}, sender.scope});
    known.seen[of] = true;
    // Most machines send one form: nothing of theirs is hashed.
    if (!known.seen[1 - of] || known.matches >= needed) return;
    text = text.substr(0, std::min(text.find('\n'), text.find("\\x0a")));
    if (text.size() < shortest) return;
    const bool is_escaped = of == extended && text.find('\\') != text.npos;
    const std::uint64_t hash = is_escaped ? hash_(unescape(text)) : hash_(text);
    for (auto& other : known.waiting[1 - of]) {
      if (other.hash != hash || other.until < now) continue;
      other = {};
      if (++known.matches == needed) sink(event::doubled{sender});
      return;
    }
    known.waiting[of][known.next[of]++ % lines] = {hash, detail::after(now, apart)};
  }

  known_sender& find(const endpoint& address) {
    if (auto* const known = known_.find(address)) {
      known_.make_newest(*known);
      return *known;
    }
    if (known_.size() >= most_senders_) known_.remove(*known_.oldest());
    return known_.add(address);
  }

  keyed_hash hash_;
  detail::endpoint_table<known_sender> known_;
  std::size_t most_senders_;
};

}  // namespace netcon::inline v0_1
