// SPDX-License-Identifier: MIT
// A crash that begins within a line of a console.
#pragma once

#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/kind.hpp>
#include <netcon/crash/opening.hpp>
#include <netcon/crash/read_opening.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

/// Words with which read_opening() is asked. Each is unlike what programs write.
inline constexpr std::array<std::string_view, 6> openings_with_colon{
    "BUG: ", "WARNING: ", "INFO: ", "UBSAN: ", "Kernel panic - not syncing: ", "general protection fault: "};

/// Whether one of them may end with this byte and ": ".
constexpr bool may_come_before_colon(char c) noexcept {
  return std::ranges::any_of(openings_with_colon,
                             [c](std::string_view one) { return one[one.size() - 3] == c; });
}

/// Where a line that begins a crash starts behind what a program wrote to the same console without a newline;
/// npos: nowhere. Only what cannot be a notice counts; in a line with a stamp of the kernel also
/// "pond: BUG: ...", which a part of the kernel says.
inline std::size_t find_glued_opening(std::string_view text, bool stamped) {
  const auto opens = [&](std::size_t at) {
    if (at == 0 || text.find("---[ end ") != text.npos) return false;  // which repeats the words
    const auto next = read_opening(text.substr(at));
    if (!next || is_unknown_warning(*next)) return false;
    return next->kind != kind::bug || (stamped && text.substr(0, at).ends_with(": "));
  };
  for (auto colon = text.find(':'); colon != text.npos; colon = text.find(':', colon + 1)) {
    if (colon == 0 || !may_come_before_colon(text[colon - 1]) || !text.substr(colon + 1).starts_with(' '))
      continue;
    const auto upto = text.substr(0, colon + 2);
    for (const auto one : openings_with_colon)
      if (upto.ends_with(one))
        if (const auto at = upto.size() - one.size(); opens(at)) return at;
  }
  constexpr std::string_view kernel = "kernel ", bug = "BUG at ", unable = "Unable to handle kernel ";
  if (const auto at = text.find(bug); at != text.npos && text.substr(0, at).ends_with(kernel))
    if (const auto begin = at - kernel.size(); opens(begin)) return begin;
  if (const auto at = text.find(unable); at != text.npos && opens(at)) return at;
  return text.npos;
}

}  // namespace netcon::inline v0_1::crash::detail
