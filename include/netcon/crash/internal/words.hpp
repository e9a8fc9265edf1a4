// SPDX-License-Identifier: MIT
// Taking the text of a line apart: words, numbers, names of functions.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr bool is_hex(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
constexpr bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_name(char c) noexcept {
  return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '$';
}

/// What is left of a line, taken from the front.
struct cursor {
  std::string_view rest;

  constexpr bool skip(std::string_view text) noexcept {
    if (!rest.starts_with(text)) return false;
    rest.remove_prefix(text.size());
    return true;
  }
  constexpr void skip_spaces() noexcept {
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
  }
  /// All in front for which is holds.
  template <class Is>
  constexpr std::string_view take(Is is) noexcept {
    std::size_t size = 0;
    while (size < rest.size() && is(rest[size])) ++size;
    const auto taken = rest.substr(0, size);
    rest.remove_prefix(size);
    return taken;
  }
  /// All before the text, which is skipped; all that is left where it is not there.
  constexpr std::string_view until(std::string_view text) noexcept {
    const auto at = rest.find(text);
    const auto taken = rest.substr(0, at);
    rest.remove_prefix(at == rest.npos ? rest.size() : at + text.size());
    return taken;
  }
  /// Moves behind the text, wherever it is.
  constexpr bool find(std::string_view text) noexcept {
    const auto at = rest.find(text);
    if (at == rest.npos) return false;
    rest.remove_prefix(at + text.size());
    return true;
  }
};

