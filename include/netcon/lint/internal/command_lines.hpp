// SPDX-License-Identifier: MIT
// Files whose lines are a keyword and then arguments: modprobe.d, grub.cfg, menu.lst, loader entries,
// extlinux.
#pragma once

#include <netcon/lint/config_format.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/found.hpp>
#include <netcon/lint/internal/grub_words.hpp>
#include <netcon/lint/internal/kernel_arguments.hpp>
#include <netcon/lint/internal/text_reader.hpp>
#include <netcon/lint/source_map.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// The rest of a line after a keyword and white space, or nothing when the line begins otherwise.
constexpr std::optional<std::size_t> after_keyword(std::string_view line, std::string_view keyword,
                                                   bool any_case = false) noexcept {
  std::size_t at = 0;
  while (at < line.size() && is_blank(line[at])) ++at;
  for (const char c : keyword) {
    if (at == line.size()) return std::nullopt;
    const char found = any_case && is_letter(line[at]) ? static_cast<char>(line[at] | 0x20) : line[at];
    if (found != c) return std::nullopt;
    ++at;
  }
  if (at == line.size() || !is_blank(line[at])) return std::nullopt;
  return at;
}

class command_lines {
 public:
  command_lines(std::string_view text, config_format format, found_list& to)
      : text_{text}, format_{format}, to_{to}, others_{text, rules_of(format), to} {}

  void read() {
    for (std::size_t start = 0, number = 0; start < text_.size(); ++number) {
      source_map line;
      const auto next = take_line(start, line);
      if (!command(line, number) && is_read(line.text()))
        others_.read(start, next < text_.size() ? next : text_.size());
      start = next;
    }
  }

 private:
  /// Takes a line of the file, joined and unescaped as its format has it; gives where the next one begins.
  std::size_t take_line(std::size_t at, source_map& line) const {
    const bool is_grub = format_ == config_format::grub_cfg;
    const bool continues = format_ == config_format::modprobe || is_grub;
    char quote = 0;
    for (; at < text_.size() && text_[at] != '\n'; ++at) {
      // GRUB takes what is in single quotes as it stands.
      const bool is_literal = is_grub && quote == '\'';
      if (continues && !is_literal && text_.substr(at).starts_with("\\\n")) {
        ++at;
        continue;
      }
      if (is_grub && text_[at] == '\\' && !is_literal && at + 1 < text_.size()) {
        line.put(text_[at], at);
        ++at;
      } else if (text_[at] == quote) {
        quote = 0;
      } else if (quote == 0 && (text_[at] == '\'' || text_[at] == '"')) {
        quote = text_[at];
      }
      // modprobe drops every other backslash and keeps the byte after it.
      if (format_ == config_format::modprobe && text_[at] == '\\' && ++at == text_.size()) break;
      line.put(text_[at], at);
    }
    line.end_at(at < text_.size() ? at : text_.size());
    return at + 1;
  }
  /// modprobe skips lines without a command of its own; one that begins with our name is hardly meant so.
  bool is_read(std::string_view line) const {
    if (format_ != config_format::modprobe) return true;
    const auto first = line.find_first_not_of(" \t");
    const auto rest = line.substr(first == line.npos ? line.size() : first);
    for (const std::string_view word : {"install", "remove", "netconsole", "modprobe", "insmod"})
      if (rest.starts_with(word)) return true;
    return false;
  }
  /// One line with a keyword of the format; false for any other.
  bool command(const source_map& line, std::size_t number) {
    const std::string_view text = line.text();
    const auto rest = [&](std::size_t from) { return line.part(from, text.size()); };
    switch (format_) {
      case config_format::modprobe:
        if (const auto options = after_keyword(text, "options")) return module_options(line, *options);
        for (const std::string_view keyword : {"options", "option"})
          if (const auto rest_of_it = after_keyword(text, keyword, true))
            return misspelt_options(line, *rest_of_it, keyword.size());
        unknown_line(line);
        return false;
      case config_format::bls:
        if (const auto options = after_keyword(text, "options")) return arguments(rest(*options), 0);
        return false;
      case config_format::extlinux:
        if (const auto append = after_keyword(text, "append", true)) return arguments(rest(*append), number);
        return false;
      case config_format::menu_lst:
        for (const auto* keyword : {"kernel", "module"})
          if (const auto options = after_keyword(text, keyword)) return arguments(rest(*options), number);
        for (const std::string_view keyword : {"# kopt=", "# defoptions=", "# altoptions="})
          if (text.starts_with(keyword)) return arguments(rest(keyword.size()), number);
        return false;
      case config_format::grubenv:
        if (const auto equals = text.find('='); equals != text.npos && !text.starts_with('#')) {
          const auto value = rest(equals + 1);
          kernel_arguments{value, {.group = number, .is_fixable = false}, to_}.read();
          return true;
        }
        return text.starts_with('#');
      case config_format::grub_cfg:
        for (const auto* keyword : {"linux", "linuxefi", "linux16"})
          if (const auto options = after_keyword(text, keyword)) {
            read_grub_command(rest(*options), grub_place::script, {.group = number}, to_);
            return true;
          }
        return false;
      default:
        return false;
    }
  }

