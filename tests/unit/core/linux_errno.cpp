// SPDX-License-Identifier: MIT
#include <netcon/core/linux_errno.hpp>

#include "support/catch.hpp"

#include <cerrno>
#include <cstring>
#include <string>

using namespace netcon;

TEST_CASE("an error number has Linux's name and the C library's words") {
  CHECK(name(linux_errno::einval) == "EINVAL");
  CHECK(message(linux_errno::einval) == "Invalid argument");
  CHECK(name(linux_errno{0}).empty());
  CHECK(message(linux_errno{0}).empty());
  CHECK(name(linux_errno::enotsupp) == "ENOTSUPP");
  for (const auto& row : linux_errno_texts) {
    CAPTURE(row.name);
    CHECK(parse_linux_errno(row.name) == row.number);
#if defined(__GLIBC__) && (defined(__x86_64__) || defined(__aarch64__))
    if (row.number != linux_errno::enotsupp)
      CHECK(std::string{std::strerror(static_cast<int>(row.number))} == row.message);
#endif
  }
  CHECK(!parse_linux_errno("EWHATEVER"));
}

#ifdef __linux__
TEST_CASE("the numbers are those of this Linux") {
  CHECK(static_cast<int>(linux_errno::eperm) == EPERM);
  CHECK(static_cast<int>(linux_errno::einval) == EINVAL);
  CHECK(static_cast<int>(linux_errno::enospc) == ENOSPC);
  CHECK(static_cast<int>(linux_errno::erange) == ERANGE);
}
#endif
