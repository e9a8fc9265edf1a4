// SPDX-License-Identifier: MIT
// /etc/default/grub: assignments of a shell, of which GRUB's script gets the values.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/found.hpp>
#include <netcon/lint/internal/grub_words.hpp>
#include <netcon/lint/internal/placeholder.hpp>
#include <netcon/lint/internal/shell_statement.hpp>
#include <netcon/lint/internal/text_reader.hpp>
#include <netcon/lint/internal/value_reader.hpp>
#include <netcon/lint/source_map.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

class grub_defaults {
 public:
  grub_defaults(std::string_view text, found_list& to)
      : text_{text}, to_{to}, lines_{text, rules_of(config_format::grub), to} {}

  void read() {
    for (std::size_t start = 0; start < text_.size();) start = statement(start);
    for (auto& [name, one] : variables_) {
      if (is_for_linux(name)) {
        // Both are on the command line of an ordinary entry, the default ones last.
        const bool is_usual = name == "GRUB_CMDLINE_LINUX" || name == "GRUB_CMDLINE_LINUX_DEFAULT";
        read_command(one.value, is_usual ? 0 : ++group_);
      } else if (is_for_xen(name)) {
        not_read(one.value);
      } else if (!one.is_used) {
        lines_.read(one.begin, one.end);
      }
    }
  }

 private:
  struct variable {
    source_map value;
    std::size_t begin = 0, end = 0;  // its assignment, as far as that is in one line
    bool is_used = false;
    std::vector<std::size_t> branches;  // of if and case that the assignment lies in
    std::size_t outer_size = 0;         // of the value: what it was before that branch
  };

  static bool is_for_linux(std::string_view name) {
    return name.starts_with("GRUB_CMDLINE_") && !is_for_xen(name);
  }
  static bool is_for_xen(std::string_view name) {
    return name == "GRUB_CMDLINE_XEN" || name == "GRUB_CMDLINE_XEN_DEFAULT";
  }

  /// Where the line of a byte ends. A line may have a million statements, and each one asks.
  std::size_t line_end(std::size_t at) {
    if (at < line_begin_ || at > line_end_) {
      line_begin_ = at;
      line_end_ = find_or_end(text_, "\n", at);
    }
    return line_end_;
  }

  /// The statement at `start`; gives where the next one begins. A quoted value may have several lines.
  std::size_t statement(std::size_t start) {
    const bool is_conditional = std::exchange(is_conditional_, false);
    auto at = start;
    while (at < text_.size() && text_[at] != '\n' && is_blank(text_[at])) ++at;
    at += declaration_size(text_.substr(at));
    const auto size = prefix_size(text_.substr(at), is_word_byte);
    const auto name = text_.substr(at, size);
    if (const auto next = keyword(start, at, name); next != start) return next;
    if (!begins_assignment(text_.substr(at))) {
      const auto next = assignment_after(at);
      lines_.read(start, next == text_.npos ? line_end(start) : next);
      return next == text_.npos ? line_end(start) + 1 : next;
    }
    at += size;
    const bool appends = text_[at] == '+';
    if (appends) ++at;
    variable one;
    one.begin = start;
    one.end = line_end(start);
    one.branches = branches_;
    if (is_conditional) one.branches.push_back(++last_branch_);
    const auto old = variables_.find(name);
    if (old != variables_.end() && are_exclusive(old->second.branches, one.branches))
      leave_branch(name, old->second);
    const auto old_size = old == variables_.end() ? 0 : old->second.value.text().size();
    if (old != variables_.end())
      one.outer_size = old->second.branches == one.branches ? old->second.outer_size : old_size;
    bool keeps = appends;
    if (appends && old != variables_.end()) one.value = std::move(old->second.value);
    if (!word(++at, one.value, name, keeps)) {
      if (keeps && old != variables_.end() && old->second.value.text().empty())
        old->second.value = one.value.part(0, old_size);
      const auto line = text_.substr(start, one.end - start);
      const auto quote = line.find_first_of("\"'");
      if (name.starts_with("GRUB_CMDLINE_") && quote != line.npos && line.find("netconsole=") != line.npos)
        to_.problems.push_back({text_errc::unclosed_quote, severity::warning,
                                text_range::between(start + quote, start + quote + 1), std::nullopt});
      return line_end(at) + 1;
    }
    one.end = std::min(one.end, at);
    auto next = line_end(at) + 1;
    const bool is_in_word = at < text_.size() && text_[at] == ';' && ends_parameter(one.value.text()) &&
                            target_follows(text_.substr(0, line_end(at)), at);
    if (is_in_word) {
      if (name.starts_with("GRUB_CMDLINE_"))
        to_.problems.push_back({text_errc::semicolon_ends_command, severity::warning,
                                text_range::between(at, at + 1), std::nullopt});
    } else {
      if (name.starts_with("GRUB_CMDLINE_") && at < text_.size() && is_blank(text_[at])) value_ends(at);
      while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
      if (const auto follows = separator_size(at); follows != 0) {
        next = at + follows;
      } else if (begins_assignment(text_.substr(at)) && !text_.substr(at).starts_with("netconsole=")) {
        next = at;
        is_conditional_ = is_conditional;
      }
    }
    if (!keeps) one.outer_size = 0;
    if (old != variables_.end() && !keeps) replaced(name, old->second, one);
    variables_[name] = std::move(one);
    return next;
  }

