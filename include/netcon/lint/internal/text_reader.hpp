// SPDX-License-Identifier: MIT
// Finds netconsole parameters in a text of any kind, line by line: a value is behind a netconsole= that is a
// name of its own.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/context_words.hpp>
#include <netcon/lint/internal/found.hpp>
#include <netcon/lint/internal/line_state.hpp>
#include <netcon/lint/internal/logical_line.hpp>
#include <netcon/lint/internal/placeholder.hpp>
#include <netcon/lint/internal/search_words.hpp>
#include <netcon/lint/internal/settings_beside.hpp>
#include <netcon/lint/internal/value_reader.hpp>

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

/// Finds the parameters of a text line by line.
class text_reader {
 public:
  text_reader(std::string_view text, const text_rules& rules, found_list& to)
      : text_{text}, rules_{rules}, state_{rules}, to_{to} {}

  void run() {
    if (text_.find("netconsole") != text_.npos) read(0, text_.size());
  }

  /// The lines of a part of the text.
  void read(std::size_t start, std::size_t last) {
    while (start < last) start = line(start, last) + 1;
  }

 private:
  static constexpr std::string_view module_name = "netconsole.netconsole=";

  /// The line that begins at `start`, with those that it goes on in; gives where it ends.
  std::size_t line(std::size_t start, std::size_t last) {
    base_ = start;
    auto end = find_or_end(text_.substr(0, last), "\n", start);
    auto first_line = text_.substr(start, end - start);
    if (first_line.ends_with('\r')) first_line.remove_suffix(1);
    const auto first = state_.take(first_line);
    if (!first) return end;
    logical_ = logical_line{text_, start, end, last, rules_, state_.in_document()};
    for (; end < logical_.end(); end = find_or_end(text_.substr(0, last), "\n", end + 1))
      state_.follow(text_.substr(end + 1, find_or_end(text_.substr(0, last), "\n", end + 1) - end - 1));
    line_ = logical_.text();
    parts(*first);
    return logical_.end();
  }

  /// What is in a line, from `at` on.
  void parts(std::size_t at) {
    const bool has_name = line_.find("netconsole") != line_.npos;
    const bool may_begin_comment = line_.find("/*") != line_.npos || line_.find("<!--") != line_.npos;
    if (!has_name && !may_begin_comment) return;
    quote_ = 0;
    last_end_ = 0;
    ++group_;
    while (at < line_.size() && take(at)) {
    }
  }

  bool is_prefixed(std::size_t at) const {
    if (at == 0) return false;
    const char before = line_[at - 1];
    if (at >= 2 && line_[at - 2] == '\\' && (before == 'n' || before == 't' || before == 'r')) return false;
    if (at >= 3 && line_[at - 3] == '\\' && line_[at - 2] == 'f' && is_upper(before)) return false;
    // What a pattern has in its parentheses, \1 and $1, is one digit long.
    if (at >= 2 && is_digit(before) && (line_[at - 2] == '\\' || line_[at - 2] == '$')) return false;
    // The delimiter of sed may be any of them.
    if (quote_ != 0 && sed_part_of(command(), this->before(at)).delimiter == before) return false;
    return is_word_byte(before) || std::string_view{"-.$#@%"}.find(before) != std::string_view::npos;
  }

  /// Takes what is at `at`; false where the rest of the line is a comment.
  bool take(std::size_t& at) {
    const char c = line_[at];
    if (quote_ == 0 && (c == '#' || c == '/' || c == '<') && state_.comment_at(line_, at)) {
      const bool is_block = c == '<' || line_.substr(at).starts_with("/*");
      const std::string_view close = c == '<' ? "-->" : "*/";
      const auto end = is_block ? line_.find(close, at) : line_.npos;
      if (end == line_.npos) return false;
      at = end + close.size();
      return true;
    }
    const auto rest = line_.substr(at);
    if (c == 'n' && rest.starts_with("netconsole") && !is_prefixed(at)) {
      if (rest.starts_with(module_name)) return value(at, module_name.size(), true);
      if (rest.starts_with(parameter_name)) return value(at, parameter_name.size(), false);
      if (rest.size() > 10 && is_blank(rest[10])) return forgotten_name(at);
    }
    if (c == '\n') return skip_comments(at);
    if (c == '\\' && at + 1 < line_.size() && !(rules_.is_shell && quote_ == '\'')) {
      at += is_quote(line_[at + 1]) || line_[at + 1] == '\\' ? 2u : 1u;
      return true;
    }
    if (is_quote(c)) follow_quote(at);
    ++at;
    return true;
  }

  /// In a script that is a string lines may be comments.
  bool skip_comments(std::size_t& at) const {
    const auto next = find_operand(line_, at);
    at = next < line_.size() && line_[next] == '#' ? find_or_end(line_, "\n", next) : at + 1;
    return true;
  }

