// SPDX-License-Identifier: MIT
// lint for a whole file that holds kernel parameters.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/lint/boot_config.hpp>
#include <netcon/lint/config_format.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/fix.hpp>
#include <netcon/lint/internal/argument_reader.hpp>
#include <netcon/lint/internal/boot_advice.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/config_reader.hpp>
#include <netcon/lint/internal/cut_at_blank.hpp>
#include <netcon/lint/internal/found.hpp>
#include <netcon/lint/internal/panic_settings.hpp>
#include <netcon/lint/internal/unexpanded.hpp>
#include <netcon/lint/lint.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace netcon::inline v0_1 {

namespace detail {

/// Whether a text has the '=' of a parameter other than netconsole.
constexpr bool has_other_parameter(std::string_view text) noexcept {
  for (auto at = text.find('='); at != text.npos; at = text.find('=', at + 1))
    if (!text.substr(0, at + 1).ends_with(parameter_name)) return true;
  return false;
}

/// The fix of a value as one of its text. Nothing where it is left to people: the text around would not take
/// the new bytes as they are, or the place is not contiguous there, or touches a quote.
inline std::optional<fix> fix_in_text(const fix& one, const found_parameter& found, std::string_view text) {
  const auto& value = found.value;
  // In quotes that end too late there may be root=... of the machine.
  if (!found.is_fixable || found.has_placeholder || has_other_parameter(one.where.in(value.text())))
    return std::nullopt;
  const auto place = value.place_of(one.where);
  const bool is_plain = (found.takes_semicolon || one.text.find(';') == one.text.npos) &&
                        one.text.find_first_of("\"'\\ \t\n`$&<>|#{}()[]*?!%") == one.text.npos &&
                        place.in(text).find_first_of("\"'\\\n") == text.npos &&
                        (place.begin == 0 || text[place.begin - 1] != '\\');
  if (!is_plain || !value.is_contiguous(one.where)) return std::nullopt;
  return fix{place, one.text};
}

/// The findings about one parameter of a text, as ones about the text. `rests`: what a blank cut off it.
inline void lint_found(const found_parameter& one, std::string_view text, const kernel_profile& kernel,
                       std::vector<finding>& to, std::vector<text_range>& rests) {
  const auto& value = one.value;
  if (one.is_overridden)
    to.push_back({text_errc::value_overridden, severity::warning,
                  value.place_of(text_range::between(0, value.text().size())), std::nullopt});
  const auto judged_by = one.for_module ? kernel.with(feature::module) : kernel.without(feature::module);
  const auto first = to.size();
  for (auto& about : lint_value(value.text(), judged_by, one.has_commands)) {
    // A backslash that GRUB puts in is nothing to point at: the byte that it is for has the finding.
    if (about.code == text_errc::backslash && about.where.begin + 1 < value.text().size() &&
        value.place(about.where.begin) == value.place(about.where.begin + 1))
      continue;
    if (about.fix) about.fix = fix_in_text(*about.fix, one, text);
    about.where = value.place_of(about.where);
    to.push_back(std::move(about));
  }
  if (const auto rest = cut_at_blank(one, text, judged_by)) {
    report_cut(*rest, one, first, to);
    rests.push_back(rest->where);
  } else if (is_cut_half(one, text)) {
    for (auto i = first; i < to.size(); ++i) to[i].fix.reset();
  }
}

/// Values through a variable of a shell are found once for each use.
inline void drop_repeated(std::vector<finding>& found) {
  std::set<std::tuple<text_errc, text_range>> seen;
  std::erase_if(found, [&](const finding& one) { return !seen.insert({one.code, one.where}).second; });
}

/// Whether the fixes neither add nor remove a parameter, nor lead to a further one.
inline bool are_safe(std::string_view text, config_format format, const std::vector<finding>& found,
                     std::size_t parameters) {
  if (!has_fix(found)) return true;
  std::size_t added = 0;
  for (const auto& one : found) added += one.code == text_errc::name_forgotten && one.fix ? 1u : 0u;
  const auto count = read_config(apply_fixes(text, found), format).found.size();
  return count >= parameters && count <= parameters + added;
}

/// The settings of the same command lines under which nothing of a crash is sent.
inline std::vector<finding> panic_findings(found_list& config, config_format format,
                                           const kernel_profile& kernel) {
  // In /etc/default/grub a command line is made of several assignments.
  const bool is_one_line = format == config_format::grub;
  std::vector<std::size_t> with_target;
  for (const auto& one : config.found)
    if (!one.value.text().empty()) with_target.push_back(is_one_line ? 0 : one.group);
  std::sort(with_target.begin(), with_target.end());
  if (is_one_line)
    for (auto& one : config.panic_settings) one.group = 0;
  return warn_of_panic_settings(config.panic_settings, with_target, kernel);
}

/// lint for a text of one of the formats but a list of parameters.
inline std::vector<finding> lint_text(std::string_view text, config_format format,
                                      const kernel_profile& kernel) {
  auto config = read_config(text, format);
  auto found = std::move(config.problems);
  for (auto& one : panic_findings(config, format, kernel)) found.push_back(std::move(one));
  bool is_first = true;
  std::vector<text_range> rests;
  for (const auto& one : config.found) {
    lint_found(one, text, kernel, found, rests);
    advise(one, text, kernel, is_first, found);
    is_first = is_first && !one.is_boot_line;
  }
  drop_names_in(std::move(rests), found);
  drop_repeated(found);
  if (!are_safe(text, format, found, config.found.size()))
    for (auto& one : found) one.fix.reset();
  return found;
}

}  // namespace detail

