// SPDX-License-Identifier: MIT
// Fixes a text until there is nothing left to fix: one fix may lay open what the next one is for.
#pragma once

#include <netcon/lint/finding.hpp>

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace netcon::inline v0_1 {

/// A text after all fixes, what is still to say about it, and how many times fixes were applied.
struct fixed_text {
  std::string text;           ///< with all fixes applied
  std::vector<finding> left;  ///< about that text: none of them has a fix, unless fixes undo each other
  int rounds = 0;             ///< 0: there was nothing to fix
};

/// Whether at least one of the findings has a fix.
[[nodiscard]] constexpr bool has_fix(std::span<const finding> found) noexcept {
  for (const auto& one : found)
    if (one.fix) return true;
  return false;
}

/// Applies the fixes of these findings and lints again, until nothing changes. `look` gives the findings
/// about a text. Precondition: `found` is what it gives for `text`.
template <class Look>
[[nodiscard]] fixed_text fix_all(std::string text, std::vector<finding> found, Look look) {
  // A guard against fixes that undo each other.
  constexpr int most_rounds = 16;
  fixed_text result{std::move(text), std::move(found)};
  while (result.rounds < most_rounds && has_fix(result.left)) {
    auto better = apply_fixes(result.text, result.left);
    if (better == result.text) break;
    result.text = std::move(better);
    result.left = look(result.text);
    ++result.rounds;
  }
  return result;
}

/// As above, with the findings that `look` gives for `text`.
template <class Look>
[[nodiscard]] fixed_text fix_all(std::string text, Look look) {
  auto found = look(text);
  return fix_all(std::move(text), std::move(found), std::move(look));
}

}  // namespace netcon::inline v0_1
