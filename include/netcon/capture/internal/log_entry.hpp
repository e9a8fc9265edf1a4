// SPDX-License-Identifier: MIT
// A line that comes as named members: an event of netcon, or an entry of journald.
#pragma once

#include <netcon/capture/internal/listen_line.hpp>
#include <netcon/capture/internal/log_source.hpp>
#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/capture/log_line.hpp>
#include <netcon/detail/digits.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1::detail {

/// "[66,85,71]", as journalctl -o json writes text that is not UTF-8.
inline bool read_byte_list(std::string_view from, std::string& out) {
  if (from.size() < 3 || from.front() != '[' || from.back() != ']') return false;
  out.clear();
  unsigned value = 0;
  bool has_digit = false;
  for (const char c : from.substr(1)) {
    if (is_digit(c)) {
      value = value * 10 + static_cast<unsigned>(c - '0');
      has_digit = true;
    } else if ((c == ',' || c == ']') && has_digit) {
      out += static_cast<char>(static_cast<unsigned char>(value));
      value = 0;
      has_digit = false;
    } else if (c != ' ') {
      return false;
    }
    if (value > 255) return false;
  }
  return true;
}

/// Members in any order; what is not known is passed over.
class log_entry {
 public:
  void take(std::string_view key, std::string_view value, const log_clock& clock) {
    std::uint64_t number = 0;
    const bool is_number = read_decimal(value, number) == number_state::ok;
    if (key == "event" || key == "NETCONSOLE_EVENT") {
      event_ = value;
    } else if (key == "text" || key == "MESSAGE") {
      if (key == "text" || !read_byte_list(value, text_)) text_ = value;
      has_text_ = true;
    } else if (key == "log") {  // of Docker
      text_ = value.ends_with('\n') ? value.substr(0, value.size() - 1) : value;
      if (text_.ends_with('\r')) text_.pop_back();
      has_text_ = true;
    } else if (key == "sender" || key == "NETCONSOLE_SENDER") {
      sender_ = value;
    } else if (key == "sender_port" || key == "NETCONSOLE_SENDER_PORT") {
      port_ = value;
    } else if (key == "host" || key == "NETCONSOLE_HOST") {
      host_ = value;
    } else if (key == "_HOSTNAME") {
      machine_ = value;
    } else if (key == "time" || key == "NETCONSOLE_TIME") {
      stamp_reader at{value};
      time_ = read_iso_time(at, clock);
    } else if (key == "__REALTIME_TIMESTAMP" && is_number) {
      if (!line_.time) line_.time = believed(number);
    } else if ((key == "timestamp_us" || key == "NETCONSOLE_USEC") && is_number) {
      line_.timestamp_us = number;
      has_own_clock_ = true;
    } else if (key == "_SOURCE_MONOTONIC_TIMESTAMP" && is_number) {
      if (!has_own_clock_) line_.timestamp_us = number;
    } else if ((key == "sequence" || key == "NETCONSOLE_SEQUENCE") && is_number) {
      line_.sequence = number;
    } else if ((key == "level" || key == "PRIORITY") && is_number && number < 8) {
      line_.priority = static_cast<std::uint16_t>(number);
    } else if (key == "caller" || key == "NETCONSOLE_CALLER") {
      caller_ = value;
    } else if (key == "release" || key == "NETCONSOLE_RELEASE") {
      release_ = value;
    } else if (key == "_TRANSPORT") {
      transport_ = value;
    } else if (key == "SYSLOG_IDENTIFIER") {
      identifier_ = value;
    }
  }

  /// Whether there is a text that no other entry has: not that of a copy, or the report of a crash.
  bool is_line() const noexcept { return has_text_ && event_ != "duplicate" && event_ != "crash"; }
  bool has_text() const noexcept { return has_text_; }
  /// Whether it is of netcon: other programs have a member of that name too.
  bool is_event() const noexcept {
    return (!sender_.empty() && !port_.empty()) || event_ == "line" || event_ == "lost";
  }
  /// Whether the text may begin with a stamp, as that of a basic line and of other programs' entries does.
  bool has_stamps() const noexcept { return event_.empty() || event_ == "basic"; }

  /// A time that counts where the entry has no other.
  void set_time(std::optional<log_time> time) noexcept {
    if (!line_.time) line_.time = time;
  }

  /// Its views are those of this entry.
  log_line line() {
    auto out = line_;
    if (time_) out.time = time_;
    if (!sender_.empty() && !port_.empty())
      sender_ = sender_.find(':') == sender_.npos ? sender_ + ":" + port_ : "[" + sender_ + "]:" + port_;
    if (sender_.empty()) sender_ = std::exchange(host_, {});
    // As netcon listen has both in a line of text. Some formats have the address in place of a name.
    if (!host_.empty() && may_be_name(host_)) sender_ = host_ + "@" + sender_;
    out.host = sender_.empty() ? machine_ : sender_;
    out.caller = caller_;
    out.release = release_;
    out.text = text_;
    if (event_ == "partial") out.whole = false;
    if (!transport_.empty() || !identifier_.empty())
      out.from_kernel = transport_ == "kernel" || is_kernel_tag(identifier_);
    if (!identifier_.empty() && !event_.empty()) take_marks(out);
    return out;
  }

 private:
  bool may_be_name(std::string_view host) const noexcept { return !sender_.starts_with(host) && host != "-"; }

  log_line line_;
  std::optional<log_time> time_;
  bool has_text_ = false, has_own_clock_ = false;
  std::string text_, sender_, port_, host_, machine_, caller_, release_, event_, transport_, identifier_;
};

}  // namespace netcon::inline v0_1::detail
