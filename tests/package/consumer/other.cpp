// SPDX-License-Identifier: MIT
#include <netcon/netcon.hpp>

std::string described_elsewhere(const netcon::endpoint& end) {
  return netcon::to_string(end);
}
