// Reads boot configs as the programs do that read them before the kernel: the shell, GRUB, modprobe, boot
// loaders.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/lint/config_format.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/panic_settings.hpp>
#include <netcon/lint/source_map.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace netcon {

/// One netconsole parameter of a file.
struct found_parameter {
  source_map value;         // as the kernel gets it
  bool for_module = false;  // netconsole.netconsole= and modprobe options, not the built-in's netconsole=
  std::size_t group = 0;    // parameters of one command line: the last one of a group and form wins
};

namespace detail {

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

/// How GRUB passes a word on: one with a blank in double quotes, each quote and backslash after a backslash
/// of its own but for \xNN (GRUB 2.12, lib/cmdline.c).
inline void pass_on(const source_map& word, source_map& to) {
  const auto& text = word.text();
  const bool has_blank = text.find(' ') != text.npos;
  if (has_blank) to.put('"', word.place(0));
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_byte = text[at] == '\\' && at + 3 < text.size() && text[at + 1] == 'x' &&
                         hex_value(text[at + 2]) >= 0 && hex_value(text[at + 3]) >= 0;
    if (!is_byte && (text[at] == '\\' || text[at] == '"' || text[at] == '\'')) to.put('\\', word.place(at));
    to.put(text[at], word.place(at));
  }
  if (has_blank) to.put('"', word.place(text.size() - 1));
}

/// Takes the value of a shell assignment from `at` on, without its quotes and backslashes. False where the
/// shell would have to run something first, or the quotes do not close.
inline bool shell_word(std::string_view text, std::size_t& at, source_map& word) {
  char quote = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quote == 0 && (is_blank(c) || c == ';' || c == '&' || c == '|')) return true;
    if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && at + 1 < text.size()) {
      const char next = text[at + 1];
      const bool is_escape = quote == 0 || std::string_view{"$`\"\\\n"}.find(next) != std::string_view::npos;
      if (!is_escape) word.put(c, at);
      ++at;
      if (next != '\n') word.put(next, at);
    } else {
      word.put(c, at);
    }
  }
  return quote == 0;
}

/// The parameters of a file, and what goes wrong before the kernel sees them.
class config_reader {
 public:
  std::vector<found_parameter> found;
  std::vector<finding> problems;
  std::vector<panic_setting> panic_settings;

  config_reader(std::string_view text, config_format format) : text_{text}, format_{format} {
    if (format == config_format::cmdline) {
      source_map all;
      for (std::size_t i = 0; i < text.size(); ++i) all.put(text[i], i);
      arguments(all, 0, false);
    } else if (format == config_format::grub) {
      for (std::size_t start = 0, number = 0; start < text.size(); ++number)
        start = assignment(start, number);
    } else {
      for (std::size_t start = 0, number = 0; start < text.size(); ++number) {
        source_map line;
        start = take_line(start, line);
        command(line, number);
      }
    }
  }

 private:
  /// Splits as the kernel does: at white space outside double quotes. A lone "--" ends the kernel's part.
  void arguments(const source_map& line, std::size_t group, bool module_options) {
    const auto& text = line.text();
    // The kernel's isspace also knows the no-break space of Latin-1.
    const auto is_space = [](char c) { return is_blank(c) || c == '\xa0'; };
    for (std::size_t at = 0; at < text.size();) {
      if (is_space(text[at])) {
        ++at;
        continue;
      }
      bool in_quotes = false;
      const auto first = at;
      while (at < text.size() && (in_quotes || !is_space(text[at])))
        if (text[at++] == '"') in_quotes = !in_quotes;
      if (!argument(line, first, at, group, module_options)) return;
    }
  }
  /// One argument. A quote before a value or a whole argument goes away, and with it one at the end; others
  /// stay. False for "--".
  bool argument(const source_map& line, std::size_t first, std::size_t last, std::size_t group,
                bool module_options) {
    const auto text = std::string_view{line.text()}.substr(0, last);
    bool is_quoted = text[first] == '"';
    if (is_quoted) ++first;
    const auto equals = find_or_end(text, "=", first);
    auto value = equals == last ? last : equals + 1;
    if (value < last && text[value] == '"') {
      is_quoted = true;
      ++value;
    }
    if (is_quoted && last > first && text[last - 1] == '"') --last;
    if (text.substr(first, last - first) == "--") return false;
    const bool has_value = equals < last;
    const auto name = text.substr(first, (has_value ? equals : last) - first);
    if (auto setting = panic_setting_of(
            name,
            has_value ? std::optional{text.substr(value, last > value ? last - value : 0)} : std::nullopt,
            module_options)) {
      setting->where = line.place_of(text_range::between(first, last));
      setting->group = group;
      panic_settings.push_back(*setting);
    }
    if (!has_value) return true;
    const bool for_module = module_options || name == "netconsole.netconsole";
    if (name == "netconsole" || (!module_options && for_module))
      found.push_back({line.part(value, value < last ? last : value), for_module, group});
    return true;
  }

