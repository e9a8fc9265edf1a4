// SPDX-License-Identifier: MIT
// Sinks made of one function for each kind of event.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

namespace netcon::inline v0_1 {

/// One callable of several: each call goes to the one that takes its argument. A sink made of it names every
/// kind of event, or ends with ignore_rest; otherwise the program does not compile.
template <class... Functions>
struct overloaded : Functions... {
  using Functions::operator()...;
};
/// Deduces the type from the functions.
template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

/// Takes what no other function of an overloaded takes, and does nothing.
struct ignore_rest_t {
  /// What every event converts to, so that a function of its own is the better match.
  struct anything {
    /// Looks at nothing.
    template <class T>
    constexpr anything(const T&) noexcept {}  // NOLINT: everything converts
  };
  /// Does nothing.
  constexpr void operator()(anything) const noexcept {}
};
/// The last argument of an overloaded that takes only some kinds: `overloaded{[](const event::record& r) {…},
/// ignore_rest}`.
inline constexpr ignore_rest_t ignore_rest{};

}  // namespace netcon::inline v0_1
