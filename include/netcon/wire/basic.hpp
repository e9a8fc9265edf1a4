// SPDX-License-Identifier: MIT
// Basic packets, the form without a header: the prefix of a line, and the kernel's own notices.
#pragma once

#include <netcon/detail/digits.hpp>
#include <netcon/detail/slice.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1 {

/// The prefix of a basic line: "<6>", "[   12.345678]", "[    T1]", in this order, each optional.
struct basic_prefix {
  std::optional<std::uint16_t>
      priority;  ///< facility x 8 + level, 0 to 2047; only with console_msg_format=syslog
  std::optional<std::uint64_t> timestamp_us;  ///< microseconds since boot; absent with printk.time=0
  std::string_view caller;                    ///< "T1" or "C0" (CONFIG_PRINTK_CALLER); empty when absent
  std::string_view text;                      ///< the rest of the line
};

/// Splits the prefix off one basic line. A text that looks like a prefix is taken for one: nothing on the
/// wire marks the difference.
[[nodiscard]] constexpr basic_prefix split_basic_prefix(std::string_view line) noexcept {
  basic_prefix found;
  if (line.starts_with('<')) {
    const auto end = line.find('>');
    std::uint64_t priority = 0;
    if (end != line.npos &&
        detail::read_decimal(detail::text_between(line, 1, end), priority) == detail::number_state::ok &&
        priority <= 2047) {
      found.priority = static_cast<std::uint16_t>(priority);
      line.remove_prefix(end + 1);
    }
  }
  const auto bracket = [&](std::string_view& inside) {
    const auto end = line.starts_with('[') ? line.find(']') : line.npos;
    if (end == line.npos) return false;
    inside = detail::text_between(line, 1, end);
    const auto first = inside.find_first_not_of(' ');
    if (first == inside.npos) return false;
    inside.remove_prefix(first);
    return true;
  };
  std::string_view inside;
  const auto before = line;
  if (bracket(inside)) {
    const auto dot = inside.find('.');
    std::uint64_t seconds = 0, micros = 0;
    if (dot != inside.npos && inside.size() - dot == 7 &&
        detail::read_decimal(detail::text_up_to(inside, dot), seconds) == detail::number_state::ok &&
        detail::read_decimal(detail::text_from(inside, dot + 1), micros) == detail::number_state::ok &&
        seconds < 1u << 31) {
      found.timestamp_us = seconds * 1000000 + micros;
      line.remove_prefix(line.find(']') + 1);
    }
  }
  // A caller is padded to six columns, unlike most other text in brackets.
  if (bracket(inside) && inside.size() > 1 && (inside[0] == 'T' || inside[0] == 'C') &&
      inside.find_first_not_of("0123456789", 1) == inside.npos &&
      (found.timestamp_us || line.find(']') > 6)) {
    found.caller = inside;
    line.remove_prefix(line.find(']') + 1);
  }
  if (found.timestamp_us || !found.caller.empty()) {
    if (line.starts_with(' ')) {
      line.remove_prefix(1);
    } else if (!line.empty()) {
      found.timestamp_us.reset();
      found.caller = {};
      line = before;
    }
  }
  found.text = line;
  return found;
}

/// N when a basic line is "** N printk messages dropped **": the kernel itself reports lost records. So does
/// "N messages dropped by rate limit", with or without the asterisks or "netconsole: " in front: patches of
/// 2026 write it, and may still change it.
[[nodiscard]] constexpr std::optional<std::uint64_t> dropped_notice(std::string_view line) noexcept {
  constexpr std::string_view dropped = " printk messages dropped",
                             limited = " messages dropped by rate limit";
  const bool is_marked =
      line.size() > 6 && detail::starts_with(line, "** ") && detail::ends_with(line, " **");
  if (is_marked) {
    line.remove_prefix(3);
    line.remove_suffix(3);
  }
  if (is_marked && detail::ends_with(line, dropped)) {
    line.remove_suffix(dropped.size());
  } else if (detail::ends_with(line, limited)) {
    line.remove_suffix(limited.size());
    if (detail::starts_with(line, "netconsole: ")) line.remove_prefix(12);
  } else {
    return std::nullopt;
  }
  std::uint64_t count = 0;
  if (detail::read_decimal(line, count) != detail::number_state::ok || count == 0) return std::nullopt;
  return count;
}

}  // namespace netcon::inline v0_1