  /// A ';' that ends a command matters where a value is before it.
  void command_ends(std::string_view before, std::size_t place, bool is_escapable) {
    const auto blank = before.find_last_of(" \t");
    if (!before.substr(blank == before.npos ? 0 : blank + 1).starts_with("netconsole")) return;
    const auto where = text_range::between(place, place + 1);
    problems.push_back({errc::semicolon_ends_command, severity::warning, where, std::nullopt});
    if (is_escapable) problems.back().fix = netcon::fix{where, "\\;"};
  }
  /// So does a blank that ends an assignment where a parameter follows.
  void value_ends(std::size_t blank) {
    for (auto at = blank; at < text_.size() && text_[at] != '\n' && text_[at] != '#';) {
      const auto word = text_.substr(at, find_or_end(text_, " \t\n;&|", at) - at);
      if (word.starts_with("netconsole=") || word.starts_with("netconsole.netconsole=")) {
        const auto where = text_range::between(blank, blank + 1);
        problems.push_back({errc::blank_ends_value, severity::warning, where, std::nullopt});
        return;
      }
      if (word.empty() && !is_blank(text_[at])) return;
      at += word.empty() ? 1 : word.size();
    }
  }

  /// A command of GRUB's script: quotes and backslashes are taken off, a bare ';' or newline ends the
  /// command.
  void grub_command(const source_map& line, std::size_t group) {
    const auto& text = line.text();
    source_map words, word;
    char quote = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      const char c = text[at];
      if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
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
          command_ends(std::string_view{text}.substr(0, at), line.place(at),
                       at > 0 && line.is_contiguous(text_range::between(at - 1, at + 1)));
        break;
      } else if ((c == ' ' || c == '\t') && quote == 0) {
        pass_on(word, words);
        word = {};
        words.put(c, line.place(at));
      } else {
        word.put(c, line.place(at));
      }
    }
    pass_on(word, words);
    arguments(words, group, false);
  }

  /// The line at `start` of /etc/default/grub; gives where the next one begins. A quoted value may have
  /// several lines.
  std::size_t assignment(std::size_t start, std::size_t number) {
    const auto after_line = [&](std::size_t at) { return find_or_end(text_, "\n", at) + 1; };
    auto at = start;
    while (at < text_.size() && text_[at] != '\n' && is_blank(text_[at])) ++at;
    if (text_.substr(at).starts_with("export ")) at += 7;
    if (!text_.substr(at).starts_with("GRUB_CMDLINE_")) return after_line(start);
    at = find_or_end(text_, "=\n", at);
    if (at == text_.size() || text_[at] != '=') return after_line(start);
    source_map word;
    if (shell_word(text_, ++at, word)) {
      if (at < text_.size() && text_[at] == ';') command_ends(word.text(), at, false);
      if (at < text_.size() && is_blank(text_[at])) value_ends(at);
      grub_command(word, number);
    }
    return after_line(at);
  }

  /// Takes a line of the file, joined and unescaped as its format has it; gives where the next one begins.
  std::size_t take_line(std::size_t at, source_map& line) const {
    const bool continues = format_ == config_format::modprobe || format_ == config_format::grub_cfg;
    for (; at < text_.size() && text_[at] != '\n'; ++at) {
      if (continues && text_.substr(at).starts_with("\\\n")) {
        ++at;
        continue;
      }
      // modprobe drops every other backslash and keeps the byte after it.
      if (format_ == config_format::modprobe && text_[at] == '\\' && ++at == text_.size()) break;
      line.put(text_[at], at);
    }
    return at + 1;
  }

  /// One line of the other formats: a keyword, then arguments.
  void command(const source_map& line, std::size_t number) {
    const std::string_view text = line.text();
    const auto rest = [&](std::size_t from) { return line.part(from, text.size()); };
    switch (format_) {
      case config_format::modprobe:
        if (const auto options = after_keyword(text, "options"))
          if (const auto module = after_keyword(text.substr(*options), "netconsole"))
            arguments(rest(*options + *module), 0, true);
        break;
      case config_format::bls:
        if (const auto options = after_keyword(text, "options")) arguments(rest(*options), 0, false);
        break;
      case config_format::extlinux:
        if (const auto append = after_keyword(text, "append", true)) arguments(rest(*append), number, false);
        break;
      case config_format::grub_cfg:
        for (const auto* linux_command : {"linux", "linuxefi", "linux16"})
          if (const auto options = after_keyword(text, linux_command)) grub_command(rest(*options), number);
        break;
      case config_format::cmdline:
      case config_format::grub:
        break;
    }
  }

  std::string_view text_;
  config_format format_;
};

}  // namespace detail

}  // namespace netcon
