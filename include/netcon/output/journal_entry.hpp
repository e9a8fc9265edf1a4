// SPDX-License-Identifier: MIT
// Events as entries of systemd's journal, in its native protocol: fields of a name and any bytes.
#pragma once

#include <netcon/core/number.hpp>
#include <netcon/crash/report.hpp>
#include <netcon/output/internal/append.hpp>
#include <netcon/output/internal/marks.hpp>
#include <netcon/output/internal/remark_text.hpp>
#include <netcon/output/origin.hpp>
#include <netcon/output/wall_time.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/escape.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// Appends a field: "NAME=value\n", or where the value has a newline, the name, a newline, the size as 8
/// bytes of which the lowest is first, the value and a newline. The name has letters, digits and underscores
/// only.
inline void append_journal_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  if (value.find('\n') == value.npos) {
    out += '=';
  } else {
    out += '\n';
    const std::uint64_t size = value.size();
    for (unsigned shift = 0; shift < 64; shift += 8) out += static_cast<char>(size >> shift & 0xff);
  }
  out += value;
  out += '\n';
}

/// Appends an entry for each event but duplicates: MESSAGE, PRIORITY and the SYSLOG_ fields, and as
/// NETCONSOLE_ fields the event, the sender and what the record has. docs/receiving.md lists them.
class journal_entries {
 public:
  /// The journal takes no entry with more than 1024 fields, and says nothing about it. Pairs of userdata
  /// beyond this are left out and counted in NETCONSOLE_CUT.
  static constexpr std::size_t most_userdata = 900;

  /// A record, with all that it has.
  void append(std::string& out, const origin& at, const event::record& event) {
    append_record(out, at, "record", event.sender, event.record, event.conflict ? detail::conflict_mark : "");
  }

  /// A record that came late.
  void append(std::string& out, const origin& at, const event::late& event) {
    append_record(out, at, "late", event.sender, event.record, event.conflict ? detail::conflict_mark : "");
  }

  /// What came of a record, with a mark.
  void append(std::string& out, const origin& at, const event::partial& event) {
    append_record(out, at, "partial", event.sender, event.record,
                  event.conflict ? detail::conflict_mark : detail::partial_mark);
  }

  /// Nothing: another entry has it.
  void append(std::string&, const origin&, const event::duplicate&) {}

  /// A line of a sender without a header.
  void append(std::string& out, const origin& at, const event::basic& event) {
    const auto prefix = split_basic_prefix(event.text);
    // Without a level kernel.notice: what syslog daemons take for a message that names none.
    const auto priority = prefix.priority.value_or(5);
    begin(out, at, "basic", event.sender, prefix.text, "kernel", priority);
    if (prefix.timestamp_us) number(out, "NETCONSOLE_USEC", *prefix.timestamp_us);
    if (!prefix.caller.empty()) append_journal_field(out, "NETCONSOLE_CALLER", prefix.caller);
  }

  /// Records that did not come, with cause and count.
  void append(std::string& out, const origin& at, const event::lost& event) {
    append_remark(out, at, "lost", event);
    append_journal_field(out, "NETCONSOLE_CAUSE", name(event.cause));
    number(out, "NETCONSOLE_COUNT", event.count);
  }

  /// A reboot of the sender.
  void append(std::string& out, const origin& at, const event::rebooted& event) {
    append_remark(out, at, "rebooted", event);
  }

  /// Empty lines that are left out, with their count.
  void append(std::string& out, const origin& at, const event::folded& event) {
    append_remark(out, at, "folded", event);
    number(out, "NETCONSOLE_COUNT", event.count);
  }

  /// A packet that netconsole does not send.
  void append(std::string& out, const origin& at, const event::junk& event) {
    append_remark(out, at, "junk", event);
  }

  /// A sender that made room for another.
  void append(std::string& out, const origin& at, const event::forgotten& event) {
    append_remark(out, at, "forgotten", event);
  }

  /// A packet longer than the receive buffer.
  void append(std::string& out, const origin& at, const event::truncated& event) {
    append_remark(out, at, "truncated", event);
  }

  /// Lines over the rate limit, with their count.
  void append(std::string& out, const origin& at, const event::suppressed& event) {
    append_remark(out, at, "suppressed", event);
    number(out, "NETCONSOLE_COUNT", event.count);
  }

  /// A sender of regular probes that sends nothing, with the seconds of silence.
  void append(std::string& out, const origin& at, const event::silent& event) {
    append_remark(out, at, "silent", event);
    number(out, "NETCONSOLE_SECONDS", static_cast<std::uint64_t>(event.duration.count()));
  }
  /// Such a sender that sends again, with the seconds of silence.
  void append(std::string& out, const origin& at, const event::returned& event) {
    append_remark(out, at, "returned", event);
    number(out, "NETCONSOLE_SECONDS", static_cast<std::uint64_t>(event.duration.count()));
  }

  /// A machine that sends every record twice.
  void append(std::string& out, const origin& at, const event::doubled& event) {
    append_remark(out, at, "doubled", event);
  }

