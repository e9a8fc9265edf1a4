// SPDX-License-Identifier: MIT
#ifdef WITH_FMT
#include <netcon/format.hpp>
#endif
#include <netcon/version.hpp>

int main() {
#ifdef WITH_FMT
  const auto end = netcon::endpoint::parse("[fd00::2]:6666");
  return end && fmt::format("{}", *end) == "[fd00::2]:6666" ? 0 : 1;
#else
  return NETCON_VERSION_MAJOR >= 0 ? 0 : 1;
#endif
}
