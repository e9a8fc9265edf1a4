// Findings for people: the text, an underline, what is wrong and what to write.
#pragma once

#include <netcon/core/error_texts.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/wire/escape.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace netcon {

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
    const auto bytes = std::max<std::size_t>(size, 1);
    return {bytes, 4 * bytes, printable(text.substr(0, bytes))};
  }
  const bool is_combining = (code >= 0x300 && code < 0x370) || (code >= 0xfe00 && code < 0xfe10);
  const bool is_wide = (code >= 0x1100 && code < 0x1160) || (code >= 0x2e80 && code < 0xa4d0) ||
                       (code >= 0xac00 && code < 0xd7a4) || (code >= 0xf900 && code < 0xfb00) ||
                       (code >= 0xfe30 && code < 0xfe70) || (code >= 0xff00 && code < 0xff61) ||
                       (code >= 0x1f300 && code < 0x1fa00) || (code >= 0x20000 && code < 0x30000);
  return {size, is_combining ? 0u : is_wide ? 2u : 1u, std::string{text.substr(0, size)}};
}

}  // namespace detail

/// Several lines without a newline at the end:
///
///     error: a port is 0 to 65535 [port-out-of-range]
///       @/,66666@10.0.0.2/
///          ^~~~~
///       hint: …
///       fix: …            the whole text with this finding's fix, where it has one
///
/// Control bytes and what is not UTF-8 appear as \xNN.
inline std::string render(std::string_view text, const finding& d) {
  std::string line, underline;
  const std::size_t first = d.where.begin, last = first + d.where.size();
  for (std::size_t at = 0; at < text.size();) {
    const auto one = detail::first_glyph(text.substr(at));
    const std::size_t end = at + one.bytes;
    line += one.shown;
    if (at < last && end > first) {
      underline.append(one.columns, '~');
    } else if (at < first) {
      underline.append(one.columns, ' ');
    }
    at = end;
  }
  const auto caret = underline.find('~');
  underline.replace(std::min(caret, underline.size()), 1, "^");

  std::string result;
  result.append(name(d.severity))
      .append(": ")
      .append(message(d.code))
      .append(" [")
      .append(name(d.code))
      .append("]\n  ");
  result.append(line).append("\n  ").append(underline).append("\n  hint: ").append(hint(d.code));
  if (d.fix) result.append("\n  fix: ").append(printable(apply_fixes(text, {&d, 1})));
  return result;
}

}  // namespace netcon
