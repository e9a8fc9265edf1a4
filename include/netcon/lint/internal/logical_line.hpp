// SPDX-License-Identifier: MIT
// A line as the program reads it that the text is for: joined after a backslash, and with all of a string
// that a shell reads over several lines.
#pragma once

#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/line_state.hpp>
#include <netcon/lint/internal/placeholder.hpp>
#include <netcon/lint/source_map.hpp>

#include <cstddef>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// A line of a text with the places of its bytes.
class logical_line {
 public:
  logical_line() = default;
  /// The line that begins at `start`, whose first newline is at `end`; nothing from `last` on is read.
  logical_line(std::string_view text, std::size_t start, std::size_t end, std::size_t last,
               const text_rules& rules, bool in_document)
      : whole_{text}, rules_{rules}, base_{start}, end_{end}, in_document_{in_document} {
    auto first = start;
    for (; end_ < last && goes_on(); end_ = find_or_end(whole_.substr(0, last), "\n", first)) {
      // A backslash goes with the newline behind it; without one that is in quotes.
      append(first, ends_with_backslash(end_) ? end_ - 1 : end_ + 1);
      first = end_ + 1;
    }
    is_joined_ = first != start;
    if (is_joined_) append(first, end_);
  }

  std::string_view text() const {
    auto line = is_joined_ ? std::string_view{joined_.text()} : whole_.substr(base_, end_ - base_);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }
  /// Where a byte of text() is in the text; that of its end lies after the last one.
  std::size_t place(std::size_t at) const {
    if (!is_joined_) return base_ + at;
    return at < joined_.text().size() ? joined_.place(at) : end_;
  }
  /// Where the newline after it is.
  std::size_t end() const { return end_; }

 private:
  /// How far a closing quote is looked for: what has none is no string.
  static constexpr std::size_t max_string = 1u << 14;
  static constexpr std::size_t max_size = 1u << 16;

  /// Whether the next line belongs to this one.
  bool goes_on() {
    const auto newline = end_;
    const bool has_backslash = ends_with_backslash(newline);
    if (rules_.is_prose || rules_.is_patch || newline - base_ > max_size) return false;
    if (!has_backslash && (!rules_.is_shell || in_document_)) return false;
    if (!scan(newline)) return false;
    const auto next = whole_.find_first_not_of(" \t", newline + 1);
    const bool before_comment = next != whole_.npos && whole_[next] == '#' && rules_.hash_comments;
    if (has_backslash) return !before_comment && !ends_document(newline + 1);
    return quote_ != 0 && !in_document_ &&
           whole_.substr(newline, max_string).find(quote_) != std::string_view::npos;
  }
  bool ends_with_backslash(std::size_t newline) const {
    std::size_t count = 0;
    while (newline > base_ + count && whole_[newline - 1 - count] == '\\') ++count;
    return count % 2 == 1;
  }
  /// A line that is one word, in a here-document.
  bool ends_document(std::size_t start) const {
    const auto line = whole_.substr(start, find_or_end(whole_, "\n", start) - start);
    return in_document_ && all_bytes(line, [](char c) { return is_word_byte(c) || c == '\t'; });
  }

  /// Follows the quotes up to `end`; false where a comment begins.
  bool scan(std::size_t end) {
    for (; scanned_ < end || scanned_ < base_; ++scanned_) {
      if (scanned_ < base_) scanned_ = base_;
      const char c = whole_[scanned_];
      const bool after_blank = scanned_ == base_ || is_blank(whole_[scanned_ - 1]);
      if (quote_ == 0 && c == '#' && after_blank && rules_.hash_comments) return false;
      if (c == '\\' && !(quote_ == '\'' && rules_.is_shell))
        ++scanned_;
      else if (is_quote(c))
        quote_ = quote_after(whole_, scanned_, quote_, rules_);
    }
    return true;
  }

  void append(std::size_t first, std::size_t last) {
    for (auto at = first; at < last; ++at) joined_.put(whole_[at], at);
  }

 public:
  /// The quote that is open after the one at `at`.
  static char quote_after(std::string_view line, std::size_t at, char open, const text_rules& rules) {
    const char c = line[at];
    if (open != 0) return open == c ? '\0' : open;
    const bool after_letter = at > 0 && is_word_byte(line[at - 1]);
    const bool before_letter = at + 1 < line.size() && is_word_byte(line[at + 1]);
    // An apostrophe: don't, the hosts' names.
    if (c == '\'' && after_letter && (before_letter || rules.is_prose)) return 0;
    return rules.is_markup && c == '`' ? '\0' : c;
  }

 private:
  std::string_view whole_;
  text_rules rules_;
  std::size_t base_ = 0, end_ = 0, scanned_ = 0;
  bool in_document_ = false, is_joined_ = false;
  char quote_ = 0;
  source_map joined_;
};

}  // namespace netcon::inline v0_1::detail