  /// How many bytes the ';', '&&' or '||' at `at` is, 0 for none. After the latter two a statement is run or
  /// not.
  std::size_t separator_size(std::size_t at) {
    const auto rest = text_.substr(at);
    if (rest.starts_with("&&") || rest.starts_with("||")) {
      is_conditional_ = true;
      return 2;
    }
    return rest.starts_with(';') || rest.starts_with('&') ? 1 : 0;
  }
  /// Where an assignment begins in the rest of a line, after another command; npos for none.
  std::size_t assignment_after(std::size_t at) {
    char quote = 0;
    const auto end = line_end(at);
    for (bool is_word = false; at < end; ++at) {
      char c = text_[at];
      if (c == '\\' && quote != '\'') {
        ++at;
      } else if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (is_quote(c)) {
        quote = c;
      } else if (c == '#' && !is_word) {
        break;
      } else if (const auto size = dollar_size(text_.substr(at)); size != 0) {
        at += size - 1;
      } else if (const auto follows = separator_size(at); follows != 0 || c == '{') {
        auto next = at + (follows == 0 ? 1 : follows);
        while (next < end && (is_blank(text_[next]) || text_[next] == '{')) ++next;
        const auto rest = text_.substr(next, end - next);
        const auto word = rest.substr(0, prefix_size(rest, is_word_byte));
        if (word == "then" || word == "do" || word == "else") return next;
        if (begins_assignment(rest.substr(declaration_size(rest)))) return next;
        is_conditional_ = false;
        at = next - 1;
        c = text_[at];
      }
      is_word = !is_blank(c);
    }
    is_conditional_ = false;
    return text_.npos;
  }

  /// Words that other statements follow, and those of which one of several branches is run. Gives where the
  /// next statement begins, or `start` where there is no such word.
  std::size_t keyword(std::size_t start, std::size_t at, std::string_view word) {
    const auto after = at + word.size();
    const auto rest = text_.substr(at, line_end(at) - at);
    const auto is = [&](auto... words) {
      return ((word == words) || ...) &&
             (word.size() == rest.size() || is_blank(rest[word.size()]) || rest[word.size()] == ';');
    };
    const auto command_end = [&] { return find_or_end(text_, ";\n", after); };
    if (is("then", "do")) return after;
    if (is("fi", "esac")) {
      if (!branches_.empty()) branches_.pop_back();
      return command_end() + 1;
    }
    if (is("else", "elif") || rest.starts_with(";")) {
      if (!branches_.empty()) branches_.back() = ++last_branch_;
      return rest.starts_with(";") ? at + 1 : word == "else" ? after : command_end() + 1;
    }
    if (is("if", "case")) {
      constexpr std::size_t most = 64;
      if (branches_.size() < most) branches_.push_back(++last_branch_);
      auto end = word == "case" ? line_end(after) : command_end();
      if (const auto in = word == "case" ? rest.find(" in ") : rest.npos; in != rest.npos) end = at + in + 3;
      lines_.read(start, end);
      return end + 1;
    }
    const auto pattern = branches_.empty() ? 0 : pattern_size(rest);
    if (pattern == 0) return start;
    branches_.back() = ++last_branch_;
    return at + pattern;
  }

