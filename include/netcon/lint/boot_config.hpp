// Finds netconsole parameters in boot command lines and in the files that those come from, with the place of
// every byte, so that findings point into the file.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/lint.hpp>
#include <netcon/lint/repair.hpp>
#include <netcon/lint/source_map.hpp>
#include <netcon/parameter/parse.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon {

/// How a file holds kernel parameters.
enum class config_format : std::uint8_t {
  command_line,   // what the kernel gets: /proc/cmdline, cmdline.txt, /etc/kernel/cmdline
  modprobe,       // modprobe.d: "options netconsole netconsole=..."
  grub_defaults,  // /etc/default/grub: GRUB_CMDLINE_*=... for the shell, then for GRUB
  grub_config,    // grub.cfg: "linux ..." commands
  loader_entry,   // Boot Loader Specification, systemd-boot: "options ..."
  extlinux,       // extlinux.conf, syslinux.cfg: "append ..."
};

/// The format that a path stands for by convention, or nothing.
inline std::optional<config_format> format_of_path(std::string_view path) {
  const auto name = path.substr(path.rfind('/') + 1);
  const auto contains = [&](std::string_view part) { return path.find(part) != path.npos; };
  if (contains("modprobe.d/") || name == "modprobe.conf") return config_format::modprobe;
  if (path.ends_with("default/grub") || contains("default/grub.d/")) return config_format::grub_defaults;
  if (name == "grub.cfg") return config_format::grub_config;
  if (contains("loader/entries/")) return config_format::loader_entry;
  if (name == "extlinux.conf" || name == "syslinux.cfg" || name == "isolinux.cfg")
    return config_format::extlinux;
  if (name == "cmdline" || name == "cmdline.txt" || contains("cmdline.d/"))
    return config_format::command_line;
  return std::nullopt;
}

/// One netconsole parameter of a file.
struct found_parameter {
  source_map value;        // as the kernel gets it
  bool for_module = false;  // netconsole.netconsole= and modprobe options, not the built-in's netconsole=
  std::size_t group = 0;    // parameters of one command line: the last one of a group and form wins
};

namespace detail {

/// What a boot loader does before the kernel, beside the parameters themselves.
struct config_reader {
  std::vector<found_parameter> found;
  std::vector<finding> problems;

  /// Splits as the kernel does: at white space outside double quotes. A quote before a value or a whole
  /// argument goes away, and with it one at the end; others stay. A lone "--" ends the kernel's part.
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
      auto first = at;
      while (at < text.size() && (in_quotes || !is_space(text[at])))
        if (text[at++] == '"') in_quotes = !in_quotes;
      auto last = at;
      bool is_quoted = text[first] == '"';
      if (is_quoted) ++first;
      const auto equals =
          first + std::min(std::string_view{text}.substr(first, last - first).find('='), last - first);
      auto value = std::min(equals + 1, last);
      if (value < last && text[value] == '"') {
        is_quoted = true;
        ++value;
      }
      if (is_quoted && last > first && text[last - 1] == '"') --last;
      if (text.compare(first, last - first, "--") == 0) return;
      if (equals >= last) continue;
      const auto name = text.substr(first, equals - first);
      const bool for_module = module_options || name == "netconsole.netconsole";
      if (name == "netconsole" || (!module_options && for_module))
        found.push_back({line.part(value, std::max(value, last)), for_module, group});
    }
  }

  /// A ';' that ends a command is worth telling where a value stands before it.
  void command_ends(std::string_view before, std::size_t place, bool is_escapable) {
    const auto blank = before.find_last_of(" \t");
    if (!before.substr(blank == before.npos ? 0 : blank + 1).starts_with("netconsole")) return;
    const auto where = text_range::between(place, place + 1);
    problems.push_back({errc::semicolon_ends_command, severity::warning, where, std::nullopt});
    if (is_escapable) problems.back().fix = netcon::fix{where, "\\;"};
  }

  /// So is a blank that ends an assignment where a parameter stands behind it.
  void value_ends(std::string_view text, std::size_t blank) {
    for (auto at = blank; at < text.size() && text[at] != '\n' && text[at] != '#';) {
      const auto word = text.substr(at, text.find_first_of(" \t\n;&|", at) - at);
      if (word.starts_with("netconsole=") || word.starts_with("netconsole.netconsole=")) {
        problems.push_back(
            {errc::blank_ends_value, severity::warning, text_range::between(blank, blank + 1), std::nullopt});
        return;
      }
      if (word.empty() && !is_blank(text[at])) return;
      at += std::max<std::size_t>(word.size(), 1);
    }
  }

  /// How GRUB passes a word on: one with a blank in double quotes, each quote and backslash behind a
  /// backslash of its own but for \xNN (GRUB 2.12, lib/cmdline.c).
  static void pass_on(const source_map& word, source_map& to) {
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

  /// A command of GRUB's script: quotes and backslashes are taken off, a bare ';' or newline ends the
  /// command.
  void grub_command(const source_map& line, std::size_t group) {
    const auto& text = line.text();
    source_map words, word;
    char quote = 0;
    const auto end_word = [&] {
      pass_on(word, words);
      word = {};
    };
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
        // Behind a backslash that the shell takes off, a second one would not reach GRUB.
        if (c == ';')
          command_ends(std::string_view{text}.substr(0, at), line.place(at),
                       at > 0 && line.is_contiguous(text_range::between(at - 1, at + 1)));
        break;
      } else if ((c == ' ' || c == '\t') && quote == 0) {
        end_word();
        words.put(c, line.place(at));
      } else {
        word.put(c, line.place(at));
      }
    }
    end_word();
    arguments(words, group, false);
  }

  /// The value of a shell assignment, quotes and backslashes taken off. False where the shell would have to
  /// run something first, or the quotes do not close.
  static bool shell_word(std::string_view text, std::size_t& at, source_map& word) {
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
        const bool is_escape =
            quote == 0 || std::string_view{"$`\"\\\n"}.find(next) != std::string_view::npos;
        if (!is_escape) word.put(c, at);
        ++at;
        if (next != '\n') word.put(next, at);
      } else {
        word.put(c, at);
      }
    }
    return quote == 0;
  }
};

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// The rest of a line behind a keyword and white space, or nothing when the line begins otherwise.
inline std::optional<std::size_t> after_keyword(std::string_view line, std::string_view keyword,
                                                bool any_case) {
  std::size_t at = 0;
  while (at < line.size() && is_blank(line[at])) ++at;
  for (const char c : keyword)
    if (at == line.size() || (any_case ? lower(line[at]) : line[at]) != c)
      return std::nullopt;
    else
      ++at;
  if (at == line.size() || !is_blank(line[at])) return std::nullopt;
  return at;
}

