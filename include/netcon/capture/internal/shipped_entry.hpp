// SPDX-License-Identifier: MIT
// A line of a log as programs that ship logs have it in JSON: Fluent Bit, Vector, Filebeat, Logstash, GELF,
// Loki, the consoles of clouds.
#pragma once

#include <netcon/capture/internal/json_members.hpp>
#include <netcon/capture/internal/log_clock.hpp>
#include <netcon/capture/internal/log_prefix.hpp>
#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/capture/log_line.hpp>
#include <netcon/detail/digits.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// "1795851632", "1795851632.123456789": since 1970, in seconds.
inline std::optional<log_time> read_seconds(std::string_view text) noexcept {
  stamp_reader at{text};
  const auto seconds = at.digits(9, 10);
  if (!seconds) return std::nullopt;
  const std::uint64_t micros = at.skip('.') ? take_fraction(at) : 0;
  if (!at.rest.empty()) return std::nullopt;
  return believed(std::uint64_t{*seconds} * 1'000'000 + micros);
}

/// The member that has all of a serial console.
inline constexpr std::string_view console_key = "Output";

/// Members in any order; what is not known is passed over.
class shipped_entry {
 public:
  void take(std::string_view key, std::string_view value, bool is_string, const log_clock& clock) {
    if (!is_string && value.starts_with('{')) {
      take_object(key, value, clock);
      return;
    }
    std::uint64_t number = 0;
    const bool is_number = read_decimal(value, number) == number_state::ok;
    const auto is = [key](std::string_view one) { return key == one; };
    if (is_string && std::ranges::any_of(text_keys, is)) {
      if (text_.empty()) text_ = value;
    } else if (is_string && std::ranges::any_of(console_keys, is)) {
      stamp_reader front{value};
      // Without a stamp it may be what a test of Go wrote.
      if (!read_boot_time(front) && find_inner_stamp(value) == value.npos) return;
      text_ = value;
      is_console_ = true;
    } else if (is_string && std::ranges::any_of(host_keys, is)) {
      if (host_.empty() || is_host_source_) host_ = value;
      is_host_source_ = false;
    } else if (is_string && key == "source") {  // the host of Graylog; of others the file that has the line
      if (!host_.empty() || value.find('/') != value.npos) return;
      host_ = value;
      is_host_source_ = true;
    } else if (std::ranges::any_of(time_keys, is)) {
      stamp_reader at{value};
      if (auto time = read_iso_time(at, clock)) time_ = time;
      if (!time_) time_ = read_seconds(value);
      if (!time_ && !is_string) take_boot_time(value);
    } else if (is_string && std::ranges::any_of(program_keys, is)) {
      is_of_kernel_ = is_of_kernel_ || value == "kernel" || value == "kernel:" || value == "kern";
    } else if (is_number && number < (key == "pri" ? 192u : 8u) && std::ranges::any_of(priority_keys, is)) {
      priority_ = static_cast<std::uint16_t>(number);
    } else if (is_number && key == "sec") {
      seconds_ = number;
    } else if (is_number && key == "usec") {
      micros_ = number;
    }
  }

  bool has_text() const noexcept { return !text_.empty(); }
  /// One line, or many, without the "web17 kernel: " of a syslog that keeps no time.
  std::string_view text() const noexcept {
    constexpr std::string_view tag = "kernel: ";
    std::string_view out = text_;
    if (!host_.empty() && out.starts_with(host_) && out.substr(host_.size()).starts_with(' '))
      out.remove_prefix(host_.size() + 1);
    if (!out.starts_with(tag)) return text_;
    return out.substr(tag.size());
  }
  std::optional<log_time> time() const noexcept { return time_; }

  /// Whether the line, whose stamps are taken off, is one of a log and not what a program wrote.
  bool is_of_log(const log_line& line) const noexcept {
    return is_of_kernel_ || is_console_ || line.timestamp_us || (line.time && !line.host.empty()) ||
           has_own_stamp() || (text().size() != text_.size() && !host_.empty());
  }

  /// The last line has no end.
  void mark_cut() noexcept { is_cut_ = true; }

  /// What the line itself does not say.
  void complete(log_line& line, bool is_last) const noexcept {
    line.whole = !is_last || !is_cut_;
    if (line.host.empty()) line.host = host_;
    if (!line.time) line.time = time_;
    if (!line.priority) line.priority = priority_;
    if (!line.timestamp_us && has_own_stamp()) line.timestamp_us = *seconds_ * 1'000'000 + *micros_;
  }

 private:
  static constexpr std::string_view text_keys[] = {"message", "msg",         "short_message",
                                                   "line",    "textPayload", "_raw"};
  /// All of a serial console: of Amazon's and Google's clouds.
  static constexpr std::string_view console_keys[] = {console_key, "contents"};
  static constexpr std::string_view host_keys[] = {"host", "hostname", "_HOSTNAME"};
  static constexpr std::string_view time_keys[] = {"@timestamp", "timestamp", "time",
                                                   "date",       "_time",     "timereported"};
  static constexpr std::string_view priority_keys[] = {"level", "priority", "PRIORITY", "pri"};
  static constexpr std::string_view program_keys[] = {
      "SYSLOG_IDENTIFIER", "_TRANSPORT", "appname",   "app_name", "program",
      "programname",       "ident",      "syslogtag", "facility", "_facility"};

  /// Of Fluent Bit's kmsg and of dmesg --json: since the boot.
  bool has_own_stamp() const noexcept {
    constexpr std::uint64_t most = std::uint64_t{1} << 40;
    return priority_ && seconds_ && micros_ && *seconds_ < most && *micros_ < 1'000'000;
  }

  /// "1234.500000".
  void take_boot_time(std::string_view value) noexcept {
    stamp_reader at{value};
    const auto seconds = at.digits(1, 9);
    if (!seconds || !at.skip('.')) return;
    const auto micros = at.digits(6, 6);
    if (!micros || !at.rest.empty()) return;
    seconds_ = *seconds;
    micros_ = *micros;
  }

  /// "host": {"name": "web17"}; "_source", "result" and "jsonPayload" hold all of an entry.
  void take_object(std::string_view key, std::string_view value, const log_clock& clock) {
    const bool is_host = key == "host", is_process = key == "process";
    const bool is_entry = !is_nested_ && (key == "_source" || key == "result" || key == "jsonPayload");
    if (!is_host && !is_process && !is_entry) return;
    is_nested_ = is_nested_ || is_entry;
    json_members members{value};
    std::string name, text;
    while (members.next(name, text)) {
      if (is_entry)
        take(name, text, members.is_string(), clock);
      else if (members.is_string() && (name == "name" || name == "hostname"))
        take(is_host ? "host" : "program", text, true, clock);
    }
  }

  std::string text_, host_;
  std::optional<log_time> time_;
  std::optional<std::uint16_t> priority_;
  std::optional<std::uint64_t> seconds_, micros_;
  bool is_host_source_ = false;
  bool is_console_ = false, is_of_kernel_ = false, is_nested_ = false, is_cut_ = false;
};

/// The first line of many, which is taken off.
constexpr std::string_view take_first_line(std::string_view& text) noexcept {
  const auto size = text.find('\n');
  auto line = text.substr(0, size);
  text.remove_prefix(size == text.npos ? text.size() : size + 1);
  while (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace netcon::inline v0_1::detail
