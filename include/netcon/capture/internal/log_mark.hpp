// SPDX-License-Identifier: MIT
// What logs put before a line beside a time: callers, what vendors add, priorities.
#pragma once

#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/detail/digits.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// "T12", "C0".
constexpr bool is_caller(std::string_view text) noexcept {
  if (text.size() < 2 || text.size() > 12 || (text[0] != 'T' && text[0] != 'C')) return false;
  for (const char c : text.substr(1))
    if (!is_digit(c)) return false;
  return true;
}

/// "[   T12]", "[C0]", behind a time or before the text.
constexpr std::string_view read_caller(stamp_reader& from) noexcept {
  auto at = from;
  if (!at.skip('[')) return {};
  at.skip_spaces();
  const auto end = at.rest.find(']');
  const auto caller = at.rest.substr(0, end);
  if (end == at.rest.npos || !is_caller(caller)) return {};
  at.rest.remove_prefix(end + 1);
  from = at;
  return caller;
}

/// The same behind a time, where dmesg puts a space between the two.
constexpr std::string_view read_caller_behind(stamp_reader& time) noexcept {
  auto at = time;
  at.skip(' ');
  const auto caller = read_caller(at);
  if (!caller.empty()) time = at;
  return caller;
}

/// "(1)[95:kworker/1:2]", "-(1)[1:swapper/0]", behind "<1>" or not: MediaTek's, which the text follows at
/// once. Before the processor stands a sign of its state, which may be a blank.
constexpr bool skip_mediatek_stamp(stamp_reader& from) noexcept {
  auto at = from;
  if (at.skip('<') && (!at.digits(1, 2) || !at.skip('>'))) return false;
  if (!at.rest.empty() && std::string_view{"-.* "}.find(at.rest.front()) != std::string_view::npos)
    at.rest.remove_prefix(1);
  if (!at.skip('(') || !at.digits(1, 2) || !at.skip(')') || !at.skip('[')) return false;
  if (!at.digits(1, 7) || !at.rest.starts_with(':')) return false;
  const auto end = at.rest.substr(0, 48).find(']');
  if (end == at.rest.npos) return false;
  at.rest.remove_prefix(end + 1);
  from = at;
  return true;
}

/// "[1:   kworker/1:2:   95] ", "I[1:   swapper/1:    0] ", "c1 ", "c1   95 ", "c1 95 (kworker/1:2) ",
/// "[pid:1,cpu6,init]": what vendors put between the time and the text. True: the text follows at once, and a
/// blank is its own.
[[gnu::noinline]] constexpr bool skip_vendor_stamp(stamp_reader& from) noexcept {
  auto at = from;
  at.skip(' ');
  if (!at.rest.empty() && at.rest.substr(1).starts_with('[') &&
      (at.rest.front() == 'I' || at.rest.front() == ' '))
    at.rest.remove_prefix(1);  // Samsung: whether in an interrupt
  if (at.rest.starts_with('[')) {
    at.skip('[');
    at.skip_spaces();
    const auto end = at.rest.substr(0, 48).find(']');
    if (end == at.rest.npos) return false;
    const auto inside = at.rest.substr(0, end);
    const bool is_process = inside.starts_with("pid:") && inside.find(",cpu") != inside.npos;
    if (!is_process && (!at.digits(1, 3) || !at.rest.starts_with(':'))) return false;
    from.rest.remove_prefix(static_cast<std::size_t>(inside.data() - from.rest.data()) + end + 1);
    return is_process;
  }
  if (at.skip('c')) {
    if (!at.digits(1, 3) || !at.rest.starts_with(' ')) return false;
    from = at;  // "c1 " of Exynos and Marvell, with the blanks of the text
    at.skip_spaces();
    if (!at.digits(1, 7) || !at.rest.starts_with(' ')) return false;
    from = at;
    constexpr std::size_t longest = 17;  // "(swapper/0)"
    if (!at.rest.starts_with(" (")) return false;
    at.skip(' ');
    const auto end = at.rest.substr(0, longest + 1).find(") ");
    if (end == at.rest.npos) return false;
    from.rest = at.rest.substr(end + 1);
    return false;
  }
  if (!skip_mediatek_stamp(at)) return false;
  from = at;
  return true;
}

/// Whether read_caller() or skip_vendor_stamp() may take what begins so.
constexpr bool may_begin_mark(char c) noexcept {
  return c == '[' || c == 'c' || c == 'I' || c == '<' || c == '(' || c == '-' || c == '.' || c == '*';
}

/// "[name:traps&]", the file of the kernel that a line is of, which MediaTek puts before each. Newer kernels
/// have a task before it: "kworker/1:2: [name:traps&]".
constexpr void skip_mediatek_name(stamp_reader& from, bool may_have_task) noexcept {
  constexpr std::string_view begins = "[name:", behind_task = ": [name:";
  constexpr std::size_t longest_task = 15, longest = 80;
  std::size_t at = 0;
  if (!from.rest.starts_with(begins)) {
    const auto colon =
        may_have_task ? from.rest.substr(0, longest_task + behind_task.size()).find(behind_task) : 0;
    if (!may_have_task || colon == from.rest.npos) return;
    at = colon + 2;
  }
  const auto name = from.rest.substr(at, longest);
  const auto end = name.find("&]");
  if (end != name.npos && name.substr(0, end).find(' ') == name.npos) from.rest.remove_prefix(at + end + 2);
}

/// "<6>": facility x 8 + level.
constexpr std::optional<std::uint16_t> read_log_priority(stamp_reader& from) noexcept {
  auto at = from;
  if (!at.skip('<')) return std::nullopt;
  const auto value = at.digits(1, 4);
  if (!value || *value > 2047 || !at.skip('>')) return std::nullopt;
  from = at;
  return static_cast<std::uint16_t>(*value);
}

/// The level of a name as dmesg and busybox have it.
constexpr std::optional<std::uint16_t> level_of_name(std::string_view name) noexcept {
  constexpr std::string_view names[] = {"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"};
  for (std::uint16_t i = 0; i < 8; ++i)
    if (name == names[i]) return i;
  return std::nullopt;
}

/// "kern.warn", "user.notice", which busybox and OpenWrt write: the level.
constexpr std::optional<std::uint16_t> level_of_facility(std::string_view word) noexcept {
  const auto dot = word.find('.');
  if (dot == word.npos || dot < 3 || dot > 8) return std::nullopt;
  for (const std::string_view one :
       {"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp"})
    if (word.substr(0, dot) == one) return level_of_name(word.substr(dot + 1));
  if (dot == 6 && word.starts_with("local")) return level_of_name(word.substr(dot + 1));
  return std::nullopt;
}

/// "kern  :warn  : ", of dmesg -x.
constexpr std::optional<std::uint16_t> read_decoded_priority(stamp_reader& from) noexcept {
  if (!from.rest.starts_with('k') || !from.rest.starts_with("kern ")) return std::nullopt;
  auto at = from;
  at.word();
  at.skip_spaces();
  if (!at.skip(':')) return std::nullopt;
  const auto level = level_of_name(at.word());
  at.skip_spaces();
  if (!level || !at.skip(':')) return std::nullopt;
  at.skip(' ');
  from = at;
  return level;
}

}  // namespace netcon::inline v0_1::detail
