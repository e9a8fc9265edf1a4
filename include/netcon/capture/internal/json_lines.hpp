// SPDX-License-Identifier: MIT
// Lines of a log that JSON holds: an object on a line, an object on many, or a string on a line of its own.
#pragma once

#include <netcon/capture/internal/json_block.hpp>
#include <netcon/capture/internal/json_members.hpp>
#include <netcon/capture/internal/log_clock.hpp>
#include <netcon/capture/internal/log_entry.hpp>
#include <netcon/capture/internal/shipped_entry.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// The object of a line of journalctl -o json, json-seq or json-sse.
constexpr std::string_view json_of(std::string_view line) noexcept {
  constexpr std::string_view of_event = "data: {";
  if (line.starts_with('\x1e')) line.remove_prefix(1);
  if (line.starts_with(of_event)) line.remove_prefix(of_event.size() - 1);
  return line;
}

/// Whether a line may hold JSON: an object, or a string of one.
constexpr bool may_be_json(std::string_view line) noexcept {
  if (line.empty()) return false;
  switch (line.front()) {
    case '{':
    case '"':
      return true;
    case ' ':
    case '\t':
      return without_blanks(line).starts_with('"');
    case '\x1e':
    case 'd':
      return json_of(line).starts_with('{');
    default:
      return false;
  }
}

/// `"foo",` or `"name": "foo",` on a line of its own: an element or a member. One that is cut does not end.
inline bool read_quoted(std::string_view line, std::string& value, bool& ends) {
  line = without_blanks(line);
  ends = json_members::take_quoted(line, value);
  if (ends && line.starts_with(": \"")) {
    line.remove_prefix(2);
    ends = json_members::take_quoted(line, value);
  }
  return !ends || line.empty() || line == ",";
}

/// Reads them. What it finds goes to a Sink with entry(), of netcon or the journal; shipped(), which says
/// whether it is a line of a log; and line(), for what is none of JSON.
class json_lines {
 public:
  /// Whether nothing waits. Otherwise hold() comes before all that may give the next line.
  bool is_empty() const noexcept { return block_.is_empty(); }

  /// Whether the line is one of an object on many lines, and waits.
  template <class Sink>
  [[gnu::noinline]] bool hold(std::string_view line, bool is_whole, std::size_t most, const log_clock& clock,
                              Sink& sink) {
    using enum json_block::taken;
    auto what = is_whole ? block_.take(line, most) : none;
    if (what == none) {
      flush(sink);
      if (is_whole) what = block_.take(line, most);
    }
    if (what == none || what == held) return what == held;
    const auto object = block_.release(what == another);
    if (!take_object(object, clock, sink)) give_lines(object, sink);
    return true;
  }

  /// Gives what waits.
  template <class Sink>
  void flush(Sink&& sink) {
    if (!block_.is_empty()) give_lines(block_.release(), sink);
  }

  /// Whether the line is an object or a string with lines of a log.
  template <class Sink>
  [[gnu::noinline]] bool take(std::string_view line, bool is_whole, const log_clock& clock, Sink& sink) {
    if (const auto object = json_of(line); object.starts_with('{')) return take_object(object, clock, sink);
    bool ends = true;
    if (!read_quoted(line, value_, ends)) return false;
    shipped_entry one;
    one.take(console_key, value_, true, clock);
    if (!is_whole && !ends) one.mark_cut();
    return one.has_text() && sink.shipped(one);
  }

 private:
  template <class Sink>
  bool take_object(std::string_view object, const log_clock& clock, Sink& sink) {
    json_members members{object};
    log_entry entry;
    shipped_entry shipped;
    while (members.next(key_, value_)) {
      if (members.is_string() || !value_.starts_with('{')) entry.take(key_, value_, clock);
      if (!entry.is_event()) shipped.take(key_, value_, members.is_string(), clock);
    }
    if (!entry.has_text() && !entry.is_event()) return shipped.has_text() && sink.shipped(shipped);
    entry.set_time(shipped.time());
    if (entry.is_line()) sink.entry(entry);
    return true;
  }

  template <class Sink>
  static void give_lines(std::string_view lines, Sink& sink) {
    while (!lines.empty()) sink.line(take_first_line(lines));
  }

  json_block block_;
  std::string key_, value_;
};

}  // namespace netcon::inline v0_1::detail
