// SPDX-License-Identifier: MIT
// The words around a value that tell that it is none to be set: it is looked for, compared with or taken
// away.
#pragma once

#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/context_words.hpp>
#include <netcon/lint/internal/placeholder.hpp>

#include <cstddef>
#include <initializer_list>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// Whether the text ends with an option that takes arguments off a command line: grubby
/// --remove-args="netconsole=...", pbl --del-option and the like. The text is what is before the value, or
/// before its quotes.
constexpr bool is_removed(std::string_view text) noexcept {
  const auto dashes = text.rfind("--");
  const auto last = dashes == text.npos ? std::string_view{} : text.substr(dashes);
  if ((last.starts_with("--delete") || last.starts_with("--del-option") || last.starts_with("--remove")) &&
      last.find_first_of(";|&\n") == last.npos)
    return true;
  text = without_blanks_at_end(text);
  return (text.ends_with(" -d") || text.ends_with(" -d=")) && has_word(text, {"kernelstub"});
}

/// Whether the text ends with the option --replace of rpm-ostree kargs: NAME=OLD=NEW follows, or NAME=NEW.
constexpr bool is_replacement(std::string_view text) noexcept {
  text = without_blanks_at_end(text);
  return text.ends_with("--replace") || text.ends_with("--replace=");
}

/// Whether the text ends within the list of kernel arguments that must not exist, of Butane and Ignition.
constexpr bool is_to_be_absent(std::string_view text) noexcept {
  for (const std::string_view key : {"should_not_exist", "shouldNotExist"}) {
    const auto at = text.rfind(key);
    if (at == text.npos) continue;
    const auto list = text.substr(at + key.size());
    bool is_in_list = list.find(']') == list.npos;
    for (auto newline = list.find('\n'); newline != list.npos; newline = list.find('\n', newline + 1)) {
      const auto first = list.find_first_not_of(" \t\r", newline + 1);
      if (first != list.npos && std::string_view{"-#[\"'\n"}.find(list[first]) == std::string_view::npos)
        is_in_list = false;  // a key that follows
    }
    if (is_in_list) return true;
  }
  return false;
}

/// Whether the text ends with an operator that compares what follows, or in a shell with the '*' of a
/// pattern: [ "$x" = netconsole=... ], == *netconsole=...*, case $x in *netconsole=...*).
constexpr bool is_compared(std::string_view text, bool is_shell) noexcept {
  if (is_shell && text.ends_with('*')) return true;
  text = without_blanks_at_end(text);
  const auto before = text.find_last_not_of('=');
  const auto size = text.size() - (before == text.npos ? 0 : before + 1);
  if (size == 2 || size == 3) return true;  // more of them are a ruler
  if (text.ends_with("!=")) return true;
  return is_shell && text.ends_with(" =") && has_word(text, {"[", "[[", "test"});
}

/// Whether the text ends in the pattern of a shell's ${NAME%PATTERN} or ${NAME/PATTERN/TEXT}.
constexpr bool is_in_expansion_pattern(std::string_view text) noexcept {
  const auto open = text.rfind("${");
  if (open == text.npos) return false;
  auto rest = text.substr(open + 2);
  const auto name = prefix_size(rest, is_word_byte);
  rest.remove_prefix(name);
  if (name == 0 || rest.empty() || rest.find('}') != rest.npos) return false;
  const char operation = rest.front();
  rest.remove_prefix(rest.substr(1).starts_with(operation) ? 2 : 1);
  return operation == '%' || operation == '#' || (operation == '/' && rest.find('/') == rest.npos);
}

/// Whether what is before the quotes of a value takes it for what is looked for: x.replace("netconsole=...",
/// Ansible's regexp:.
constexpr bool takes_pattern(std::string_view text) noexcept {
  if (text.ends_with('r')) text.remove_suffix(1);  // of r"..."
  text = without_blanks_at_end(text);
  for (const std::string_view word :
       {"replace(", "replaceAll(", "includes(", "contains(", "startswith(", "startsWith(", "re.sub(",
        "re.search(", "re.match(", "re.compile(", "re.findall(", "regexp:", "regexp=", "search_string:"})
    if (text.ends_with(word)) return true;
  return false;
}

/// Whether what is behind a value looks for it: "netconsole=..." in text.
constexpr bool is_looked_for_in(std::string_view behind) noexcept {
  if (behind.empty() || !is_quote(behind.front())) return false;
  behind.remove_prefix(1);
  return behind.starts_with(" in ") || behind.starts_with(" not in ");
}

/// Whether the text ends in a command that looks for what follows.
constexpr bool is_searched(std::string_view text) noexcept {
  if (without_blanks_at_end(text).ends_with("=~")) return true;
  const auto begin = text.find_last_of("|;&()\n");
  return has_word(text.substr(begin == text.npos ? 0 : begin + 1),
                  {"grep", "egrep", "fgrep", "zgrep", "rg", "pgrep"});
}

/// Where in a script of sed a value is.
struct sed_part {
  char delimiter = 0;       // between the parts of an s command, or 0
  bool is_pattern = false;  // in what is looked for
};

/// The part of the script that `region` ends in; `command` is what is before the script's quotes.
constexpr sed_part sed_part_of(std::string_view command, std::string_view region) noexcept {
  if (!has_word(command, {"sed", "perl", "gsed", "awk", "-e", "-i", "-E", "-r", "-ri", "-Ei", "-pi"}))
    return {};
  for (auto at = region.rfind('s'); at != region.npos && at + 1 < region.size();
       at = at == 0 ? region.npos : region.rfind('s', at - 1)) {
    const bool begins = at == 0 || is_blank(region[at - 1]) || is_digit(region[at - 1]) ||
                        std::string_view{"/$};{|!"}.find(region[at - 1]) != std::string_view::npos;
    if (!begins || std::string_view{"/|#~!%:"}.find(region[at + 1]) == std::string_view::npos) continue;
    const char delimiter = region[at + 1];
    bool is_pattern = true;
    for (auto next = at + 2; next < region.size(); ++next)
      if (region[next] == '\\')
        ++next;
      else if (region[next] == delimiter)
        is_pattern = false;
    return {delimiter, is_pattern};
  }
  const auto rest = without_blanks_at_end(region);
  return {0, rest == "/" || rest == "/^" || rest.ends_with(" /")};
}

}  // namespace netcon::inline v0_1::detail
