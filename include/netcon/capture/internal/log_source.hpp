// SPDX-License-Identifier: MIT
// What stands between the time of a line and its text: who sent it, and which program wrote it.
#pragma once

#include <netcon/capture/internal/listen_line.hpp>
#include <netcon/capture/internal/log_mark.hpp>
#include <netcon/capture/internal/log_month.hpp>
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

/// The tag of the remarks of netcon listen; lines of machines have the kernel's.
inline constexpr std::string_view remark_tag = "netcon";

/// Whether a tag is the kernel's, or that of what relays it.
constexpr bool is_kernel_tag(std::string_view tag) noexcept {
  for (const std::string_view one :
       {"kernel", "netconsole", "kmsg", "klogd", "vmkernel", "systemd-pstore", "pstore"})
    if (tag == one) return true;
  return false;
}

constexpr bool is_letter_of_host(char c) noexcept {
  // With what syslog-ng puts before a name, and the zone of an address.
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
         c == '_' || c == '@' || c == '/' || c == '%';
}

/// A name, an address, or the "(none)" of a machine without a name. A function with its offset, "<TASK>",
/// "(sda1)", "RIP:" and "---[" are none.
constexpr bool may_be_host(std::string_view word) noexcept {
  if (word == "(none)") return true;
  if (word.empty() || word.front() == '-') return false;
  bool is_address = true, has_zone = false;
  for (const char c : word) {
    if (!is_letter_of_host(c) && c != ':') return false;
    has_zone = has_zone || c == '%';
    is_address = is_address && (has_zone || hex_value(c) >= 0 || c == ':' || c == '.');
  }
  return word.find(':') == word.npos || (is_address && (word.back() != ':' || word.ends_with("::")));
}

/// Lines of the kernel whose first word could be a host's name and whose second one a tag: of a device
/// ("usb 1-1: "), and some headings.
constexpr bool opens_like_a_source(std::string_view host, std::string_view tag) noexcept {
  if (is_digit(tag.front())) return true;
  struct pair {
    std::string_view host, tag;
  };
  constexpr pair pairs[] = {
      {"Call", "Trace:"},         {"Call", "trace:"},      {"Hardware", "name:"},  {"Internal", "error:"},
      {"invalid", "opcode:"},     {"divide", "error:"},    {"double", "fault:"},   {"stack", "segment:"},
      {"Kernel", "Offset:"},      {"Unhandled", "fault:"}, {"Alignment", "trap:"}, {"alignment", "check:"},
      {"SError", "Interrupt:"},   {"NETDEV", "WATCHDOG:"}, {"NMI", "watchdog:"},   {"page", "fault:"},
      {"control", "protection:"}, {"Memory", "state:"},    {"EXT4-fs", "error:"},  {"Machine", "check:"},
      {"machine", "check:"},      {"Instruction", "dump:"}};
  for (const auto& one : pairs)
    if (host == one.host && tag == one.tag) return true;
  return false;
}

/// What the line before this one had in front of its text: the next one mostly has the same.
struct repeated_prefix {
  std::string source;  // " web17 kernel: "
  std::size_t host_at = 0, host_size = 0;
  bool from_kernel = true;
  std::optional<std::uint16_t> priority;
  std::string hour;  // "Nov 28 07", in which the zone does not change
  log_time midnight{};
  repeated_month month;
  unsigned hostless = 0;                 // lines in a row where a time was followed by what can be no host
  listen_form form = listen_form::none;  // of this line
  std::string room;                      // of this line's text where it is none of its own

  /// The host of the last line with a tag.
  constexpr std::string_view host() const noexcept {
    return std::string_view{source}.substr(host_at, host_size);
  }

  /// Whether an untagged word behind a time is a host.
  constexpr bool has_hosts() const noexcept { return hostless < 3; }
};