inline config_reader read_config(std::string_view text, config_format format) {
  config_reader reader;
  if (format == config_format::command_line) {
    source_map all;
    for (std::size_t i = 0; i < text.size(); ++i) all.put(text[i], i);
    reader.arguments(all, 0, false);
    return reader;
  }
  const bool continues = format == config_format::modprobe || format == config_format::grub_config;
  for (std::size_t start = 0, number = 0; start < text.size(); ++number) {
    source_map line;
    auto at = start;
    for (; at < text.size() && text[at] != '\n'; ++at) {
      if (continues && text.substr(at).starts_with("\\\n")) {
        ++at;
        continue;
      }
      // modprobe drops every other backslash and takes what follows as it is.
      if (format == config_format::modprobe && text[at] == '\\' && ++at == text.size()) break;
      line.put(text[at], at);
    }
    const auto rest = [&](std::size_t from) { return line.part(from, line.text().size()); };
    switch (format) {
      case config_format::modprobe:
        if (const auto options = after_keyword(line.text(), "options", false))
          if (const auto module =
                  after_keyword(std::string_view{line.text()}.substr(*options), "netconsole", false))
            reader.arguments(rest(*options + *module), 0, true);
        break;
      case config_format::loader_entry:
        if (const auto options = after_keyword(line.text(), "options", false))
          reader.arguments(rest(*options), 0, false);
        break;
      case config_format::extlinux:
        if (const auto append = after_keyword(line.text(), "append", true))
          reader.arguments(rest(*append), number, false);
        break;
      case config_format::grub_config:
        for (const auto* command : {"linux", "linuxefi", "linux16"})
          if (const auto options = after_keyword(line.text(), command, false))
            reader.grub_command(rest(*options), number);
        break;
      case config_format::grub_defaults: {
        auto value = start;
        while (value < text.size() && text[value] != '\n' && is_blank(text[value])) ++value;
        if (text.substr(value).starts_with("export ")) value += 7;
        if (!text.substr(value).starts_with("GRUB_CMDLINE_")) break;
        while (value < text.size() && text[value] != '=' && text[value] != '\n') ++value;
        if (value == text.size() || text[value] != '=') break;
        source_map word;
        if (config_reader::shell_word(text, ++value, word)) {
          if (value < text.size() && text[value] == ';') reader.command_ends(word.text(), value, false);
          if (value < text.size() && is_blank(text[value])) reader.value_ends(text, value);
          reader.grub_command(word, number);
        }
        // A quoted value may go over several lines.
        at = std::max(at, std::min(text.find('\n', value), text.size()));
        break;
      }
      case config_format::command_line:
        break;
    }
    start = at + 1;
  }
  return reader;
}

}  // namespace detail

/// The netconsole parameters of a file, in the order of the text.
inline std::vector<found_parameter> find_parameters(std::string_view text, config_format format) {
  return detail::read_config(text, format).found;
}

}  // namespace netcon
