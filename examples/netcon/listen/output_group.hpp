// SPDX-License-Identifier: MIT
// What one worker shows to the outputs that want the same: one filter, one limit, one text for all of them.
#pragma once

#include "listen/event_lines.hpp"
#include "listen/record_filter.hpp"
#include "output/output_writer.hpp"

#include <netcon/core/time.hpp>
#include <netcon/os/random_key.hpp>
#include <netcon/receive/rate_limiter.hpp>

#include <fmt/format.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tool {

/// Outputs with the same format, filter and limit.
struct output_group_settings {
  output_format format = output_format::full;
  bool colour = false;
  bool level_prefix = false;  // "<N>" before each event, for the journal on standard output
  const std::atomic<std::size_t>* columns = nullptr;  // of the terminal, which may change
  record_filter filter;
  std::uint64_t rate_limit = 0;
  std::vector<std::size_t> outputs;     // their numbers
  std::vector<output_writer*> writers;  // in the same order
};

/// offered = shown + filtered + suppressed.
struct output_counts {
  line_counts offered;
  line_counts filtered;    // not shown
  line_counts suppressed;  // over the rate limit

  output_counts& operator+=(const output_counts& more) {
    offered += more.offered;
    filtered += more.filtered;
    suppressed += more.suppressed;
    return *this;
  }
};

/// Of one event: when it came, what it counts as, and what is known about its sender.
struct event_context {
  netcon::time_point now{};
  netcon::wall_time time{};
  line_counts lines;
  std::string_view host;  // the name of the sender's machine as it is shown, if known
  std::string_view
      claimed;  // the same without the address of one that brought it second: log files decide again
  bool is_crashing = false;
  bool unproven = false;
  bool of_test = false;  // of netcon test or netcon doctor
  bool hidden = false;   // not to be shown
};

class output_group {
 private:
  /// Takes what the rate limiter reports.
  auto sink(const event_context& about) {
    return [this, &about](const netcon::event::suppressed& event) {
      auto one = about;
      one.lines = {0, 1};
      one.host = one.claimed = {};  // of several senders, maybe
      one.unproven = one.of_test = false;
      counts_.offered += one.lines;
      append(event, one);
    };
  }

 public:
  /// The collector's text goes to the queues in pieces of this size: one batch of packets may make megabytes.
  /// The last event has room behind them.
  static constexpr std::size_t enough_text = outgoing::room - 4096;

  explicit output_group(const output_group_settings& settings)
      : settings_{settings},
        lines_{settings.format, settings.colour},
        in_crash_{settings.filter},
        limiter_{settings.rate_limit, netcon::random_key()} {
    in_crash_.min_level.reset();
    prepare(out_.text);
  }

  bool is_raw() const { return settings_.format == output_format::raw; }
  bool has_limit() const { return settings_.rate_limit != 0; }
  const std::vector<std::size_t>& outputs() const { return settings_.outputs; }
  const output_counts& counts() const { return counts_; }

  /// Whether the event is to be shown; one that is not is counted.
  template <class Event>
  bool admits(const Event& event, const event_context& about) {
    counts_.offered += about.lines;
    const auto& filter = about.is_crashing ? in_crash_ : settings_.filter;
    if (!lines_.has_line<Event>() || !filter.shows(event) || about.hidden) {
      counts_.filtered += about.lines;
      return false;
    }
    if (!limiter_.admit(event.sender, about.now, sink(about))) {
      counts_.suppressed += about.lines;
      return false;
    }
    return true;
  }

  /// Takes an event back that was admitted: it comes after the end.
  void withdraw(const event_context& about) { counts_.offered -= about.lines; }

  /// Shows an event that was admitted.
  template <class Event>
  void show(const Event& event, const event_context& about) {
    const auto before = out_.text.size();
    append(event, about);
    limiter_.charge(out_.text.size() - before);
  }

  /// Shows an event whatever the level, pattern and limit: one about a crash.
  template <class Event>
  void show_always(const Event& event, const event_context& about) {
    counts_.offered += about.lines;
    const auto& senders = settings_.filter.sender;
    if (!lines_.has_line<Event>() || (senders && !senders->admits(event.sender.address))) {
      counts_.filtered += about.lines;
      return;
    }
    append(event, about);
  }

  bool admits_raw(const netcon::endpoint& sender) const {
    return !settings_.filter.sender || settings_.filter.sender->admits(sender.address);
  }

  /// Shows a packet as it came.
  void show_raw(const netcon::endpoint& sender, std::string_view packet) {
    constexpr line_counts one{1, 0};
    counts_.offered += one;
    if (!admits_raw(sender)) {
      counts_.filtered += one;
      return;
    }
    out_.text += packet;
    out_.close({sender, {}, 0, one, false});
  }

  /// Reports what the rate limit left out: of seconds that are over, or all of it.
  void expire(const event_context& about) { limiter_.expire(about.now, sink(about)); }
  void flush(const event_context& about) { limiter_.flush(sink(about)); }

  bool has_much() const { return out_.text.size() >= enough_text; }

  /// Queues the text at each output. False when the readers of all of them have gone.
  bool push() {
    bool is_read = false;
    for (std::size_t i = 0; i + 1 < settings_.writers.size(); ++i) {
      prepare(copy_.text);
      copy_ = out_;
      is_read |= settings_.writers[i]->push(copy_);
    }
    is_read |= settings_.writers.back()->push(out_);
    prepare(out_.text);
    return is_read;
  }

 private:
  /// A text that grew for a long event would be copied from then on.
  static void prepare(std::string& text) {
    if (text.capacity() > outgoing::room) text = {};
    text.reserve(outgoing::room);
  }

  template <class Event>
  void append(const Event& event, const event_context& about) {
    if (settings_.format == output_format::brief)
      lines_.prepare(settings_.columns == nullptr ? 0 : settings_.columns->load(std::memory_order_relaxed),
                     about.is_crashing);
    if (settings_.level_prefix) fmt::format_to(std::back_inserter(out_.text), "<{}>", urgency_of(event));
    lines_.append(out_.text, {about.time, about.host}, event);
    if (about.of_test) lines_.mark_probe(out_.text);
    if (about.unproven) lines_.mark_unproven(out_.text);
    out_.close({event.sender, std::string{about.claimed}, 0, about.lines, about.unproven},
               !lines_.stands_alone());
  }

  output_group_settings settings_;
  event_lines lines_;
  record_filter in_crash_;  // shows every level
  netcon::rate_limiter limiter_;
  outgoing out_, copy_;
  output_counts counts_;
};

}  // namespace tool
