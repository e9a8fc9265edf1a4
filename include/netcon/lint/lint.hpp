// SPDX-License-Identifier: MIT
// Everything there is to say about a parameter: what the kernel refuses, and what it takes though it is
// hardly meant.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/fix.hpp>
#include <netcon/lint/internal/parameter_linter.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1 {

/// How many of the findings are errors: 0 means that the kernel takes the text.
[[nodiscard]] constexpr std::size_t count_errors(std::span<const finding> found) noexcept {
  std::size_t count = 0;
  for (const auto& one : found) count += one.severity == severity::error ? 1u : 0u;
  return count;
}

/// All findings about a parameter on that kernel, target by target, in each target the error first. There is
/// an error exactly when parse_parameter refuses or skips something; the first error has the same code and
/// range. An empty parameter is a warning, no_target. A text of more than four times what a module takes gets
/// no other finding. The fixes go together: applied, they leave a text without fixes and with no more errors
/// than before.
[[nodiscard]] inline std::vector<finding> lint(std::string_view text,
                                               const kernel_profile& kernel = kernel_profile::latest()) {
  const auto look = [&](std::string_view one) { return detail::parameter_linter{one, kernel}.run(); };
  auto found = look(text);
  if (!has_fix(found)) return found;

  auto once = apply_fixes(text, found);
  auto left = look(once);
  std::optional<std::string> better;
  if (count_errors(left) <= count_errors(found)) {
    if (!has_fix(left)) return found;
    // One fix led to the next: the first one then makes all of them.
    auto all = fix_all(std::move(once), std::move(left), look);
    if (!has_fix(all.left) && count_errors(all.left) <= count_errors(found)) better = std::move(all.text);
  }
  for (auto& one : found) {
    if (!one.fix) continue;
    one.fix.reset();
    if (better) one.fix = netcon::fix{text_range::between(0, text.size()), *std::move(better)};
    better.reset();
  }
  return found;
}

/// The parameter with all fixes applied that lint knows.
[[nodiscard]] inline std::string fixed(std::string_view text,
                                       const kernel_profile& kernel = kernel_profile::latest()) {
  return fix_all(std::string{text}, [&](std::string_view one) { return lint(one, kernel); }).text;
}

}  // namespace netcon::inline v0_1
