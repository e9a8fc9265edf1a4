// SPDX-License-Identifier: MIT
// /etc/default/grub: assignments of a shell, of which GRUB's script gets the values.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/found.hpp>
#include <netcon/lint/internal/grub_words.hpp>
#include <netcon/lint/internal/placeholder.hpp>
#include <netcon/lint/internal/text_reader.hpp>
#include <netcon/lint/source_map.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

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
    std::size_t begin = 0, end = 0;  // the first line of its assignment
    bool is_used = false;
  };

  static bool is_for_linux(std::string_view name) {
    return name.starts_with("GRUB_CMDLINE_") && !is_for_xen(name);
  }
  static bool is_for_xen(std::string_view name) {
    return name == "GRUB_CMDLINE_XEN" || name == "GRUB_CMDLINE_XEN_DEFAULT";
  }

  std::size_t line_end(std::size_t at) const { return find_or_end(text_, "\n", at); }

  /// The statement at `start`; gives where the next line begins. A quoted value may have several lines.
  std::size_t statement(std::size_t start) {
    auto at = start;
    while (at < text_.size() && text_[at] != '\n' && is_blank(text_[at])) ++at;
    if (text_.substr(at).starts_with("export ")) at += 7;
    const auto size = prefix_size(text_.substr(at), is_word_byte);
    const auto name = text_.substr(at, size);
    at += size;
    const bool appends = text_.substr(at).starts_with("+=");
    if (appends) ++at;
    if (size == 0 || is_digit(name.front()) || at >= text_.size() || text_[at] != '=') {
      lines_.read(start, line_end(start));
      return line_end(start) + 1;
    }
    variable one;
    one.begin = start;
    one.end = line_end(start);
    bool keeps = appends;
    if (appends) one.value = variables_[name].value;
    if (!word(++at, one.value, name, keeps)) {
      const auto line = text_.substr(start, one.end - start);
      const auto quote = line.find_first_of("\"'");
      if (name.starts_with("GRUB_CMDLINE_") && quote != line.npos && line.find("netconsole=") != line.npos)
        to_.problems.push_back({text_errc::unclosed_quote, severity::warning,
                                text_range::between(start + quote, start + quote + 1), std::nullopt});
      return line_end(at) + 1;
    }
    if (name.starts_with("GRUB_CMDLINE_")) {
      if (at < text_.size() && text_[at] == ';' && ends_parameter(one.value.text()))
        to_.problems.push_back({text_errc::semicolon_ends_command, severity::warning,
                                text_range::between(at, at + 1), std::nullopt});
      if (at < text_.size() && is_blank(text_[at])) value_ends(at);
    }
    if (const auto old = variables_.find(name); old != variables_.end() && !keeps && is_for_linux(name))
      replaced(old->second.value, one.value);
    variables_[name] = std::move(one);
    return line_end(at) + 1;
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
    const auto size = rest.front() == '$' ? dollar_size(rest) : template_size(rest);
    if (size == 0) return 0;
    auto name = rest.substr(1, size - 1);
    if (name.starts_with('{') && name.ends_with('}')) name = name.substr(1, name.size() - 2);
    if (name == own_name) keeps = true;
    const auto known = rest.front() == '$' ? variables_.find(name) : variables_.end();
    if (known == variables_.end()) {
      for (std::size_t i = 0; i < size; ++i) to.put(text_[at + i], at + i);
      return size;
    }
    // Each use may double a value: no kernel reads that much.
    constexpr std::size_t most = 1u << 16;
    known->second.is_used = true;
    const auto& value = known->second.value;
    for (std::size_t i = 0; i < value.text().size() && to.text().size() < most; ++i)
      to.put(value.text()[i], value.place(i));
    return size;
  }

  /// A blank that ends an assignment matters where a parameter follows.
  void value_ends(std::size_t blank) {
    for (auto at = blank; at < text_.size() && text_[at] != '\n' && text_[at] != '#';) {
      const auto part = text_.substr(at, find_or_end(text_, " \t\n;&|", at) - at);
      if (part.starts_with("netconsole=") || part.starts_with("netconsole.netconsole=")) {
        const auto where = text_range::between(blank, blank + 1);
        to_.problems.push_back({text_errc::blank_ends_value, severity::warning, where, std::nullopt});
        return;
      }
      if (part.empty() && !is_blank(text_[at])) return;
      at += part.empty() ? 1 : part.size();
    }
  }

  void read_command(const source_map& value, std::size_t group) {
    read_grub_command(value, {.group = group}, to_);
  }
  /// A value that a later assignment to the same variable replaces.
  void replaced(const source_map& old, const source_map& by) {
    const auto first = to_.found.size();
    read_command(old, ++group_);
    found_list later;
    read_grub_command(by, {}, later);
    for (auto i = first; i < to_.found.size(); ++i) to_.found[i].is_overridden = !later.found.empty();
  }
  void not_read(const source_map& value) {
    found_list other;
    read_grub_command(value, {}, other);
    for (const auto& one : other.found) {
      const auto where = one.value.place_of(text_range::between(0, one.value.text().size()));
      to_.problems.push_back({text_errc::not_read, severity::warning, where, std::nullopt});
    }
  }

  std::string_view text_;
  found_list& to_;
  text_reader lines_;
  std::map<std::string_view, variable, std::less<>> variables_;
  std::size_t group_ = 0;
};

}  // namespace netcon::inline v0_1::detail
