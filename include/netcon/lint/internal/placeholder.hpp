// SPDX-License-Identifier: MIT
// What stands for a part of a parameter until a shell, a template or a reader puts the part in: $IP, ${x.y},
// $(...),
// <%= x %>, {{ x }}, @IP@, <ip>, [src-port], %s, SRCPORT.
#pragma once

#include <netcon/detail/digits.hpp>
#include <netcon/lint/internal/characters.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace netcon::inline v0_1::detail {

constexpr bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_word_byte(char c) noexcept {
  return is_digit(c) || is_letter(c) || c == '_';
}

/// How far a placeholder is looked for its end: no one writes longer ones.
inline constexpr std::size_t max_placeholder = 512;

/// How many bytes `open` ... `close` at the beginning are, with such pairs inside; 0 when it does not end on
/// its line.
constexpr std::size_t bracketed_size(std::string_view text, std::string_view open,
                                     std::string_view close) noexcept {
  if (!text.starts_with(open) || text.substr(0, max_placeholder).find(close, open.size()) == text.npos)
    return 0;
  std::size_t depth = 1, at = open.size();
  const char opening = open.back();
  while (at < text.size() && at < max_placeholder && text[at] != '\n') {
    if (text.substr(at).starts_with(close)) {
      at += close.size();
      if (--depth == 0) return at;
    } else {
      if (close.size() == 1 && text[at] == opening) ++depth;
      ++at;
    }
  }
  return 0;
}

/// How many bytes at the beginning satisfy `is`.
template <class Is>
constexpr std::size_t prefix_size(std::string_view text, Is is) noexcept {
  std::size_t size = 0;
  while (size < text.size() && is(text[size])) ++size;
  return size;
}

/// $NAME, $1, $$NAME, ${...}, $(...).
constexpr std::size_t dollar_size(std::string_view text) noexcept {
  if (!text.starts_with('$')) return 0;
  for (const auto& [open, close] : {std::pair<std::string_view, std::string_view>{"${{", "}}"},
                                    {"$((", "))"},
                                    {"${", "}"},
                                    {"$(", ")"},
                                    {"$[", "]"}})
    if (const auto size = bracketed_size(text, open, close); size != 0) return size;
  std::size_t at = 1;
  if (at < text.size() && text[at] == '$') ++at;  // of make
  if (at == text.size()) return 0;
  if (is_letter(text[at]) || text[at] == '_') {
    at += prefix_size(text.substr(at), is_word_byte);
    // A member or an element: $config.ip is Velocity's and PowerShell's, ${} is for the rest.
    if (at < text.size() && text[at] == '[') at += bracketed_size(text.substr(at), "[", "]");
    return at;
  }
  if (at == 2 && (text[at] == '{' || text[at] == '(')) {
    const auto size =
        bracketed_size(text.substr(1), text[at] == '{' ? "${" : "$(", text[at] == '{' ? "}" : ")");
    return size == 0 ? 0 : size + 1;
  }
  return at == 1 && (is_digit(text[at]) || text[at] == '@' || text[at] == '*') ? 2 : 0;
}

/// Whether a byte is of a letter that is not ASCII: placeholders are in any language.
constexpr bool is_beyond_ascii(char c) noexcept {
  return static_cast<unsigned char>(c) >= 0x80;
}

