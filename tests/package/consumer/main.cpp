// SPDX-License-Identifier: MIT
// Both sources include everything: what is defined twice does not link.
#include <netcon/netcon.hpp>

std::string described_elsewhere(const netcon::endpoint& end);

int main() {
  const auto end = netcon::endpoint::parse("[fd00::2]:6666");
  return end && described_elsewhere(*end) == netcon::to_string(*end) ? 0 : 1;
}
