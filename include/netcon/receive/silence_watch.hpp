// SPDX-License-Identifier: MIT
// Senders that are tested regularly, and which of them have fallen silent.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/time.hpp>
#include <netcon/detail/not_copyable.hpp>
#include <netcon/receive/hash_key.hpp>
#include <netcon/receive/internal/endpoint_table.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace netcon::inline v0_1 {

namespace event {

/// A sender that had sent probes regularly has sent nothing for so long. Reported by who watches.
struct silent {
  const endpoint& sender;                                     ///< who sends nothing
  std::chrono::seconds duration{};                            ///< since its last packet
  [[no_unique_address]] detail::not_copyable not_copyable{};  ///< to_owned() copies
};

/// A sender that was reported silent sends again, so long after its last packet.
struct returned {
  const endpoint& sender;                                     ///< who was silent
  std::chrono::seconds duration{};                            ///< between its last packet and this one
  [[no_unique_address]] detail::not_copyable not_copyable{};  ///< to_owned() copies
};

}  // namespace event

/// Reports senders that stop. A sender is watched once it has sent two probes, not less than a minute (or a
/// quarter of the patience) and not more than the patience apart: a test by hand is no promise of another
/// one. Any packet of it counts as a sign of life: leave out what is_from_socket(), which the kernel did not
/// send. Time is passed in, as is the key of the hash.
class silence_watch {
 public:
  /// Senders that are known, silent ones apart; of more than that the one silent for longest is forgotten.
  static constexpr std::size_t most_senders = 65536;
  /// Probes that are closer together than this, or a quarter of the patience, are tests by hand.
  static constexpr std::chrono::minutes least_between_probes{1};

  /// patience: how long a watched sender may send nothing. At least a second.
  explicit silence_watch(std::chrono::seconds patience, const hash_key& key = {})
      : patience_{detail::to_nanoseconds(std::max(patience, std::chrono::seconds{1}))},
        known_{key},
        silent_{key} {}

  /// One packet of a sender. sink(const event::returned&) gets what it means.
  template <class Sink>
  void observe(const endpoint& sender, bool is_probe, time_point now, Sink&& sink) {
    if (auto* const gone = silent_.find(sender)) {
      sink(event::returned{sender, whole_seconds(detail::elapsed(gone->last, now))});
      silent_.remove(*gone);
      make(sender, now).is_watched = true;
      return;
    }
    auto* const known = known_.find(sender);
    if (known == nullptr) {
      if (is_probe) make(sender, now);
      return;
    }
    known->last = now;
    known_.make_newest(*known);
    if (!is_probe) return;
    const auto apart = detail::elapsed(known->last_probe, now);
    if (apart < between_probes()) return;
    if (apart <= patience_) known->is_watched = true;
    known->last_probe = now;
  }

  /// When expire() has something to do next.
  [[nodiscard]] std::optional<time_point> deadline() const noexcept {
    const auto* const oldest = known_.oldest();
    if (oldest == nullptr) return std::nullopt;
    return detail::after(oldest->last, patience_);
  }

  /// Reports the watched senders that are silent by now to sink(const event::silent&).
  template <class Sink>
  void expire(time_point now, Sink&& sink) {
    while (auto* const oldest = known_.oldest()) {
      if (detail::after(oldest->last, patience_) > now) return;
      const auto before = *oldest;
      known_.remove(*oldest);
      if (!before.is_watched) continue;
      if (silent_.size() >= most_senders) silent_.remove(*silent_.oldest());
      auto& gone = silent_.add(before.address);
      gone.last = before.last;
      sink(event::silent{gone.address, whole_seconds(detail::elapsed(before.last, now))});
    }
  }

  /// Senders that are known, silent ones too.
  [[nodiscard]] std::size_t size() const noexcept { return known_.size() + silent_.size(); }
  /// Those of them that are silent.
  [[nodiscard]] std::size_t silent() const noexcept { return silent_.size(); }

 private:
  struct watched : detail::endpoint_links<watched> {
    time_point last{}, last_probe{};
    bool is_watched = false;
  };

  static std::chrono::seconds whole_seconds(time_point::duration time) noexcept {
    return std::chrono::duration_cast<std::chrono::seconds>(time);
  }
  time_point::duration between_probes() const noexcept {
    return std::min<time_point::duration>(least_between_probes, patience_ / 4);
  }

  watched& make(const endpoint& sender, time_point now) {
    if (known_.size() >= most_senders) known_.remove(*known_.oldest());
    auto& made = known_.add(sender);
    made.last = made.last_probe = now;
    return made;
  }

  std::chrono::nanoseconds patience_;
  detail::endpoint_table<watched> known_, silent_;
};

}  // namespace netcon::inline v0_1
