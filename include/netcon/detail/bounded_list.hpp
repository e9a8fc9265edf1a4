// SPDX-License-Identifier: MIT
// A list with its elements inside: no allocation, usable in constant expressions.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <array>
#include <cstddef>
#include <span>

namespace netcon::inline v0_1::detail {

template <class T, std::size_t Capacity>
class bounded_list {
 public:
  /// Precondition: size() < Capacity.
  constexpr void push_back(const T& value) noexcept { items_[size_++] = value; }

  constexpr std::size_t size() const noexcept { return size_; }
  constexpr std::span<const T> view() const noexcept { return {items_.data(), size_}; }

 private:
  std::array<T, Capacity> items_{};
  std::size_t size_ = 0;
};

}  // namespace netcon::inline v0_1::detail
