// SPDX-License-Identifier: MIT
// How reports look: what differs from one kind to another.
#pragma once

#include <netcon/crash/kind.hpp>
#include <netcon/crash/opening.hpp>

#include <cstddef>

namespace netcon::inline v0_1::crash::detail {

/// Of KMSAN, whose reports say where a value came from.
inline bool is_of_kmsan(const opening& start) noexcept {
  return start.kind >= kind::uninitialised_value && start.kind <= kind::freed_value;
}

/// Of KASAN, whose reports say on their second line whether it was read or written.
inline bool has_access(const opening& start) noexcept {
  return start.kind == kind::invalid_read || start.kind == kind::use_after_free_read ||
         start.kind == kind::null_read;
}

/// Some checkers print frames without a heading.
inline bool begins_with_frames(const opening& start) noexcept {
  return (start.kind >= kind::guarded_read && start.kind <= kind::race_assertion) ||
         start.title.starts_with("trusty");
}

/// The traces of a stall are those of all that may be its reason.
inline bool shows_others(const opening& start) noexcept {
  return start.kind == kind::rcu_stall || start.kind == kind::lockup;
}

/// So many lines are a report of their own. One of fewer, such as the first line of a warning, goes on in
/// the panic behind it.
inline std::size_t lines_before_panic(const opening& start) noexcept {
  return is_of_kmsan(start) ? 16 : 22;
}

}  // namespace netcon::inline v0_1::crash::detail
