// SPDX-License-Identifier: MIT
// Tells compilers what a view borrows from.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <concepts>
#include <string>
#include <type_traits>

/// After a parameter, or after a member function: what is returned lives no longer than it. Clang warns where
/// a temporary dies first; other compilers know no such attribute.
#if defined(__has_cpp_attribute)
#if __has_cpp_attribute(clang::lifetimebound)
#define NETCON_LIFETIMEBOUND [[clang::lifetimebound]]
#endif
#endif
#ifndef NETCON_LIFETIMEBOUND
#define NETCON_LIFETIMEBOUND
#endif

namespace netcon::inline v0_1::detail {

/// A std::string that is gone at the end of the expression. Functions that return views into their argument
/// have a deleted overload for it.
template <class T>
concept temporary_string = !std::is_reference_v<T> && std::same_as<std::remove_cv_t<T>, std::string>;

}  // namespace netcon::inline v0_1::detail
