// SPDX-License-Identifier: MIT
// Events as lines of one format: those of the collector, and crashes.
#pragma once

#include "output/output_format.hpp"

#include <netcon/core/endpoint.hpp>
#include <netcon/crash/detector.hpp>
#include <netcon/output.hpp>
#include <netcon/receive/event.hpp>

#include <netcon/wire/basic.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace tool {

/// A crash that has ended, with the name of the machine, and how many like it came from there.
struct counted_crash {
  const netcon::endpoint& sender;
  std::string_view host;
  const netcon::crash::report& report;
  std::uint64_t count = 1;
};

using crash_begun = netcon::event::basic_crash_begun<netcon::endpoint>;

/// The level of an event as the journal reads it: a record's own, notice where it has none, and warning of
/// all else.
template <class Event>
unsigned urgency_of(const Event& event) {
  if constexpr (std::is_same_v<Event, netcon::event::basic>) {
    return netcon::split_basic_prefix(event.text).priority.value_or(5) & 7;
  } else if constexpr (requires { event.record; }) {
    return static_cast<unsigned>(event.record.level());
  } else {
    return std::is_same_v<Event, counted_crash> ? 2 : 4;
  }
}

class event_lines {
 public:
  event_lines(output_format format, bool colour);

  output_format format() const { return format_; }

  /// In text another line has shown what a duplicate says, and people see the line that begins a crash.
  template <class Event>
  bool has_line() const {
    constexpr bool is_for_programs =
        std::is_same_v<Event, netcon::event::duplicate> || std::is_same_v<Event, crash_begun>;
    return !is_for_programs || format_ == output_format::json;
  }

  template <class Event>
  void append(std::string& out, const netcon::origin& at, const Event& event) {
    std::visit([&](auto& lines) { lines.append(out, at, event); }, lines_);
  }
  void append(std::string& out, const netcon::origin& at, const crash_begun&);
  void append(std::string& out, const netcon::origin& at, const counted_crash&);

  /// For short lines: the columns of the terminal, and whether those that follow are of a crash.
  void prepare(std::size_t columns, bool is_crashing) {
    if (auto* const brief = std::get_if<netcon::brief_lines>(&lines_)) {
      brief->set_width(columns);
      brief->set_apart(is_crashing);
    }
  }

  /// Marks the last line of the text, at its end, as of a record that lacks what --require asks for. A sender
  /// cannot take the mark away.
  void mark_unproven(std::string& out) const { mark(out, "unproven", "UNPROVEN"); }
  /// Marks it as part of a test by netcon test.
  void mark_probe(std::string& out) const { mark(out, "probe", "PROBE"); }

  /// Each event is a message of its own.
  bool stands_alone() const {
    return format_ == output_format::syslog || format_ == output_format::local_syslog ||
           format_ == output_format::journal;
  }

 private:
  void mark(std::string& out, std::string_view word, std::string_view field) const;

  output_format format_;
  bool colour_;
  std::variant<netcon::human_lines, netcon::json_lines, netcon::syslog_lines, netcon::brief_lines,
               netcon::journal_entries>
      lines_;
};

}  // namespace tool
