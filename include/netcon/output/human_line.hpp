// SPDX-License-Identifier: MIT
// Events as lines for people: arrival, host and sender, level, kernel time, text, userdata.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/level.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/output/internal/append.hpp>
#include <netcon/output/internal/marks.hpp>
#include <netcon/output/internal/remark_text.hpp>
#include <netcon/output/internal/style.hpp>
#include <netcon/output/origin.hpp>
#include <netcon/output/wall_time.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/escape.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// Writes events as lines. The only control sequences in them are colours, and these only when asked for. A
/// duplicate has no line: another line has shown it.
class human_lines {
 public:
  /// Times are local ones by offset, without it UTC.
  explicit human_lines(bool colour, utc_offset offset = nullptr) noexcept : colour_{colour}, time_{offset} {}

  /// A line with level, kernel time, caller, text and userdata.
  void append(std::string& out, const origin& at, const event::record& event) {
    append_record(out, at, event.sender, event.record, event.conflict ? detail::conflict_mark : "");
  }

  /// As a record, with a mark.
  void append(std::string& out, const origin& at, const event::late& event) {
    append_record(out, at, event.sender, event.record,
                  event.conflict ? detail::conflict_mark : detail::late_mark);
  }

  /// Nothing.
  void append(std::string&, const origin&, const event::duplicate&) {}

  /// The whole body in order, with a remark where bytes are missing: they may have held the end of the text.
  void append(std::string& out, const origin& at, const event::partial& event) {
    begin(out, at, event.sender);
    const auto& record = event.record;
    const auto wanted = detail::style_of(record.level());
    start(out, wanted);
    append_columns(out, record.level(), record.timestamp_us(), record.caller());
    const auto body = event.body();
    const auto total = body.total();
    body.visit(
        [&](std::size_t place, std::string_view bytes) {
          for (std::size_t begin = 0; begin < bytes.size();) {
            const auto end = std::min(bytes.find('\n', begin), bytes.size());
            append_text(out, bytes.substr(begin, end - begin));
            if (end < bytes.size() && place + end + 1 < total) out += ' ';
            begin = end + 1;
          }
        },
        [&](text_range gap) { detail::append_gap(out, gap); });
    stop(out, wanted);
    out += '\n';
    append_remark(out, at, event);
  }

  /// The line, with the time and level that its prefix has.
  void append(std::string& out, const origin& at, const event::basic& event) {
    begin(out, at, event.sender);
    const auto prefix = split_basic_prefix(event.text);
    std::optional<netcon::level> level;
    if (prefix.priority) level = static_cast<netcon::level>(*prefix.priority & 7);
    const auto wanted = level ? detail::style_of(*level) : style::plain;
    start(out, wanted);
    append_columns(out, level, prefix.timestamp_us, prefix.caller);
    detail::append_unmarked(out, prefix.text);
    stop(out, wanted);
    out += '\n';
  }

  /// Of the events without a record.
  template <class Event>
  void append(std::string& out, const origin& at, const Event& event) {
    append_remark(out, at, event);
  }

 private:
  using style = detail::style;

  void start(std::string& out, style wanted) const {
    if (colour_) detail::append_start(out, wanted);
  }

  void stop(std::string& out, style wanted) const {
    if (colour_) detail::append_stop(out, wanted);
  }

  void begin(std::string& out, const origin& at, const endpoint& sender) {
    start(out, style::dim);
    time_.append(out, at.time);
    stop(out, style::dim);
    out += ' ';
    if (!at.host.empty()) detail::append_all(out, at.host, "@");
    detail::append_value(out, sender);
    out += ' ';
  }

  static void append_columns(std::string& out, std::optional<netcon::level> level,
                             std::optional<std::uint64_t> timestamp_us, std::string_view caller) {
    constexpr std::size_t level_width = 8, caller_width = 6;
    const auto word = level ? name(*level) : std::string_view{"-"};
    out += word;
    out.append(level_width - word.size(), ' ');
    if (timestamp_us) {
      out += '[';
      detail::append_decimal(out, *timestamp_us / 1000000, 5, ' ');
      out += '.';
      detail::append_decimal(out, *timestamp_us % 1000000, 6, '0');
      out += ']';
    }
    if (!caller.empty()) {
      out += '[';
      if (caller.size() < caller_width) out.append(caller_width - caller.size(), ' ');
      append_printable(out, caller);
      out += ']';
    }
    if (timestamp_us || !caller.empty()) out += ' ';
  }

  static void append_text(std::string& out, std::string_view escaped) {
    if (escaped.find('\\') == escaped.npos) {
      detail::append_unmarked(out, escaped);
    } else {
      detail::append_unmarked(out, unescape(escaped));
    }
  }

  void append_dictionary(std::string& out, const dictionary_view& dictionary) const {
    if (dictionary.empty()) return;
    start(out, style::dim);
    out += ' ';
    for (const auto [key, value] : dictionary) {
      out += ' ';
      append_printable(out, key);
      out += '=';
      const bool quoted = value.find_first_of(" \"") != value.npos;
      if (quoted) {
        append_quoted(out, value);
      } else {
        append_printable(out, value);
      }
    }
    stop(out, style::dim);
  }

  static void append_quoted(std::string& out, std::string_view value) {
    out += '"';
    for (auto end = value.find('"'); end != value.npos; end = value.find('"')) {
      append_printable(out, value.substr(0, end));
      detail::append_hex_escape(out, '"');
      value.remove_prefix(end + 1);
    }
    append_printable(out, value);
    out += '"';
  }

  void append_record(std::string& out, const origin& at, const endpoint& sender, const record_view& record,
                     std::string_view remark) {
    begin(out, at, sender);
    const auto wanted = detail::style_of(record.level());
    start(out, wanted);
    append_columns(out, record.level(), record.timestamp_us(), record.caller());
    out += remark;
    append_text(out, record.text());
    stop(out, wanted);
    append_dictionary(out, record.dictionary());
    out += '\n';
  }

  template <class Event>
  void append_remark(std::string& out, const origin& at, const Event& event) {
    begin(out, at, event.sender);
    start(out, style::magenta);
    out += "-- ";
    detail::append_remark_text(out, event);
    stop(out, style::magenta);
    out += '\n';
  }

  bool colour_;
  wall_time_writer time_;
};

}  // namespace netcon::inline v0_1
