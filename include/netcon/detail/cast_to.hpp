// SPDX-License-Identifier: MIT
// A conversion that only some machines need: where std::size_t has 32 bits, or long has.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <type_traits>

namespace netcon::inline v0_1::detail {

/// As static_cast. GCC warns of a cast to the type that a value has already (-Wuseless-cast).
template <class To, class From>
constexpr To cast_to(From value) noexcept {
  if constexpr (std::is_same_v<To, From>)
    return value;
  else
    return static_cast<To>(value);
}

}  // namespace netcon::inline v0_1::detail
