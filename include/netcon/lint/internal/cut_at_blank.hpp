// SPDX-License-Identifier: MIT
// A blank within a value ends it: everything that reads a command line, a command or options splits there.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/found.hpp>
#include <netcon/lint/lint.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

/// What follows a value behind a blank, where the value goes on with it.
struct rest_of_value {
  text_range blank;  // in the text
  text_range where;  // the blank and what follows
  std::string text;  // what follows, without blanks
};

inline bool is_refused(std::string_view value, const kernel_profile& kernel) {
  return std::ranges::any_of(lint(value, kernel),
                             [](const finding& one) { return one.severity == severity::error; });
}

/// Whether a value that the kernel takes as it is was to go on with a word: with a MAC address, or with a
/// further target.
inline bool wants(std::string_view value, std::string_view word) {
  mac_address mac;
  return (value.ends_with('/') && word.size() == mac_address::max_text && read_kernel_mac(word, mac)) ||
         (word.starts_with(';') && word.size() > 1);
}

/// Whether a value with the rest of it is what was meant: the kernel takes it, or would when it is repaired.
inline bool is_whole(std::string_view value, std::string_view whole, const kernel_profile& kernel) {
  return !is_refused(whole, kernel) || (!has_both_halves(value) && has_both_halves(whole) &&
                                        !is_refused(fixed(std::string{whole}, kernel), kernel));
}

/// The rest of a value that a blank cut off: with it the kernel takes what it refuses now, or there are a MAC
/// address or targets that it does not get.
inline std::optional<rest_of_value> cut_at_blank(const found_parameter& one, std::string_view text,
                                                 const kernel_profile& kernel) {
  const auto& value = one.value.text();
  if (one.has_placeholder || value.size() > max_parameter) return std::nullopt;
  const auto size = value.size();
  const auto end = size == 0 ? one.value.place_of({0, 0}).begin : one.value.place(size - 1) + 1;
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  // Many variables may have the same value, before the same word.
  text = text.substr(0, end + 4 * max_parameter);
  rest_of_value rest;
  auto at = end;
  if (at < text.size() && text[at] == ';') rest.text += text[at++];
  if (at == text.size() || !is_space(text[at])) return std::nullopt;
  const bool is_taken = !value.empty() && !is_refused(value, kernel);
  constexpr int most_words = 6;
  for (int words = 0; words < most_words; ++words) {
    const auto first = std::min(text.find_first_not_of(" \t", at), text.size());
    if (words == 0) rest.blank = text_range::between(at, first);
    at = std::min(text.find_first_of(" \t\r\n\"'`\\<>|&()", first), text.size());
    if (at == first || value.size() + rest.text.size() + at - first > max_parameter) return std::nullopt;
    rest.text.append(text, first, at - first);
    // Of a shell, or of the sentence around.
    const auto ends_command = rest.text.size() > 1 && rest.text.ends_with(';') ? 1u : 0u;
    const auto words_text = rest.text.substr(0, rest.text.size() - ends_command);
    if ((is_taken && !wants(value, words_text)) || !is_whole(value, value + words_text, kernel)) continue;
    rest.text = words_text;
    rest.where = text_range::between(end, at - ends_command);
    return rest;
  }
  return std::nullopt;
}

/// Whether half a target ends where the rest of one seems to follow, behind a quote, a bracket or some other
/// byte: the half by itself would be repaired to a target that sends to its own machine.
inline bool is_cut_half(const found_parameter& one, std::string_view text) {
  const std::string_view value = one.value.text();
  const auto target = value.substr(value.rfind(';') + 1);
  if (target.find('@') == target.npos || target.find(',') != target.npos) return false;
  constexpr std::size_t most = 96;
  auto behind = text.substr(one.value.place(value.size() - 1) + 1).substr(0, most);
  behind = behind.substr(0, behind.find_first_of("\n="));
  const auto at = behind.find('@');
  return at != behind.npos && (behind.find(',') < at || behind.find('/', at) != behind.npos);
}

/// Puts the finding in place of the fixes of what is left of the value, which go by a part of what was meant.
inline void report_cut(const rest_of_value& rest, const found_parameter& one, std::size_t first,
                       std::vector<finding>& to) {
  for (auto i = first; i < to.size(); ++i) to[i].fix.reset();
  finding cut{text_errc::blank_ends_value, severity::warning, rest.blank, std::nullopt};
  const bool reaches_kernel = one.takes_semicolon || rest.text.find(';') == rest.text.npos;
  if (one.is_fixable && reaches_kernel) cut.fix = fix{rest.where, rest.text};
  to.insert(to.begin() + static_cast<std::ptrdiff_t>(first), std::move(cut));
}

/// Takes away that a name is missing where the rests of values are.
inline void drop_names_in(std::vector<text_range> rests, std::vector<finding>& from) {
  if (rests.empty()) return;
  std::ranges::sort(rests);
  std::erase_if(from, [&](const finding& one) {
    if (one.code != text_errc::name_forgotten) return false;
    const auto next = std::ranges::upper_bound(rests, one.where.begin, {}, &text_range::begin);
    return next != rests.begin() && one.where.end <= std::prev(next)->end;
  });
}

}  // namespace netcon::inline v0_1::detail
