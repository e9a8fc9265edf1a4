// SPDX-License-Identifier: MIT
// What a statement of a shell begins with: a declaration, an assignment, the pattern of a case.
#pragma once

#include <netcon/detail/digits.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/placeholder.hpp>

#include <cstddef>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// How many bytes "export ", "declare -x " and the like are.
constexpr std::size_t declaration_size(std::string_view text) noexcept {
  for (const std::string_view one : {"export", "readonly", "declare", "typeset"}) {
    if (!text.starts_with(one)) continue;
    auto at = one.size();
    while (at < text.size() && text[at] == ' ') {
      ++at;
      if (at < text.size() && text[at] == '-') at = find_or_end(text, " \n", at);
    }
    return at == one.size() ? 0 : at;
  }
  return 0;
}
constexpr bool begins_assignment(std::string_view text) noexcept {
  const auto size = prefix_size(text, is_word_byte);
  const auto after = text.substr(size);
  return size != 0 && !is_digit(text.front()) && (after.starts_with('=') || after.starts_with("+="));
}

/// How many bytes the pattern of a case is, with its ')'.
constexpr std::size_t pattern_size(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == ')') return at + 1;
    if (text[at] == '"' || text[at] == '\'')
      at = find_or_end(text, text.substr(at, 1), at + 1);
    else if (std::string_view{"=; \t$`"}.find(text[at]) != std::string_view::npos)
      return 0;
  }
  return 0;
}

}  // namespace netcon::inline v0_1::detail
