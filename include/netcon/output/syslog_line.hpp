// SPDX-License-Identifier: MIT
// Events as syslog messages: those of RFC 5424, with header and userdata as structured data, and those of a
// local socket.
#pragma once

#include <netcon/core/error_texts.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/output/internal/append.hpp>
#include <netcon/output/internal/marks.hpp>
#include <netcon/output/origin.hpp>
#include <netcon/output/wall_time.hpp>
#include <netcon/receive/double_watch.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/silence_watch.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/escape.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// What a receiver of syslog messages takes.
enum class syslog_form : std::uint8_t {
  rfc_5424,  ///< a server: "<4>1 TIME HOST kernel CALLER - [DATA] TEXT"
  local,     ///< the socket of a machine, /dev/log, as syslog(3) writes: "<4>kernel: HOST: TEXT". The daemon
             ///< takes its own time and host, so there is no place for others; nor is there for data.
};

/// Writes events as syslog messages, each of which ends in its only newline. Its host is the
/// sender's, or its address; with a name the address is in the structured data. A duplicate has no message.
/// None is longer than most_bytes: it is cut, with a mark, and so many pairs of userdata as have no room are
/// left out and counted.
class syslog_lines {
 public:
  /// What a UDP datagram over IPv4 holds, less some room.
  static constexpr std::size_t most_bytes = 65'000;

  /// Messages of that form.
  explicit syslog_lines(syslog_form form = syslog_form::rfc_5424) noexcept : form_{form} {}

  /// The record, with its level and facility.
  void append(std::string& out, const origin& at, const event::record& event) {
    append_record(out, at, event.sender, event.record, event.conflict ? detail::conflict_mark : "");
  }

  /// As a record: nothing in the message says that it came late.
  void append(std::string& out, const origin& at, const event::late& event) {
    append_record(out, at, event.sender, event.record, event.conflict ? detail::conflict_mark : "");
  }

  /// As a record, with a mark.
  void append(std::string& out, const origin& at, const event::partial& event) {
    append_record(out, at, event.sender, event.record,
                  event.conflict ? detail::conflict_mark : detail::partial_mark);
  }

  /// Nothing.
  void append(std::string&, const origin&, const event::duplicate&) {}

  /// That the sender counts as new from here on.
  void append(std::string& out, const origin& at, const event::forgotten& event) {
    append_remark(out, at, event.sender, "forgotten: too many senders, and this one was silent for longest");
  }

  /// That a packet was longer than the buffer.
  void append(std::string& out, const origin& at, const event::truncated& event) {
    append_remark(out, at, event.sender, "truncated: the packet was longer than the receive buffer");
  }

  /// How many, and how that is known.
  void append(std::string& out, const origin& at, const event::lost& event) {
    if (event.cause == loss::impossible) {
      append_remark(out, at, event.sender, "the numbers jump over ", event.count,
                    " records: more than a kernel can have made; forged, or of another machine");
      return;
    }
    append_remark(out, at, event.sender, event.count,
                  event.cause == loss::sequence_gap ? " records missing" : " records lost");
  }

  /// That the sender rebooted.
  void append(std::string& out, const origin& at, const event::rebooted& event) {
    append_remark(out, at, event.sender, "rebooted: the last record before was number ", event.last_sequence);
  }

  /// The line, with the level that its prefix has.
  void append(std::string& out, const origin& at, const event::basic& event) {
    const auto begin_at = out.size();
    const auto prefix = split_basic_prefix(event.text);
    // Without a level kernel.notice: what syslog daemons take for a message that names none.
    begin(out, syslog_priority(prefix.priority.value_or(5)), at, event.sender, "kernel", prefix.caller);
    if (form_ == syslog_form::rfc_5424) append_data(out, at, event.sender, prefix);
    append_message(out, begin_at, prefix.text);
  }

  /// How many empty lines are left out.
  void append(std::string& out, const origin& at, const event::folded& event) {
    append_remark(out, at, event.sender, event.count,
                  event.count == 1 ? " more empty line" : " more empty lines");
  }

  /// Why it is no packet of netconsole, and its size.
  void append(std::string& out, const origin& at, const event::junk& event) {
    append_remark(out, at, event.sender, "not netconsole: ", message(event.reason), " (", event.packet.size(),
                  " bytes)");
  }

  /// How many lines are over the rate limit.
  void append(std::string& out, const origin& at, const event::suppressed& event) {
    append_remark(out, at, event.sender, event.count, " records over the rate limit left out");
  }

  /// A sender of regular probes that sends nothing.
  void append(std::string& out, const origin& at, const event::silent& event) {
    append_remark(out, at, event.sender, "silent: it sent probes, and nothing for ",
                  static_cast<std::uint64_t>(event.duration.count()), " s");
  }

