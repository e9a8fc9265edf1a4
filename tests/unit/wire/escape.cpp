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
      const auto with = [&](std::string_view odd) { return plain.substr(0, at).append(odd) + plain.substr(at); };
      CHECK(netcon::printable(with("\x1b")) == with("\\x1b"));
      CHECK(netcon::printable(with("\x7f")) == with("\\x7f"));
      CHECK(netcon::printable(with("\xff")) == with("\\xff"));
      CHECK(netcon::printable(with("~ \xc3\xa9")) == with("~ \xc3\xa9"));
    }
  }
}
