// SPDX-License-Identifier: MIT
// A finding about a text: its code, how severe it is, where, and what to type instead.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/error_texts.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// How much a finding matters; a larger one matters more.
enum class severity : std::uint8_t {
  note,     ///< worth knowing
  warning,  ///< the kernel takes it, but it is hardly meant
  error,    ///< the kernel refuses it
};

/// The enumerator's name.
[[nodiscard]] constexpr std::string_view name(severity value) noexcept {
  switch (value) {
    case severity::note:
      return "note";
    case severity::warning:
      return "warning";
    case severity::error:
      break;
  }
  return "error";
}

/// The severity of that name; nothing for any other text.
[[nodiscard]] constexpr std::optional<severity> parse_severity(std::string_view text) noexcept {
  for (const auto value : {severity::note, severity::warning, severity::error})
    if (name(value) == text) return value;
  return std::nullopt;
}

/// Replace the bytes of a range by a text.
struct fix {
  text_range where;  ///< bytes to replace; empty: the text goes in there
  std::string text;  ///< what to put in; empty: the bytes go

  friend bool operator==(const fix&, const fix&) = default;
};

/// One finding. message(code) says what is wrong, hint(code) what to write.
struct finding {
  text_errc code{};  ///< what is wrong; message(), hint() and name() have its words
  netcon::severity severity = netcon::severity::error;  ///< how much it matters
  text_range where;                ///< of the text that was linted; empty where something is missing
  std::optional<netcon::fix> fix;  ///< what to type; absent where people must decide

  friend bool operator==(const finding&, const finding&) = default;
};

/// The text with the fixes of these findings applied; of two that overlap only the first in the list.
/// Precondition: the findings are about this text.
[[nodiscard]] inline std::string apply_fixes(std::string_view text, std::span<const finding> found) {
  const auto is_before = [](const fix* a, const fix* b) { return a->where < b->where; };
  std::set<const fix*, decltype(is_before)> chosen;  // in the order of the text
  const auto overlap = [](const text_range& a, const text_range& b) {
    return a == b || (a.begin < b.end && b.begin < a.end);
  };
  for (const auto& one : found) {
    if (!one.fix) continue;
    // Those that are chosen do not overlap, so that only the neighbours can.
    const auto next = chosen.lower_bound(&*one.fix);
    if (next != chosen.end() && overlap((*next)->where, one.fix->where)) continue;
    if (next != chosen.begin() && overlap((*std::prev(next))->where, one.fix->where)) continue;
    chosen.insert(next, &*one.fix);
  }
  std::string result;
  std::size_t at = 0;
  for (const auto* one : chosen) {
    result.append(text.substr(at, one->where.begin - at)).append(one->text);
    at = one->where.end;
  }
  return result.append(text.substr(at));
}

/// A place as editors count it: line and column from 1, the column in bytes.
struct line_column {
  std::size_t line = 1;    ///< from 1
  std::size_t column = 1;  ///< from 1, in bytes

  friend constexpr auto operator<=>(const line_column&, const line_column&) = default;
};

/// Precondition: offset is at most text.size().
[[nodiscard]] constexpr line_column line_column_of(std::string_view text, std::size_t offset) noexcept {
  line_column place;
  for (const char c : text.substr(0, offset)) {
    ++place.column;
    if (c == '\n') place = {place.line + 1, 1};
  }
  return place;
}

/// The line that an offset lies in, without its newline, as a range of the text.
[[nodiscard]] constexpr text_range line_around(std::string_view text, std::size_t offset) noexcept {
  const auto newline = offset == 0 ? text.npos : text.rfind('\n', offset - 1);
  const auto end = text.find('\n', offset);
  return text_range::between(newline == text.npos ? 0 : newline + 1, end == text.npos ? text.size() : end);
}

}  // namespace netcon::inline v0_1
