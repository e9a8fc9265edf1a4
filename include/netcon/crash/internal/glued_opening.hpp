// SPDX-License-Identifier: MIT
// A crash that begins within a line of a console.
#pragma once

#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/kind.hpp>
#include <netcon/crash/read_opening.hpp>

#include <array>
#include <cstddef>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

/// Words after which read_opening() is asked. Each is unlike what programs write.
inline constexpr std::array<std::string_view, 6> openings_with_colon{
    "BUG: ", "WARNING: ", "INFO: ", "UBSAN: ", "Kernel panic - not syncing: ", "general protection fault: "};
inline constexpr std::array<std::string_view, 2> openings_without_colon{"kernel BUG at ",
                                                                        "Unable to handle kernel "};

/// Where a line that begins a crash starts behind what a program wrote to the same console without a newline;
/// npos: nowhere. Only what cannot be a notice counts.
inline std::size_t find_glued_opening(std::string_view text) {
  if (text.find("---[ end ") != text.npos) return text.npos;  // repeats the words
  const auto opens = [&](std::size_t at) {
    if (at == 0) return false;
    const auto next = read_opening(text.substr(at));
    return next && next->kind != kind::bug;
  };
  for (auto colon = text.find(": "); colon != text.npos; colon = text.find(": ", colon + 2)) {
    const auto upto = text.substr(0, colon + 2);
    for (const auto one : openings_with_colon)
      if (upto.ends_with(one))
        if (const auto at = upto.size() - one.size(); opens(at)) return at;
  }
  for (const auto one : openings_without_colon)
    if (const auto at = text.find(one); at != text.npos && opens(at)) return at;
  return text.npos;
}

}  // namespace netcon::inline v0_1::crash::detail