/// read_syslog_time(), which has the day and hour of the line before.
constexpr std::optional<log_time> read_repeated_time(stamp_reader& from, const log_clock& clock,
                                                     repeated_prefix& last) {
  constexpr std::size_t size = 7, with_hour = size + 2;
  auto at = from;
  const auto hour = at.rest.substr(0, with_hour);
  if (hour.size() == with_hour && hour == last.hour) {
    at.rest.remove_prefix(size);
    const auto time = read_clock(at);
    if (!time || (!at.rest.empty() && at.rest.front() != ' ')) return std::nullopt;
    from = at;
    return last.midnight + *time;
  }
  const auto out = read_syslog_time(from, clock);
  if (out && hour.size() == with_hour && hour[size - 1] == ' ' && is_digit(hour[size])) {
    at.rest.remove_prefix(size);
    if (const auto time = read_clock(at)) {
      last.hour = hour;
      last.midnight = *out - *time;
    }
  }
  return out;
}

/// The source of the line before, when this one has it too.
constexpr bool read_repeated_source(stamp_reader& from, log_line& out, repeated_prefix& last) {
  if (last.source.empty() || !from.rest.starts_with(last.source)) return false;
  out.host = from.rest.substr(last.host_at, last.host_size);
  out.from_kernel = last.from_kernel;
  if (last.priority) out.priority = last.priority;
  if (last.host_size != 0) last.hostless = 0;
  from.rest.remove_prefix(last.source.size());
  return true;
}

/// Takes what is before `end`, and keeps it for the next line.
constexpr void take_source(stamp_reader& from, stamp_reader end, std::string_view host, bool is_kernel,
                           std::optional<std::uint16_t> priority, log_line& out, repeated_prefix& last) {
  auto level = level_of_word(host, true);
  if (!level) level = level_of_facility(host);
  if (level) {
    priority = level;
    host = host.substr(0, 0);
  }
  out.host = host;
  out.from_kernel = is_kernel;
  if (priority) out.priority = priority;
  if (end.skip(' ')) {
    last.source = from.rest.substr(0, from.rest.size() - end.rest.size());
    last.host_at = static_cast<std::size_t>(host.data() - from.rest.data());
    last.host_size = host.size();
    last.from_kernel = is_kernel;
    last.priority = priority;
  }
  if (!level) last.hostless = 0;
  from = end;
}

/// Whether a tag is "systemd[1]".
constexpr bool has_process(std::string_view tag) noexcept {
  const auto open = tag.find('[');
  if (open == 0 || open == tag.npos || !tag.ends_with(']')) return false;
  const auto process = tag.substr(open + 1, tag.size() - open - 2);
  for (const char c : process)
    if (!is_digit(c)) return false;
  return !process.empty();
}

/// What the kernel says of a program whose name may be two words, "Web Content[12]: segfault at 0".
constexpr bool is_death_of_program(std::string_view text) noexcept {
  for (const std::string_view one :
       {"segfault", "trap ", "bad frame", "unhandled signal", "potentially unexpected"})
    if (text.starts_with(one)) return true;
  return false;
}

/// " kernel: ", of journalctl --no-hostname.
constexpr bool read_lone_tag(stamp_reader& from, log_line& out, repeated_prefix& last) {
  for (const std::string_view tag : {" kernel:", " kernel[n/a]:"}) {
    if (!from.rest.starts_with(tag)) continue;
    const stamp_reader end{from.rest.substr(tag.size())};
    if (!end.rest.empty() && end.rest.front() != ' ') return false;
    take_source(from, end, from.rest.substr(1, 0), true, std::nullopt, out, last);
    return true;
  }
  return false;
}

/// " web17 kernel: " and " web17 systemd[1]: ".
constexpr bool read_tagged_source(stamp_reader& from, log_line& out, repeated_prefix& last) {
  if (read_repeated_source(from, out, last)) return true;
  const auto text = from.rest;
  const auto colon = text.find(':');
  if (colon == text.npos || colon < 4 || (text[colon - 1] != 'l' && text[colon - 1] != ']')) return false;
  if (text.front() != ' ' || (colon + 1 < text.size() && text[colon + 1] != ' ')) return false;
  const auto blank = text.rfind(' ', colon);
  if (blank == 0) return read_lone_tag(from, out, last);
  if (blank < 2) return false;
  const auto host = text.substr(1, blank - 1), tag = text.substr(blank + 1, colon - blank - 1);
  const bool is_kernel = tag == "kernel" || tag == "kernel[n/a]";
  if (!may_be_host(host) || (!is_kernel && !has_process(tag))) return false;
  if (!is_kernel && is_death_of_program(text.substr(std::min(colon + 2, text.size())))) return false;
  take_source(from, {text.substr(colon + 1)}, host, is_kernel, std::nullopt, out, last);
  return true;
}

