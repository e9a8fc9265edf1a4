// SPDX-License-Identifier: MIT
// From the lines of many senders to one report for each crash.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/time.hpp>
#include <netcon/crash/event.hpp>
#include <netcon/crash/internal/watched_sender.hpp>
#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/limits.hpp>
#include <netcon/crash/line.hpp>
#include <netcon/crash/read_opening.hpp>
#include <netcon/crash/report.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/loss.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/escape.hpp>
#include <netcon/wire/msgid.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace netcon::inline v0_1::crash {

/// Takes the lines of many senders, each in the order in which it sent them, and calls a sink with
/// event::basic_crash_begun at the line that proves a crash and with event::basic_crash at its end. Sender is
/// any ordered value. It has no clock, and its memory is bounded whatever comes.
template <class Sender>
class basic_detector {
 public:
  /// What a detector counted since it was made.
  struct counters {
    std::uint64_t begun = 0;      ///< crashes
    std::uint64_t ended = 0;      ///< reports
    std::uint64_t forgotten = 0;  ///< senders, because of limits::senders
  };

  /// With the default limits.
  basic_detector() : basic_detector{limits{}} {}
  /// With limits of its own.
  explicit basic_detector(const limits& bounds) : bounds_{bounds.in_range()} {}
  basic_detector(const basic_detector&) = delete;
  basic_detector& operator=(const basic_detector&) = delete;
  /// Moves all that is known; the other one may only be assigned to or destroyed.
  basic_detector(basic_detector&&) noexcept = default;
  /// Moves all that is known; what had begun here is dropped without an event.
  basic_detector& operator=(basic_detector&&) noexcept = default;

  /// One line, or a record of several lines.
  template <class Sink>
  void push(const Sender& from, const line& one, time_point now, Sink&& sink) {
    auto& entry = touch(from, sink);
    line part = one;
    for (auto rest = one.text;;) {
      const auto end = rest.find('\n');
      part.text = rest.substr(0, end);
      push_line(entry, part, now, sink);
      if (end == rest.npos) return;
      rest.remove_prefix(end + 1);
    }
  }

  /// An event of the collector, of any type. What is no line of a log is left out.
  template <class Event, class Sink>
  void observe(const Sender& from, const Event& event, time_point now, optional_time time, Sink&& sink) {
    namespace kinds = netcon::event;
    using type = std::remove_cvref_t<Event>;
    if constexpr (std::is_same_v<type, kinds::record> || std::is_same_v<type, kinds::late> ||
                  std::is_same_v<type, kinds::partial>) {
      const auto& record = event.record;
      const auto text = record.text();
      if constexpr (std::is_same_v<type, kinds::record>) {
        if (const auto number = msgid(record)) touch(from, sink).state.note_msgid(record.sequence(), *number);
        if (is_plain(text) && add_quiet(touch(from, sink), text, record.sequence(), true, false)) return;
      }
      line one{.text = text,
               .sequence = record.sequence(),
               .timestamp_us = record.timestamp_us(),
               .caller = record.caller(),
               .release = record.release().value_or(std::string_view{}),
               .whole = !std::is_same_v<type, kinds::partial>,
               .time = time};
      if (!is_plain(text)) {
        scratch_ = unescape(one.text);
        one.text = scratch_;
      }
      push(from, one, now, sink);
    } else if constexpr (std::is_same_v<type, kinds::basic>) {
      const auto split = split_basic_prefix(event.text);
      if (add_quiet(touch(from, sink), split.text, std::nullopt, true, false)) return;
      push(from,
           line{.text = split.text,
                .timestamp_us = split.timestamp_us,
                .caller = split.caller,
                .whole = event.complete,
                .time = time},
           now, sink);
    } else if constexpr (std::is_same_v<type, kinds::lost>) {
      // A gap of numbers is seen by the numbers themselves.
      if (event.cause != loss::sequence_gap) lost(from);
    } else if constexpr (std::is_same_v<type, kinds::rebooted>) {
      rebooted(from, sink);
    }
  }

  /// Records of the sender are known to be lost: a crash of it that has begun is not complete.
  void lost(const Sender& from) {
    if (const auto found = index_.find(from); found != index_.end()) found->second->state.damaged();
  }

  /// The sender booted: what has begun has ended.
  template <class Sink>
  void rebooted(const Sender& from, Sink&& sink) {
    const auto found = index_.find(from);
    if (found == index_.end()) return;
    const account settled{*this, *found->second};
    settled.of.state.rebooted(ended(settled.of, sink));
  }

  /// Ends what has been silent for long enough.
  template <class Sink>
  void expire(time_point now, Sink&& sink) {
    if (busy_ == 0) return;
    for (auto& entry : senders_) {
      const account settled{*this, entry};
      entry.state.expire(now, bounds_, ended(entry, sink));
    }
  }

  /// Ends all that has begun.
  template <class Sink>
  void flush(Sink&& sink) {
    for (auto& entry : senders_) end_all_of(entry, sink);
  }

