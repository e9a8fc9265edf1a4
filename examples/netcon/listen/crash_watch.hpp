// SPDX-License-Identifier: MIT
// The crashes in what one worker receives: events about them, and what the keeper gets.
#pragma once

#include "listen/crash_evidence.hpp"
#include "listen/crash_keeper.hpp"
#include "listen/event_lines.hpp"

#include <netcon/crash/detector.hpp>
#include <netcon/crash/end_of_panic.hpp>
#include <netcon/output/wall_time.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace tool {

class crash_watch {
 public:
  /// proven: with --require, else null.
  crash_watch(crash_keeper* keeper, proven_machines* proven) : keeper_{keeper} {
    if (proven != nullptr) evidence_.emplace(*proven);
  }

  /// Takes an event of the collector. is_unproven: it lacks what --require asks for. Owner has
  /// show_crash(event), which gets crash_begun and counted_crash, and host_of(sender), the name of a sender's
  /// machine; here and below.
  template <class Event, class Owner>
  void observe(const Event& event, bool is_unproven, netcon::time_point now, netcon::wall_time time,
               Owner& owner) {
    if constexpr (requires { event.sender; }) {
      using verdict = crash_evidence::verdict;
      const auto counts = evidence_ ? evidence_->judge(event, is_unproven) : verdict::line;
      if (counts == verdict::none) return;
      if (counts == verdict::line_of_new_boot) detector_.rebooted(event.sender, sink(owner));
      keeps_last_ = true;
      detector_.observe(event.sender, event, now,
                        std::chrono::time_point_cast<std::chrono::microseconds>(time), sink(owner));
      keeps_last_ = false;
    }
  }

  /// Shows the crash whose last line was that of the event, which comes first.
  template <class Owner>
  void show_ended(Owner& owner) {
    if (!ended_) return;
    const auto [sender, report] = *std::exchange(ended_, std::nullopt);
    show(sender, report, owner);
  }

  template <class Owner>
  void expire(netcon::time_point now, Owner& owner) {
    detector_.expire(now, sink(owner));
  }

  template <class Owner>
  void flush(Owner& owner) {
    detector_.flush(sink(owner));
  }

  bool is_crashing(const netcon::endpoint& sender) const {
    return detector_.is_crashing(sender) || (ended_ && ended_->first == sender);
  }
  bool is_idle() const { return detector_.is_idle(); }

 private:
  template <class Owner>
  auto sink(Owner& owner) {
    return [this, &owner](const auto& event) {
      if constexpr (requires { event.report; }) {
        if (keeps_last_ && !ended_ && has_end_of_panic(event.report)) {
          ended_.emplace(event.sender, event.report);
        } else {
          show(event.sender, event.report, owner);
        }
      } else {
        owner.show_crash(event);
      }
    };
  }

  template <class Owner>
  void show(const netcon::endpoint& sender, const netcon::crash::report& report, Owner& owner) {
    const crash_host host = owner.host_of(sender);
    owner.show_crash(counted_crash{sender, host.text, report, count(sender, report)});
    if (keeper_ != nullptr) keeper_->add(host, report);
  }

  /// How many equal crashes of the machine there were, with this one.
  std::uint64_t count(const netcon::endpoint& sender, const netcon::crash::report& report) {
    // Forged senders may be any number.
    constexpr std::size_t most = 65536;
    if (times_.size() > most) times_.clear();
    return ++times_[{report.signature, {sender.address, {}, sender.scope}}];
  }

  crash_keeper* keeper_;
  std::optional<crash_evidence> evidence_;
  netcon::crash::detector detector_;
  bool keeps_last_ = false;  // an event is being looked at
  std::optional<std::pair<netcon::endpoint, netcon::crash::report>> ended_;
  std::map<std::pair<std::uint64_t, netcon::endpoint>, std::uint64_t> times_;
};

}  // namespace tool
