// SPDX-License-Identifier: MIT
// The members of a JSON object, without a tree of it. Strings may have the escapes of YAML.
#pragma once

#include <netcon/detail/digits.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

inline void append_utf8_code(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

/// Goes over the members of an object. Depth and values are not checked: what cannot be read ends it.
class json_members {
 public:
  explicit json_members(std::string_view line) : rest_{line} {
    skip_spaces();
    if (!take('{')) rest_ = {};
  }

  /// The next key and value; a string is unescaped into value, all else is as it stands there.
  bool next(std::string& key, std::string& value) {
    skip_spaces();
    take(',');
    skip_spaces();
    key.clear();
    value.clear();
    if (!take_string(key)) return false;
    skip_spaces();
    if (!take(':')) return false;
    skip_spaces();
    if (rest_.empty()) return false;
    is_string_ = rest_.front() == '"';
    return is_string_ ? take_string(value) : take_other(value);
  }
  /// A string at the front of a line. What is behind it stays in line; false where it does not end.
  static bool take_quoted(std::string_view& line, std::string& out) {
    json_members reader{""};
    reader.rest_ = line;
    out.clear();
    const bool ends = reader.take_string(out);
    line = reader.rest_;
    return ends;
  }

  /// Whether the last value was a string.
  bool is_string() const noexcept { return is_string_; }

 private:
  void skip_spaces() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t' || rest_.front() == '\n'))
      rest_.remove_prefix(1);
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  static std::optional<std::uint32_t> hex4(std::string_view digits) {
    if (digits.size() < 4) return std::nullopt;
    std::uint32_t code = 0;
    for (const char c : digits.substr(0, 4)) {
      const int digit = c >= '0' && c <= '9'                     ? c - '0'
                        : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                                 : -1;
      if (digit < 0) return std::nullopt;
      code = code << 4 | static_cast<std::uint32_t>(digit);
    }
    return code;
  }

  bool take_string(std::string& out) {
    if (!take('"')) return false;
    for (;;) {
      const auto end = rest_.find_first_of("\"\\");
      out += rest_.substr(0, end);
      if (end == rest_.npos) return false;
      rest_.remove_prefix(end);
      if (take('"')) return true;
      rest_.remove_prefix(1);
      if (rest_.empty()) return false;
      const char escaped = rest_.front();
      rest_.remove_prefix(1);
      if (escaped == 'x' && rest_.size() >= 2 && hex_value(rest_[0]) >= 0 && hex_value(rest_[1]) >= 0) {
        append_utf8_code(out, static_cast<std::uint32_t>(hex_value(rest_[0]) << 4 | hex_value(rest_[1])));
        rest_.remove_prefix(2);
        continue;
      }
      if (escaped != 'u') {
        out += escaped == 'n'   ? '\n'
               : escaped == 't' ? '\t'
               : escaped == 'r' ? '\r'
               : escaped == 'b' ? '\b'
               : escaped == 'f' ? '\f'
               : escaped == 'e' ? '\x1b'
               : escaped == 'a' ? '\a'
               : escaped == '0' ? '\0'
                                : escaped;
        continue;
      }
      auto code = hex4(rest_);
      if (!code) return false;
      rest_.remove_prefix(4);
      if (*code >= 0xd800 && *code < 0xdc00 && rest_.starts_with("\\u"))
        if (const auto low = hex4(rest_.substr(2)); low && *low >= 0xdc00 && *low < 0xe000) {
          code = 0x10000 + ((*code - 0xd800) << 10) + (*low - 0xdc00);
          rest_.remove_prefix(6);
        }
      append_utf8_code(out, *code);
    }
  }

  /// A number, a word, or a list or object with all that is in it.
  bool take_other(std::string& out) {
    std::size_t depth = 0, size = 0;
    bool in_string = false;
    for (; size < rest_.size(); ++size) {
      const char c = rest_[size];
      if (in_string) {
        if (c == '\\') ++size;
        in_string = c != '"';
      } else if (c == '"') {
        in_string = true;
      } else if (c == '[' || c == '{') {
        ++depth;
      } else if (depth == 0 && (c == ',' || c == '}')) {
        break;
      } else if (c == ']' || c == '}') {
        --depth;
      }
    }
    if (size > rest_.size()) size = rest_.size();
    out = rest_.substr(0, size);
    out.erase(out.find_last_not_of(" \t\n") + 1);
    rest_.remove_prefix(size);
    return !out.empty();
  }

  std::string_view rest_;
  bool is_string_ = false;
};

}  // namespace netcon::inline v0_1::detail
