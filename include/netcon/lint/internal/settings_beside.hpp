// SPDX-License-Identifier: MIT
// panic=, crashkernel= and oops_only among the words beside a value, in a text of any kind.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/found.hpp>
#include <netcon/lint/internal/panic_settings.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// Finds the settings in words with blanks or the quotes of a list between them. `place` gives where a byte
/// of `words` is in the file.
template <class Place>
void find_settings(std::string_view words, bool module_options, std::size_t group, Place place,
                   found_list& to) {
  constexpr std::string_view between = " \t\n\r\"'`";
  for (std::size_t at = 0; at < words.size();) {
    if (words[at] == '#') {
      at = find_or_end(words, "\n", at);
      continue;
    }
    const auto end = find_or_end(words, between, at);
    auto word = words.substr(at, end - at);
    while (word.ends_with(',') || word.ends_with('\\')) word.remove_suffix(1);
    const auto equals = word.find('=');
    std::optional<std::string_view> value;
    if (equals != word.npos) value = word.substr(equals + 1);
    if (auto setting = panic_setting_of(word.substr(0, equals), value, module_options)) {
      setting->where = text_range::between(place(at), place(at + word.size() - 1) + 1);
      setting->group = group;
      to.panic_settings.push_back(*setting);
    }
    at = end + 1;
  }
}

/// The list of strings around a place, without its brackets; empty where there is none in reach.
constexpr text_range list_around(std::string_view text, std::size_t at, std::size_t reach) noexcept {
  const auto from = at > reach ? at - reach : 0;
  const auto open = text.substr(from, at - from).find_last_of("[]");
  const auto close = text.substr(at, reach).find_first_of("[]");
  if (open == text.npos || text[from + open] != '[' || close == text.npos || text[at + close] != ']')
    return text_range::between(at, at);
  return text_range::between(from + open + 1, at + close);
}

}  // namespace netcon::inline v0_1::detail
