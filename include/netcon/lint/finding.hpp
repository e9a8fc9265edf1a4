// What a check has to say about a text: a code, how bad it is, where, and what to type instead.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/error_texts.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace netcon {

/// error: the kernel refuses it. warning: it is taken, but hardly meant. note: worth knowing.
enum class severity : std::uint8_t { note, warning, error };

constexpr std::string_view name(severity value) noexcept {
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

/// Replace the bytes of a range by a text.
struct fix {
  text_range where;
  std::string text;

  friend bool operator==(const fix&, const fix&) = default;
};

/// One finding. message(code) says what is wrong, hint(code) what to write.
struct finding {
  errc code{};
  netcon::severity severity = netcon::severity::error;
  text_range where;
  std::optional<netcon::fix> fix;

  friend bool operator==(const finding&, const finding&) = default;
};

/// The text with the suggestions of these findings carried out; of two that overlap the first in the list.
/// Precondition: the findings are about this text.
inline std::string apply_fixes(std::string_view text, std::span<const finding> found) {
  std::vector<const fix*> chosen;
  for (const auto& d : found) {
    if (!d.fix) continue;
    const auto& one = *d.fix;
    const auto touches = [&](const fix* other) {
      return one.where == other->where ||
             (one.where.begin < other->where.end && other->where.begin < one.where.end);
    };
    if (std::none_of(chosen.begin(), chosen.end(), touches)) chosen.push_back(&one);
  }
  std::sort(chosen.begin(), chosen.end(), [](const fix* a, const fix* b) { return a->where < b->where; });
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
  std::size_t line = 1;
  std::size_t column = 1;

  friend constexpr auto operator<=>(const line_column&, const line_column&) = default;
};

/// Precondition: offset is at most text.size().
constexpr line_column line_column_of(std::string_view text, std::size_t offset) noexcept {
  const auto before = text.substr(0, offset);
  const auto newline = before.rfind('\n');
  return {1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')),
          1 + offset - (newline == before.npos ? 0 : newline + 1)};
}

/// The line that an offset lies in, without its newline, as a range of the text.
constexpr text_range line_around(std::string_view text, std::size_t offset) noexcept {
  const auto newline = offset == 0 ? text.npos : text.rfind('\n', offset - 1);
  const auto first = newline == text.npos ? 0 : newline + 1;
  return text_range::between(first, std::min(text.find('\n', offset), text.size()));
}

}  // namespace netcon
