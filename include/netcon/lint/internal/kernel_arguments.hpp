// SPDX-License-Identifier: MIT
// The kernel's own splitting of its command line, and of the options that modprobe hands to a module.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/found.hpp>
#include <netcon/lint/internal/panic_settings.hpp>
#include <netcon/lint/internal/placeholder.hpp>
#include <netcon/lint/internal/value_reader.hpp>
#include <netcon/lint/source_map.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// What a list of arguments is.
struct argument_list {
  std::size_t group = 0;
  bool is_module_options = false;
  bool takes_semicolon = true;
  bool is_fixable = true;
};

/// Splits at white space outside double quotes. A lone "--" ends the kernel's part.
class kernel_arguments {
 public:
  kernel_arguments(const source_map& line, const argument_list& list, found_list& to)
      : line_{line}, text_{line.text()}, list_{list}, to_{to} {}

  void read() {
    const auto first_found = to_.found.size();
    // The kernel's isspace also knows the no-break space of Latin-1; that of UTF-8 is another byte pair.
    for (std::size_t at = 0; at < text_.size();) {
      if (is_space(at)) {
        ++at;
        continue;
      }
      bool in_quotes = false;
      const auto first = at;
      auto quote = at;
      while (at < text_.size() && (in_quotes || !is_space(at))) {
        if (const auto size = template_size(text_.substr(at)); size != 0) {
          at += size;
          continue;
        }
        if (text_[at] == '"') {
          in_quotes = !in_quotes;
          quote = at;
        }
        ++at;
      }
      if (in_quotes) {
        unclosed(first, quote);
      } else {
        argument(first, at);
      }
    }
    if (list_.is_module_options) return;
    for (auto i = first_found; i < to_.found.size(); ++i) to_.found[i].level = level_;
  }

 private:
  bool is_space(std::size_t at) const { return is_blank(text_[at]) || text_[at] == '\xa0'; }

  /// An argument that takes the rest of the line with it: what of that was meant for the value no one knows.
  void unclosed(std::size_t first, std::size_t quote) {
    auto last = text_.size();
    while (last > first && (text_[last - 1] == '\n' || text_[last - 1] == '\r')) --last;
    if (text_.substr(first, last - first).find("netconsole") == text_.npos) return argument(first, last);
    const auto where = line_.place_of(text_range::between(quote, quote + 1));
    to_.problems.push_back({text_errc::unclosed_quote, severity::warning, where, std::nullopt});
    list_.is_fixable = false;
    argument(first, last);
  }

  /// One argument. A quote before a value or a whole argument goes away, and with it one at the end; others
  /// stay.
  void argument(std::size_t first, std::size_t last) {
    first += statements_size(text_.substr(first, last - first));
    last -= last_statement_size(text_.substr(first, last - first));
    if (first == last) return;
    const auto text = text_.substr(0, last);
    bool is_quoted = text[first] == '"';
    if (is_quoted) ++first;
    const auto equals = find_or_end(text, "=", first);
    auto value = equals == last ? last : equals + 1;
    if (value < last && text[value] == '"') {
      is_quoted = true;
      ++value;
    }
    if (is_quoted && last > first && text[last - 1] == '"') --last;
    const auto whole = text.substr(first, last - first);
    if (whole == "--") is_over_ = true;
    if (!is_over_) quoted_name(whole, first);
    if (list_.is_module_options && !whole.starts_with(parameter_name) && begins_target(whole))
      name_forgotten(first, last);
    if (!list_.is_module_options && !is_over_) level(whole, first, last);
    const bool has_value = equals < last;
    const auto name = text.substr(first, (has_value ? equals : last) - first);
    if (!is_over_) {
      std::optional<std::string_view> given;
      if (has_value) given = text.substr(value, last > value ? last - value : 0);
      if (auto setting = panic_setting_of(name, given, list_.is_module_options)) {
        setting->where = line_.place_of(text_range::between(first, last));
        setting->group = list_.group;
        to_.panic_settings.push_back(*setting);
      }
    }
    if (!has_value) return;
    if (list_.is_module_options && name == "netconsole.netconsole" && !is_over_)
      not_read(line_.part(first, equals));  // within its options a parameter has no module before it
    const bool for_module = list_.is_module_options || name == "netconsole.netconsole";
    if (!(name == "netconsole" || (!list_.is_module_options && for_module))) return;
    auto part = line_.part(value, value < last ? last : value);
    if (is_over_) {
      if (!part.text().empty()) not_read(part);
      return;
    }
    found_parameter one;
    one.for_module = for_module;
    one.group = list_.group;
    one.has_placeholder = has_placeholder(part.text());
    one.is_fixable = list_.is_fixable;
    one.takes_semicolon = list_.takes_semicolon;
    one.is_boot_line = !list_.is_module_options;
    one.value = std::move(part);
    to_.found.push_back(std::move(one));
    has_value_ = true;
  }

