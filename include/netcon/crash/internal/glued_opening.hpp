// SPDX-License-Identifier: MIT
// A crash that begins within a line of a console.
#pragma once

#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/kind.hpp>
#include <netcon/crash/opening.hpp>
#include <netcon/crash/read_opening.hpp>

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

/// Words with which read_opening() is asked. Each is unlike what programs write.
inline constexpr std::array<std::string_view, 6> openings_with_colon{
    "BUG: ", "WARNING: ", "INFO: ", "UBSAN: ", "Kernel panic - not syncing: ", "general protection fault: "};

/// The bytes before their ": ".
inline constexpr auto bytes_before_colon = [] {
  std::array<bool, 256> out{};
  for (const auto one : openings_with_colon) out[static_cast<unsigned char>(one[one.size() - 3])] = true;
  return out;
}();

/// "dmesg | grep \"": what comes next is looked for, and did not happen.
constexpr bool is_search(std::string_view before) noexcept {
  while (before.ends_with('"') || before.ends_with('\'')) before.remove_suffix(1);
  if (!before.ends_with("grep ")) return false;
  before.remove_suffix(5);
  return before.empty() || before.ends_with(' ') || before.ends_with('|') || before.ends_with('z');
}

/// Where a line that begins a crash starts behind what a program wrote to the same console without a newline;
/// npos: nowhere. Only what cannot be a notice counts; in a line with a stamp of the kernel also
/// "pond: BUG: ...", which a part of the kernel says.
inline std::size_t find_glued_opening(std::string_view text, bool stamped) {
  constexpr unsigned most = 8;  // words that are looked at
  unsigned looked_at = 0;
  const auto opens = [&](std::size_t at) {
    if (at == 0 || ++looked_at > most) return false;
    const auto next = read_opening(text.substr(at));
    if (!next || is_words_alone(*next)) return false;
    if (next->kind == kind::bug && !(stamped && text.substr(0, at).ends_with(": "))) return false;
    if (contains(text, "---[ end ") || text.ends_with(" ]---")) return false;  // these repeat the words
    if (is_search(text.substr(0, at))) return false;
    // "Kernel panic - not syncing: UBSAN: panic_on_warn set" and the like are one line each.
    const auto own = read_opening(text);
    return !own || own->is_cut || is_words_alone(*own);
  };
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  for (const char* from = begin; from != end;) {
    const auto* found =
        static_cast<const char*>(std::memchr(from, ':', static_cast<std::size_t>(end - from)));
    if (found == nullptr) break;
    from = found + 1;
    if (found == begin || from == end || *from != ' ' ||
        !bytes_before_colon[static_cast<unsigned char>(found[-1])])
      continue;
    const auto colon = static_cast<std::size_t>(found - begin);
    const auto upto = text.substr(0, colon + 2);
    for (const auto one : openings_with_colon)
      if (upto.ends_with(one))
        if (const auto at = upto.size() - one.size(); opens(at)) return at;
  }
  constexpr std::string_view bug = "kernel BUG at ", unable = "Unable to handle kernel ";
  constexpr auto before_bug = bug.find('B');
  if (const auto at = text.find(bug.substr(before_bug));
      at != text.npos && text.substr(0, at + bug.size() - before_bug).ends_with(bug))
    if (opens(at - before_bug)) return at - before_bug;
  if (const auto at = text.find(unable); at != text.npos && opens(at)) return at;
  return text.npos;
}

}  // namespace netcon::inline v0_1::crash::detail
