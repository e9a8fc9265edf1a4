// Events as syslog messages (RFC 5424), with header and userdata as structured data.
#pragma once

#include <netcon/core/error_texts.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/output/internal/append.hpp>
#include <netcon/output/internal/present_bytes.hpp>
#include <netcon/output/wall_time.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/escape.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace netcon {

/// Writes events as syslog messages, each of which ends in its only newline. Its host is the sender's
/// address. A duplicate and a forgotten sender have no message.
class syslog_lines {
 public:
  void append(std::string& out, wall_time time, const event::record& event) {
    append_record(out, time, event.sender, event.record, "");
  }

  void append(std::string& out, wall_time time, const event::late& event) {
    append_record(out, time, event.sender, event.record, "");
  }

  void append(std::string& out, wall_time time, const event::partial& event) {
    std::string present;
    append_record(out, time, event.sender, detail::present_bytes(event, present), "(partial) ");
  }

  void append(std::string&, wall_time, const event::duplicate&) {}
  void append(std::string&, wall_time, const event::forgotten&) {}

  void append(std::string& out, wall_time time, const event::lost& event) {
    append_remark(out, time, event.sender, event.count,
                  event.cause == loss::sequence_gap ? " records missing" : " records lost");
  }

  void append(std::string& out, wall_time time, const event::rebooted& event) {
    append_remark(out, time, event.sender, "rebooted: the last record before was number ",
                  event.last_sequence);
  }

  void append(std::string& out, wall_time time, const event::basic& event) {
    const auto prefix = split_basic_prefix(event.text);
    // Without a level kernel.notice: that is the level of a printk that names none.
    begin(out, syslog_priority(prefix.priority.value_or(5)), time, event.sender, "kernel", prefix.caller);
    if (prefix.timestamp_us) {
      detail::append_all(out, "[netconsole@", enterprise, " usec=\"", *prefix.timestamp_us, "\"] ");
    } else {
      out += "- ";
    }
    append_printable(out, prefix.text);
    out += '\n';
  }

  void append(std::string& out, wall_time time, const event::junk& event) {
    append_remark(out, time, event.sender, "not netconsole: ", message(event.reason), " (",
                  event.packet.size(), " bytes)");
  }

  void append(std::string& out, wall_time time, const event::suppressed& event) {
    append_remark(out, time, event.sender, event.count, " records over the rate limit left out");
  }

 private:
  // The number reserved for documents: the project has none of its own.
  static constexpr std::string_view enterprise = "32473";
  static constexpr unsigned daemon_warning = 3 * 8 + 4;

  /// Facilities above 23 are the kernel's own; records that user space wrote to /dev/kmsg are "user" in
  /// syslog.
  static constexpr unsigned syslog_priority(unsigned priority) noexcept {
    return priority < 24 * 8 ? priority : 8 + (priority & 7);
  }

  /// One to 32 printable ASCII characters without '=', ']', '"' and blank (RFC 5424, SD-NAME).
  static void append_name(std::string& out, std::string_view key) {
    if (key.empty()) out += '_';
    for (const char c : key.substr(0, 32))
      out += c > ' ' && c < 0x7f && c != '=' && c != ']' && c != '"' ? c : '_';
  }

  static void append_parameter(std::string& out, std::string_view key, std::string_view value) {
    out += ' ';
    append_name(out, key);
    out += "=\"";
    for (const char c : printable(value)) {
      if (c == '"' || c == '\\' || c == ']') out += '\\';
      out += c;
    }
    out += '"';
  }

  void begin(std::string& out, unsigned priority, wall_time time, const endpoint& sender,
             std::string_view application, std::string_view process) {
    detail::append_all(out, "<", priority, ">1 ");
    time_.append(out, time);
    out += ' ';
    detail::append_value(out, sender.address);
    detail::append_all(out, " ", application, " ");
    if (process.empty()) {
      out += '-';
    } else {
      for (const char c : process.substr(0, 128)) out += c > ' ' && c < 0x7f ? c : '_';
    }
    out += " - ";
  }

  void append_record(std::string& out, wall_time time, const endpoint& sender, const record_view& record,
                     std::string_view remark) {
    begin(out, syslog_priority(record.priority()), time, sender, "kernel", record.caller());
    detail::append_all(out, "[netconsole@", enterprise, " seq=\"", record.sequence(), "\" usec=\"",
                       record.timestamp_us(), "\"");
    if (const auto release = record.release()) append_parameter(out, "release", *release);
    out += ']';
    if (!record.dictionary().empty()) {
      detail::append_all(out, "[userdata@", enterprise);
      for (const auto [key, value] : record.dictionary()) append_parameter(out, key, value);
      out += ']';
    }
    out += ' ';
    out += remark;
    append_printable(out, unescape(record.text()));
    out += '\n';
  }

  template <class... Parts>
  void append_remark(std::string& out, wall_time time, const endpoint& sender, const Parts&... parts) {
    begin(out, daemon_warning, time, sender, "netcon", "");
    detail::append_all(out, "- ", parts..., "\n");
  }

  wall_time_writer time_;
};

}  // namespace netcon
