// SPDX-License-Identifier: MIT
#include <netcon/os/running_kernel.hpp>

#include "support/catch.hpp"

#include <sys/utsname.h>

#include <cstring>

using namespace netcon;

namespace {

const char* release = "";
int failure = 0;

}  // namespace

extern "C" int uname(utsname* system) noexcept {
  errno = failure;
  if (failure != 0) return -1;
  std::strcpy(system->release, release);
  return 0;
}

TEST_CASE("the running kernel is known by its release") {
  release = "6.12.117+deb12-amd64";
  CHECK(running_kernel().value() == kernel_profile{6, 12, 117});
  release = "2.6.32-754.el6.x86_64";
  CHECK(running_kernel().value() == kernel_profile{2, 6, 32});
}

TEST_CASE("a release without a version and a failing uname(2) are errors") {
  release = "unreleased";
  CHECK(running_kernel().error() == text_errc::bad_kernel_version);
  failure = EFAULT;
  CHECK(running_kernel().error() == std::errc::bad_address);
  failure = 0;
}