  /// When expire() is due; nothing while no crash has begun.
  [[nodiscard]] std::optional<time_point> deadline() const {
    std::optional<time_point> first;
    if (busy_ == 0) return first;
    for (const auto& entry : senders_)
      if (const auto at = entry.state.deadline(bounds_); at && (!first || *at < *first)) first = at;
    return first;
  }

  /// Whether a crash of the sender has begun and not ended, or a line of it waits for what proves that it
  /// begins one.
  [[nodiscard]] bool is_crashing(const Sender& from) const {
    if (busy_ == 0) return false;
    const auto found = index_.find(from);
    return found != index_.end() && !found->second->state.is_quiet();
  }

  /// is_crashing() of no sender: expire() has nothing to do.
  [[nodiscard]] bool is_idle() const noexcept { return busy_ == 0; }

  /// Since the detector was made.
  [[nodiscard]] const counters& stats() const noexcept { return counters_; }

 private:
  struct watched {
    Sender sender;
    detail::watched_sender state;
    std::size_t bytes = 0;
    bool busy = false;
  };

  /// Takes note of a change of a sender's crashes at its end, whether or not the sink throws.
  struct account {
    basic_detector& in;
    watched& of;

    ~account() {
      const auto bytes = of.state.bytes();
      in.bytes_ += bytes - std::exchange(of.bytes, bytes);
      const bool busy = !of.state.is_quiet();
      in.busy_ += std::size_t{busy} - std::size_t{std::exchange(of.busy, busy)};
    }
  };

  template <class Sink>
  watched& touch(const Sender& from, Sink& sink) {
    if (!senders_.empty() && senders_.front().sender == from) return senders_.front();
    if (const auto found = index_.find(from); found != index_.end()) {
      senders_.splice(senders_.begin(), senders_, found->second);
      return senders_.front();
    }
    if (senders_.size() >= bounds_.senders) {
      end_all_of(senders_.back(), sink);
      index_.erase(senders_.back().sender);
      senders_.pop_back();
      ++counters_.forgotten;
    }
    senders_.push_front({from, detail::watched_sender{bounds_}});
    index_.emplace(from, senders_.begin());
    return senders_.front();
  }

  template <class Sink>
  void end_all_of(watched& of, Sink& sink) {
    const account settled{*this, of};
    of.state.finish_all(ended(of, sink));
  }

  /// One line, in which nothing is escaped.
  static bool is_plain(std::string_view text) noexcept {
    return std::memchr(text.data(), '\\', text.size()) == nullptr;
  }

  /// True for a line that begins no crash while none runs: most lines end here. stamped: surely of the
  /// kernel. dated: with a time of the day.
  static bool add_quiet(watched& of, std::string_view text, std::optional<std::uint64_t> sequence,
                        bool stamped, bool dated) {
    if (!of.state.is_quiet() || detail::may_begin_crash(text)) return false;
    of.state.add_quiet(text, sequence, stamped, dated);
    return true;
  }

  template <class Sink>
  void push_line(watched& of, const line& one, time_point now, Sink& sink) {
    if (add_quiet(of, one.text, one.sequence, one.sequence || one.timestamp_us, one.time.has_value())) return;
    auto next = read_opening(one.text);
    if (next && !one.of_kernel && detail::is_words_alone(*next)) next.reset();
    const auto room = bounds_.all_bytes - std::min(bounds_.all_bytes, bytes_);
    const account settled{*this, of};
    if (next && next->kind == kind::unexpected_reboot) {
      if (!of.state.runs(one.time.has_value()) || of.state.has_crash()) next.reset();
      of.state.rebooted(ended(of, sink));
    }
    of.state.push(
        one, std::move(next), now, bounds_, room,
        [&](kind what, std::string_view title) {
          ++counters_.begun;
          sink(event::basic_crash_begun<Sender>{of.sender, what, title});
        },
        ended(of, sink));
    // Google's console client writes this where it loses its connection, often within the last words.
    // printk of an interrupt that could not wait, of Linux 4.10 to 5.14, says the same of its own records.
    if (detail::contains(one.text, "serialport: VM disconnected") ||
        (one.text.starts_with("Lost ") && one.text.ends_with(" message(s)!")))
      of.state.damaged();
  }

  template <class Sink>
  auto ended(const watched& of, Sink& sink) {
    return [this, &of, &sink](const report& done) {
      ++counters_.ended;
      sink(event::basic_crash<Sender>{of.sender, done});
    };
  }

  limits bounds_;
  std::string scratch_;
  std::list<watched> senders_;  // the one that sent last first
  std::map<Sender, typename std::list<watched>::iterator> index_;
  std::size_t bytes_ = 0;
  std::size_t busy_ = 0;
  counters counters_;
};

/// For the events of a collector, whose senders are endpoints.
using detector = basic_detector<endpoint>;

}  // namespace netcon::inline v0_1::crash
