#include "output/syslog_line.hpp"

#include "output/present_bytes.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/escape.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace tool {
namespace {

// The number that documents use: we have none of our own.
constexpr std::string_view enterprise = "32473";
constexpr unsigned daemon_warning = 3 * 8 + 4;

/// Facilities above 23 are the kernel's own idea; what user space wrote to /dev/kmsg is "user" in syslog.
unsigned syslog_priority(unsigned priority) {
  return priority < 24 * 8 ? priority : 8 + (priority & 7);
}

/// One to 32 printable ASCII characters without '=', ']', '"' and blank (RFC 5424, SD-NAME).
void append_name(std::string& out, std::string_view key) {
  if (key.empty()) out += '_';
  for (const char c : key.substr(0, 32))
    out += c > ' ' && c < 0x7f && c != '=' && c != ']' && c != '"' ? c : '_';
}

void append_parameter(std::string& out, std::string_view key, std::string_view value) {
  out += ' ';
  append_name(out, key);
  out += "=\"";
  for (const char c : netcon::printable(value)) {
    if (c == '"' || c == '\\' || c == ']') out += '\\';
    out += c;
  }
  out += '"';
}

}  // namespace

void syslog_lines::begin(std::string& out, unsigned priority, wall_time time, const netcon::endpoint& from,
                         std::string_view application, std::string_view process) {
  fmt::format_to(std::back_inserter(out), "<{}>1 ", priority);
  time_.append(out, time);
  std::array<char, netcon::ip_address::max_text> address{};
  const auto end = to_chars(address.data(), address.data() + address.size(), from.address).ptr;
  fmt::format_to(std::back_inserter(out), " {} {} ", std::string_view{address.data(), end}, application);
  if (process.empty()) {
    out += '-';
  } else {
    for (const char c : process.substr(0, 128)) out += c > ' ' && c < 0x7f ? c : '_';
  }
  out += " - ";
}

void syslog_lines::append_message(std::string& out, wall_time time, const netcon::endpoint& from,
                                  const netcon::record_view& message, std::string_view remark) {
  begin(out, syslog_priority(message.priority()), time, from, "kernel", message.caller());
  fmt::format_to(std::back_inserter(out), "[netconsole@{} seq=\"{}\" usec=\"{}\"", enterprise,
                 message.sequence(), message.timestamp_us());
  if (const auto release = message.release()) append_parameter(out, "release", *release);
  out += ']';
  if (!message.dictionary().empty()) {
    fmt::format_to(std::back_inserter(out), "[userdata@{}", enterprise);
    for (const auto [key, value] : message.dictionary()) append_parameter(out, key, value);
    out += ']';
  }
  out += ' ';
  out += remark;
  netcon::append_printable(out, netcon::unescape(message.text()));
  out += '\n';
}

void syslog_lines::append_remark(std::string& out, wall_time time, const netcon::endpoint& from,
                                 std::string_view remark) {
  begin(out, daemon_warning, time, from, "netcon", "");
  out += "- ";
  out += remark;
  out += '\n';
}

void syslog_lines::append(std::string& out, wall_time time, const netcon::event::record& event) {
  append_message(out, time, event.sender, event.record, "");
}

void syslog_lines::append(std::string& out, wall_time time, const netcon::event::late& event) {
  append_message(out, time, event.sender, event.record, "");
}

void syslog_lines::append(std::string& out, wall_time time, const netcon::event::partial& event) {
  std::string present;
  append_message(out, time, event.sender, present_bytes(event, present), "(incomplete) ");
}

void syslog_lines::append(std::string& out, wall_time time, const netcon::event::lost& event) {
  const bool sure = event.cause != netcon::loss::sequence_gap;
  append_remark(out, time, event.sender, fmt::format("{} records {}", event.count, sure ? "lost" : "missing"));
}

void syslog_lines::append(std::string& out, wall_time time, const netcon::event::rebooted& event) {
  append_remark(out, time, event.sender,
                fmt::format("rebooted: the last record before was number {}", event.last_sequence));
}

void syslog_lines::append(std::string& out, wall_time time, const netcon::event::basic& event) {
  const auto prefix = netcon::split_basic_prefix(event.text);
  // Without a level kernel.notice, which is what printk's own default comes to.
  begin(out, syslog_priority(prefix.priority.value_or(5)), time, event.sender, "kernel", prefix.caller);
  if (prefix.timestamp_us) {
    fmt::format_to(std::back_inserter(out), "[netconsole@{} usec=\"{}\"] ", enterprise, *prefix.timestamp_us);
  } else {
    out += "- ";
  }
  netcon::append_printable(out, prefix.text);
  out += '\n';
}

void syslog_lines::append(std::string& out, wall_time time, const netcon::event::junk& event) {
  append_remark(out, time, event.sender,
                fmt::format("not netconsole: {} ({} bytes)", message(event.reason), event.packet.size()));
}

void syslog_lines::append(std::string& out, wall_time time, const suppressed& event) {
  append_remark(out, time, event.sender, fmt::format("{} records over the rate limit left out", event.count));
}

}  // namespace tool
