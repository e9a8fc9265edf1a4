// SPDX-License-Identifier: MIT
// What netcon listen writes around the text of a line: sender and level before it, userdata behind it.
#pragma once

#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/capture/log_line.hpp>
#include <netcon/core/endpoint.hpp>
#include <netcon/core/level.hpp>
#include <netcon/detail/digits.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// The level that a word names, in small letters or, as ChromeOS has it in place of a host, in capitals.
constexpr std::optional<std::uint16_t> level_of_word(std::string_view word, bool in_capitals) noexcept {
  const auto is_letter = [&](char got, char wanted) {
    return got == (in_capitals ? static_cast<char>(wanted - 'a' + 'A') : wanted);
  };
  for (std::uint16_t i = 0; i < 8; ++i)
    if (std::ranges::equal(word, level_names[i], is_letter)) return i;
  return std::nullopt;
}

/// "127.0.0.1:58455", or with the name of the machine "web17@127.0.0.1:58455".
constexpr std::optional<endpoint> sender_of(std::string_view text) noexcept {
  if (text.empty() || !is_digit(text.back()) || text.find(':') == text.npos) return std::nullopt;
  const auto parsed = endpoint::parse(text.substr(text.rfind('@') + 1));
  if (!parsed) return std::nullopt;
  return *parsed;
}

/// What netcon listen writes into a text besides it.
enum class listen_form : std::uint8_t {
  none,     ///< another program wrote the line
  of_wall,  ///< to a terminal
  marked,   ///< marks of records that came late or not whole
  full,     ///< userdata behind it too
};

/// A remark of the receiver, "-- 7 records missing ..." or "* web17 crashed: ...", stands where a line of a
/// machine has its level.
constexpr bool is_remark(std::string_view text) noexcept {
  return text.starts_with("-- ") || text.starts_with("* ");
}

struct level_column {
  static constexpr std::size_t whole = 8;
  std::size_t width = 0;  // with the blanks behind the word; 0: there is no such column
  std::optional<std::uint16_t> level;
};

/// "warning ", "-       ": blanks beyond the column are the text's.
constexpr level_column read_level_column(stamp_reader& from) noexcept {
  auto at = from;
  const auto word = at.word();
  const auto level = level_of_word(word, false);
  if (!level && word != "-") return {};
  auto width = word.size();
  while (width < level_column::whole && at.skip(' ')) ++width;
  from = at;
  return {width, level};
}

/// The level of a line, a word or "-"; a remark is no line of the kernel.
constexpr void read_listen_level(stamp_reader& at, log_line& out) noexcept {
  if (is_remark(at.rest)) {
    out.from_kernel = false;
    return;
  }
  if (const auto column = read_level_column(at); column.level) out.priority = column.level;
}

/// The size of KEY=VALUE at the end of a text, with a value that is quoted only if it has to be; 0: there is
/// none.
constexpr std::size_t size_of_last_item(std::string_view text) noexcept {
  std::size_t begin = text.npos;
  if (text.ends_with('"')) {
    const auto open = text.size() < 2 ? text.npos : text.rfind("=\"", text.size() - 2);
    if (open == text.npos || text.substr(open + 2).find(' ') == text.npos) return 0;
    begin = text.substr(0, open).rfind(' ');
  } else {
    begin = text.rfind(' ');
  }
  if (begin == text.npos) return 0;
  const auto item = text.substr(begin + 1);
  const auto equals = item.find('=');
  if (equals == 0 || equals == item.npos) return 0;
  if (!item.ends_with('"') && item.find('"') != item.npos) return 0;
  return item.size();
}

/// "text  host=web17 rack="3 b"": userdata stands behind two blanks.
constexpr void take_userdata(log_line& line) noexcept {
  auto text = line.text;
  while (const auto size = size_of_last_item(text)) {
    text.remove_suffix(size + 1);  // with the blank before it
    if (text.ends_with(' ')) {
      text.remove_suffix(1);
      line.userdata = line.text.substr(text.size() + 2);
      line.text = text;
      return;
    }
  }
}

/// Marks before a text, and the gap of one that did not come whole.
constexpr void take_marks(log_line& line) noexcept {
  constexpr std::string_view partial = "(partial) ";
  for (const std::string_view mark : {std::string_view{"(late) "}, std::string_view{"(conflict) "}, partial})
    if (line.text.starts_with(mark)) {
      line.text.remove_prefix(mark.size());
      if (mark == partial) line.whole = false;
      break;
    }
  if (line.text.find("[... ") != line.text.npos) line.whole = false;
}

/// "07:40:32 web17 warning text", as the short format has lines: no date, and a bar before those of a crash.
constexpr bool read_short_line(stamp_reader& from, log_line& out) noexcept {
  auto at = from;
  if (!read_clock(at) || at.rest.size() < 2 || at.rest[0] != ' ' || at.rest[1] == ' ') return false;
  at.skip(' ');
  const auto host = at.word();
  at.skip_spaces();
  const auto column = read_level_column(at);
  if (column.width != level_column::whole) return false;
  if (at.rest.starts_with("| ")) at.rest.remove_prefix(2);
  out.host = host;
  if (column.level) out.priority = column.level;
  if (!column.level && is_remark(at.rest)) out.from_kernel = false;
  from = at;
  return true;
}

}  // namespace netcon::inline v0_1::detail
