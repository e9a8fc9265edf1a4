// Events of a collector as text in one of the tool's formats, counted.
#pragma once

#include "human_line.hpp"
#include "json_line.hpp"

#include <cstdint>
#include <expected>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace tool {

/// What listen and decode give to a collector. Appends to text() until limit messages are in it.
class event_printer {
 public:
  static constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

  explicit event_printer(std::variant<human_lines, json_lines> format, std::uint64_t limit = no_limit)
      : format_{std::move(format)}, left_{limit} {}

  /// The arrival of what comes next.
  void set_time(wall_time time) { time_ = time; }

  template <class Event>
  void operator()(const Event& event) {
    if (left_ == 0) return;
    std::visit([&](auto& format) { format.append(text_, time_, event); }, format_);
    if constexpr (is_message<Event>) {
      ++messages_;
      --left_;
    }
  }

  std::string& text() { return text_; }
  std::uint64_t messages() const { return messages_; }
  bool limit_reached() const { return left_ == 0; }

 private:
  template <class Event>
  static constexpr bool is_message =
      std::is_same_v<Event, netcon::event::record> || std::is_same_v<Event, netcon::event::partial> ||
      std::is_same_v<Event, netcon::event::late> || std::is_same_v<Event, netcon::event::legacy>;

  std::variant<human_lines, json_lines> format_;
  std::uint64_t left_;
  std::uint64_t messages_ = 0;
  wall_time time_{};
  std::string text_;
};

/// Whether output to that descriptor is to be coloured: a terminal, no NO_COLOR (no-color.org), not refused.
bool wants_colour(int fd, bool refused);

/// Writes all of text and clears it. False when the reader is gone; the error is one line.
std::expected<bool, std::string> write_out(int fd, std::string& text);

}  // namespace tool