  /// An entry about a crash, with its facts and its text; count: how many equal ones there were.
  void append_crash(std::string& out, const origin& at, const endpoint& sender, std::string_view message,
                    const crash::report& report, std::uint64_t count) {
    constexpr unsigned daemon_critical = 3 * 8 + 2;
    begin(out, at, "crash", sender, message, "netcon", daemon_critical);
    const auto fact = [&](std::string_view field, std::string_view value) {
      if (!value.empty()) append_journal_field(out, field, value);
    };
    fact("NETCONSOLE_RELEASE", report.release);
    fact("NETCONSOLE_CRASH_TITLE", report.title);
    fact("NETCONSOLE_CRASH_KIND", name(report.kind));
    fact("NETCONSOLE_CRASH_TYPE", type(report.kind));
    fact("NETCONSOLE_CRASH_FUNCTION", report.function);
    fact("NETCONSOLE_CRASH_MODULE", report.module);
    fact("NETCONSOLE_CRASH_TASK", report.task);
    if (report.pid) number(out, "NETCONSOLE_CRASH_PID", *report.pid);
    if (report.cpu) number(out, "NETCONSOLE_CRASH_CPU", *report.cpu);
    fact("NETCONSOLE_CRASH_TAINT", report.taint);
    fact("NETCONSOLE_CRASH_HARDWARE", report.hardware);
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4)
      text += hex_digit(static_cast<unsigned>(report.signature >> shift & 15));
    fact("NETCONSOLE_CRASH_SIGNATURE", text);
    fact("NETCONSOLE_CRASH_COMPLETE", name(report.complete));
    fact("NETCONSOLE_CRASH_PANICKED", report.panicked ? "yes" : "no");
    fact("NETCONSOLE_CRASH_CORRUPTED", report.corrupted() ? "yes" : "no");
    number(out, "NETCONSOLE_CRASH_COUNT", count);
    text.clear();
    for (const auto& one : report.text) text.append(one).append("\n");
    fact("NETCONSOLE_CRASH_TEXT", text);
  }

 private:
  static void number(std::string& out, std::string_view field, std::uint64_t value) {
    detail::append_all(out, field, "=", value, "\n");
  }

  void begin(std::string& out, const origin& at, std::string_view event, const endpoint& sender,
             std::string_view message, std::string_view identifier, unsigned priority) {
    append_journal_field(out, "MESSAGE", message);
    number(out, "PRIORITY", priority & 7);
    number(out, "SYSLOG_FACILITY", priority >> 3);
    append_journal_field(out, "SYSLOG_IDENTIFIER", identifier);
    append_journal_field(out, "NETCONSOLE_EVENT", event);
    out += "NETCONSOLE_TIME=";
    time_.append(out, at.time);
    out += "\nNETCONSOLE_HOST=";
    if (at.host.empty()) {
      detail::append_address(out, sender);
    } else {
      out += at.host;
    }
    out += "\nNETCONSOLE_SENDER=";
    detail::append_address(out, sender);
    out += '\n';
    number(out, "NETCONSOLE_SENDER_PORT", sender.port.value());
  }

  void append_record(std::string& out, const origin& at, std::string_view event, const endpoint& sender,
                     const record_view& record, std::string_view mark) {
    message_ = mark;
    message_ += unescape(record.text());
    begin(out, at, event, sender, message_, "kernel", record.priority());
    if (const auto release = record.release()) append_journal_field(out, "NETCONSOLE_RELEASE", *release);
    number(out, "NETCONSOLE_SEQUENCE", record.sequence());
    number(out, "NETCONSOLE_USEC", record.timestamp_us());
    if (!record.caller().empty()) append_journal_field(out, "NETCONSOLE_CALLER", record.caller());
    std::size_t pairs = 0;
    for (const auto [key, value] : record.dictionary()) {
      if (++pairs > most_userdata) continue;
      message_ = "NETCONSOLE_USERDATA_";
      append_name(message_, key);
      append_journal_field(out, message_, value);
    }
    if (pairs > most_userdata) number(out, "NETCONSOLE_CUT", pairs - most_userdata);
  }

  /// A name has at most 64 bytes: capital letters, digits and underscores.
  static void append_name(std::string& out, std::string_view key) {
    constexpr std::size_t longest = 64;
    for (const char c : key.substr(0, longest - out.size())) {
      const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      out += (upper >= 'A' && upper <= 'Z') || (upper >= '0' && upper <= '9') ? upper : '_';
    }
  }

  template <class Event>
  void append_remark(std::string& out, const origin& at, std::string_view kind, const Event& event) {
    constexpr unsigned daemon_warning = 3 * 8 + 4;
    message_.clear();
    detail::append_remark_text(message_, event);
    begin(out, at, kind, event.sender, message_, "netcon", daemon_warning);
  }

  wall_time_writer time_;
  std::string message_;
};

}  // namespace netcon::inline v0_1
