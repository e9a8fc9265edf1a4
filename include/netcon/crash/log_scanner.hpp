// SPDX-License-Identifier: MIT
// The crashes in a text log.
#pragma once

#include <netcon/capture/log_line.hpp>
#include <netcon/core/endpoint.hpp>
#include <netcon/core/time.hpp>
#include <netcon/crash/detector.hpp>
#include <netcon/crash/internal/glued_opening.hpp>
#include <netcon/crash/limits.hpp>
#include <netcon/crash/line.hpp>
#include <netcon/crash/read_opening.hpp>
#include <netcon/receive/collector.hpp>
#include <netcon/receive/hash_key.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1::crash {

/// Takes the lines of a text log, of one host or of many, and calls a sink with the events of a
/// basic_detector<std::string>, whose sender is the host as the log names it. Extended records pass a
/// collector first, so that gaps in their numbers count. The clock is the log's own.
class log_scanner {
 public:
  /// A log is read afterwards: nothing is gained by an early end of a crash, which a slow console may print
  /// for long.
  [[nodiscard]] static constexpr limits patient_limits() noexcept {
    limits out;
    out.silence = std::chrono::seconds{30};
    out.silence_after_end = std::chrono::seconds{30};
    out.foreign_lines = 256;
    return out;
  }

  /// With patient_limits() and the fixed key of hash_key{}.
  log_scanner() : log_scanner{patient_limits(), hash_key{}} {}
  /// With limits of its own, and a key that senders must not know.
  log_scanner(const limits& bounds, const hash_key& key)
      : bounds_{bounds.in_range()}, detector_{bounds}, collector_{{}, key} {}

  /// One line of the log. Lines that are not the kernel's are left out.
  template <class Sink>
  void push(const log_line& one, Sink&& sink) {
    if (!one.from_kernel) {
      if (one.dropped != 0) detector_.lost(std::string{one.host});  // journald says so
      return;
    }
    auto& host = host_of(one.host);
    pass_time(host, one, sink);
    // Without a stamp and a host it may be what "cat /proc/version" wrote.
    if (one.text.starts_with("Linux version ") &&
        (one.timestamp_us ? *one.timestamp_us == 0 : !one.host.empty()))
      detector_.rebooted(host.name, sink);
    if (one.is_packet) {
      const auto observe = [&](const auto& event) {
        if (event.sender == host.address)
          detector_.observe(host.name, event, host.now, one.time, sink);
        else  // what there was no room for any more
          observe_late(event, sink);
      };
      collector_.push(host.address, one.text, host.now, observe);
      return;
    }
    const bool stamped = one.timestamp_us || one.priority;
    line whole{.text = one.text,
               .sequence = one.sequence,
               .timestamp_us = one.timestamp_us,
               .caller = one.caller,
               .release = one.release,
               .whole = one.whole,
               .of_kernel = one.sequence || stamped || !one.host.empty(),  // a syslog has a tag
               .time = one.time};
    // A console without a newline: the crash begins behind what a program wrote.
    if (!one.sequence)
      if (const auto at = detail::find_glued_opening(one.text, stamped); at != one.text.npos) {
        whole.text = one.text.substr(0, at);
        detector_.push(host.name, whole, host.now, sink);
        whole.text = one.text.substr(at);
      }
    detector_.push(host.name, whole, host.now, sink);
    if (one.dropped != 0) detector_.lost(host.name);
  }

  /// The end of the log.
  template <class Sink>
  void finish(Sink&& sink) {
    // Fragments that still wait are all that came of their records.
    collector_.flush([&](const auto& event) { observe_late(event, sink); });
    detector_.flush(sink);
  }

  /// Since the scanner was made.
  [[nodiscard]] const basic_detector<std::string>::counters& stats() const noexcept {
    return detector_.stats();
  }

 private:
  struct logged_host {
    std::string name;
    endpoint address;
    time_point now{};
    std::optional<std::uint64_t> boot_us;  // the last stamp
    bool went_back = false;                // the last one was far before that
    std::optional<log_time> time;
  };

  logged_host& host_of(std::string_view name) {
    if (!hosts_.empty() && hosts_.front().name == name) return hosts_.front();
    if (const auto found = index_.find(name); found != index_.end()) {
      hosts_.splice(hosts_.begin(), hosts_, found->second);
      return hosts_.front();
    }
    if (hosts_.size() >= bounds_.senders) {
      index_.erase(hosts_.back().name);
      hosts_.pop_back();
    }
    hosts_.push_front({std::string{name}, address_of_host(++numbered_), {}, {}, {}, {}});
    index_.emplace(hosts_.front().name, hosts_.begin());
    return hosts_.front();
  }

  /// An event of a host that sent nothing now, if it is still known.
  template <class Event, class Sink>
  void observe_late(const Event& event, Sink& sink) {
    for (const auto& host : hosts_)
      if (host.address == event.sender) detector_.observe(host.name, event, host.now, std::nullopt, sink);
  }

  /// Moves the host's clock as the stamps move. One that goes far back is another boot, if the next one stays
  /// there or the line is a boot's first: consoles lose bytes of stamps too.
  template <class Sink>
  void pass_time(logged_host& of, const log_line& one, Sink& sink) {
    if (one.timestamp_us) {
      const auto us = *one.timestamp_us;
      const bool is_far_back =
          of.boot_us && (us < *of.boot_us / 2 || (us < *of.boot_us && *of.boot_us - us >= never_back));
      if (is_far_back && !of.went_back && us != 0 && !read_opening(one.text)) {
        of.went_back = true;
        return;
      }
      of.went_back = false;
      if (is_far_back) {
        detector_.rebooted(of.name, sink);
      } else if (of.boot_us && us > *of.boot_us) {
        const auto step = std::min(us - *of.boot_us, longest_step);
        of.now = netcon::detail::after(of.now, std::chrono::microseconds{static_cast<std::int64_t>(step)});
      }
      of.boot_us = us;
    } else if (one.time && of.time && *one.time > *of.time) {
      of.now = netcon::detail::after(of.now, *one.time - *of.time);
    }
    if (one.time) of.time = one.time;
  }

  /// Two seconds, in microseconds: the lines of processors that print at the same time are never that far
  /// apart.
  static constexpr std::uint64_t never_back = 2'000'000;

  /// A stamp may be any number: nine years, in microseconds, end all that has begun.
  static constexpr std::uint64_t longest_step = std::uint64_t{1} << 48;

  limits bounds_;
  basic_detector<std::string> detector_;
  collector collector_;
  std::list<logged_host> hosts_;  // the one of the last line first
  std::map<std::string_view, std::list<logged_host>::iterator> index_;
  std::uint64_t numbered_ = 0;
};

}  // namespace netcon::inline v0_1::crash
