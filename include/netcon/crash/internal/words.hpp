// Taking the text of a line apart: words, numbers, names of functions.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::crash::detail {

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

/// The function as the source has it: without what compilers append to clones and parts of it.
constexpr std::string_view source_name(std::string_view function) noexcept {
  for (const std::string_view suffix : {".isra.", ".part.", ".constprop.", ".cold", ".llvm.", ".clone.",
                                        ".lto_priv.", ".ipa", ".localalias", ".rodata", ".__uniq."})
    if (const auto at = function.find(suffix); at != function.npos && at != 0)
      function = function.substr(0, at);
  return function;
}

/// A name, an offset and a size, "foo+0x1c/0x30": the name; empty where this is none.
constexpr std::string_view function_with_offset(std::string_view text) noexcept {
  cursor at{text};
  const auto name = at.take(is_name);
  if (name.empty() || is_digit(name.front()) || !at.skip("+0x") || at.take(is_hex).empty()) return {};
  return name;
}

/// The first "foo+0x1c" in the text; empty where there is none.
constexpr std::string_view find_function(std::string_view text) noexcept {
  for (std::size_t plus = text.find("+0x"); plus != text.npos; plus = text.find("+0x", plus + 1)) {
    std::size_t begin = plus;
    while (begin > 0 && is_name(text[begin - 1])) --begin;
    if (const auto name = function_with_offset(text.substr(begin)); !name.empty()) return name;
  }
  return {};
}

/// Appends the text with numbers and addresses replaced by NUM and ADDR, so that equal crashes have equal
/// titles.
inline void append_normalised(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const bool starts_word = out.empty() || !is_name(out.back());
    std::size_t size = 0;
    while (size < text.size() && is_hex(text[size])) ++size;
    const bool ends_word = size == text.size() || !is_name(text[size]) || text[size] == '.';
    const bool has_digit = text.substr(0, size).find_first_of("0123456789") != text.npos;
    if (starts_word && text.starts_with("0x") && text.size() > 2 && is_hex(text[2])) {
      text.remove_prefix(2);
      while (!text.empty() && is_hex(text.front())) text.remove_prefix(1);
      out += "ADDR";
    } else if (starts_word && size >= 8 && has_digit && ends_word) {
      out += "ADDR";
      text.remove_prefix(size);
    } else if (is_digit(text.front())) {
      while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
      out += "NUM";
    } else {
      const auto c = static_cast<unsigned char>(text.front());
      out += c < 0x20 || c == 0x7f ? ' ' : text.front();
      text.remove_prefix(1);
    }
  }
}

}  // namespace netcon::crash::detail
