// When an event came, and the name of the machine that sent it.
#pragma once

#include <netcon/output/wall_time.hpp>

#include <string_view>

namespace netcon {

struct origin {
  /// The host may be unknown: empty. It has no blanks and nothing that a terminal obeys.
  origin(wall_time when = {}, std::string_view name = {}) noexcept : time{when}, host{name} {}

  wall_time time;
  std::string_view host;
};

}  // namespace netcon
