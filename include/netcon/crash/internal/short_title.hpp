// SPDX-License-Identifier: MIT
// A name for all that goes wrong in the same way.
#pragma once

#include <netcon/crash/kind.hpp>
#include <netcon/crash/opening.hpp>

#include <string_view>

namespace netcon::inline v0_1::crash::detail {

/// Without " in " and the function; empty: there is none.
constexpr std::string_view short_title(const opening& start) noexcept {
  switch (start.kind) {
    case kind::invalid_read:
    case kind::use_after_free_read:
    case kind::null_read:
    case kind::guarded_read:
    case kind::guarded_write:
    case kind::guarded_use_after_free_read:
    case kind::guarded_use_after_free_write:
    case kind::uninitialised_value:
    case kind::information_leak:
    case kind::freed_value:
    case kind::null_dereference:
    case kind::bad_address:
    case kind::protection_fault:
      return "bad-access";
    case kind::invalid_free:
    case kind::guarded_invalid_free:
      return "invalid-free";
    case kind::task_hung:
      return "hang";
    case kind::rcu_stall:
    case kind::lockup:
      return "stall";
    case kind::stack_overflow:
      return "stack-overflow";
    default:
      return start.rule == blame::stack_loop ? "stack-overflow" : "";
  }
}

}  // namespace netcon::inline v0_1::crash::detail
