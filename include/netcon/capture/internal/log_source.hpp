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

/// What the line before this one had in front of its text: the next one mostly has the same.
struct repeated_prefix {
  std::string source;  // " web17 kernel: "
  std::size_t host_at = 0, host_size = 0;
  bool from_kernel = true;
  std::string day;  // "Nov 28 "
  log_time midnight{};
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

/// " web17 kernel: ", after a time of syslog; " 127.0.0.1:58455 warning ", after a time of netcon listen.
constexpr void read_source(stamp_reader& from, log_line& out, repeated_prefix& last) {
  if (!last.source.empty() && from.rest.starts_with(last.source)) {
    out.host = from.rest.substr(last.host_at, last.host_size);
    out.from_kernel = last.from_kernel;
    from.rest.remove_prefix(last.source.size());
    return;
  }
  auto at = from;
  at.skip_spaces();
  const auto host = at.word();
  const auto sender = host.ends_with(':') ? std::nullopt : sender_of(host);
  if (!sender && (host.empty() || host.front() == '[' || host.front() == '<')) {
    at = from;
    at.skip_spaces();
    from = at;
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
  if (!host.ends_with(':') && tag.size() > 1 && tag.ends_with(':')) {
    auto program = tag.substr(0, tag.size() - 1);
    const bool is_process = program.ends_with(']');
    program = program.substr(0, program.find('['));
    out.host = host;
    if (is_process || is_kernel_tag(program)) {
      out.from_kernel = is_kernel_tag(program);
      if (tagged.skip(' ')) {
        last.source = from.rest.substr(0, from.rest.size() - tagged.rest.size());
        last.host_at = static_cast<std::size_t>(host.data() - from.rest.data());
        last.host_size = host.size();
        last.from_kernel = out.from_kernel;
      }
      at = tagged;
    }
    from = at;
    return;
  }
  if (host.size() > 1 && host.ends_with(':') && is_kernel_tag(host.substr(0, host.size() - 1))) {
    from = at;
    return;
  }
  // A host, and no tag: what rsyslog makes of netconsole's packets.
  const bool starts = at.rest.starts_with('[') || at.rest.starts_with('<');
  if (starts) {
    out.host = host;
    from = at;
    return;
  }
  at = from;
  at.skip(' ');
  from = at;
}

}  // namespace netcon::inline v0_1::detail
