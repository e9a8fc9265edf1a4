// SPDX-License-Identifier: MIT
// The kernel that this program runs on. Linux.
#pragma once

#include <netcon/core/error_texts.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/stable_level.hpp>

#include <sys/utsname.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <expected>
#include <system_error>

namespace netcon::inline v0_1 {

/// The profile of the running kernel, from its version alone: how it was built, and what its distribution
/// added, is for the caller to say by with() and without(). Where the release hides the stable level, Debian
/// and Ubuntu say it elsewhere (read_kernel_version). Errors: bad_kernel_version for a release that no
/// version can be read from; those of uname(2).
[[nodiscard]] inline std::expected<kernel_profile, std::error_code> running_kernel() noexcept {
  utsname system{};
  if (::uname(&system) != 0) return std::unexpected{std::error_code{errno, std::system_category()}};
  char signature[256];
  std::size_t length = 0;
  if (std::FILE* const file = std::fopen("/proc/version_signature", "r")) {
    length = std::fread(signature, 1, sizeof signature, file);
    std::fclose(file);
  }
  const auto version = read_kernel_version(system.release, system.version, {signature, length});
  if (!version) return std::unexpected{make_error_code(version.error().code)};
  return kernel_profile{*version};
}

}  // namespace netcon::inline v0_1
