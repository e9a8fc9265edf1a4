// SPDX-License-Identifier: MIT
#include <netcon/wire/escape.hpp>

#include "support/catch.hpp"

#include <array>
#include <string>
#include <string_view>

using namespace netcon;
using namespace std::string_literals;

static_assert([] {
  std::array<char, 16> out{};
  const auto end = escape_to(out.data(), out.data() + out.size(), "a\tb").ptr;
  return std::string_view{out.data(), end} == "a\\x09b";
}());

TEST_CASE("printk's escape: controls, DEL and above, backslash; nothing else") {
  CHECK(escape("a\tb\nc\x1b"
               "d\\e\x7f \xc3\xa9 ;=,\"~") == R"(a\x09b\x0ac\x1bd\x5ce\x7f \xc3\xa9 ;=,"~)");
  CHECK(escape("\0"s) == "\\x00");
  CHECK(escape("") == "");
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    CHECK(unescape(escape(one)) == one);
    CHECK((escape(one).size() == 4) == is_escaped_by_kernel(one[0]));
  }
}

TEST_CASE("unescape reads complete escapes only") {
  CHECK(unescape(R"(\x41\x5A\x5a)") == "AZZ");
  CHECK(unescape(R"(\x4)") == R"(\x4)");
  CHECK(unescape(R"(\x)") == R"(\x)");
  CHECK(unescape(R"(\)") == R"(\)");
  CHECK(unescape(R"(\xg0\n\\x41)") == "\\xg0\\n\\A");
  CHECK(unescape(R"(\x5cx41)") == R"(\x41)");  // what it gives is not read again
}

TEST_CASE("the buffer may be too small, and unescape may write over its input") {
  std::array<char, 3> small{};
  CHECK(escape_to(small.data(), small.data() + 3, "\n").ec == std::errc::value_too_large);
  CHECK(unescape_to(small.data(), small.data() + 3, "abcd").ec == std::errc::value_too_large);
  CHECK(unescape_to(small.data(), small.data() + 3, "abc").ec == std::errc{});
  std::string text = R"(a\x42c)";
  const auto end = unescape_to(text.data(), text.data() + text.size(), text).ptr;
  CHECK(std::string_view{text.data(), static_cast<std::size_t>(end - text.data())} == "aBc");
}