  void follow_quote(std::size_t at) {
    const char open = logical_line::quote_after(line_, at, quote_, rules_);
    if (quote_ == 0) opened_ = at + 1;
    quote_ = open;
  }

  /// What is in the same quotes, or on the same line where there are none, before `at`.
  std::string_view before(std::size_t at) const {
    auto first = quote_ != 0 ? opened_ : 0;
    if (at - first > max_context) first = at - max_context;
    return line_.substr(first, at - first);
  }
  std::string_view after(std::size_t at) const {
    const auto text = line_.substr(at, max_context);
    return quote_ == 0 ? text : text.substr(0, text.find(quote_));
  }

  /// What is before the quotes that are open.
  std::string_view command() const {
    const auto end = quote_ == 0 ? 0 : opened_ - 1;
    const auto first = end > max_context ? end - max_context : 0;
    return line_.substr(first, end - first);
  }

  /// Whether what the line runs is run without a shell: a ';' there is a byte as any other.
  bool is_without_shell() const {
    const auto from = base_ > max_context ? base_ - max_context : 0;
    const auto before_line = text_.substr(from, base_ == from ? 0 : base_ - 1 - from);
    const auto newline = before_line.rfind('\n');
    const auto line_before = before_line.substr(newline == before_line.npos ? 0 : newline + 1);
    return rules_.is_unit || runs_program(line_.substr(0, max_context), line_before);
  }

  value_context context(std::size_t at) const {
    value_context c;
    c.quote = quote_;
    c.is_prose = rules_.is_prose;
    c.is_markup = rules_.is_markup;
    c.is_unit = rules_.is_unit;
    c.is_list = at > 0 && line_[at - 1] == ',';
    const auto region = before(at);
    const bool is_script = runs_shell(region) || runs_shell(command());
    const bool runs = has_word(region, {"modprobe", "insmod", "setenv", "env set", "fw_setenv"});
    c.is_shell =
        is_script || (runs && !is_without_shell()) ||
        (quote_ == 0 && !state_.in_document() &&
         (rules_.is_shell || has_word(region, {"kexec", "grubby", "echo", "printf", "export", "RUN"})));
    c.has_commands = !rules_.is_prose && (c.is_shell || rules_.is_shell) && quote_ != '`' && quote_ != '\'';
    if (quote_ != 0) c.delimiter = sed_part_of(command(), region).delimiter;
    // =netconsole=...= and ~...~ are code in an Org document.
    const bool is_marked =
        at > 0 && (line_[at - 1] == '=' || line_[at - 1] == '~') && (at == 1 || is_blank(line_[at - 2]));
    if (rules_.is_prose && is_marked) c.delimiter = line_[at - 1];
    return c;
  }
  /// The value of the name of `size` bytes at `at`; goes on after it.
  bool value(std::size_t& at, std::size_t size, bool has_module_name) {
    const auto region = before(at);
    const auto names_module = [](std::string_view text) {
      return has_word(text, {"modprobe netconsole", "options netconsole", "netconsole"}) ||
             text.find("netconsole.ko") != text.npos;
    };
    // In quotes of its own it is a word of the command before them.
    const bool is_word = quote_ != 0 && region.empty();
    const bool by_program = names_module(is_word ? last_command(command()) : region);
    const auto around = context(at);
    auto start = at + size;
    auto read = value_reader{logical_, around}.read(start);
    const auto end = read.end > start ? read.end : start;
    if (is_replacement(is_word ? command() : region))
      if (const auto equals = line_.substr(start, end - start).rfind('='); equals != line_.npos) {
        start += equals + 1;
        read = value_reader{logical_, around}.read(start);
      }
    const bool goes_on = is_concatenated(read.value.text(), end);
    if (goes_on && !read.value.text().empty() && read.value.text().find('@') != std::string::npos) {
      const auto whole = read.value.place_of(text_range::between(0, read.value.text().size()));
      to_.problems.push_back({text_errc::not_expanded, severity::note, whole, std::nullopt});
    } else if (!is_no_setting(region, at, end) && is_value(read, region, after(end), start, by_program)) {
      found_parameter one;
      one.for_module = has_module_name || by_program;
      // Only words between two values of the same quotes are a part of the same command line.
      const auto between = line_.substr(last_end_ < at ? last_end_ : at, last_end_ < at ? at - last_end_ : 0);
      if (quote_ != last_quote_ || opened_ != last_opened_ || rules_.is_prose ||
          between.find_first_of("|&;,()\"'`") != between.npos ||
          has_word(between, {"modprobe", "insmod", "or", "and"}))
        ++group_;
      last_end_ = end;
      last_quote_ = quote_;
      last_opened_ = opened_;
      one.group = group_;
      one.has_placeholder = !read.placeholders.empty();
      one.has_commands = read.has_command();
      one.is_fixable = read.is_plain;
      one.takes_semicolon = quote_ != 0 || read.is_quoted || !around.is_shell;
      if (!rules_.is_prose) settings_beside(at, end, by_program, group_);
      one.value = std::move(read.value);
      to_.found.push_back(std::move(one));
      if (read.ended_command)
        to_.problems.push_back({text_errc::semicolon_ends_command, severity::warning,
                                text_range::between(*read.ended_command, *read.ended_command + 1),
                                std::nullopt});
    }
    at = end;
    return true;
  }

