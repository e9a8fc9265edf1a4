// expect: deleted
// SPDX-License-Identifier: MIT
#include <netcon/parameter/target.hpp>

bool is_eth0(const netcon::target& t) {
#ifdef MUST_NOT_BUILD
  const auto device = netcon::resolve(t).dev_name.view();
#else
  const auto settings = netcon::resolve(t);
  const auto device = settings.dev_name.view();
#endif
  return device == "eth0";
}