  bool arguments(const source_map& line, std::size_t group) {
    kernel_arguments{line, {.group = group}, to_}.read();
    return true;
  }

  /// "Options netconsole ...": a line that modprobe does not know.
  bool misspelt_options(const source_map& line, std::size_t options, std::size_t keyword) {
    const auto module = after_keyword(std::string_view{line.text()}.substr(options), "netconsole");
    if (!module) return true;
    found_list other;
    kernel_arguments{line.part(options + *module, line.text().size()), {.is_module_options = true}, other}
        .read();
    if (other.found.empty()) return true;
    const auto where = line.place_of(text_range::between(options - keyword, options));
    to_.problems.push_back({text_errc::not_read, severity::warning, where, std::nullopt});
    return true;
  }

  /// A line that begins with no word of modprobe's, such as "netconsole netconsole=...": modprobe passes over
  /// it. The byte order mark of an editor makes another word of the first one.
  void unknown_line(const source_map& line) {
    const std::string_view text = line.text();
    const auto first = text.find_first_not_of(" \t");
    if (first == text.npos) return;
    const auto last = find_or_end(text, " \t", first);
    auto word = text.substr(first, last - first);
    const bool is_marked = word.starts_with("\xef\xbb\xbf");
    if (is_marked) word.remove_prefix(3);
    if (word.empty() || !(is_letter(word.front()) || word.front() == '/')) return;
    if (!is_marked)
      for (const std::string_view known :
           {"options", "install", "remove", "alias", "blacklist", "softdep", "weakdep", "include", "config"})
        if (word == known) return;
    found_list other;
    const auto arguments = word.starts_with(parameter_name) ? first : last;
    kernel_arguments{line.part(arguments, text.size()), {.is_module_options = true}, other}.read();
    if (other.found.empty()) return;
    const auto where = line.place_of(
        text_range::between(first, arguments == first ? first + parameter_name.size() - 1 : last));
    to_.problems.push_back({text_errc::not_read, severity::warning, where, std::nullopt});
  }

  /// "options netconsole ..."; those of another module are nothing of ours.
  bool module_options(const source_map& line, std::size_t options) {
    const auto text = std::string_view{line.text()}.substr(options);
    if (const auto module = after_keyword(text, "netconsole")) {
      kernel_arguments{line.part(options + *module, line.text().size()), {.is_module_options = true}, to_}
          .read();
      return true;
    }
    const auto blank = text.find_first_not_of(" \t");
    if (blank != text.npos && text.substr(blank).starts_with(parameter_name)) {
      // "options netconsole=...": the name of the module is missing.
      const auto first = options + blank;
      const auto where = line.place_of(text_range::between(first, first + parameter_name.size() - 1));
      to_.problems.push_back({text_errc::name_forgotten, severity::warning, where,
                              fix{{where.begin, where.begin}, "netconsole "}});
      kernel_arguments{line.part(first, line.text().size()), {.is_module_options = true}, to_}.read();
    }
    return true;
  }

  std::string_view text_;
  config_format format_;
  found_list& to_;
  text_reader others_;
};

}  // namespace netcon::inline v0_1::detail