  /// Takes the value of an assignment from `at` on, without its quotes and backslashes, with the values of
  /// variables that are known. False where the quotes do not close.
  bool word(std::size_t& at, source_map& to, std::string_view own_name, bool& keeps) {
    char quote = 0;
    for (; at < text_.size(); ++at) {
      const char c = text_[at];
      if (quote == 0 && (is_blank(c) || c == ';' || c == '&' || c == '|')) return true;
      if (const auto size = quote == '\'' ? 0 : expansion(at, to, own_name, keeps); size != 0) {
        at += size - 1;
      } else if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
      } else if (c == quote) {
        quote = 0;
      } else if (c == '\\' && quote != '\'' && at + 1 < text_.size()) {
        const char next = text_[at + 1];
        const bool is_escape =
            quote == 0 || std::string_view{"$`\"\\\n"}.find(next) != std::string_view::npos;
        if (!is_escape) to.put(c, at);
        ++at;
        if (next != '\n') to.put(next, at);
      } else {
        to.put(c, at);
      }
    }
    return quote == 0;
  }

  /// $NAME and ${NAME} by the value, other placeholders as they are; gives how many bytes that takes.
  std::size_t expansion(std::size_t at, source_map& to, std::string_view own_name, bool& keeps) {
    const auto rest = text_.substr(at);
    const bool is_dollar = rest.front() == '$';
    const auto size = is_dollar             ? dollar_size(rest)
                      : rest.front() == '`' ? command_size(rest)
                                            : template_size(rest);
    if (size == 0) return 0;
    auto name = rest.substr(1, size - 1);
    if (name.starts_with('{') && name.ends_with('}')) name = name.substr(1, name.size() - 2);
    if (!is_dollar || !all_bytes(name, is_word_byte)) return computed(at, size, to, own_name, keeps);
    if (name == own_name) keeps = true;
    if (!put_value(name, to, own_name))
      for (std::size_t i = 0; i < size; ++i) to.put(text_[at + i], at + i);
    return size;
  }
  /// Each use may double a value, and each branch reads it again: how much of that is done for one file.
  bool may_read_again(const source_map& value) {
    constexpr std::size_t most = 1u << 22;
    if (value.text().size() > most - read_again_) return false;
    read_again_ += value.text().size();
    return true;
  }
  /// The value of a variable; false where it is not known.
  bool put_value(std::string_view name, source_map& to, std::string_view own_name) {
    const auto known = variables_.find(name);
    if (known == variables_.end()) return false;
    known->second.is_used = true;
    if (name == own_name && to.text().empty()) {
      to = std::exchange(known->second.value, {});
      return true;
    }
    const auto& value = known->second.value;
    if (!may_read_again(value)) return false;
    for (std::size_t i = 0; i < value.text().size(); ++i) to.put(value.text()[i], value.place(i));
    return true;
  }
  /// ${NAME:-text}, ${NAME:+text} by value and text. What ${NAME%text}, $(command) and `command` make of the
  /// variable's own value is taken for that value, and a parameter in such a text is read by itself.
  std::size_t computed(std::size_t at, std::size_t size, source_map& to, std::string_view own_name,
                       bool& keeps) {
    const auto whole = text_.substr(at, size);
    if (whole.starts_with("${")) {
      const auto name = whole.substr(2, prefix_size(whole.substr(2), is_word_byte));
      const auto word = 2 + name.size() + (whole.substr(2 + name.size()).starts_with(':') ? 1 : 0);
      const char kind = whole[word];
      if (!name.empty() && (kind == '+' || kind == '-' || kind == '=')) {
        if (name == own_name && kind != '+') keeps = true;
        if (kind == '+' || !put_value(name, to, own_name))
          text_of(at + word + 1, at + size - 1, to, own_name, keeps);
        return size;
      }
    }
    if (whole.find(parameter_name) != whole.npos) lines_.read(at, at + size);
    for (auto use = whole.find(own_name); use != whole.npos; use = whole.find(own_name, use + 1)) {
      const auto end = use + own_name.size();
      const bool is_whole = whole[use - 1] == '$' || whole[use - 1] == '{';
      if (!is_whole || (end < whole.size() && is_word_byte(whole[end]))) continue;
      keeps = true;
      if (put_value(own_name, to, own_name)) return size;
    }
    for (std::size_t i = 0; i < size; ++i) to.put(text_[at + i], at + i);
    return size;
  }
  /// The text in an expansion, without its quotes.
  void text_of(std::size_t at, std::size_t end, source_map& to, std::string_view own_name, bool& keeps) {
    for (; at < end; ++at) {
      if (const auto size = expansion(at, to, own_name, keeps); size != 0)
        at += size - 1;
      else if (!is_quote(text_[at]))
        to.put(text_[at], at);
    }
  }

  /// A blank that ends an assignment matters where a parameter follows.
  void value_ends(std::size_t blank) {
    // Of the values of one line, all that a parameter follows have the same one behind them.
    if (blank < looked_from_ || blank >= looked_to_) look_for_parameter(blank);
    if (!parameter_follows_) return;
    const auto where = text_range::between(blank, blank + 1);
    to_.problems.push_back({text_errc::blank_ends_value, severity::warning, where, std::nullopt});
  }
  void look_for_parameter(std::size_t at) {
    looked_from_ = at;
    parameter_follows_ = false;
    while (at < text_.size() && text_[at] != '\n' && text_[at] != '#') {
      const auto part = text_.substr(at, find_or_end(text_, " \t\n;&|", at) - at);
      parameter_follows_ = part.starts_with("netconsole=") || part.starts_with("netconsole.netconsole=");
      if (parameter_follows_ || (part.empty() && !is_blank(text_[at]))) break;
      at += part.empty() ? 1 : part.size();
    }
    looked_to_ = at;
  }

  void read_command(const source_map& value, std::size_t group) {
    read_grub_command(value, grub_place::defaults, {.group = group}, to_);
  }
  /// Whether neither of two assignments lies in a branch that the other one is in too.
  static bool are_exclusive(const std::vector<std::size_t>& one, const std::vector<std::size_t>& other) {
    const auto [a, b] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
    return a != one.end() && b != other.end();
  }
  /// In another branch a variable has the value that it had before.
  void leave_branch(std::string_view name, variable& old) {
    const bool is_read = may_read_again(old.value);
    if (is_read && is_for_linux(name)) read_command(old.value, ++group_);
    if (!is_for_linux(name) && !old.is_used) lines_.read(old.begin, old.end);
    if (!is_read) old.outer_size = 0;
    old.value = old.value.part(0, std::min(old.outer_size, old.value.text().size()));
    old.branches.clear();
  }
  /// A value that another one is assigned after: it is gone, unless that happens only in another branch.
  void replaced(std::string_view name, const variable& old, const variable& by) {
    const bool is_gone = old.branches.size() >= by.branches.size() &&
                         std::equal(by.branches.begin(), by.branches.end(), old.branches.begin());
    if (!is_for_linux(name)) {
      if (!is_gone && !old.is_used) lines_.read(old.begin, old.end);
      return;
    }
    const auto first = to_.found.size();
    if (!is_gone) {
      if (may_read_again(old.value)) read_command(old.value, ++group_);
      return;
    }
    found_list later;
    read_grub_command(by.value, grub_place::defaults, {}, later);
    if (later.found.empty()) return not_read(old.value);
    read_command(old.value, ++group_);
    for (auto i = first; i < to_.found.size(); ++i) to_.found[i].is_overridden = true;
  }
  void not_read(const source_map& value) {
    found_list other;
    read_grub_command(value, grub_place::defaults, {}, other);
    for (const auto& one : other.found) {
      const auto where = one.value.place_of(text_range::between(0, one.value.text().size()));
      to_.problems.push_back({text_errc::not_read, severity::warning, where, std::nullopt});
    }
  }

  std::string_view text_;
  found_list& to_;
  text_reader lines_;
  std::map<std::string_view, variable> variables_;
  std::vector<std::size_t> branches_;
  std::size_t last_branch_ = 0;
  std::size_t read_again_ = 0;
  std::size_t line_begin_ = 1, line_end_ = 0;    // of the line that was asked for last
  std::size_t looked_from_ = 0, looked_to_ = 0;  // where a parameter was looked for last
  bool parameter_follows_ = false;               // there is one behind it
  bool is_conditional_ = false;                  // the next statement is run after && or ||
  std::size_t group_ = 0;
};

}  // namespace netcon::inline v0_1::detail
