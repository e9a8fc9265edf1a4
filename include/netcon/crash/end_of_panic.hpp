// SPDX-License-Identifier: MIT
// The last line of a panic.
#pragma once

#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/report.hpp>

#include <string_view>

namespace netcon::inline v0_1::crash {

/// Whether a line without a time stamp is the last one that a panic prints.
[[nodiscard]] constexpr bool is_end_of_panic(std::string_view text) noexcept {
  return text.starts_with("---[ end Kernel panic") || text.starts_with("Rebooting in ");
}

/// Whether a report ended with such a line, and not because another one came.
[[nodiscard]] inline bool has_end_of_panic(const report& of) noexcept {
  if (of.text.empty()) return false;
  detail::cursor last{of.text.back()};
  if (last.rest.starts_with('[')) last.find("] ");
  return is_end_of_panic(detail::trim(last.rest));
}

}  // namespace netcon::inline v0_1::crash
