// SPDX-License-Identifier: MIT
// Where a value ends in a text of any kind: that is decided by what it is in, be it quotes, a tag, a command
// of a shell, a list or a sentence.
#pragma once

#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/logical_line.hpp>
#include <netcon/lint/internal/placeholder.hpp>
#include <netcon/lint/source_map.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1::detail {

/// How far a value is read and a closing quote looked for: a kernel takes 255 bytes.
inline constexpr std::size_t max_value = 4096;

/// What a value is in.
struct value_context {
  char quote = 0;             // the quotes that were open before the name, or 0
  bool is_shell = false;      // a ';' outside quotes ends a command
  bool has_commands = false;  // `...` is what a command prints
  bool is_prose = false;
  bool is_markup = false;
  bool is_unit = false;
  bool is_list = false;  // a ',' was before the name
  char delimiter = 0;    // of sed's s command
};

/// A value as the kernel would get it, and where it ends.
struct value_in_text {
  source_map value;
  std::vector<text_range> placeholders;      // in the value
  std::size_t end = 0;                       // in the line, after its quotes
  std::optional<std::size_t> ended_command;  // a ';' of the shell before another target
  bool is_quoted = false;                    // by quotes of its own
  bool is_plain = true;                      // byte for byte as in the line

  bool has_placeholder_at(std::size_t at) const noexcept {
    for (const auto& one : placeholders)
      if (one.begin == at) return true;
    return false;
  }
  /// Whether a placeholder is the `command` of a shell.
  bool has_command() const noexcept {
    for (const auto& one : placeholders)
      if (value.text()[one.begin] == '`') return true;
    return false;
  }
  bool is_all_placeholder() const noexcept {
    return placeholders.size() == 1 && placeholders[0].size() == value.text().size();
  }
};

/// Whether a target begins here: an '@' and a '/' come before anything that ends one.
constexpr bool begins_target(std::string_view text) noexcept {
  if (text.empty() || !(is_digit(text.front()) || is_upper(text.front()) ||
                        std::string_view{"@+r$[{<%_"}.find(text.front()) != std::string_view::npos))
    return false;
  const auto run = text.substr(0, find_or_end(text.substr(0, 256), " \t\r\n\"'`;&|)", 0));
  return run.find('@') != run.npos && run.find('/') != run.npos;
}

/// Reads the value at `at` of a line.
class value_reader {
 public:
  value_reader(const logical_line& line, const value_context& context)
      : places_{line}, line_{line.text()}, context_{context} {}

  value_in_text read(std::size_t at) {
    if (context_.is_prose) at += markup_size(at);
    start_ = at;
    const auto limit = at + max_value < line_.size() ? at + max_value : line_.size();
    while (at < limit && step(at)) {
    }
    if (result_.end == 0) result_.end = at;
    result_.value.end_at(places_.place(start_));
    if (context_.is_prose && context_.quote == 0) end_sentence();
    if (!context_.is_prose && is_followed_by_sentence()) end_sentence();
    return std::move(result_);
  }

 private:
  std::string_view rest(std::size_t at) const { return line_.substr(at); }
  char byte(std::size_t at) const { return at < line_.size() ? line_[at] : '\0'; }

  void put(std::size_t at) { result_.value.put(line_[at], places_.place(at)); }
  bool finish(std::size_t at) {
    result_.end = at;
    return false;
  }

  /// \fB, \fR and \- of man pages.
  std::size_t markup_size(std::size_t at) const {
    return rest(at).starts_with("\\f") && rest(at).size() >= 3 && !rest(at).starts_with("\\fI") ? 3 : 0;
  }

