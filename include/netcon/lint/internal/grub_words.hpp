// SPDX-License-Identifier: MIT
// What GRUB makes of a command: quotes and backslashes are taken off, words are passed on to the kernel.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/found.hpp>
#include <netcon/lint/internal/kernel_arguments.hpp>
#include <netcon/lint/internal/placeholder.hpp>
#include <netcon/lint/internal/shell_statement.hpp>
#include <netcon/lint/internal/value_reader.hpp>
#include <netcon/lint/source_map.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

/// How GRUB passes a word on: one with a blank in double quotes, each quote and backslash after a backslash
/// of its own but for \xNN (GRUB 2.12, lib/cmdline.c).
inline void pass_on(const source_map& word, source_map& to) {
  const auto& text = word.text();
  const bool has_blank = text.find(' ') != text.npos && text.find("{{") == text.npos &&
                         text.find("{%") == text.npos && text.find("$(") == text.npos &&
                         text.find("<%") == text.npos;
  if (has_blank) to.put('"', word.place(0));
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_byte = text[at] == '\\' && at + 3 < text.size() && text[at + 1] == 'x' &&
                         hex_value(text[at + 2]) >= 0 && hex_value(text[at + 3]) >= 0;
    if (!is_byte && (text[at] == '\\' || text[at] == '"' || text[at] == '\'')) to.put('\\', word.place(at));
    to.put(text[at], word.place(at));
  }
  if (has_blank) to.put('"', word.place(text.size() - 1));
}

/// A ';' that ends a command matters where a value is before it.
constexpr bool ends_parameter(std::string_view before) noexcept {
  const auto near = before.substr(before.size() - std::min(before.size(), max_value));
  const auto blank = near.find_last_of(" \t");
  if (blank == near.npos && near.size() < before.size()) return false;  // longer than any value
  return near.substr(blank == near.npos ? 0 : blank + 1).starts_with("netconsole");
}

/// Whether a target follows the ';' at `at`, behind further ones and blanks too: no command has an '@' in its
/// name, but an assignment may have one in its value.
constexpr bool target_follows(std::string_view text, std::size_t at) noexcept {
  const auto first = text.find_first_not_of("; \t", at);
  if (first == text.npos) return false;
  const auto rest = text.substr(first);
  if (begins_assignment(rest) && !rest.starts_with("netconsole")) return false;
  return dollar_size(rest) != 0 || template_size(rest) != 0 ||
         rest.substr(0, find_or_end(rest, " \t\r\n;&|", 0)).find('@') != rest.npos;
}

/// What the fix makes of the bare ';' at `at`: one between targets reaches the kernel after a backslash, one
/// beside nothing goes. Nothing where what follows is no target.
constexpr std::optional<std::string_view> better_semicolon(std::string_view text, std::size_t at) noexcept {
  const char next = at + 1 < text.size() ? text[at + 1] : '\0';
  if (next == ';') return "";
  if (target_follows(text, at)) return text[at - 1] == '=' ? "" : "\\;";
  if (next == '\0' || is_blank(next)) return "";
  return std::nullopt;
}

/// Reports the bare ';' of a parameter's word: one finding for those that the file has in one piece, with a
/// fix of them all. The fix of the first one alone would only lay open the next.
inline void report_ends_of_command(const source_map& line, std::span<const std::size_t> ends, bool is_fixable,
                                   found_list& to) {
  for (std::size_t i = 0; i < ends.size();) {
    const auto first = ends[i];
    auto last = first;
    const auto place = line.place(first);
    to.problems.push_back({text_errc::semicolon_ends_command, severity::warning,
                           text_range::between(place, place + 1), std::nullopt});
    // After a backslash that the shell takes off, a second one would not reach GRUB.
    if (!is_fixable || !line.is_contiguous(text_range::between(first - 1, first + 1))) return;
    std::string text;
    for (;;) {
      const auto better = better_semicolon(line.text(), last);
      if (!better) return;
      text.append(*better);
      if (++i == ends.size() || !line.is_contiguous(text_range::between(last, ends[i] + 1))) break;
      text.append(line.text(), last + 1, ends[i] - last - 1);
      last = ends[i];
    }
    auto end = last + 1;
    if (target_follows(line.text(), last)) end = line.text().find_first_not_of("; \t", end);
    if (!line.is_contiguous(text_range::between(last, end))) return;
    to.problems.back().fix = fix{text_range::between(place, line.place(end - 1) + 1), std::move(text)};
  }
}

/// A newline ends the command: the kernel does not get what follows.
inline void report_not_read(const source_map& line, std::size_t newline, found_list& to) {
  const auto& text = line.text();
  const auto name = text.find(parameter_name, newline);
  if (name == text.npos) return;
  const auto where = line.place_of(text_range::between(name, find_or_end(text, " \t\n\"'", name)));
  to.problems.push_back({text_errc::not_read, severity::warning, where, std::nullopt});
}

/// Where a command of GRUB stands.
enum class grub_place : std::uint8_t {
  defaults,  ///< in a variable: its end is that of the command
  script,    ///< in GRUB's script: other commands follow behind a ';'
};

/// The kernel's arguments in a command of GRUB's script: a bare ';' or newline ends it.
inline void read_grub_command(const source_map& line, grub_place place, const argument_list& list,
                              found_list& to) {
  const auto& text = line.text();
  source_map words, word;
  std::vector<std::size_t> ends;  // each bare ';' of the word that the command ends in
  char quote = 0;
  std::size_t opened = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (const auto size = template_size(std::string_view{text}.substr(at)); size != 0 && quote != '\'') {
      for (std::size_t i = 0; i < size; ++i) word.put(text[at + i], line.place(at + i));
      at += size - 1;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      opened = at;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && at + 1 < text.size()) {
      if (quote == '"' && std::string_view{"$\"\\"}.find(text[at + 1]) == std::string_view::npos)
        word.put(c, line.place(at));
      ++at;
      word.put(text[at], line.place(at));
    } else if (c == ';' && quote == 0) {
      if (ends.empty() && !ends_parameter(std::string_view{text}.substr(0, at))) break;
      const bool is_seen = !ends.empty() && ends.back() + 1 == at;  // with the one before
      if (place == grub_place::script && !is_seen && !target_follows(text, at)) break;
      if (ends.empty()) pass_on(word, words);
      ends.push_back(at);
    } else if (c == '\n' && quote == 0) {
      report_not_read(line, at, to);
      break;
    } else if ((c == ' ' || c == '\t') && quote == 0) {
      if (!ends.empty()) break;
      pass_on(word, words);
      word = {};
      words.put(c, line.place(at));
    } else {
      word.put(c, line.place(at));
    }
  }
  report_ends_of_command(line, ends, list.is_fixable, to);
  if (ends.empty()) pass_on(word, words);
  const bool is_unclosed = ends.empty() && quote != 0 &&
                           (text.find("netconsole=", opened) != text.npos ||
                            ends_parameter(std::string_view{text}.substr(0, opened)));
  if (is_unclosed) {
    const auto where = line.place_of(text_range::between(opened, opened + 1));
    to.problems.push_back({text_errc::unclosed_quote, severity::warning, where, std::nullopt});
  }
  auto quoted_list = list;
  quoted_list.takes_semicolon = false;
  quoted_list.is_fixable = list.is_fixable && !is_unclosed;
  kernel_arguments{words, quoted_list, to}.read();
}

}  // namespace netcon::inline v0_1::detail
