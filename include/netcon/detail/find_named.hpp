// SPDX-License-Identifier: MIT
// Finds an enumerator by the text that name() gives it.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// The first of the values 0 to last whose name is text.
template <class Enum>
constexpr std::optional<Enum> find_named(std::string_view text, Enum last) noexcept {
  for (std::uint32_t i = 0; i <= static_cast<std::uint32_t>(last); ++i)
    if (name(static_cast<Enum>(i)) == text) return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace netcon::inline v0_1::detail
