// SPDX-License-Identifier: MIT
// The logs of jobs that GitLab's runner wrote with times: pieces of the lines of several streams.
#pragma once

#include <netcon/capture/internal/log_clock.hpp>
#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/capture/log_line.hpp>
#include <netcon/detail/digits.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1::detail {

/// "2026-11-28T07:40:32.123456Z 00O text", or with "+" before a text that goes on from the one before of its
/// stream.
struct job_line {
  log_time time{};
  std::string_view stream{};  ///< "00O"
  bool goes_on = false;
  std::string_view text{};
};

/// False for nearly all lines that are none.
constexpr bool may_be_job_line(std::string_view line) noexcept {
  return line.size() > 30 && line[26] == 'Z' && line[27] == ' ' && (line[30] == 'O' || line[30] == 'E');
}

constexpr std::optional<job_line> read_job_line(std::string_view line) noexcept {
  constexpr std::size_t time_size = 27, stream_size = 3;
  if (!may_be_job_line(line)) return std::nullopt;
  stamp_reader at{line.substr(0, time_size)};
  const auto time = read_iso_time(at, {});
  job_line out;
  out.stream = line.substr(time_size + 1, stream_size);
  if (!time || !at.rest.empty() || hex_value(out.stream[0]) < 0 || hex_value(out.stream[1]) < 0)
    return std::nullopt;
  out.time = *time;
  out.text = line.substr(time_size + 1 + stream_size);
  if (out.text.empty()) return out;
  out.goes_on = out.text.front() == '+';
  if (!out.goes_on && out.text.front() != ' ') return std::nullopt;
  out.text.remove_prefix(1);
  return out;
}

/// Holds the last line of each stream back until another one shows that it does not go on, and those of other
/// streams behind it: they keep their order.
class job_lines {
 public:
  bool is_empty() const noexcept { return held_.empty(); }

  /// Give is called with lines that are whole: a text, its time, whether it was not longer than the limit.
  template <class Give>
  void take(const job_line& line, std::size_t longest, Give&& give) {
    for (auto& one : held_) {
      if (!one.is_open || one.stream != line.stream) continue;
      if (line.goes_on) {
        const auto room = longest - one.text.size();
        if (line.text.size() > room) one.whole = false;
        one.text += line.text.substr(0, room);
        return;
      }
      one.is_open = false;
    }
    while (!held_.empty() && (!held_.front().is_open || held_.size() == most_lines)) give_first(give);
    held_.push_back({std::string{line.stream}, std::string{line.text}, line.time});
  }

  /// Nothing more belongs to them.
  template <class Give>
  void flush(Give&& give) {
    while (!held_.empty()) give_first(give);
  }

 private:
  struct held_line {
    std::string stream, text;
    log_time time{};
    bool whole = true, is_open = true;
  };

  template <class Give>
  void give_first(Give&& give) {
    const auto one = std::move(held_.front());
    held_.pop_front();
    give(std::string_view{one.text}, one.time, one.whole);
  }

  static constexpr std::size_t most_lines = 16;
  std::deque<held_line> held_;
};

}  // namespace netcon::inline v0_1::detail
