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
inline std::vector<finding> lint_config(std::string_view text, config_format format,
                                           const kernel_profile& kernel = kernel_profile::latest()) {
  auto [parameters, found] = detail::read_config(text, format);
  const bool for_grub = format == config_format::grub_config || format == config_format::grub_defaults;
  for (auto one = parameters.begin(); one != parameters.end(); ++one) {
    const auto& value = one->value;
    for (auto later = one + 1; later != parameters.end() && later->group == one->group; ++later)
      if (later->for_module == one->for_module) {
        const auto whole = text_range::between(0, value.text().size());
        found.push_back({errc::value_overridden, severity::warning, value.place_of(whole), std::nullopt});
        break;
      }
    for (auto& d :
         lint(value.text(), one->for_module ? kernel.with(feature::module) : kernel.without(feature::module))) {
      // What GRUB put in is nothing to point at: the byte it was put in for is told.
      if (d.code == errc::backslash && d.where.begin + 1 < value.text().size() &&
          value.place(d.where.begin) == value.place(d.where.begin + 1))
        continue;
      d.where = value.place_of(d.where);
      if (d.fix) {
        // What needs quoting in GRUB, goes across quotes in the file or touches one is left to people.
        const auto place = value.place_of(d.fix->where);
        const bool is_plain = (!for_grub || d.fix->text.find(';') == std::string::npos) &&
                              d.fix->text.find_first_of("\"'\\ \t\n") == std::string::npos &&
                              text.substr(place.begin, place.size()).find_first_of("\"'\\") == text.npos &&
                              (place.begin == 0 || text[place.begin - 1] != '\\');
        if (is_plain && value.is_contiguous(d.fix->where)) {
          d.fix->where = place;
        } else {
          d.fix.reset();
        }
      }
      found.push_back(std::move(d));
    }
  }
  // Behind what ended a command there may be further parameters: whether they are meant is left to people.
  if (for_grub && find_parameters(apply_fixes(text, found), format).size() != parameters.size())
    for (auto& d : found) d.fix.reset();
  return found;
}

}  // namespace netcon