  /// Takes what is at `at`; false at the end of the value.
  bool step(std::size_t& at) {
    const char c = line_[at];
    if (const auto size = placeholder(at); size != 0) {
      const auto first = result_.value.text().size();
      for (std::size_t i = 0; i < size; ++i) put(at + i);
      result_.placeholders.push_back(text_range::between(first, first + size));
      at += size;
      return true;
    }
    if (inner_ != 0 && c == inner_ && !is_escaped_) {
      inner_ = 0;
      is_closed_ = true;
      result_.end = ++at;
      return true;
    }
    if (is_closed_) {
      // In a shell a word goes on after its quotes.
      is_closed_ = false;
      if (!goes_on(at)) return false;
      result_.end = 0;
      result_.is_plain = false;
    }
    if ((c == '\n' && inner_ == 0) || c == '\r') return finish(at);
    if (is_blank(c)) return inner_ != 0 ? keep(at) : finish(at);
    if (c == context_.quote && (inner_ == 0 || is_escaped_))
      return at == start_ ? quoted_inside(at) : finish(at);
    if (context_.delimiter != 0 && c == context_.delimiter) return finish(at);
    if (c == '\\') return escape(at);
    if (context_.is_markup && c == '&') return entity(at);
    if (inner_ == 0 && is_quote(c)) return quote(at);
    if (inner_ == 0 && rest(at).starts_with("\xe2\x80\x9d") && context_.is_prose) return finish(at);
    if (inner_ == 0) {
      if (c == ';') return semicolon(at);
      if (c == ',' && ends_list(at)) return finish(at);
      if (c == '(' || c == '[' || c == '{') ++depth_;
      if ((c == ')' || c == ']' || c == '}') && depth_-- == 0) return finish(at);
      if (c == '<' || c == '>') return finish(at);
      if ((c == '&' || c == '|') && !(c == '|' && context_.quote != 0 && begins_target(rest(at + 1))))
        return finish(at);
    } else if (c == '<' && context_.is_markup) {
      return finish(at);
    }
    return keep(at);
  }

  bool keep(std::size_t& at) {
    put(at++);
    return true;
  }

  std::size_t placeholder(std::size_t at) const {
    if (context_.is_prose && markup_size(at) != 0) return 0;
    if (context_.has_commands && inner_ != '\'' && line_[at] == '`' &&
        (at != start_ || !begins_target(rest(at + 1))))
      return command_size(rest(at));
    // A "..." after a complete value is not a part of it.
    const auto size = placeholder_size(rest(at), at == 0 ? '\0' : line_[at - 1]);
    if (size != 0 && line_[at] == '.' && at != start_ &&
        std::string_view{"@/,"}.find(line_[at - 1]) == std::string_view::npos)
      return 0;
    return size;
  }

  /// The same quotes as around: append="ro netconsole="... is empty, unless a target follows directly.
  bool quoted_inside(std::size_t& at) {
    if (!begins_target(rest(at + 1))) return finish(at);
    return open(at, 1);
  }
  bool open(std::size_t& at, std::size_t size) {
    inner_ = line_[at + size - 1];
    result_.is_quoted = result_.is_quoted || at == start_;
    at += size;
    result_.is_plain = result_.is_plain && result_.value.text().empty();
    return true;
  }

  /// A quote that is not that around the value.
  bool quote(std::size_t& at) {
    const char c = line_[at];
    if (c == '`' && (context_.is_prose || context_.quote != 0)) return finish(at);
    const auto limit = rest(at + 1).substr(0, max_value);
    const auto closing = limit.find(c);
    const auto around = context_.quote == 0 ? limit.npos : limit.find(context_.quote);
    const bool is_closed = closing != limit.npos && (around == limit.npos || closing < around);
    if (!is_closed) return finish(at);
    // In the middle of a word it opens only what is a part of the word.
    if (at != start_) {
      const auto inside = limit.substr(0, closing);
      if (inside.empty() || inside.find_first_of(" ,;") == 0) return finish(at);
    }
    return open(at, 1);
  }
  bool goes_on(std::size_t at) const {
    const char c = byte(at);
    if (at >= line_.size() || is_blank(c)) return false;
    if (context_.quote != 0 && c == context_.quote) return false;
    return is_word_byte(c) || std::string_view{"@/$:{\"'"}.find(c) != std::string_view::npos ||
           (c == ',' && std::string_view{"@/$0123456789{"}.find(byte(at + 1)) != std::string_view::npos) ||
           (c == '.' && is_digit(byte(at + 1))) ||
           (c == ';' && context_.is_shell && begins_target(rest(at + 1)));
  }

