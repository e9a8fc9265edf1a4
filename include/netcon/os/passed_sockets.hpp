// SPDX-License-Identifier: MIT
// The sockets that systemd passes to a service. Linux.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <unistd.h>

#include <cstdlib>

namespace netcon::inline v0_1 {

/// The descriptors that systemd passed in (LISTEN_FDS, sd_listen_fds(3)): first to first + count - 1.
struct passed_sockets {
  static constexpr int first = 3;  ///< SD_LISTEN_FDS_START
  int count = 0;                   ///< 0: none was passed to this process

  /// Reads LISTEN_PID and LISTEN_FDS; 0 when they are not meant for this process.
  [[nodiscard]] static passed_sockets from_environment() noexcept {
    const char* const pid = ::getenv("LISTEN_PID");
    const char* const fds = ::getenv("LISTEN_FDS");
    if (pid == nullptr || fds == nullptr || std::strtol(pid, nullptr, 10) != ::getpid()) return {};
    const long count = std::strtol(fds, nullptr, 10);
    return {count > 0 && count < 1024 ? static_cast<int>(count) : 0};
  }
};

}  // namespace netcon::inline v0_1
