// SPDX-License-Identifier: MIT
// Bytes of strangers as text: what is valid UTF-8, and what a terminal would obey instead of showing.
#pragma once

#include <netcon/detail/digits.hpp>
#include <netcon/detail/slice.hpp>

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// Length of the valid UTF-8 sequence at the start of text (Unicode 15, table 3-7), 0 when there is none;
/// code receives the code point.
[[nodiscard]] constexpr std::size_t utf8_sequence(std::string_view text, char32_t& code) noexcept {
  if (text.empty()) return 0;
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = at(0);
  if (lead < 0x80) {
    code = lead;
    return 1;
  }
  std::size_t length = 0;
  unsigned low = 0x80, high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
    code = lead & 0x1f;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    code = lead & 0x0f;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    code = lead & 0x07;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  } else {
    return 0;
  }
  if (text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (at(i) < low || at(i) > high) return 0;
    code = code << 6 | (at(i) & 0x3f);
    low = 0x80;
    high = 0xbf;
  }
  return length;
}

/// Characters that a terminal shows as nothing, so that two texts look alike: joiners, fillers, variation
/// selectors, tags (Unicode 15, Default_Ignorable_Code_Point and the interlinear annotations).
[[nodiscard]] constexpr bool is_invisible(char32_t code) noexcept {
  const auto between = [&](char32_t first, char32_t last) { return code >= first && code <= last; };
  if (code < 0xad) return false;
  return code == 0xad || code == 0x034f || code == 0x061c || between(0x115f, 0x1160) ||
         between(0x17b4, 0x17b5) || between(0x180b, 0x180f) || between(0x200b, 0x200f) ||
         between(0x202a, 0x202e) || between(0x2060, 0x206f) || code == 0x3164 || between(0xfe00, 0xfe0f) ||
         code == 0xfeff || code == 0xffa0 || between(0xfff0, 0xfffb) || between(0x1bca0, 0x1bca3) ||
         between(0x1d173, 0x1d17a) || between(0xe0000, 0xe0fff);
}

/// Characters that a terminal obeys instead of showing, and invisible ones: C0, DEL, C1, what turns the
/// writing direction, line and paragraph separators.
[[nodiscard]] constexpr bool is_obeyed_by_terminals(char32_t code) noexcept {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x061c ||
         (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069) || is_invisible(code);
}

namespace detail {

/// 1 for what is not printable ASCII, or one of others; without a branch, for loops that become vector
/// instructions.
template <class Others>
constexpr unsigned char is_special(char c, Others others) noexcept {
  return static_cast<unsigned char>(static_cast<unsigned char>(c - 0x20) >= 0x5f) |
         static_cast<unsigned char>(others(c));
}

}  // namespace detail

/// How many bytes in front are printable ASCII: most of most logs. Others says which of these are none.
template <class Others>
[[nodiscard]] constexpr std::size_t plain_ascii(std::string_view text, Others others) noexcept {
  // Bytes and pointers: a check of each index in a hardened build would be a branch.
  const char* const bytes = text.data();
  std::size_t at = 0;
  for (constexpr std::size_t block = 32; text.size() - at >= block; at += block) {
    unsigned char found = 0;
    for (std::size_t i = 0; i < block; ++i)
      found = static_cast<unsigned char>(found | detail::is_special(bytes[at + i], others));
    if (found != 0) break;
  }
  while (at < text.size() && detail::is_special(bytes[at], others) == 0) ++at;
  return at;
}

namespace detail {

/// `\xNN`
inline void append_hex_escape(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  const char escape[] = {'\\', 'x', hex_digits[byte >> 4], hex_digits[byte & 15]};
  out.append(escape, sizeof escape);
}

/// Escapes on their way into a string, in blocks: a packet may be nothing but bytes that are escaped. The
/// last block needs a flush().
class escape_writer {
 public:
  explicit escape_writer(std::string& out) noexcept : out_{out} {}

  /// The plain bytes in front, as plain_ascii() finds them, of any length; returns how many. Between escapes
  /// there are often few, and often none.
  template <class Others>
  std::size_t add_plain(std::string_view text, Others others) {
    if (text.empty() || is_special(text.front(), others) != 0) return 0;
    constexpr std::size_t little = 8;
    const auto few = plain_ascii(text.substr(0, little), others);
    if (few < little) {
      add(text.substr(0, few));
      return few;
    }
    const auto plain = plain_ascii(text, others);
    flush();
    out_ += text.substr(0, plain);
    return plain;
  }
  /// At most 16 bytes.
  void add(std::string_view bytes) {
    if (sizeof block_ - used_ < bytes.size()) flush();
    bytes.copy(block_ + used_, bytes.size());
    used_ += bytes.size();
  }
  /// As add(), of a length that the compiler knows.
  template <std::size_t Size>
  void add_array(const char (&bytes)[Size]) {
    static_assert(Size <= 16);
    if (sizeof block_ - used_ < Size) flush();
    std::memcpy(block_ + used_, bytes, Size);
    used_ += Size;
  }
  void add_hex(char c) {
    const auto byte = static_cast<unsigned char>(c);
    add_array({'\\', 'x', hex_digits[byte >> 4], hex_digits[byte & 15]});
  }
  void flush() {
    out_.append(block_, used_);
    used_ = 0;
  }

 private:
  std::string& out_;
  std::size_t used_ = 0;
  char block_[256];
};

}  // namespace detail

/// Appends bytes as valid UTF-8: what is not UTF-8 becomes `\xNN`, all else stays (control characters too).
inline void append_utf8(std::string& out, std::string_view bytes) {
  detail::escape_writer escapes{out};
  while (!bytes.empty()) {
    char32_t code = 0;
    auto length = utf8_sequence(bytes, code);
    if (length == 0) {
      escapes.add_hex(bytes.front());
      length = 1;
    } else {
      escapes.add(detail::text_up_to(bytes, length));
    }
    bytes.remove_prefix(length);
  }
  escapes.flush();
}

/// Appends bytes so that a terminal shows them and obeys none: C0, DEL and C1 controls, bidirectional
/// overrides, line and paragraph separators, invisible characters and invalid UTF-8 become `\xNN`; printable
/// text stays, a backslash too.
inline void append_printable(std::string& out, std::string_view bytes) {
  const auto none = [](char) { return false; };
  auto plain = plain_ascii(bytes, none);
  out += bytes.substr(0, plain);
  if (plain == bytes.size()) return;
  detail::escape_writer escapes{out};
  for (;;) {
    bytes.remove_prefix(plain);
    if (bytes.empty()) break;
    char32_t code = 0;
    std::size_t length = utf8_sequence(bytes, code);
    const bool harmful = length == 0 || is_obeyed_by_terminals(code);
    if (length == 0) length = 1;
    if (harmful) {
      for (const char c : bytes.substr(0, length)) escapes.add_hex(c);
    } else {
      escapes.add(bytes.substr(0, length));
    }
    bytes.remove_prefix(length);
    plain = escapes.add_plain(bytes, none);
  }
  escapes.flush();
}

/// As append_printable(), into a string of its own.
[[nodiscard]] inline std::string printable(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  append_printable(out, bytes);
  return out;
}

}  // namespace netcon::inline v0_1
