// Events as lines of one format: those of the collector, and crashes.
#pragma once

#include "output/output_format.hpp"

#include <netcon/core/endpoint.hpp>
#include <netcon/crash/detector.hpp>
#include <netcon/output.hpp>
#include <netcon/receive/event.hpp>

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
  void append(std::string& out, netcon::wall_time time, const Event& event) {
    std::visit([&](auto& lines) { lines.append(out, time, event); }, lines_);
  }
  void append(std::string& out, netcon::wall_time time, const crash_begun&);
  void append(std::string& out, netcon::wall_time time, const counted_crash&);

  /// Marks the last line of the text, at its end, as of a record that lacks what --require asks for. A sender
  /// cannot take the mark away.
  void mark_unproven(std::string& out) const;

  /// Each event is a message of its own.
  bool stands_alone() const { return format_ == output_format::syslog; }

 private:
  output_format format_;
  bool colour_;
  std::variant<netcon::human_lines, netcon::json_lines, netcon::syslog_lines> lines_;
};

}  // namespace tool
