// SPDX-License-Identifier: MIT
// The words around a value that tell what it is in: a command, a kernel command line.
#pragma once

#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/placeholder.hpp>

#include <cstddef>
#include <initializer_list>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// How far around a value the words are read that tell what it is in.
inline constexpr std::size_t max_context = 512;

/// Whether one of these words is in the text, with a blank or its end after it.
constexpr bool has_word(std::string_view text, std::initializer_list<std::string_view> words) noexcept {
  for (const auto word : words)
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
      const auto end = at + word.size();
      const bool begins =
          at == 0 || !(is_word_byte(text[at - 1]) || text[at - 1] == '-' || text[at - 1] == '.');
      if (begins && (end == text.size() || is_blank(text[end]))) return true;
    }
  return false;
}

/// Whether words that only a kernel command line has are in the text.
constexpr bool has_kernel_words(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    if (is_blank(text[at]) || is_quote(text[at]) || text[at] == '>' || text[at] == ',') {
      ++at;
      continue;
    }
    const auto word = text.substr(at, find_or_end(text, " \t\"'`<>", at) - at);
    for (const std::string_view whole :
         {"quiet", "splash", "ro", "rw", "rootwait", "nomodeset", "debug", "ignore_loglevel", "noresume",
          "$bootargs", "${bootargs}", "earlyprintk"})
      if (word == whole) return true;
    for (const std::string_view beginning :
         {"root=", "console=", "BOOT_IMAGE=", "panic=", "loglevel=", "rootfstype=", "initrd=", "crashkernel=",
          "rd.", "systemd.", "init=", "ip=", "net.ifnames=", "mitigations=", "earlycon",
          "consoleblank=", "audit="})
      if (word.starts_with(beginning)) return true;
    at += word.size();
    ++at;
  }
  return false;
}

constexpr std::string_view without_blanks_at_end(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Whether words that a shell reads follow in the text.
constexpr bool runs_shell(std::string_view text) noexcept {
  return has_word(text,
                  {"sh -c", "bash -c", "dash -c", "ash -c", "sh -ec", "bash -ec", "sh -lc", "bash -lc"});
}

/// Whether a line has a command that its program runs without a shell: a rule of udev, Ansible's command: and
/// that of containers. The key may be on the line before.
constexpr bool runs_program(std::string_view line, std::string_view line_before) noexcept {
  if (line.find("RUN+=") != line.npos || line.find("RUN{program}+=") != line.npos ||
      line.find("RUN=\"") != line.npos)
    return true;
  const auto key = [](std::string_view text) {
    const auto first = text.find_first_not_of(" \t-\"'");
    const auto colon = text.find(':', first == text.npos ? 0 : first);
    if (first == text.npos || colon == text.npos) return std::string_view{};
    auto name = without_blanks_at_end(text.substr(first, colon - first));
    while (!name.empty() && is_quote(name.back())) name.remove_suffix(1);
    return name.substr(name.rfind('.') + 1);
  };
  const auto own = key(line);
  return own == "command" || ((own == "cmd" || own.empty()) && key(line_before) == "command");
}

}  // namespace netcon::inline v0_1::detail
