// SPDX-License-Identifier: MIT
// operator<< for the values that have a text, for those who want streams.
#pragma once

#include <netcon/printed_values.hpp>

#include <ostream>
#include <string_view>
#include <type_traits>

namespace netcon::inline v0_1 {

/// Writes the text of a value; width, fill and alignment of the stream are those of a string.
template <detail::printed_value T>
std::ostream& operator<<(std::ostream& out, const T& value) {
  return detail::with_text_of(value, [&](std::string_view text) -> std::ostream& { return out << text; });
}

/// The folders that are namespaces of their own: an operator is found in the namespace of its operand.
namespace crash {
using netcon::operator<<;
}
namespace configfs {
using netcon::operator<<;
}

}  // namespace netcon::inline v0_1