/// lint for a whole text that is not only a parameter: ranges and fixes are about the text. The form of a
/// parameter decides whether it is judged as a built-in's or a module's. Further codes:
/// semicolon_ends_command, comma_ends_value, blank_ends_value, value_overridden, name_forgotten, not_read,
/// not_expanded, foreign_value; notes other_format, built_in_only, console_level, device_not_yet,
/// address_not_yet. The fixes neither add nor remove parameters, and change nothing outside values but blanks
/// that cut one off from its rest.
[[nodiscard]] inline std::vector<finding> lint_config(
    std::string_view text, config_format format, const kernel_profile& kernel = kernel_profile::latest());

/// The value of a parameter as people type it: VALUE, netconsole=VALUE or modprobe netconsole
/// netconsole=VALUE. The quotes around it are not a part of it.
[[nodiscard]] inline std::string value_of_argument(std::string_view text) {
  const auto config = detail::read_argument(text);
  if (!config.found.empty()) return config.found.back().value.text();
  for (const std::string_view name : {"netconsole=", "netconsole.netconsole="})
    if (text.starts_with(name)) return std::string{text.substr(name.size())};
  return std::string{text};
}

/// lint for a parameter as value_of_argument() takes it, or a whole command line. Ranges and fixes are about
/// the text. What is not expanded is a note here, as in lint_config(): the documentation's line is no
/// mistake.
[[nodiscard]] inline std::vector<finding> lint_argument(
    std::string_view text, const kernel_profile& kernel = kernel_profile::latest()) {
  auto config = detail::read_argument(text);
  if (config.found.empty() && config.problems.empty()) return detail::lint_value(text, kernel);
  auto found = std::move(config.problems);
  detail::mark_overridden(config);
  std::vector<text_range> rests;
  for (const auto& one : config.found) detail::lint_found(one, text, kernel, found, rests);
  detail::drop_names_in(std::move(rests), found);
  return found;
}

/// lint for a text with a parameter or a kernel command line on each line; '#' begins a comment line.
[[nodiscard]] inline std::vector<finding> lint_lines(
    std::string_view text, const kernel_profile& kernel = kernel_profile::latest()) {
  std::vector<finding> all;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = detail::find_or_end(text, "\n", start);
    auto line = text.substr(start, end - start);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto first = line.find_first_not_of(" \t\r");
    if (first != line.npos && line[first] != '#')
      for (auto& one : lint_argument(line, kernel)) {
        const auto move = [&](text_range& where) {
          where = text_range::between(where.begin + start, where.end + start);
        };
        move(one.where);
        if (one.fix) move(one.fix->where);
        all.push_back(std::move(one));
      }
    start = end + 1;
  }
  return all;
}

inline std::vector<finding> lint_config(std::string_view text, config_format format,
                                        const kernel_profile& kernel) {
  return format == config_format::parameters ? lint_lines(text, kernel)
                                             : detail::lint_text(text, format, kernel);
}

/// The file's text with all fixes applied that lint_config knows.
[[nodiscard]] inline std::string fixed_config(std::string_view text, config_format format,
                                              const kernel_profile& kernel = kernel_profile::latest()) {
  return fix_all(std::string{text}, [&](std::string_view one) { return lint_config(one, format, kernel); })
      .text;
}

/// The text with all fixes applied that lint_argument knows.
[[nodiscard]] inline std::string fixed_argument(std::string_view text,
                                                const kernel_profile& kernel = kernel_profile::latest()) {
  return fix_all(std::string{text}, [&](std::string_view one) { return lint_argument(one, kernel); }).text;
}

/// The text with all fixes applied that lint_lines knows.
[[nodiscard]] inline std::string fixed_lines(std::string_view text,
                                             const kernel_profile& kernel = kernel_profile::latest()) {
  return fix_all(std::string{text}, [&](std::string_view one) { return lint_lines(one, kernel); }).text;
}

}  // namespace netcon::inline v0_1
