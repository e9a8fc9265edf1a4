// expect: deleted
// SPDX-License-Identifier: MIT
#include <netcon/wire/decode.hpp>

#include <cstddef>
#include <string>

std::string receive();

std::size_t key_bytes() {
  std::size_t sum = 0;
#ifdef MUST_NOT_BUILD
  for (const auto entry : netcon::decode(receive())->dictionary()) sum += entry.key.size();
#else
  const std::string packet = receive();
  for (const auto entry : netcon::decode(packet)->dictionary()) sum += entry.key.size();
#endif
  return sum;
}
