// SPDX-License-Identifier: MIT
// When an event came, and the name of the machine that sent it.
#pragma once

#include <netcon/output/wall_time.hpp>

#include <string_view>

namespace netcon::inline v0_1 {

/// Where and when: what every line about an event begins with.
struct origin {
  /// The host may be unknown: empty. It has no blanks and nothing that a terminal obeys.
  origin(wall_time when = {}, std::string_view name = {}) noexcept : time{when}, host{name} {}

  wall_time time;         ///< the arrival
  std::string_view host;  ///< the name of the sender's machine; empty: unknown
};

}  // namespace netcon::inline v0_1