/// "4,1072,209927860,-;foo" and "6.4.0,4,1072,209927860,c,caller=T7;foo": the header of an extended record.
constexpr bool begins_record(std::string_view text) noexcept {
  const auto header = text.substr(0, 256);
  const auto size = header.find(';');
  if (size == header.npos || header.substr(0, size).find(' ') != header.npos) return false;
  const auto takes_numbers = [&](stamp_reader at) {
    for (int fields = 0; fields < 3; ++fields) {
      if (!at.digits(1, 20)) return false;
      if (!at.skip(',')) return false;
    }
    const bool flagged = at.skip('-') || at.skip('c') || at.skip('+');
    return flagged && (at.rest.starts_with(',') || at.rest.starts_with(';'));
  };
  const auto release = header.find(',');
  return release < size &&
         (takes_numbers({header}) || takes_numbers({header.substr(release + 1)}));  // without one, or with it
}

/// A text without a host, behind a time and one blank.
constexpr void skip_to_text(stamp_reader& from, const log_clock& clock) noexcept {
  from.skip(' ');
  auto stamped = from;
  stamped.skip_spaces();
  auto behind = stamped;
  if (read_boot_time(behind) || read_log_priority(behind) || read_dmesg_time(behind, clock)) from = stamped;
}

/// " web17 kernel: ", after a time of syslog; " 127.0.0.1:58455 warning ", after a time of netcon listen.
constexpr void read_source(stamp_reader& from, log_line& out, const log_clock& clock, repeated_prefix& last) {
  if (read_tagged_source(from, out, last)) return;
  auto at = from;
  at.skip_spaces();
  const auto host = at.word();
  const auto sender = host.ends_with(':') ? std::nullopt : sender_of(host);
  if (!sender && (host.empty() || host.front() == '[' || host.front() == '<')) {
    skip_to_text(from, clock);
    return;
  }
  if (sender) {
    out.host = host;
    at.skip(' ');
    read_listen_level(at, out);
    last.form = listen_form::full;
    from = at;
    return;
  }
  at.skip_spaces();
  // "kern.warn kernel:", of busybox behind a host, of OpenWrt without one.
  auto priority = level_of_facility(host);
  if (auto word = at; !priority && (priority = level_of_facility(word.word()))) {
    at = word;
    at.skip_spaces();
  }
  // "kernel:", "foo[12]:". What has neither the number of a process nor a name of the kernel's is its text.
  auto tagged = at;
  const auto tag = tagged.word();
  const bool is_tagged = !host.ends_with(':') && tag.size() > 1 && tag.ends_with(':');
  if (is_tagged) {
    auto program = tag.substr(0, tag.size() - 1);
    const bool is_process = program.ends_with(']');
    program = program.substr(0, program.find('['));
    if (is_process || program == remark_tag || is_kernel_tag(program) || priority ||
        level_of_word(host, true)) {
      take_source(from, tagged, host, is_kernel_tag(program), priority, out, last);
      return;
    }
  }
  if (host.size() > 1 && host.ends_with(':') && is_kernel_tag(host.substr(0, host.size() - 1))) {
    from = at;
    return;
  }
  // Syslog has one blank before a host.
  const bool is_host = may_be_host(host) && !from.rest.starts_with("  ");
  if (!is_host) ++last.hostless;
  // A host, and no tag: what rsyslog makes of netconsole's packets.
  auto stamp = at;
  const bool is_stamped = read_boot_time(stamp) || begins_record(at.rest) ||
                          (last.has_hosts() && (at.rest.starts_with('[') || at.rest.starts_with('<')));
  if (is_host && (is_stamped || (is_tagged && last.has_hosts() && !opens_like_a_source(host, tag)))) {
    out.host = host;
    from = at;
    return;
  }
  skip_to_text(from, clock);
}

}  // namespace netcon::inline v0_1::detail
