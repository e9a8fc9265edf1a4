// SPDX-License-Identifier: MIT
// Objects of JSON that go over many lines, as journalctl -o json-pretty, dmesg --json and the tools of clouds
// write them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1::detail {

constexpr std::string_view without_blanks(std::string_view line) noexcept {
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  return line;
}

/// Whether an object may begin: nothing else is on the line.
constexpr bool may_begin_json_block(std::string_view line) noexcept {
  return !line.empty() && line.back() == '{' && line.size() < 40 && without_blanks(line) == "{";
}

/// Puts the lines of an object together.
class json_block {
 public:
  enum class taken : std::uint8_t {
    none,     ///< the line is not of the object
    held,     ///< the line waits for the rest
    whole,    ///< text() is an object
    another,  ///< the same, and the next one begins
  };

  bool is_empty() const noexcept { return text_.empty(); }
  std::string_view text() const noexcept { return text_; }

  /// None: what was held is no object; it stays in text().
  taken take(std::string_view line, std::size_t most) {
    const auto bare = without_blanks(line);
    const bool begins = may_begin_json_block(line);
    if (text_.empty() != begins || text_.size() + line.size() > most) return taken::none;
    if (!begins &&
        (bare.empty() || (bare.front() != '"' && bare.front() != '}' && bare.front() != ']' && !in_list_)))
      return taken::none;
    if (!text_.empty()) text_ += '\n';
    text_ += line;
    if (bare.front() == '}' || bare.front() == ']') --depth_;
    if (depth_ == 0 && bare == "},{") text_.resize(text_.size() - 2);
    const bool is_whole = depth_ == 0 && !begins;
    if (bare.back() == '{' || bare.back() == '[') ++depth_;
    in_list_ = bare.back() == '[' || (in_list_ && bare.front() != ']');
    if (!is_whole) return taken::held;
    return bare == "},{" ? taken::another : taken::whole;
  }

  /// What was held; the next object begins.
  std::string release(bool is_another = false) {
    depth_ = is_another ? 1 : 0;
    in_list_ = false;
    return std::exchange(text_, is_another ? "{" : "");
  }

 private:
  std::string text_;
  std::size_t depth_ = 0;
  bool in_list_ = false;
};

}  // namespace netcon::inline v0_1::detail
