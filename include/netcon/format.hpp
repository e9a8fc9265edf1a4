// SPDX-License-Identifier: MIT
// fmt::formatter for the values that have a text; who does not include this header needs no fmt.
#pragma once

#include <netcon/printed_values.hpp>

#include <fmt/format.h>

#include <string_view>

/// Writes the text of a value; width, fill and alignment are those of a string.
template <netcon::detail::printed_value T>
struct fmt::formatter<T, char> : fmt::formatter<fmt::string_view> {
  template <class Context>
  auto format(const T& value, Context& context) const {
    return netcon::detail::with_text_of(value, [&](std::string_view text) {
      return fmt::formatter<fmt::string_view>::format({text.data(), text.size()}, context);
    });
  }
};
