// SPDX-License-Identifier: MIT
#include <netcon/core/printable.hpp>

#include "support/catch.hpp"

#include <string>

using namespace netcon;

TEST_CASE("append_utf8 keeps what is UTF-8 and shows the rest") {
  const auto shown = [](std::string_view bytes) {
    std::string out;
    append_utf8(out, bytes);
    return out;
  };
  CHECK(shown("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7") == "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7");
  CHECK(shown("\xff\xc3") == "\\xff\\xc3");
  CHECK(shown("\xc0\x80") == "\\xc0\\x80");                    // overlong
  CHECK(shown("\xe0\x80\x80") == "\\xe0\\x80\\x80");           // overlong
  CHECK(shown("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // surrogate
  CHECK(shown("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
  CHECK(shown("\xe2\x82") == "\\xe2\\x82");
  CHECK(shown("\xc3(") == "\\xc3(");
  CHECK(shown("\n\x01") == "\n\x01");
}

TEST_CASE("printable lets no control reach the terminal") {
  CHECK(printable("\x1b[31mred\x07\r\n\t") == R"(\x1b[31mred\x07\x0d\x0a\x09)");
  CHECK(printable("\x7f") == "\\x7f");
  CHECK(printable("\xc2\x9b") == "\\xc2\\x9b");           // C1 CSI
  CHECK(printable("\xe2\x80\xae") == "\\xe2\\x80\\xae");  // right-to-left override
  CHECK(printable("\xe2\x81\xa6") == "\\xe2\\x81\\xa6");  // isolate
  CHECK(printable("\xe2\x80\xa8") == "\\xe2\\x80\\xa8");  // line separator
  CHECK(printable("caf\xc3\xa9 \\x41 \xe2\x82\xac") == "caf\xc3\xa9 \\x41 \xe2\x82\xac");
  CHECK(printable("\xff") == "\\xff");
}

TEST_CASE("what is not plain is found at any place of a text of any length") {
  for (const std::size_t size : {1u, 31u, 32u, 33u, 64u, 100u}) {
    const std::string plain(size, 'x');
    CHECK(netcon::printable(plain) == plain);
    for (std::size_t at = 0; at < size; ++at) {
      const auto with = [&](std::string_view odd) {
        return plain.substr(0, at).append(odd) + plain.substr(at);
      };
      CHECK(netcon::printable(with("\x1b")) == with("\\x1b"));
      CHECK(netcon::printable(with("\x7f")) == with("\\x7f"));
      CHECK(netcon::printable(with("\xff")) == with("\\xff"));
      CHECK(netcon::printable(with("~ \xc3\xa9")) == with("~ \xc3\xa9"));
    }
  }
}