  static std::string_view last_command(std::string_view text) {
    const auto end = text.find_last_of(";|&()\n");
    return text.substr(end == text.npos ? 0 : end + 1);
  }

  /// The settings in the same quotes or command, and in the strings of the same list.
  void settings_beside(std::size_t at, std::size_t end, bool module_options, std::size_t group) {
    constexpr std::string_view ends = ";|&()\n";
    auto words = before(at);
    if (const auto cut = words.find_last_of(quote_ == 0 || module_options ? ends : "\n"); cut != words.npos)
      words.remove_prefix(cut + 1);
    const bool is_element = quote_ != 0 && words.empty();
    const auto first = at - words.size();
    auto rest = after(end);
    rest = rest.substr(0, rest.find_first_of(quote_ == 0 || module_options ? ends : std::string_view{"\n"}));
    find_settings(
        words, module_options, group, [&](std::size_t i) { return logical_.place(first + i); }, to_);
    find_settings(rest, module_options, group, [&](std::size_t i) { return logical_.place(end + i); }, to_);
    if (!is_element) return;
    if (module_options) {
      rest = line_.substr(end, max_context);
      rest = rest.substr(0, rest.find_first_of(ends));
      return find_settings(rest, true, group, [&](std::size_t i) { return logical_.place(end + i); }, to_);
    }
    const auto list = list_around(text_, logical_.place(at), max_context);
    find_settings(list.in(text_), false, group, [&](std::size_t i) { return list.begin + i; }, to_);
  }

  /// Whether a value that is not complete goes on behind the quotes: "netconsole=@" + ip, "..." "...",
  /// '...'$IP.
  bool is_concatenated(std::string_view value, std::size_t end) const {
    const auto target = value.substr(value.rfind(';') + 1);
    if (quote_ == 0 || end >= line_.size() || line_[end] != quote_) return false;
    const auto comma = target.find(',');
    const auto second = comma == target.npos ? comma : target.find('@', comma);
    if (second != target.npos && target.find('/', second) != target.npos) return false;
    auto next = line_.substr(end + 1);
    if (!next.empty() && (next.front() == '$' || is_quote(next.front()) || is_word_byte(next.front())))
      return true;
    const auto skip = [](std::string_view& text) {
      while (!text.empty() && (is_blank(text.front()) || text.front() == '\\')) text.remove_prefix(1);
    };
    skip(next);
    if (next.starts_with('\n')) return false;
    if (!next.empty()) return joins(next) || (rules_.slash_comments && is_word_byte(next.front()));
    const auto line_end = text_.find('\n', logical_.place(end));
    // Lines of prose and commands of a shell are lines of their own.
    if (line_end == text_.npos || rules_.is_prose || rules_.is_shell) return false;
    auto following = text_.substr(line_end + 1, max_context);
    following = following.substr(0, following.find('\n'));
    if (rules_.is_patch && !following.empty()) following.remove_prefix(1);
    skip(following);
    return joins(following);
  }
  /// Whether what follows a string is joined to it. Strings in a row are joined in code only: elsewhere they
  /// are the elements of a list. There, and in code too, the next one must go on with the target.
  bool joins(std::string_view text) const {
    if (text.starts_with('+') || text.starts_with("<<")) return true;
    if (!rules_.is_code) return false;
    if (text.starts_with("..")) return true;
    if (text.starts_with('.')) {
      const auto operand = text.substr(find_operand(text, 1));
      return operand.starts_with('$') || (!operand.empty() && is_quote(operand.front()));
    }
    if (text.starts_with('f')) text.remove_prefix(1);
    if (!text.starts_with('"') && !text.starts_with('\'')) return false;
    const auto word = text.substr(1, find_or_end(text, " \t\"'=", 1) - 1);
    return word.find_first_of("@/,{%$") != word.npos;
  }
  static std::size_t find_operand(std::string_view text, std::size_t at) {
    while (at < text.size() && is_blank(text[at])) ++at;
    return at;
  }

