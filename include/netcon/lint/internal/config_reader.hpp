// SPDX-License-Identifier: MIT
// Reads a text as the programs do that read it before the kernel: the shell, GRUB, modprobe, boot loaders.
#pragma once

#include <netcon/lint/config_format.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/internal/bootconfig_reader.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/command_lines.hpp>
#include <netcon/lint/internal/foreign_reader.hpp>
#include <netcon/lint/internal/found.hpp>
#include <netcon/lint/internal/grub_defaults.hpp>
#include <netcon/lint/internal/kernel_arguments.hpp>
#include <netcon/lint/internal/text_reader.hpp>
#include <netcon/lint/source_map.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1::detail {

/// The kernel command line of a file: all of it, its first line, or its lines without comments.
inline void read_command_line(std::string_view text, config_format format, found_list& to) {
  source_map line;
  bool is_first = true;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = find_or_end(text, "\n", start);
    const bool is_comment =
        format == config_format::cmdline_d &&
        text.substr(start, end - start).find_first_not_of(" \t") != std::string_view::npos &&
        text[text.find_first_not_of(" \t", start)] == '#';
    if (format == config_format::cmdline_txt && !is_first) {
      found_list other;
      const auto rest = plain_part(text, start, end);
      kernel_arguments{rest, {}, other}.read();
      for (const auto& one : other.found)
        to.problems.push_back({text_errc::not_read, severity::warning,
                               one.value.place_of(text_range::between(0, one.value.text().size())),
                               std::nullopt});
    } else if (!is_comment) {
      for (auto at = start; at < end; ++at) line.put(text[at], at);
      if (end < text.size()) line.put('\n', end);
    }
    is_first = is_first && end == start;
    start = end + 1;
  }
  line.end_at(text.size());
  kernel_arguments{line, {}, to}.read();
}

/// The names of modules to load, one a line: systemd and OpenRC take nothing else there.
inline void read_module_names(std::string_view text, found_list& to) {
  for (std::size_t start = 0; start < text.size();) {
    const auto end = find_or_end(text, "\n", start);
    const auto first = text.find_first_not_of(" \t", start);
    const bool is_comment = first < end && (text[first] == '#' || text[first] == ';');
    found_list other;
    const auto line = plain_part(text, start, is_comment ? start : end);
    kernel_arguments{line, {.is_module_options = true}, other}.read();
    for (const auto& one : other.found)
      to.problems.push_back({text_errc::not_read, severity::warning,
                             one.value.place_of(text_range::between(0, one.value.text().size())),
                             std::nullopt});
    for (const auto& one : other.problems)
      to.problems.push_back({text_errc::not_read, severity::warning, one.where, std::nullopt});
    start = end + 1;
  }
}

/// The last parameter of a command line and form is the one that counts.
inline void mark_overridden(found_list& to) {
  std::map<std::pair<std::size_t, bool>, std::size_t> last;
  for (std::size_t i = 0; i < to.found.size(); ++i) {
    const auto [entry, is_new] = last.insert({{to.found[i].group, to.found[i].for_module}, i});
    if (is_new) continue;
    to.found[entry->second].is_overridden = true;
    entry->second = i;
  }
}

/// What is in a text, in the order of the text.
inline found_list read_config(std::string_view text, config_format format) {
  found_list to;
  switch (format) {
    case config_format::cmdline:
    case config_format::cmdline_d:
    case config_format::cmdline_txt:
      read_command_line(text, format, to);
      break;
    case config_format::modprobe:
    case config_format::grub_cfg:
    case config_format::grubenv:
    case config_format::menu_lst:
    case config_format::bls:
    case config_format::extlinux:
      command_lines{text, format, to}.read();
      break;
    case config_format::modules_load_d:
      read_module_names(text, to);
      break;
    case config_format::grub:
      grub_defaults{text, to}.read();
      break;
    case config_format::bootconfig:
      bootconfig_reader{text, to}.read();
      break;
    case config_format::sysconfig:
    case config_format::netconsole_setup:
    case config_format::eeprom:
      foreign_reader{text, format, to}.read();
      break;
    default:
      text_reader{text, rules_of(format), to}.run();
      break;
  }
  mark_overridden(to);
  // No two of a kind have the same place.
  const auto place = [](const found_parameter& one) { return one.value.place_of({0, 0}).begin; };
  std::ranges::sort(to.found, {}, place);
  std::ranges::sort(to.panic_settings, {}, [](const panic_setting& one) { return one.where.begin; });
  return to;
}

}  // namespace netcon::inline v0_1::detail
