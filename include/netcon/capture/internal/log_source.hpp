// SPDX-License-Identifier: MIT
// What stands between the time of a line and its text: who sent it, and which program wrote it.
#pragma once

#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/capture/log_line.hpp>
#include <netcon/core/endpoint.hpp>
#include <netcon/core/level.hpp>
#include <netcon/detail/digits.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// Whether a tag is the kernel's, or that of what relays it.
constexpr bool is_kernel_tag(std::string_view tag) noexcept {
  for (const std::string_view one :
       {"kernel", "netconsole", "netcon", "kmsg", "klogd", "vmkernel", "systemd-pstore", "pstore"})
    if (tag == one) return true;
  return false;
}

/// "127.0.0.1:58455", or with the name of the machine "web17@127.0.0.1:58455".
constexpr std::optional<endpoint> sender_of(std::string_view text) noexcept {
  if (text.empty() || !is_digit(text.back()) || text.find(':') == text.npos) return std::nullopt;
  const auto parsed = endpoint::parse(text.substr(text.rfind('@') + 1));
  if (!parsed) return std::nullopt;
  return *parsed;
}

constexpr bool is_letter_of_host(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
}

/// A name, an address, or the "(none)" of a machine without a name. A function with its offset, "<TASK>",
/// "(sda1)", "RIP:" and "---[" are none.
constexpr bool may_be_host(std::string_view word) noexcept {
  if (word == "(none)") return true;
  if (word.empty() || word.front() == '-') return false;
  bool is_address = true;
  for (const char c : word) {
    if (!is_letter_of_host(c) && c != ':') return false;
    is_address = is_address && (hex_value(c) >= 0 || c == ':' || c == '.');
  }
  return word.find(':') == word.npos || (is_address && (word.back() != ':' || word.ends_with("::")));
}

/// Lines of the kernel whose first word could be a host's name and whose second one a tag.
constexpr bool opens_like_a_source(std::string_view host, std::string_view tag) noexcept {
  struct pair {
    std::string_view host, tag;
  };
  constexpr pair pairs[] = {{"Call", "Trace:"},     {"Call", "trace:"},     {"Hardware", "name:"},
                            {"Internal", "error:"}, {"invalid", "opcode:"}, {"divide", "error:"},
                            {"double", "fault:"},   {"stack", "segment:"},  {"Kernel", "Offset:"},
                            {"Machine", "check:"},  {"machine", "check:"},  {"Instruction", "dump:"}};
  for (const auto& one : pairs)
    if (host == one.host && tag == one.tag) return true;
  return false;
}

/// What the line before this one had in front of its text: the next one mostly has the same.
struct repeated_prefix {
  std::string source;  // " web17 kernel: "
  std::size_t host_at = 0, host_size = 0;
  bool from_kernel = true;
  std::string day;  // "Nov 28 "
  log_time midnight{};
  bool has_hosts = true;  // false: a time was followed by what can be no host
};

/// read_syslog_time(), which has the day of the line before.
constexpr std::optional<log_time> read_repeated_time(stamp_reader& from, const log_clock& clock,
                                                     repeated_prefix& last) {
  constexpr std::size_t size = 7;
  auto at = from;
  const auto day = at.rest.substr(0, size);
  if (day.size() == size && day == last.day) {
    at.rest.remove_prefix(size);
    const auto time = read_clock(at);
    if (!time || (!at.rest.empty() && at.rest.front() != ' ')) return std::nullopt;
    from = at;
    return last.midnight + *time;
  }
  const auto out = read_syslog_time(from, clock);
  if (out && day.ends_with(' ') && at.rest.size() > size && is_digit(at.rest[size])) {
    at.rest.remove_prefix(size);
    if (const auto time = read_clock(at)) {
      last.day = day;
      last.midnight = *out - *time;
    }
  }
  return out;
}

/// The source of the line before, when this one has it too.
constexpr bool read_repeated_source(stamp_reader& from, log_line& out, const repeated_prefix& last) {
  if (last.source.empty() || !from.rest.starts_with(last.source)) return false;
  out.host = from.rest.substr(last.host_at, last.host_size);
  out.from_kernel = last.from_kernel;
  from.rest.remove_prefix(last.source.size());
  return true;
}

/// Takes what is before `end`, whose host is `out.host`, and keeps it for the next line.
constexpr void take_source(stamp_reader& from, stamp_reader end, const log_line& out, repeated_prefix& last) {
  if (end.skip(' ')) {
    last.source = from.rest.substr(0, from.rest.size() - end.rest.size());
    last.host_at = static_cast<std::size_t>(out.host.data() - from.rest.data());
    last.host_size = out.host.size();
    last.from_kernel = out.from_kernel;
  }
  last.has_hosts = true;
  from = end;
}

/// " web17 kernel: " and " web17 systemd[1]: ", and nothing that text of the kernel could be.
constexpr bool read_tagged_source(stamp_reader& from, log_line& out, repeated_prefix& last) {
  if (read_repeated_source(from, out, last)) return true;
  const auto text = from.rest;
  if (text.size() < 4 || text.front() != ' ' || !is_letter_of_host(text[1])) return false;
  const auto end = text.find(' ', 2);
  if (end == text.npos || text[end - 1] == ':') return false;
  stamp_reader at{text.substr(end + 1)};
  const auto tag = at.word();
  if (tag.size() < 4 || !tag.ends_with(':')) return false;
  const auto host = text.substr(1, end - 1);
  if (!may_be_host(host)) return false;
  const bool is_kernel = tag == "kernel:" || tag == "kernel[n/a]:";
  if (!is_kernel) {
    const auto open = tag.find('[');
    if (open == 0 || open == tag.npos || !tag.ends_with("]:")) return false;
    const auto process = tag.substr(open + 1, tag.size() - open - 3);
    if (process.empty()) return false;
    for (const char c : process)
      if (!is_digit(c)) return false;
  }
  out.host = host;
  out.from_kernel = is_kernel;
  take_source(from, at, out, last);
  return true;
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
    at.skip_spaces();
    auto level_at = at;
    const auto word = level_at.word();
    if (word == "-") {
      level_at.skip_spaces();
      at = level_at;
    }
    for (std::uint16_t i = 0; i < 8; ++i)
      if (word == name(static_cast<level>(i))) {
        out.priority = i;
        level_at.skip_spaces();
        at = level_at;
        break;
      }
    from = at;
    return;
  }
  at.skip_spaces();
  // "kern.warn kernel:", of busybox.
  if (at.rest.starts_with("kern.")) {
    at.word();
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
    if (is_process || is_kernel_tag(program)) {
      out.host = host;
      out.from_kernel = is_kernel_tag(program);
      take_source(from, tagged, out, last);
      return;
    }
  }
  if (host.size() > 1 && host.ends_with(':') && is_kernel_tag(host.substr(0, host.size() - 1))) {
    from = at;
    return;
  }
  // Syslog has one blank before a host. One word that is none, and no line of this log has a host.
  const bool is_host = may_be_host(host) && !from.rest.starts_with("  ");
  if (!is_host) last.has_hosts = false;
  // A host, and no tag: what rsyslog makes of netconsole's packets.
  auto stamp = at;
  const bool is_stamped =
      read_boot_time(stamp) || (last.has_hosts && (at.rest.starts_with('[') || at.rest.starts_with('<')));
  if (is_host && (is_stamped || (is_tagged && last.has_hosts && !opens_like_a_source(host, tag)))) {
    out.host = host;
    from = at;
    return;
  }
  skip_to_text(from, clock);
}

}  // namespace netcon::inline v0_1::detail
