// expect: error
// SPDX-License-Identifier: MIT
#include <netcon/wire/encode.hpp>

#include <string>

std::string running_release();

bool can_send() {
#ifdef MUST_NOT_BUILD
  const netcon::extended_record record{.header = "6,1,2,-", .body = "x\n", .release = running_release()};
#else
  const std::string release = running_release();
  const netcon::extended_record record{.header = "6,1,2,-", .body = "x\n", .release = release};
#endif
  return !netcon::check(record, netcon::kernel_profile::latest());
}