/// <name>, <src ip>; no tag such as </code> or <br>.
constexpr std::size_t angle_size(std::string_view text, std::string_view open,
                                 std::string_view close) noexcept {
  if (!text.starts_with(open)) return 0;
  const auto inside = text.substr(open.size());
  const auto size = prefix_size(inside, [](char c) {
    return is_word_byte(c) || c == '-' || c == ' ' || c == '.' || c == '\'' || c == '|' || c == '#' ||
           c == '/' || c == ':' || c == ',' || c == '=' || is_beyond_ascii(c);
  });
  if (size == 0 || size > 96 || !inside.substr(size).starts_with(close)) return 0;
  const auto name = inside.substr(0, size);
  if (name.front() == '/' || name.front() == ' ' || name.back() == '/') return 0;
  const auto equals = std::min(name.find('='), name.size());
  if (name.substr(0, equals).find(' ') != name.npos && equals != name.size()) return 0;  // an attribute
  for (const std::string_view tag :
       {"br",     "p",      "b",    "i",     "li",     "ul",  "ol",   "td",     "tr",
        "th",     "em",     "tt",   "pre",   "code",   "kbd", "samp", "span",   "div",
        "strong", "var",    "a",    "hr",    "dd",     "dt",  "dl",   "nowiki", "blockquote",
        "enter",  "return", "wait", "wait5", "wait10", "esc", "tab",  "f10",    "spacebar"})
    if (name == tag || (name.size() > tag.size() && name.starts_with(tag) && name[tag.size()] == ' ' &&
                        name.find('=') != name.npos))
      return 0;
  return open.size() + size + close.size();
}

/// [src-port], [<dev>], [+], [r], [@src-ip/]: a part that may be left out. An address in brackets is none,
/// nor is a set of characters of a regular expression.
constexpr std::size_t optional_size(std::string_view text) noexcept {
  const auto size = bracketed_size(text, "[", "]");
  if (size < 3) return 0;
  const auto inside = text.substr(1, size - 2);
  if (inside == "+" || inside == "r" || inside == "+r") return size;
  bool has_letter = false;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const char c = inside[i];
    has_letter = has_letter || is_letter(c) || is_beyond_ascii(c);
    if (c == '\\' && i + 1 < inside.size() && inside[i + 1] == 'f') continue;  // \\fI of man pages
    if (!is_word_byte(c) && !is_beyond_ascii(c) &&
        std::string_view{"-_<>+ .@/,[];:|"}.find(c) == std::string_view::npos)
      return 0;
  }
  // fd00::2 and fe80::1 are addresses; a-z and 0-9 are sets.
  const bool is_address =
      inside.find(':') != inside.npos && inside.find_first_not_of("0123456789abcdefABCDEF:.%") == inside.npos;
  const bool is_set = inside.size() >= 3 && inside[1] == '-' && inside.size() % 3 == 0;
  return has_letter && !is_address && !is_set ? size : 0;
}

/// @NAME@ of configure scripts and sed.
constexpr std::size_t at_sign_size(std::string_view text) noexcept {
  if (text.size() < 3 || text.front() != '@' || !(is_upper(text[1]) || text[1] == '_' || is_letter(text[1])))
    return 0;
  const auto size = prefix_size(text.substr(1), is_word_byte);
  if (1 + size >= text.size() || text[1 + size] != '@' || size < 2) return 0;
  const auto name = text.substr(1, size);
  const bool is_constant = all_bytes(name, [](char c) { return is_upper(c) || is_digit(c) || c == '_'; });
  return is_constant || name.find('_') != name.npos ? size + 2 : 0;
}

/// %s and %pI4 of printf, %i of systemd, %IP% of batch files. `before` is the byte before: after a letter or
/// digit %eth0 is the zone of an address.
constexpr std::size_t percent_size(std::string_view text, char before) noexcept {
  if (!text.starts_with('%') || text.size() < 2) return 0;
  if (text[1] == '{') return bracketed_size(text, "%{", "}");
  if (text[1] == '(') return bracketed_size(text, "%(", ")s");
  if (is_upper(text[1])) {
    const auto size = prefix_size(text.substr(1), [](char c) { return is_word_byte(c); });
    if (size >= 2 && 1 + size < text.size() && text[1 + size] == '%') return size + 2;
  }
  std::size_t at = 1;
  at += prefix_size(text.substr(at),
                    [](char c) { return is_digit(c) || c == '.' || c == '$' || c == '-' || c == '*'; });
  at += prefix_size(text.substr(at), [](char c) { return c == 'l' || c == 'h' || c == 'z'; });
  if (at == text.size() || !is_letter(text[at])) return 0;
  if (text.substr(at).starts_with("pI") || text.substr(at).starts_with("pi") ||
      text.substr(at).starts_with("pM") || text.substr(at).starts_with("pm"))
    return at + 2 + prefix_size(text.substr(at + 2), [](char c) { return is_digit(c) || is_letter(c); });
  ++at;
  const bool ends = at == text.size() || !is_word_byte(text[at]);
  return ends && (!(is_word_byte(before)) || at == 2) ? at : 0;
}

