// lint for a whole file that holds kernel parameters.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/lint/boot_config.hpp>
#include <netcon/lint/config_format.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/fix.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/config_reader.hpp>
#include <netcon/lint/internal/panic_settings.hpp>
#include <netcon/lint/lint.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon {

namespace detail {

/// Whether a later parameter of the same command line and form replaces this one.
inline bool is_overridden(std::span<const found_parameter> from_it_on) noexcept {
  const auto& one = from_it_on.front();
  for (const auto& later : from_it_on.subspan(1)) {
    if (later.group != one.group) break;
    if (later.for_module == one.for_module) return true;
  }
  return false;
}

/// The fix of a value as one of its file. Nothing where it is left to people: it needs quoting in GRUB, goes
/// across quotes in the file or touches one.
inline std::optional<fix> fix_in_file(const fix& one, const source_map& value, std::string_view text,
                                      bool for_grub) {
  const auto place = value.place_of(one.where);
  const bool is_plain = (!for_grub || one.text.find(';') == one.text.npos) &&
                        one.text.find_first_of("\"'\\ \t\n") == one.text.npos &&
                        place.in(text).find_first_of("\"'\\") == text.npos &&
                        (place.begin == 0 || text[place.begin - 1] != '\\');
  if (!is_plain || !value.is_contiguous(one.where)) return std::nullopt;
  return fix{place, one.text};
}

}  // namespace detail

/// lint for a whole file: ranges and fixes are about the file's text. The form of a parameter decides whether
/// it is judged as a built-in's or a module's. Further codes: semicolon_ends_command, blank_ends_value,
/// value_overridden, panic_reboots, crash_kernel_silent, oops_only_silent. The fixes neither add nor remove
/// parameters.
inline std::vector<finding> lint_config(std::string_view text, config_format format,
                                        const kernel_profile& kernel = kernel_profile::latest()) {
  detail::config_reader config{text, format};
  auto found = std::move(config.problems);
  // In /etc/default/grub a command line is made of several assignments.
  std::vector<std::size_t> with_target;
  for (const auto& one : config.found)
    if (!one.value.text().empty()) with_target.push_back(format == config_format::grub ? 0 : one.group);
  if (format == config_format::grub)
    for (auto& one : config.panic_settings) one.group = 0;
  for (auto& one : detail::warn_of_panic_settings(config.panic_settings, with_target, kernel))
    found.push_back(one);
  const bool for_grub = format == config_format::grub_cfg || format == config_format::grub;
  for (std::size_t i = 0; i < config.found.size(); ++i) {
    const auto& [value, for_module, group] = config.found[i];
    if (detail::is_overridden(std::span{config.found}.subspan(i))) {
      const auto whole = text_range::between(0, value.text().size());
      found.push_back({errc::value_overridden, severity::warning, value.place_of(whole), std::nullopt});
    }
    const auto judged_by = for_module ? kernel.with(feature::module) : kernel.without(feature::module);
    for (auto& one : lint(value.text(), judged_by)) {
      // A backslash that GRUB puts in is nothing to point at: the byte that it is for has the finding.
      if (one.code == errc::backslash && one.where.begin + 1 < value.text().size() &&
          value.place(one.where.begin) == value.place(one.where.begin + 1))
        continue;
      if (one.fix) one.fix = detail::fix_in_file(*one.fix, value, text, for_grub);
      one.where = value.place_of(one.where);
      found.push_back(std::move(one));
    }
  }
  // After what ended a command there may be further parameters: whether they are meant is left to people.
  if (for_grub && find_parameters(apply_fixes(text, found), format).size() != config.found.size())
    for (auto& one : found) one.fix.reset();
  return found;
}

/// lint for a text with a parameter or a kernel command line on each line; '#' begins a comment line.
inline std::vector<finding> lint_lines(std::string_view text,
                                       const kernel_profile& kernel = kernel_profile::latest()) {
  std::vector<finding> all;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = detail::find_or_end(text, "\n", start);
    const auto line = text.substr(start, end - start);
    const auto first = line.find_first_not_of(" \t\r");
    if (first != line.npos && line[first] != '#')
      for (auto& one : line.find(detail::parameter_name) == line.npos
                           ? lint(line, kernel)
                           : lint_config(line, config_format::cmdline, kernel)) {
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

/// The file's text with all fixes applied that lint_config knows.
inline std::string fixed_config(std::string_view text, config_format format,
                                const kernel_profile& kernel = kernel_profile::latest()) {
  return fix_all(std::string{text}, [&](std::string_view one) { return lint_config(one, format, kernel); })
      .text;
}

/// The text with all fixes applied that lint_lines knows.
inline std::string fixed_lines(std::string_view text,
                               const kernel_profile& kernel = kernel_profile::latest()) {
  return fix_all(std::string{text}, [&](std::string_view one) { return lint_lines(one, kernel); }).text;
}

}  // namespace netcon
