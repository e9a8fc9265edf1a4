// SPDX-License-Identifier: MIT
// A member that keeps an aggregate from being copied.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

namespace netcon::inline v0_1::detail {

struct not_copyable {
  constexpr not_copyable() noexcept = default;
  not_copyable(const not_copyable&) = delete;
  not_copyable& operator=(const not_copyable&) = delete;
};

}  // namespace netcon::inline v0_1::detail
