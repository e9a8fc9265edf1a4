// SPDX-License-Identifier: MIT
#include <netcon/core/number.hpp>

#include "support/catch.hpp"

#include <string>

using namespace netcon;

TEST_CASE("decimal numbers are digits alone, up to 64 bits") {
  STATIC_REQUIRE(parse_decimal("0") == 0u);
  STATIC_REQUIRE(parse_decimal("007") == 7u);
  CHECK(parse_decimal("18446744073709551615") == 18446744073709551615u);
  for (const auto* text :
       {"", "-1", "+1", " 1", "1 ", "1x", "0x1", "18446744073709551616", "100000000000000000000"}) {
    INFO(text);
    CHECK_FALSE(parse_decimal(text).has_value());
  }
}

TEST_CASE("a digit is known by its byte alone") {
  int decimal = 0, hexadecimal = 0;
  for (int byte = 0; byte < 256; ++byte) {
    decimal += is_decimal_digit(static_cast<char>(byte));
    hexadecimal += parse_hex_digit(static_cast<char>(byte)).has_value();
  }
  CHECK(decimal == 10);
  CHECK(hexadecimal == 22);
  CHECK(is_decimal_digit('0'));
  CHECK(is_decimal_digit('9'));
  std::string digits;
  for (unsigned value = 0; value < 16; ++value) {
    CHECK(parse_hex_digit(hex_digit(value)) == value);
    digits += hex_digit(value | 0xf0);
  }
  CHECK(digits == "0123456789abcdef");
  CHECK(parse_hex_digit('A') == 10);
  CHECK(parse_hex_digit('F') == 15);
}
