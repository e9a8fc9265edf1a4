// SPDX-License-Identifier: MIT
// A file descriptor that is closed with its owner, and errno as an error_code. POSIX.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace netcon::inline v0_1 {

/// Owns a file descriptor, or none (-1).
class descriptor {
 public:
  /// None.
  descriptor() noexcept = default;
  /// Takes ownership; -1, as a failed open(2) returns it, is none.
  explicit descriptor(int fd) noexcept : fd_{fd} {}
  /// Takes ownership; other has none afterwards.
  descriptor(descriptor&& other) noexcept : fd_{other.release()} {}
  /// Exchanges both: other closes what this one had.
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  /// Closes the descriptor, if there is one.
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  /// -1 when there is none; ownership stays here.
  [[nodiscard]] int get() const noexcept { return fd_; }
  /// Whether there is a descriptor.
  explicit operator bool() const noexcept { return fd_ >= 0; }
  /// Gives ownership to the caller.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// errno of the system call that failed just now.
[[nodiscard]] inline std::error_code last_error() noexcept {
  return {errno, std::system_category()};
}

}  // namespace netcon::inline v0_1
