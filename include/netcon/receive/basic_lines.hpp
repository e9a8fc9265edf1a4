// SPDX-License-Identifier: MIT
// Basic text to lines: one sender's packets without a header, joined over packets and cut at newlines.
#pragma once

#include <netcon/core/time.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/decode.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1 {

/// A line without its newline, valid during the call of the sink.
struct basic_line {
  std::string_view text;  ///< raw bytes; may be empty
  bool complete = true;   ///< its newline came
  bool replayed = false;  ///< the notice of a replay came before it
};

/// "** N printk messages dropped **".
struct announced_loss {
  std::uint64_t count = 0;  ///< records that the kernel says it dropped, at least 1
};

/// Empty lines of one packet, in a row after others that were delivered.
struct folded_lines {
  std::uint64_t count = 0;  ///< lines that were left out, at least 1
};

/// The sink is called with basic_line, announced_loss and folded_lines. Keeps at most one line; a notice of a
/// replay is kept for the line after it. Lines inside one packet are delivered as views into it.
class basic_lines {
 public:
  /// Lines of one packet. What follows them is delivered as one, with the newlines in it: a line costs much
  /// more to write than a newline to send.
  static constexpr std::size_t most_lines = 64;
  /// Empty lines in a row of one packet; further ones are folded.
  static constexpr std::size_t most_empty = 2;

  /// A longer line than most_bytes, at least 1, is delivered in parts that are not complete.
  template <class Sink>
  void push(std::string_view text, time_point now, std::size_t most_bytes, Sink&& sink) {
    std::size_t empty_in_a_row = 0;
    for (std::size_t lines = 0; !text.empty(); ++lines) {
      if (line_.empty() && text.front() == '\n' && ++empty_in_a_row > most_empty) {
        const auto more = std::min(text.find_first_not_of('\n'), text.size());
        sink(folded_lines{more});
        text.remove_prefix(more);
        continue;
      }
      if (text.front() != '\n') empty_in_a_row = 0;
      const auto end = lines < most_lines     ? text.find('\n')
                       : text.ends_with('\n') ? text.size() - 1
                                              : text.npos;
      const bool begun = !line_.empty();
      if (end != text.npos && !begun && end <= most_bytes) {
        deliver(text.substr(0, end), true, sink);
        text.remove_prefix(end + 1);
        continue;
      }
      if (!begun) since_ = now;
      const auto part = text.substr(0, std::min(end, most_bytes - line_.size()));
      line_ += part;
      text.remove_prefix(part.size());
      const bool complete = !text.empty() && part.size() == end;
      if (complete) text.remove_prefix(1);
      if (complete || line_.size() >= most_bytes) deliver(std::exchange(line_, {}), complete, sink);
    }
    if (after_notice_) since_ = now;
  }

  /// Delivers the line that waits for its newline; a notice without a line is forgotten.
  template <class Sink>
  void flush(Sink&& sink) {
    if (!line_.empty()) deliver(std::exchange(line_, {}), false, sink);
    after_notice_ = false;
  }

  /// True when nothing waits.
  [[nodiscard]] bool empty() const noexcept { return line_.empty() && !after_notice_; }
  /// When what waits began. Precondition: !empty().
  [[nodiscard]] time_point since() const noexcept { return since_; }
  /// Of the line that waits.
  [[nodiscard]] std::size_t bytes() const noexcept { return line_.size(); }

 private:
  template <class Sink>
  void deliver(std::string_view text, bool complete, Sink& sink) {
    if (text.starts_with('*')) {
      if (const auto count = dropped_notice(text)) {
        sink(announced_loss{*count});
        return;
      }
      if (text == replay_notice) {
        after_notice_ = true;
        return;
      }
    }
    sink(basic_line{text, complete, std::exchange(after_notice_, false)});
  }

  std::string line_;
  time_point since_{};
  bool after_notice_ = false;
};

}  // namespace netcon::inline v0_1