/// {name}, {0}, {cfg['ip']}: of Python, Rust and C#.
constexpr std::size_t brace_size(std::string_view text) noexcept {
  const auto size = bracketed_size(text, "{", "}");
  if (size == 0) return 0;
  const auto inside = text.substr(1, size - 2);
  const bool is_name = all_bytes(inside, [](char c) {
    return is_word_byte(c) || std::string_view{".[]()'\"!:-<> +?|$"}.find(c) != std::string_view::npos;
  });
  return is_name ? size : 0;
}

/// How many bytes at the beginning are a placeholder, or 0.
constexpr std::size_t placeholder_size(std::string_view text, char before = 0) noexcept {
  if (text.empty()) return 0;
  switch (text.front()) {
    case '$':
      return dollar_size(text);
    case '\'':  // in the strings of Nix
      return text.starts_with("''${") ? 2 + dollar_size(text.substr(2)) : 0;
    case '<':
      if (const auto size = bracketed_size(text, "<%", "%>"); size != 0) return size;
      return angle_size(text, "<", ">");
    case '&':
      return angle_size(text, "&lt;", "&gt;");
    case '{':
      for (const auto& [open, close] : {std::pair<std::string_view, std::string_view>{"{{{", "}}}"},
                                        {"{{", "}}"},
                                        {"{%", "%}"},
                                        {"{#", "#}"}})
        if (const auto size = bracketed_size(text, open, close); size != 0) return size;
      return brace_size(text);
    case '#':
      return bracketed_size(text, "#{", "}");
    case '[':
      return optional_size(text);
    case '@':
      return at_sign_size(text);
    case '%':
      return percent_size(text, before);
    case '_': {
      const auto near = text.substr(0, max_placeholder + 1);
      const auto size = text.starts_with("__") ? prefix_size(near, is_word_byte) : 0;
      return size > 4 && size <= max_placeholder && text.substr(0, size).ends_with("__") ? size : 0;
    }
    case '.':
      return text.starts_with("...") ? 3 : 0;
    case '*': {
      const auto size = prefix_size(text.substr(1), [](char c) { return is_word_byte(c) || c == '-'; });
      return size != 0 && size + 1 < text.size() && text[size + 1] == '*' ? size + 2 : 0;
    }
    case '\\': {  // \fIname\fR of man pages, \1 of sed
      const auto digit = prefix_size(text.substr(0, 2), [](char c) { return c == '\\'; });
      if (digit < text.size() && text[digit] >= '1' && text[digit] <= '9') return digit + 1;
      if (!text.starts_with("\\fI")) return 0;
      const auto end = text.find("\\f", 3);
      return end == text.npos || end > 64 || end + 3 > text.size() ? 0 : end + 3;
    }
    case '\xe2':
      return text.starts_with("\xe2\x80\xa6") ? 3 : 0;
    default:
      return 0;
  }
}

/// `command` of a shell.
constexpr std::size_t command_size(std::string_view text) noexcept {
  if (!text.starts_with('`')) return 0;
  const auto end = text.substr(0, max_placeholder).find('`', 1);
  return end == text.npos ? 0 : end + 1;
}

