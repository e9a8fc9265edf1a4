// SPDX-License-Identifier: MIT
// What the parsers of values with several parts return.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/detail/lifetime.hpp>

#include <expected>
#include <type_traits>
#include <utility>

namespace netcon::inline v0_1 {

/// A std::expected whose value outlives a range-for: of a temporary, * and value() give the value itself, not
/// a reference to it, and -> does not compile. Keep the result in a variable to use ->.
template <class T>
class [[nodiscard]] parsed : public std::expected<T, error> {
  using base = std::expected<T, error>;

 public:
  using base::base;

  /// Precondition: has_value().
  constexpr const T* operator->() const& noexcept NETCON_LIFETIMEBOUND { return base::operator->(); }
  /// Precondition: has_value().
  constexpr T* operator->() & noexcept NETCON_LIFETIMEBOUND { return base::operator->(); }
  void operator->() const&& = delete;  // keep the result in a variable first

  /// Precondition: has_value().
  constexpr const T& operator*() const& noexcept NETCON_LIFETIMEBOUND { return base::operator*(); }
  /// Precondition: has_value().
  constexpr T& operator*() & noexcept NETCON_LIFETIMEBOUND { return base::operator*(); }
  /// The value itself, moved out. Precondition: has_value().
  constexpr T operator*() && noexcept(std::is_nothrow_move_constructible_v<T>) {
    return std::move(*this).base::operator*();
  }

  /// Throws std::bad_expected_access<error> when there is none.
  [[nodiscard]] constexpr const T& value() const& NETCON_LIFETIMEBOUND { return base::value(); }
  /// Throws std::bad_expected_access<error> when there is none.
  constexpr T& value() & NETCON_LIFETIMEBOUND { return base::value(); }
  /// The value itself, moved out. Throws std::bad_expected_access<error> when there is none.
  constexpr T value() && { return std::move(*this).base::value(); }

  friend constexpr bool operator==(const parsed& a, const parsed& b) noexcept {
    return static_cast<const base&>(a) == static_cast<const base&>(b);
  }
  friend constexpr bool operator==(const parsed& a, const T& b) noexcept { return a.has_value() && *a == b; }
  friend constexpr bool operator==(const parsed& a, const std::unexpected<error>& b) noexcept {
    return !a.has_value() && a.error() == b.error();
  }
};

}  // namespace netcon::inline v0_1
