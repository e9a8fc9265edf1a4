// SPDX-License-Identifier: MIT
// One hash from those of several members.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <cstddef>
#include <string_view>

namespace netcon::inline v0_1::detail {

template <class... Members>
std::size_t hash_of(const Members&... members) noexcept {
  std::size_t hash = sizeof...(members);
  ((hash = (hash ^ std::hash<Members>{}(members)) * 0x9e3779b97f4a7c15u, hash ^= hash >> 29), ...);
  return hash;
}

}  // namespace netcon::inline v0_1::detail
