// SPDX-License-Identifier: MIT
// Lines of Android's logcat in the form threadtime, which has the kernel's log beside that of programs.
#pragma once

#include <netcon/capture/internal/log_clock.hpp>
#include <netcon/capture/internal/log_mark.hpp>
#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/capture/log_line.hpp>
#include <netcon/detail/digits.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// The level of the kernel that logd has a letter for: of the three highest ones the last.
constexpr std::optional<std::uint16_t> level_of_letter(char letter) noexcept {
  constexpr std::string_view letters = "FEW ID";
  const auto at = letters.find(letter == 'V' ? 'D' : letter);
  if (letter == ' ' || at == letters.npos) return std::nullopt;
  return static_cast<std::uint16_t>(at + 2);
}

/// "     0     0 W         : ", behind a time, or with a user before both numbers. What stands before the
/// first colon of a text of the kernel is its tag there, padded: room holds such a text.
constexpr bool read_logcat_source(stamp_reader& from, log_line& out, std::string& room) {
  constexpr std::size_t tag_size = 8;
  auto at = from;
  at.skip_spaces();
  // "root", "1000": three words before the letter.
  auto third = at;
  third.word();
  third.skip_spaces();
  third.word();
  third.skip_spaces();
  if (!third.rest.empty() && is_digit(third.rest.front())) {
    at.word();
    at.skip_spaces();
  }
  const auto process = at.digits(1, 7);
  if (!process || !at.rest.starts_with(' ')) return false;
  at.skip_spaces();
  if (!at.digits(1, 7) || !at.skip(' ') || at.rest.size() < tag_size + 3 || at.rest[1] != ' ') return false;
  const auto level = level_of_letter(at.rest.front());
  if (!level) return false;
  at.rest.remove_prefix(2);
  const auto tag = at.rest.substr(0, tag_size);
  const bool is_padded = tag.back() == ' ' && at.rest[tag_size] == ':';
  const auto end = tag.find_last_not_of(' ');
  const bool has_tag = !is_padded || end != tag.npos;
  if (!has_tag && at.rest.find_first_not_of(' ') != tag_size) return false;
  if (is_padded) {
    at.rest.remove_prefix(tag_size + 1);
    at.skip(' ');
    if (!has_tag && at.rest.starts_with('c') && !skip_vendor_stamp(at)) at.skip(' ');
    if (has_tag) {
      room.assign(tag.substr(0, end + 1)).append(": ").append(at.rest);
      at.rest = room;
    }
  }
  out.priority = level;
  out.from_kernel = *process == 0 || !has_tag;
  from = at;
  return true;
}

/// "11-28 07:40:32.250" and such a source.
[[gnu::noinline]] constexpr bool read_logcat_front(stamp_reader& from, log_line& out, const log_clock& clock,
                                                   std::string& room) {
  auto at = from;
  const auto month = at.digits(2, 2);
  if (!month || !at.skip('-')) return false;
  const auto day = at.digits(2, 2);
  if (!day || !at.skip(' ')) return false;
  const auto since_midnight = read_clock(at);
  if (!since_midnight || !at.rest.starts_with(' ')) return false;
  const auto time = make_syslog_time(clock, *month, *day, *since_midnight);
  if (!time || !read_logcat_source(at, out, room)) return false;
  out.time = time;
  from = at;
  return true;
}

}  // namespace netcon::inline v0_1::detail
