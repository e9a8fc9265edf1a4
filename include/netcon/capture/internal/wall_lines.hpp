// SPDX-License-Identifier: MIT
// What syslogd and journald write to terminals, pasted beside the log that has the same lines.
#pragma once

#include <netcon/capture/internal/log_clock.hpp>
#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/capture/log_line.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

/// The host of "Message from syslogd@web17 at Nov 28 07:40:32 ..." and of "Broadcast message from
/// systemd-journald@web17 (Sat 2026-11-28 07:40:32 UTC):". Empty: it is no such heading.
constexpr std::string_view host_of_wall(std::string_view text) noexcept {
  for (const std::string_view start : {"Message from syslogd@", "Broadcast message from systemd-journald@"})
    if (text.starts_with(start)) return stamp_reader{text.substr(start.size())}.word();
  return {};
}

/// A line below such a heading has no host. It is of the host of its heading where lines of the log beside it
/// are of that host too; where they have none, neither has it. Lines wait until that is known.
class wall_lines {
 public:
  bool is_empty() const noexcept { return held_.empty(); }

  /// The line is a heading of this host.
  void begin(std::string_view host, std::string_view line, const log_clock& clock) {
    constexpr std::string_view before = " at ";
    host_ = host;
    time_.reset();
    if (const auto at = line.find(before); at != line.npos) {
      stamp_reader stamp{line.substr(at + before.size())};
      time_ = read_syslog_time(stamp, clock);
    }
  }

  std::string_view host() const noexcept { return host_; }

  /// Whether it took the line, which stands below a heading. Otherwise what waits stands before the line. The
  /// last host is that of the log before it.
  bool take(log_line& line, std::string_view last_host) {
    if (host_.empty() || !line.host.empty()) return false;
    if (host_ == last_host) {
      line.host = host_;
      if (!line.time) line.time = time_;
      return false;
    }
    if (held_.size() == most_lines || size_ + line.text.size() > most_bytes) return false;
    held_.push_back({std::string{line.text}, std::string{line.caller}, line.timestamp_us, time_, line.whole});
    size_ += line.text.size();
    return true;
  }

  /// Give is called with the lines that waited; the next one of the log has this host.
  template <class Give>
  void flush(std::string_view host, Give&& give) {
    const auto lines = std::exchange(held_, {});
    size_ = 0;
    for (const auto& one : lines) {
      log_line out{
          .text = one.text, .whole = one.whole, .timestamp_us = one.timestamp_us, .caller = one.caller};
      if (host == host_) {
        out.host = host_;
        out.time = one.time;
      }
      give(out);
    }
  }

 private:
  struct held_line {
    std::string text, caller;
    std::optional<std::uint64_t> timestamp_us;
    std::optional<log_time> time;
    bool whole;
  };
  static constexpr std::size_t most_lines = 512, most_bytes = 64 * 1024;  // a crash with much behind it
  std::string host_;
  std::optional<log_time> time_;  // of the heading
  std::vector<held_line> held_;
  std::size_t size_ = 0;  // of their texts
};

}  // namespace netcon::inline v0_1::detail