constexpr std::optional<std::uint64_t> read_number(std::string_view digits, unsigned base) noexcept {
  if (digits.empty() || digits.size() > (base == 16 ? 16u : 18u)) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (!is_hex(c)) return std::nullopt;
    const auto digit = static_cast<unsigned>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

constexpr std::string_view trim(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// The function as the source has it: without what compilers append to clones and parts of it, ".isra.0".
constexpr std::string_view source_name(std::string_view function) noexcept {
  return function.substr(0, function.find('.', 1));
}

/// The name of a file with a line number, "fs/foo.c:123", or ":?" where that is unknown; empty where this is
/// none.
constexpr std::string_view take_place(cursor& at) noexcept {
  const auto whole = at.rest.substr(0, at.rest.find_first_of(" !,)"));
  const auto colon = whole.rfind(':');
  if (colon == whole.npos || colon + 1 == whole.size()) return {};
  const auto line = whole.substr(colon + 1);
  if (line != "?" && line.find_first_not_of("0123456789") != line.npos) return {};
  if (whole.substr(0, colon).find('.') == whole.npos) return {};
  at.rest.remove_prefix(whole.size());
  return whole.substr(0, colon);
}

/// Whether a file holds code of the kernel: an address with a port looks like a place too.
constexpr bool is_source(std::string_view file) noexcept {
  return file.ends_with(".c") || file.ends_with(".h") || file.ends_with(".S") || file.ends_with(".rs");
}

/// The name of a function with what tells it from another word: its offset, "foo+0x1c/0x30", or its place, as
/// the kernel's decode_stacktrace.sh has it, "foo (fs/foo.c:12 (discriminator 2))". Empty where this is none;
/// otherwise the cursor is behind the offset, or behind the place.
constexpr std::string_view take_function_name(cursor& at) noexcept {
  cursor ahead = at;
  ahead.skip(".");  // 64-bit PowerPC: the code of a function, not its descriptor
  const auto name = ahead.take(is_name);
  if (name.empty() || is_digit(name.front())) return {};
  cursor offset = ahead;
  if (offset.skip("+0x") && !offset.take(is_hex).empty()) {
    if (offset.skip("/0x")) offset.take(is_hex);
    at = offset;
    return name;
  }
  if (!ahead.skip(" (") || !is_source(take_place(ahead))) return {};
  for (unsigned open = 1; open != 0; ahead.rest.remove_prefix(1)) {
    if (ahead.rest.empty()) break;  // the line is cut
    if (ahead.rest.front() == '(') ++open;
    if (ahead.rest.front() == ')') --open;
  }
  at = ahead;
  return name;
}

/// The first function with an offset or a place in the text; empty where there is none.
constexpr std::string_view find_function(std::string_view text) noexcept {
  for (const std::string_view mark : {"+0x", " ("})
    for (std::size_t found = text.find(mark); found != text.npos; found = text.find(mark, found + 1)) {
      std::size_t begin = found;
      while (begin > 0 && is_name(text[begin - 1])) --begin;
      cursor at{text.substr(begin)};
      if (const auto name = take_function_name(at); !name.empty()) return name;
    }
  return {};
}

/// "10.0.0.7": its length; 0 where this is none.
constexpr std::size_t ipv4_size(std::string_view text) noexcept {
  cursor at{text};
  for (unsigned part = 0; part < 4; ++part) {
    const auto digits = at.take(is_digit).size();
    if (digits == 0 || digits > 3 || (part < 3 && !at.skip("."))) return 0;
  }
  return text.size() - at.rest.size();
}

constexpr bool contains(std::string_view text, std::string_view part) noexcept {
  return text.find(part) != text.npos;
}

constexpr std::string_view without_underscores(std::string_view name) noexcept {
  const auto first = name.find_first_not_of('_');
  return first == name.npos ? name : name.substr(first);
}

/// Whether the text has the part, in upper or lower case. The part is in lower case.
constexpr bool contains_word(std::string_view text, std::string_view part) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  for (std::size_t at = 0; at + part.size() <= text.size(); ++at) {
    std::size_t same = 0;
    while (same < part.size() && lower(text[at + same]) == part[same]) ++same;
    if (same == part.size()) return true;
  }
  return false;
}

/// Of a title that is the line itself, in bytes.
inline constexpr std::size_t longest_title = 120;

/// Appends the text with what differs from crash to crash replaced: numbers of six digits or more, such as
/// addresses, by ADDR, IPv4 addresses by IP, lines of files by LINE, numbers that are words of their own, and
/// long ones, by NUM. Numbers in a name stay. Spaces are one, other bytes than those of ASCII text are left
/// out.
inline void append_normalised(std::string& out, std::string_view text) {
  const auto begin = out.size();
  const auto take = [&](std::size_t size, std::string_view by) {
    out += by;
    text.remove_prefix(size);
  };
  while (!text.empty() && out.size() <= longest_title) {
    const bool after_alnum = out.size() > begin && (is_letter(out.back()) || is_digit(out.back()));
    const bool after_word = out.size() > begin && (after_alnum || out.back() == '_');
    const bool prefixed = text.starts_with("0x");
    std::size_t hex = prefixed ? 2 : 0;
    while (hex < text.size() && is_hex(text[hex]) && !(text[hex] >= 'A' && text[hex] <= 'F')) ++hex;
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) ++digits;
    const bool ends = digits == text.size() || !(is_letter(text[digits]) || text[digits] == '_');
    if (!after_alnum && hex >= (prefixed ? 8u : 6u)) {
      take(hex, "ADDR");
    } else if (const auto ip = ipv4_size(text); ip != 0) {
      take(ip, "IP");
    } else if (cursor behind{text}, parts{after_word ? "" : take_function_name(behind)};
               !parts.rest.empty()) {
      out += parts.take([](char c) { return c != '.'; });
      while (parts.skip(".")) {  // "foo.isra.0"
        const auto part = parts.take([](char c) { return c != '.'; });
        const bool number = !part.empty() && part.find_first_not_of("0123456789") == part.npos;
        out.append(".").append(number ? "NUM" : part);
      }
      take(text.size() - behind.rest.size(), "");
    } else if (text.front() == ':' && text.size() > 1 && is_digit(text[1]) && after_word &&
               out.rfind('.') != out.npos && out.rfind('.') > out.find_last_of(" /", out.size())) {
      cursor at{text};
      while (at.rest.size() > 1 && at.rest[0] == ':' && is_digit(at.rest[1])) {
        at.skip(":");
        at.take(is_digit);
      }
      take(text.size() - at.rest.size(), ":LINE");
    } else if (text.starts_with("CPU#")) {
      cursor at{text.substr(4)};
      at.take(is_digit);
      take(text.size() - at.rest.size(), "CPU");
    } else if (digits >= 7 || (digits != 0 && !after_word && ends)) {
      take(digits, "NUM");
    } else if (digits != 0) {
      take(digits, text.substr(0, digits));
    } else {
      const auto c = text.front() == '\t' ? ' ' : text.front();
      text.remove_prefix(1);
      if (c < 0x20 || c == 0x7f) continue;
      if (c == ' ' && !out.empty() && out.back() == ' ') continue;
      out += c;
    }
  }
  if (out.size() > longest_title) out.resize(longest_title);
  while (out.ends_with(' ')) out.pop_back();
}

}  // namespace netcon::inline v0_1::crash::detail
