// SPDX-License-Identifier: MIT
// Findings for people: the text, an underline, what is wrong and what to write.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/error_texts.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/lint.hpp>
#include <netcon/lint/text_lines.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1 {

namespace detail {

/// One unit of a text as a terminal shows it: how many bytes it takes, how many columns, and the text to
/// print.
struct glyph {
  std::size_t bytes = 1;
  std::size_t columns = 1;
  std::string shown;
};

/// The first character as printable() shows it. Precondition: not empty.
inline glyph first_glyph(std::string_view text) {
  char32_t code = 0;
  const auto size = utf8_sequence(text, code);
  if (size == 0 || is_obeyed_by_terminals(code)) {
    const std::size_t bytes = size == 0 ? 1 : size;
    return {bytes, 4 * bytes, printable(text.substr(0, bytes))};
  }
  const bool is_combining = (code >= 0x300 && code < 0x370) || (code >= 0xfe00 && code < 0xfe10);
  const bool is_wide = (code >= 0x1100 && code < 0x1160) || (code >= 0x2e80 && code < 0xa4d0) ||
                       (code >= 0xac00 && code < 0xd7a4) || (code >= 0xf900 && code < 0xfb00) ||
                       (code >= 0xfe30 && code < 0xfe70) || (code >= 0xff00 && code < 0xff61) ||
                       (code >= 0x1f300 && code < 0x1fa00) || (code >= 0x20000 && code < 0x30000);
  return {size, is_combining ? 0u : is_wide ? 2u : 1u, std::string{text.substr(0, size)}};
}

/// Of a line that is much longer than a parameter, and than a screen is wide, the part around a place. A
/// character of UTF-8 is in it whole.
constexpr text_range shown_part(std::string_view line, text_range where) noexcept {
  constexpr std::size_t most = 320, around = 128;
  if (line.size() <= most) return text_range::between(0, line.size());
  const auto is_inside = [&](std::size_t at) { return at < line.size() && (line[at] & 0xc0) == 0x80; };
  std::size_t first = where.begin < around ? 0 : where.begin - around;
  for (int i = 0; i < 3 && first > 0 && is_inside(first); ++i) --first;
  std::size_t last = where.end + around;
  if (last > first + most) last = first + most;
  if (last > line.size()) last = line.size();
  for (int i = 0; i < 3 && is_inside(last); ++i) ++last;
  return text_range::between(first, last);
}

/// What is shown for a part that does not begin or end with its line.
inline std::string with_ellipses(std::string shown, std::string_view line, text_range part) {
  constexpr std::string_view more = "...";
  if (part.begin != 0) shown.insert(0, more);
  if (part.end != line.size()) shown += more;
  return shown;
}

}  // namespace detail

/// A line with an underline below a place, indented, without a newline at the end. Of a line of more than 320
/// bytes only the part around the place. Control bytes and what is not UTF-8 appear as `\xNN`.
[[nodiscard]] inline std::string quoted(std::string_view line, text_range where) {
  const auto part = detail::shown_part(line, where);
  std::string shown, underline(part.begin == 0 ? 0 : 3, ' ');
  for (std::size_t at = part.begin; at < part.end;) {
    const auto one = detail::first_glyph(line.substr(at));
    shown += one.shown;
    const std::size_t end = at + one.bytes;
    if (at < where.end && end > where.begin) {
      underline.append(one.columns, '~');
    } else if (at < where.begin) {
      underline.append(one.columns, ' ');
    }
    at = end;
  }
  const auto caret = underline.find('~');
  if (caret == underline.npos) {
    underline += '^';
  } else {
    underline[caret] = '^';
  }
  return "  " + detail::with_ellipses(std::move(shown), line, part) + "\n  " + underline;
}

/// Several lines without a newline at the end:
///
///     error: the port number is larger than 65535 [port-out-of-range]
///       @/,66666@10.0.0.2/
///          ^~~~~
///       hint: …
///       fix: …            the whole text with this finding's fix, where it has one
///
/// The text and the fix are shown as by quoted().
[[nodiscard]] inline std::string render(std::string_view text, const finding& one) {
  std::string result{name(one.severity)};
  result.append(": ").append(message(one.code)).append(" [").append(name(one.code)).append("]\n");
  result.append(quoted(text, one.where)).append("\n  hint: ").append(hint(one.code));
  const auto part = detail::shown_part(text, one.where);
  if (one.fix && one.fix->where.begin >= part.begin && one.fix->where.end <= part.end) {
    finding inside = one;
    inside.fix->where = {one.fix->where.begin - part.begin, one.fix->where.end - part.begin};
    const auto better = printable(apply_fixes(part.in(text), {&inside, 1}));
    result.append("\n  fix: ").append(detail::with_ellipses(better, text, part));
  }
  return result;
}

/// The same for a place in a text of several lines: of these only the one that it begins in. FILE:LINE:COLUMN
/// before it, the column in bytes. `lines` are those of the text.
[[nodiscard]] inline std::string render_in_file(std::string_view file, std::string_view text,
                                                const text_lines& lines, const finding& one) {
  const auto line = lines.around(one.where.begin);
  const auto place = lines.place(one.where.begin);
  finding moved = one;
  if (moved.fix && (moved.fix->where.begin < line.begin || moved.fix->where.end > line.end))
    moved.fix.reset();
  const auto move = [&](text_range& where) {
    where = {where.begin - line.begin, (where.end < line.end ? where.end : line.end) - line.begin};
  };
  move(moved.where);
  if (moved.fix) move(moved.fix->where);
  std::string result{file};
  result.append(":").append(std::to_string(place.line)).append(":").append(std::to_string(place.column));
  return result.append(": ").append(render(line.in(text), moved));
}

/// As above, for one finding: of many each call would count the lines again.
[[nodiscard]] inline std::string render_in_file(std::string_view file, std::string_view text,
                                                const finding& one) {
  return render_in_file(file, text, text_lines{text}, one);
}

/// A refusal of a parameter or target, with what lint has to say about the field at fault.
[[nodiscard]] inline std::string render_refusal(std::string_view text, const error& refusal,
                                                const kernel_profile& kernel = kernel_profile::latest()) {
  std::string result;
  for (const auto& one : lint(text, kernel)) {
    const bool is_refusal = one.code == refusal.code && one.where == refusal.where;
    const bool is_inside = one.severity == severity::warning && one.where.begin >= refusal.where.begin &&
                           one.where.end <= refusal.where.end;
    if (!is_refusal && !is_inside) continue;
    if (!result.empty()) result += '\n';
    result += render(text, one);
  }
  // Such as another target where one was wanted: no mistake of the parameter.
  return result.empty() ? render(text, {refusal.code, severity::error, refusal.where, {}}) : result;
}

}  // namespace netcon::inline v0_1
