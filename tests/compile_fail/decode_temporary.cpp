// expect: deleted
// SPDX-License-Identifier: MIT
#include <netcon/wire/decode.hpp>

#include <string>

std::string receive();

bool is_extended() {
#ifdef MUST_NOT_BUILD
  return netcon::decode(receive())->is_extended();
#else
  const std::string packet = receive();
  return netcon::decode(packet)->is_extended();
#endif
}
