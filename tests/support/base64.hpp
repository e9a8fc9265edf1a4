// SPDX-License-Identifier: MIT
// Base64 as the recorded packets in tests/data use it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace test {

inline std::string base64_decode(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0, count = 0;
  for (const char c : text) {
    if (c == '=') break;
    const auto value = alphabet.find(c);
    if (value == alphabet.npos) throw std::invalid_argument{"not base64"};
    bits = bits << 6 | static_cast<unsigned>(value);
    if ((count += 6) >= 8) out += static_cast<char>(bits >> (count -= 8) & 0xff);
  }
  return out;
}

}  // namespace test
