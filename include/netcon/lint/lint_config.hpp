// lint for a whole file that holds kernel parameters.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/lint/boot_config.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/lint.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon {

/// lint for a whole file: spans and suggestions are about the file's text. The form of a parameter decides
/// whether it is judged as a built-in's or a module's. Further codes: semicolon_ends_command,
/// blank_ends_value, value_overridden. The suggestions neither add nor remove parameters.
inline std::vector<diagnostic> lint_config(std::string_view text, config_format format,
                                           const profile& p = profile::latest()) {
  auto [parameters, found] = detail::read_config(text, format);
  const bool for_grub = format == config_format::grub_config || format == config_format::grub_defaults;
  for (auto one = parameters.begin(); one != parameters.end(); ++one) {
    const auto& value = one->value;
    for (auto later = one + 1; later != parameters.end() && later->group == one->group; ++later)
      if (later->for_module == one->for_module) {
        const auto whole = detail::span_between(0, value.text().size());
        found.push_back({errc::value_overridden, severity::warning, value.place_of(whole), std::nullopt});
        break;
      }
    for (auto& d :
         lint(value.text(), one->for_module ? p.with(feature::module) : p.without(feature::module))) {
      // What GRUB put in is nothing to point at: the byte it was put in for is told.
      if (d.code == errc::backslash && d.where.offset + 1 < value.text().size() &&
          value.place(d.where.offset) == value.place(d.where.offset + 1))
        continue;
      d.where = value.place_of(d.where);
      if (d.suggestion) {
        // What needs quoting in GRUB, goes across quotes in the file or touches one is left to people.
        const auto place = value.place_of(d.suggestion->where);
        const bool is_plain = (!for_grub || d.suggestion->text.find(';') == std::string::npos) &&
                              d.suggestion->text.find_first_of("\"'\\ \t\n") == std::string::npos &&
                              text.substr(place.offset, place.length).find_first_of("\"'\\") == text.npos &&
                              (place.offset == 0 || text[place.offset - 1] != '\\');
        if (is_plain && value.is_contiguous(d.suggestion->where)) {
          d.suggestion->where = place;
        } else {
          d.suggestion.reset();
        }
      }
      found.push_back(std::move(d));
    }
  }
  // Behind what ended a command there may be further parameters: whether they are meant is left to people.
  if (for_grub && find_parameters(apply_fixes(text, found), format).size() != parameters.size())
    for (auto& d : found) d.suggestion.reset();
  return found;
}

}  // namespace netcon
