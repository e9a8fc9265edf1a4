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
#include <netcon/lint/source_map.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// How GRUB passes a word on: one with a blank in double quotes, each quote and backslash after a backslash
/// of its own but for \xNN (GRUB 2.12, lib/cmdline.c).
inline void pass_on(const source_map& word, source_map& to) {
  const auto& text = word.text();
  const bool has_blank = text.find(' ') != text.npos && text.find("{{") == text.npos &&
                         text.find("$(") == text.npos && text.find("<%") == text.npos;
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
inline void report_end_of_command(std::string_view before, std::size_t place, bool is_escapable,
                                  found_list& to) {
  const auto blank = before.find_last_of(" \t");
  if (!before.substr(blank == before.npos ? 0 : blank + 1).starts_with("netconsole")) return;
  const auto where = text_range::between(place, place + 1);
  to.problems.push_back({text_errc::semicolon_ends_command, severity::warning, where, std::nullopt});
  if (is_escapable) to.problems.back().fix = fix{where, "\\;"};
}

/// The kernel's arguments in a command of GRUB's script: a bare ';' or newline ends it.
inline void read_grub_command(const source_map& line, const argument_list& list, found_list& to) {
  const auto& text = line.text();
  source_map words, word;
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
    } else if ((c == ';' || c == '\n') && quote == 0) {
      // After a backslash that the shell takes off, a second one would not reach GRUB.
      if (c == ';')
        report_end_of_command(
            std::string_view{text}.substr(0, at), line.place(at),
            list.is_fixable && at > 0 && line.is_contiguous(text_range::between(at - 1, at + 1)), to);
      break;
    } else if ((c == ' ' || c == '\t') && quote == 0) {
      pass_on(word, words);
      word = {};
      words.put(c, line.place(at));
    } else {
      word.put(c, line.place(at));
    }
  }
  if (quote != 0 && text.find("netconsole=", opened) != text.npos) {
    const auto where = line.place_of(text_range::between(opened, opened + 1));
    to.problems.push_back({text_errc::unclosed_quote, severity::warning, where, std::nullopt});
  }
  pass_on(word, words);
  auto quoted_list = list;
  quoted_list.takes_semicolon = false;
  kernel_arguments{words, quoted_list, to}.read();
}

}  // namespace netcon::inline v0_1::detail
