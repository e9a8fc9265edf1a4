// SPDX-License-Identifier: MIT
// When a frame was captured.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <chrono>

namespace netcon::inline v0_1 {

/// Wall time of a capture, in nanoseconds since 1970 on every platform.
using capture_time = std::chrono::sys_time<std::chrono::nanoseconds>;

}  // namespace netcon::inline v0_1
