// SPDX-License-Identifier: MIT
// How many userdata entries a target has, and how long their keys and values are.
#pragma once

#include <netcon/core/kernel.hpp>

#include <cstddef>

namespace netcon::inline v0_1 {

inline constexpr std::size_t max_userdata_key = 53;     ///< bytes
inline constexpr std::size_t max_userdata_value = 199;  ///< bytes

/// How many userdata entries a target can have; up to 6.18 the sysdata switches that are on count too.
[[nodiscard]] constexpr std::size_t max_userdata_entries(const kernel_profile& kernel) noexcept {
  return kernel.supports(feature::separate_sysdata) ? 256 : 16;
}

}  // namespace netcon::inline v0_1