  /// Such a sender that sends again.
  void append(std::string& out, const origin& at, const event::returned& event) {
    append_remark(out, at, event.sender, "returned after ",
                  static_cast<std::uint64_t>(event.duration.count()), " s of silence");
  }

  /// A machine that sends every record twice.
  void append(std::string& out, const origin& at, const event::doubled& event) {
    append_remark(out, at, event.sender,
                  "sends every record twice, to a basic and to an extended target: remove one of them");
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

  void begin(std::string& out, unsigned priority, const origin& at, const endpoint& sender,
             std::string_view application, std::string_view process) {
    const auto append_host = [&] {
      if (at.host.empty()) {
        detail::append_address(out, sender);
      } else {
        out += at.host;
      }
    };
    if (form_ == syslog_form::local) {
      detail::append_all(out, "<", priority, ">", application, ": ");
      append_host();
      out += ": ";
      return;
    }
    detail::append_all(out, "<", priority, ">1 ");
    time_.append(out, at.time);
    out += ' ';
    append_host();
    detail::append_all(out, " ", application, " ");
    if (process.empty()) {
      out += '-';
    } else {
      for (const char c : process.substr(0, 128)) out += c > ' ' && c < 0x7f ? c : '_';
    }
    out += " - ";
  }

  /// The address, where the host is a name.
  static void append_sender(std::string& out, const origin& at, const endpoint& sender) {
    if (at.host.empty()) return;
    out += " sender=\"";
    detail::append_address(out, sender);
    out += '"';
  }

  void append_record(std::string& out, const origin& at, const endpoint& sender, const record_view& record,
                     std::string_view remark) {
    const auto begin_at = out.size();
    begin(out, syslog_priority(record.priority()), at, sender, "kernel", record.caller());
    if (form_ == syslog_form::rfc_5424) append_data(out, begin_at, at, sender, record);
    out += remark;
    append_message(out, begin_at, unescape(record.text()));
  }

  /// The time and the address of a basic line, and a blank.
  static void append_data(std::string& out, const origin& at, const endpoint& sender,
                          const basic_prefix& prefix) {
    if (!prefix.timestamp_us && at.host.empty()) {
      out += "- ";
      return;
    }
    detail::append_all(out, "[netconsole@", enterprise);
    if (prefix.timestamp_us) detail::append_all(out, " usec=\"", *prefix.timestamp_us, "\"");
    append_sender(out, at, sender);
    out += "] ";
  }

  /// Header and userdata of a record, and a blank.
  static void append_data(std::string& out, std::size_t begin_at, const origin& at, const endpoint& sender,
                          const record_view& record) {
    detail::append_all(out, "[netconsole@", enterprise, " seq=\"", record.sequence(), "\" usec=\"",
                       record.timestamp_us(), "\"");
    append_sender(out, at, sender);
    if (const auto release = record.release()) append_parameter(out, "release", *release);
    out += ']';
    append_userdata(out, begin_at, record.dictionary());
    out += ' ';
  }

  static void append_userdata(std::string& out, std::size_t begin_at, const dictionary_view& dictionary) {
    // The text comes after it.
    constexpr std::size_t most = most_bytes - 9000;
    if (dictionary.empty()) return;
    detail::append_all(out, "[userdata@", enterprise);
    std::uint64_t left_out = 0;
    for (const auto [key, value] : dictionary) {
      const auto before = out.size();
      if (left_out == 0) append_parameter(out, key, value);
      if (left_out != 0 || out.size() - begin_at > most) {
        out.resize(before);
        ++left_out;
      }
    }
    out += ']';
    if (left_out != 0) detail::append_all(out, "[cut@", enterprise, " userdata=\"", left_out, "\"]");
  }

  /// Appends the text and a newline; what has no room is cut.
  static void append_message(std::string& out, std::size_t begin_at, std::string_view text) {
    detail::append_unmarked(out, text);
    constexpr std::size_t mark_room = 48;
    if (out.size() - begin_at > most_bytes) {
      auto end = begin_at + most_bytes - mark_room;
      while ((static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;
      const auto cut = out.size() - end;
      out.resize(end);
      detail::append_all(out, detail::gap_mark, cut, " bytes cut ...]");
    }
    out += '\n';
  }

  template <class... Parts>
  void append_remark(std::string& out, const origin& at, const endpoint& sender, const Parts&... parts) {
    begin(out, daemon_warning, at, sender, "netcon", "");
    if (form_ == syslog_form::rfc_5424) out += "- ";
    detail::append_all(out, parts..., "\n");
  }

  syslog_form form_;
  wall_time_writer time_;
};

}  // namespace netcon::inline v0_1