/// Of these only the forms that no kernel command line holds, but its template: their blanks end no argument.
constexpr std::size_t template_size(std::string_view text) noexcept {
  for (const auto& [open, close] : {std::pair<std::string_view, std::string_view>{"{{", "}}"},
                                    {"{%", "%}"},
                                    {"<%", "%>"},
                                    {"${", "}"},
                                    {"$(", ")"},
                                    {"#{", "}"}})
    if (const auto size = bracketed_size(text, open, close); size != 0) return size;
  return 0;
}

/// Whether words of a script other than the Latin one are in a text (UTF-8). A single letter of an alphabet
/// may be a slip that looks Latin, such as a Cyrillic "e". Punctuation and quotes are no letters.
constexpr bool has_other_script(std::string_view text) noexcept {
  std::size_t letters = 0;
  for (std::size_t at = 0; at + 1 < text.size(); ++at) {
    const auto first = static_cast<unsigned char>(text[at]), next = static_cast<unsigned char>(text[at + 1]);
    if (first >= 0xce && first != 0xe2 && first != 0xef && !(first == 0xe3 && next == 0x80))
      letters += first < 0xe0 ? 1 : 2;
  }
  return letters >= 2;
}

/// Whether a word has the twelve digits of a MAC address, as D8-43-AE-85-C3-1D has.
constexpr bool has_mac_digits(std::string_view word) noexcept {
  std::size_t digits = 0;
  for (const char c : word) {
    if (c == '-') continue;
    if (!is_hexadecimal({&c, 1})) return false;
    ++digits;
  }
  return digits == 12;
}

/// Whether a name is one of those that documentation has for the parts of a target: SRCPORT, src-ip,
/// your_mac, and words of other scripts.
constexpr bool is_placeholder_word(std::string_view word) noexcept {
  const auto is_part = [](char c) { return is_word_byte(c) || c == '-' || is_beyond_ascii(c); };
  if (word.size() < 2 || !all_bytes(word, is_part)) return false;
  if (!is_ascii(word)) return has_other_script(word);
  if (has_mac_digits(word)) return false;
  bool has_lower = false, has_letter = false;
  for (const char c : word) {
    has_lower = has_lower || (c >= 'a' && c <= 'z');
    has_letter = has_letter || is_letter(c);
  }
  if (!has_letter) return false;
  if (!has_lower && is_upper(word.front())) return true;
  // One part of it is what the field is called.
  for (std::size_t start = 0; start <= word.size();) {
    const auto end = find_or_end(word, "-_", start);
    const auto part = word.substr(start, end - start);
    for (const std::string_view one :
         {"ip",     "addr",   "address", "port",    "mac",   "macaddr",   "dev",   "iface",
          "ipaddr", "sport",  "dport",   "saddr",   "daddr", "srcport",   "srcip", "dstport",
          "dstip",  "dstmac", "srcaddr", "tgtport", "tgtip", "interface", "nic"})
      if (part == one) return true;
    start = end + 1;
  }
  return false;
}

/// 192.168.1.x, x.x.x.x, 00:11:22:xx:yy:zz: letters that stand for digits.
constexpr bool is_placeholder_digits(std::string_view text) noexcept {
  if (text.find_first_of(".:") == text.npos) return false;
  bool has_letters = false;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = find_or_end(text, ".:-", start);
    const auto group = text.substr(start, end - start);
    const bool is_letters = !group.empty() &&
                            std::string_view{"xXyYzZnN*?#"}.find(group.front()) != std::string_view::npos &&
                            all_bytes(group, [&](char c) { return c == group.front(); });
    if (!is_letters && !is_hexadecimal(group)) return false;
    has_letters = has_letters || is_letters;
    start = end + 1;
  }
  return has_letters;
}

/// Whether a text has a byte with which something begins that is not expanded.
inline bool has_placeholder(std::string_view value) {
  for (std::size_t at = 0; at < value.size(); ++at)
    if (placeholder_size(value.substr(at), at == 0 ? '\0' : value[at - 1]) != 0) return true;
  return false;
}

}  // namespace netcon::inline v0_1::detail