  /// Whether the value between the places is one that a text looks for, compares with or takes away.
  bool is_no_setting(std::string_view region, std::size_t at, std::size_t end) const {
    if (is_removed(region) || is_searched(region)) return true;
    if (quote_ != 0 &&
        (is_removed(command()) || is_searched(command()) || sed_part_of(command(), region).is_pattern))
      return true;
    if (rules_.is_prose) return false;
    const auto place = logical_.place(at);
    if (is_to_be_absent(text_.substr(place > max_context ? place - max_context : 0,
                                     place > max_context ? max_context : place)))
      return true;
    const bool is_shell = rules_.is_shell && !state_.in_document();
    if (is_compared(region, is_shell) || is_in_expansion_pattern(region)) return true;
    if (is_looked_for_in(line_.substr(end < line_.size() ? end : line_.size()))) return true;
    return quote_ != 0 && region.empty() && (is_compared(command(), is_shell) || takes_pattern(command()));
  }

  /// Whether what was read is a value of the parameter: prose and code have the name without one.
  bool is_value(const value_in_text& read, std::string_view before, std::string_view after, std::size_t at,
                bool by_program) const {
    const std::string_view value = read.value.text();
    const bool is_command_line = !rules_.is_prose && (has_kernel_words(before) || has_kernel_words(after));
    if (value.empty()) {
      const char next = at < line_.size() ? line_[at] : '\0';
      const bool is_alone = next == '\0' || is_blank(next) || is_quote(next);
      return is_alone && is_command_line && !rules_.is_prose;
    }
    if (value == "@" && !by_program && !is_command_line) return false;  // what a program looks for
    if (value.starts_with("3D")) return false;                          // an '=' of quoted-printable mail
    // Regular expressions and patterns of a shell.
    if (std::string_view{"*?^()|.\\"}.find(value.front()) != std::string_view::npos &&
        !read.has_placeholder_at(0))
      return false;
    if (value.front() == '[' && !read.has_placeholder_at(0)) return false;
    if (value.find(".*") != value.npos || value.find("[^") != value.npos || value.find("\\S") != value.npos)
      return false;
    if (read.is_all_placeholder()) return true;
    if (value.find('@') != value.npos || looks_like_address(value)) return true;
    if (!read.placeholders.empty()) return value.find_first_of("/,") != value.npos;
    return (is_command_line || by_program) && value.size() > 1;
  }

  static bool looks_like_address(std::string_view value) {
    std::size_t dots = 0, colons = 0, digits = 0;
    for (const char c : value) {
      dots += c == '.' ? 1u : 0u;
      colons += c == ':' ? 1u : 0u;
      digits += is_digit(c) ? 1u : 0u;
    }
    return (dots >= 3 && digits >= 4) || (colons >= 2 && digits >= 2);
  }

  /// "options netconsole 6665@...": what follows the name of the module has no name.
  bool forgotten_name(std::size_t& at) {
    const auto region = before(at);
    auto command = region;
    while (!command.empty() && is_blank(command.back())) command.remove_suffix(1);
    auto start = at + 10;
    while (start < line_.size() && is_blank(line_[start])) ++start;
    const auto rest = line_.substr(start);
    const auto blank = command.find_last_of(" \t\"'`/;&|(");
    const auto word = command.substr(blank == command.npos ? 0 : blank + 1);
    const bool is_option = word.starts_with('-') && has_word(command, {"modprobe"});
    at += 10;
    if (!(word == "modprobe" || word == "options" || word == "insmod" || is_option)) return true;
    const char quote = !rest.empty() && is_quote(rest.front()) ? rest.front() : '\0';
    const auto target = quote == 0 ? rest : rest.substr(1);
    if (!begins_target(target) || target.starts_with("netconsole") || target.find(',') == target.npos)
      return true;
    auto c = context(at);
    auto read = value_reader{logical_, c}.read(start);
    const auto end = read.end;
    if (read.value.text().find("netconsole=") == std::string::npos) {
      const auto where = text_range::between(logical_.place(start), logical_.place(start));
      to_.problems.push_back({text_errc::name_forgotten, severity::warning,
                              text_range::between(where.begin, logical_.place(end)),
                              fix{where, "netconsole="}});
    }
    at = end;
    return true;
  }

  std::string_view text_;
  text_rules rules_;
  line_state state_;
  found_list& to_;
  std::size_t base_ = 0;
  logical_line logical_;
  std::string_view line_;
  char quote_ = 0, last_quote_ = 0;
  std::size_t opened_ = 0, last_opened_ = 0, last_end_ = 0;
  std::size_t group_ = 1u << 20;  // other than those of readers that number lines
};

}  // namespace netcon::inline v0_1::detail
