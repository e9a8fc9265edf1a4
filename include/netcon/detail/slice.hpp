// SPDX-License-Identifier: MIT
// Parts of a text for callers that know where they cut. std::string_view::substr, starts_with and ends_with
// have code that throws out_of_range, for which a program needs the standard library's binary.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <cstddef>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// The first bytes, or all when there are not so many.
constexpr std::string_view text_up_to(std::string_view text, std::size_t end) noexcept {
  return {text.data(), end < text.size() ? end : text.size()};
}

/// All from a place on. Precondition: it is not behind the end.
constexpr std::string_view text_from(std::string_view text, std::size_t begin) noexcept {
  text.remove_prefix(begin);
  return text;
}

/// Precondition: begin <= end, and neither is behind the end.
constexpr std::string_view text_between(std::string_view text, std::size_t begin, std::size_t end) noexcept {
  return {text.data() + begin, end - begin};
}

constexpr bool starts_with(std::string_view text, std::string_view first) noexcept {
  return text_up_to(text, first.size()) == first;
}

constexpr bool ends_with(std::string_view text, std::string_view last) noexcept {
  return text.size() >= last.size() && text_from(text, text.size() - last.size()) == last;
}

}  // namespace netcon::inline v0_1::detail
