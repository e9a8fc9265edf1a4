// Findings for people: the text, an underline, what is wrong and what to write.
#pragma once

#include <netcon/diagnostic.hpp>

#include <algorithm>
#include <cstdint>
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

/// A printable character of valid UTF-8 stays; anything else becomes \n, \t or \xNN. Precondition: not empty.
inline glyph first_glyph(std::string_view text) {
  const auto escaped = [&] {
    const auto byte = static_cast<unsigned char>(text.front());
    if (byte == '\n') return glyph{1, 2, "\\n"};
    if (byte == '\t') return glyph{1, 2, "\\t"};
    constexpr std::string_view digits = "0123456789abcdef";
    return glyph{1, 4, std::string{"\\x"} + digits[byte >> 4] + digits[byte & 15]};
  };
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead >= 0x20 && lead < 0x7f) return {1, 1, std::string{text.front()}};
  const std::size_t size = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (size == 0 || lead >= 0xf5 || text.size() < size) return escaped();
  std::uint32_t code = lead & (0xffu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return escaped();
    code = code << 6 | (next & 0x3f);
  }
  const bool is_valid = !(size == 3 && code < 0x800) && !(size == 4 && (code < 0x10000 || code > 0x10ffff)) &&
                        !(code >= 0xd800 && code < 0xe000);
  // Control characters, and those that reorder or hide what stands around them.
  const bool is_printable = code >= 0xa0 && code != 0xad && !(code >= 0x200b && code <= 0x200f) &&
                            !(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2060 && code <= 0x206f) &&
                            code != 0xfeff;
  if (!is_valid || !is_printable) return escaped();
  const bool is_combining = (code >= 0x300 && code < 0x370) || (code >= 0xfe00 && code < 0xfe10);
  const bool is_wide = (code >= 0x1100 && code < 0x1160) || (code >= 0x2e80 && code < 0xa4d0) ||
                       (code >= 0xac00 && code < 0xd7a4) || (code >= 0xf900 && code < 0xfb00) ||
                       (code >= 0xfe30 && code < 0xfe70) || (code >= 0xff00 && code < 0xff61) ||
                       (code >= 0x1f300 && code < 0x1fa00) || (code >= 0x20000 && code < 0x30000);
  return {size, is_combining ? 0u : is_wide ? 2u : 1u, std::string{text.substr(0, size)}};
}

/// A text on one line, nothing in it that a terminal would act on.
inline std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const auto one = first_glyph(text);
    shown += one.shown;
    text.remove_prefix(one.bytes);
  }
  return shown;
}

}  // namespace detail

/// Several lines without a newline at the end:
///
///     error: a port is 0 to 65535 [port-out-of-range]
///       @/,66666@10.0.0.2/
///          ^~~~~
///       hint: …
///       fix: …            the whole text with this finding's suggestion, where it has one
///
/// Control bytes and what is not UTF-8 appear as \n, \t and \xNN.
inline std::string render(std::string_view text, const diagnostic& d) {
  std::string line, underline;
  const std::size_t first = d.where.offset, last = first + d.where.length;
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
  result.append(name(d.level))
      .append(": ")
      .append(message(d.code))
      .append(" [")
      .append(name(d.code))
      .append("]\n  ");
  result.append(line).append("\n  ").append(underline).append("\n  hint: ").append(hint(d.code));
  if (d.suggestion) result.append("\n  fix: ").append(detail::printable(apply_fixes(text, {&d, 1})));
  return result;
}

}  // namespace netcon