  bool escape(std::size_t& at) {
    if (at + 1 >= line_.size() || line_[at + 1] == '\r') return finish(at);
    if (const auto size = markup_size(at); size != 0 && context_.is_prose) return finish(at);
    const char next = line_[at + 1];
    if (next == '\\') {
      // Escaped once more for a text around: the next one counts.
      result_.is_plain = false;
      ++at;
      if (at + 1 < line_.size()) return true;
      return finish(at);
    }
    if (next == '"' || next == '\'') {
      if (inner_ == next && is_escaped_) {
        inner_ = 0;
        is_escaped_ = false;
        is_closed_ = true;
        at += 2;
        result_.end = at;
        return true;
      }
      if (at != start_ || rest(at + 2).substr(0, max_value).find(next) == std::string_view::npos)
        return finish(at);
      is_escaped_ = true;
      inner_ = next;
      at += 2;
      result_.is_quoted = true;
      return true;
    }
    if ((next == 'n' || next == 'r' || next == 't' || next == '0') &&
        (at + 2 >= line_.size() || context_.quote != 0 || !is_word_byte(line_[at + 2])))
      return finish(at);
    if (std::string_view{";/@,&|()$#:+-[]<>{}. "}.find(next) != std::string_view::npos) {
      result_.is_plain = false;
      if (next == ' ' && inner_ == 0 && !context_.is_shell) return finish(at);
      put(at + 1);
      at += 2;
      return true;
    }
    return keep(at);
  }

  /// &quot; and the like: quotes and blanks of markup.
  bool entity(std::size_t& at) {
    const auto text = rest(at);
    for (const std::string_view one : {"&quot;", "&#34;", "&#x22;", "&apos;", "&#39;", "&#x27;"}) {
      if (!text.starts_with(one)) continue;
      if (at != start_) return finish(at);
      at += one.size();
      result_.is_quoted = true;
      start_ = at;
      return true;
    }
    for (const std::string_view one : {"&#59;", "&#x3b;", "&#x3B;", "&semi;"}) {
      if (!text.starts_with(one)) continue;
      result_.is_plain = false;
      result_.value.put(';', places_.place(at));
      at += one.size();
      return true;
    }
    return finish(at);
  }

  /// One that ends a command ends the value; in a list of parameters it begins the next target.
  bool semicolon(std::size_t& at) {
    const auto after = rest(at + 1);
    const bool is_target = begins_target(after);
    if (context_.is_shell) {
      if (is_target) result_.ended_command = places_.place(at);
      return finish(at);
    }
    // Outside quotes a blank ends the word; what the ';' was for is not in the text.
    if (context_.quote == 0 && inner_ == 0 && !context_.is_unit && !after.empty() && is_blank(after.front()))
      return finish(at);
    const bool is_end = after.empty() || is_blank(after.front()) || after.front() == context_.quote;
    return is_target || (is_end && !context_.is_prose) || (!is_end && after.front() == ';') ? keep(at)
                                                                                            : finish(at);
  }

  /// A ',' ends the value in a list: the target is complete and no other one begins.
  bool ends_list(std::size_t at) const {
    const auto& text = result_.value.text();
    const auto last = text.rfind(';');
    const auto target = std::string_view{text}.substr(last == text.npos ? 0 : last + 1);
    const auto comma = target.find(',');
    if (comma == target.npos || target.find('@', comma) == target.npos) return false;
    const auto after = rest(at + 1);
    const bool is_end = after.empty() || is_blank(after.front()) || is_quote(after.front());
    if (context_.quote != 0 && !context_.is_list) return false;
    return is_end || (!begins_target(after) && !is_digit(after.front()));
  }

  /// A '.', a blank and a capital: the value is in a sentence, also in the strings of a program.
  bool is_followed_by_sentence() const {
    const auto after = rest(result_.end);
    return after.size() >= 2 && after[0] == ' ' && is_upper(after[1]) && result_.value.text().ends_with('.');
  }
  /// What ends a sentence is not the value's.
  void end_sentence() {
    auto size = result_.value.text().size();
    while (size > 0 &&
           std::string_view{".,:;!?)*"}.find(result_.value.text()[size - 1]) != std::string_view::npos &&
           (result_.placeholders.empty() || result_.placeholders.back().end < size))
      --size;
    if (size == result_.value.text().size() || size == 0) return;
    result_.value = result_.value.part(0, size);
  }

  const logical_line& places_;
  std::string_view line_;
  value_context context_;
  value_in_text result_;
  std::size_t start_ = 0;
  char inner_ = 0;
  bool is_escaped_ = false, is_closed_ = false;
  std::size_t depth_ = 0;
};

}  // namespace netcon::inline v0_1::detail
