// The kernel that this program runs on. Linux.
#pragma once

#include <netcon/core/error_texts.hpp>
#include <netcon/core/kernel.hpp>

#include <sys/utsname.h>

#include <cerrno>
#include <expected>
#include <system_error>

namespace netcon {

/// The profile of the running kernel, from its version alone: how it was built, and what its distribution
/// added, is for the caller to say by with() and without(). Errors: bad_kernel_version for a release that no
/// version can be read from; those of uname(2).
inline std::expected<kernel_profile, std::error_code> running_kernel() noexcept {
  utsname system{};
  if (::uname(&system) != 0) return std::unexpected{std::error_code{errno, std::system_category()}};
  const auto version = kernel_version::parse(system.release);
  if (!version) return std::unexpected{make_error_code(version.error().code)};
  return kernel_profile{*version};
}

}  // namespace netcon
