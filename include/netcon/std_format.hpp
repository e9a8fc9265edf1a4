// SPDX-License-Identifier: MIT
// std::formatter for the values that have a text, where the standard library has <format> (libstdc++ 13,
// libc++ 17); elsewhere this header adds nothing, and format.hpp serves fmt.
#pragma once

#include <netcon/printed_values.hpp>

#include <version>

#ifdef __cpp_lib_format
#include <format>
#include <string_view>

/// Writes the text of a value; width, fill and alignment are those of a string.
template <netcon::detail::printed_value T>
struct std::formatter<T, char> : std::formatter<std::string_view, char> {
  template <class Context>
  auto format(const T& value, Context& context) const {
    return netcon::detail::with_text_of(value, [&](std::string_view text) {
      return std::formatter<std::string_view, char>::format(text, context);
    });
  }
};
#endif