  /// {% if x %} and <% if x %> of a template: what they choose from is beside them.
  static bool is_statement(std::string_view text) {
    return text.starts_with("{%") || (text.starts_with("<%") && !text.starts_with("<%="));
  }
  /// How many bytes of them a word begins with, or the one that it ends in.
  static std::size_t statements_size(std::string_view word) {
    std::size_t at = 0;
    while (is_statement(word.substr(at))) {
      const auto size = template_size(word.substr(at));
      if (size == 0) break;
      at += size;
    }
    return at;
  }
  static std::size_t last_statement_size(std::string_view word) {
    const auto last = std::max(word.rfind("{%") + 1, word.rfind("<%") + 1);
    if (last == 0 || !is_statement(word.substr(last - 1))) return 0;
    const auto size = word.size() - (last - 1);
    return template_size(word.substr(last - 1)) == size ? size : 0;
  }

  /// A quote that the kernel does not know is the first byte of another parameter's name.
  void quoted_name(std::string_view whole, std::size_t first) {
    const auto size = whole.starts_with('\'') || whole.starts_with('`') ? 1 : typeset_quote(whole);
    const auto name = whole.substr(size);
    if (size == 0 || !(name.starts_with(parameter_name) || name.starts_with("netconsole.netconsole=")))
      return;
    const auto where = line_.place_of(text_range::between(first, first + size));
    to_.problems.push_back({text_errc::quote_character, severity::warning, where, std::nullopt});
  }
  void name_forgotten(std::size_t first, std::size_t last) {
    const auto where = line_.place_of(text_range::between(first, last));
    std::optional<fix> better;
    // One half, or what follows a value, may be the rest of that; and a second parameter replaces the first.
    const auto word = text_.substr(first, last - first);
    const bool is_first = !std::exchange(has_value_, true);
    if (list_.is_fixable && has_both_halves(word) && is_first)
      better = fix{{where.begin, where.begin}, "netconsole="};
    to_.problems.push_back({text_errc::name_forgotten, severity::warning, where, std::move(better)});
  }
  void not_read(const source_map& value) {
    const auto where = value.place_of(text_range::between(0, value.text().size()));
    to_.problems.push_back({text_errc::not_read, severity::warning, where, std::nullopt});
  }

  /// The last of quiet, debug and loglevel=N decides.
  void level(std::string_view word, std::size_t first, std::size_t last) {
    constexpr std::string_view name = "loglevel=";
    const auto set = [&](bool limits) {
      level_.reset();
      if (limits && !ignores_level_) level_ = line_.place_of(text_range::between(first, last));
    };
    if (word == "quiet") set(true);
    if (word == "debug") set(false);
    if (word == "ignore_loglevel") {
      ignores_level_ = true;
      set(false);
    }
    if (!word.starts_with(name)) return;
    int number = 0;
    if (read_kernel_int(word.substr(name.size()), number) == number_state::ok) set(number < 7);
  }

  const source_map& line_;
  std::string_view text_;
  argument_list list_;
  found_list& to_;
  bool is_over_ = false, ignores_level_ = false, has_value_ = false;
  std::optional<text_range> level_;
};

/// A range of a text byte for byte.
inline source_map plain_part(std::string_view text, std::size_t first, std::size_t last) {
  source_map part;
  for (auto at = first; at < last; ++at) part.put(text[at], at);
  part.end_at(last);
  return part;
}

}  // namespace netcon::inline v0_1::detail
