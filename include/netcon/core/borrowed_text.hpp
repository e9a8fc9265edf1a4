// SPDX-License-Identifier: MIT
// A string_view that does not take a temporary string.
#pragma once

#include <netcon/detail/lifetime.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>

namespace netcon::inline v0_1 {

/// Text that belongs to someone else and must outlive this. What a std::string_view can be made of makes one,
/// but for a std::string that is gone at the end of the expression.
class borrowed_text : public std::string_view {
 public:
  /// The empty text.
  constexpr borrowed_text() noexcept = default;
  /// Anything that converts to a std::string_view, but a temporary std::string.
  template <std::convertible_to<std::string_view> Text>
    requires(!detail::temporary_string<Text>)
  constexpr borrowed_text(Text&& text NETCON_LIFETIMEBOUND) noexcept  // NOLINT: stands for a string_view
      : std::string_view{static_cast<const Text&>(text)} {}
  /// `size` bytes from `data`, NUL bytes too.
  constexpr borrowed_text(const char* data, std::size_t size) noexcept : std::string_view{data, size} {}
};

}  // namespace netcon::inline v0_1
