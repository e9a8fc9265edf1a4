// SPDX-License-Identifier: MIT
// Any bytes through the three kinds of escaping.
#include "fuzz.hpp"

#include <netcon/core/printable.hpp>
#include <netcon/wire/escape.hpp>

#include <string>

using fuzz::check;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};

  const auto escaped = netcon::escape(text);
  for (const char c : escaped) check(c >= 0x20 && c < 0x7f, "escaped text is printable ASCII");
  check(netcon::unescape(escaped) == text, "unescape(escape(text)) is the text");
  check(escaped.size() >= size && escaped.size() <= 4 * size, "an escape takes four bytes");

  std::string tight(escaped.size(), '\0');
  const auto fits = netcon::escape_to(tight.data(), tight.data() + tight.size(), text);
  check(fits.ec == std::errc{} && tight == escaped, "escape_to fills a buffer of the right size");
  if (!escaped.empty()) {
    const auto full = netcon::escape_to(tight.data(), tight.data() + tight.size() - 1, text);
    check(full.ec == std::errc::value_too_large, "escape_to says when the buffer is too small");
  }

  // An independent reading of the same rule.
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  std::string expected;
  for (std::size_t i = 0; i < size; ++i) {
    if (text[i] == '\\' && i + 3 < size && text[i + 1] == 'x' && digit(text[i + 2]) >= 0 &&
        digit(text[i + 3]) >= 0) {
      expected += static_cast<char>(digit(text[i + 2]) << 4 | digit(text[i + 3]));
      i += 3;
    } else {
      expected += text[i];
    }
  }
  check(netcon::unescape(text) == expected, "unescape turns complete escapes into bytes and leaves the rest");
  std::string in_place{text};
  const auto end = netcon::unescape_to(in_place.data(), in_place.data() + in_place.size(), in_place);
  check(
      end.ec == std::errc{} &&
          std::string_view{in_place.data(), static_cast<std::size_t>(end.ptr - in_place.data())} == expected,
      "unescape_to works in place");

  std::string utf8;
  netcon::append_utf8(utf8, text);
  std::string again;
  netcon::append_utf8(again, utf8);
  check(again == utf8, "what append_utf8 writes is UTF-8");

  const auto shown = netcon::printable(text);
  check(netcon::printable(shown) == shown, "what is printable stays as it is");
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const auto byte = static_cast<unsigned char>(shown[i]);
    check(byte >= 0x20 && byte != 0x7f, "no C0 control or DEL reaches a terminal");
    check(byte != 0xc2 || static_cast<unsigned char>(shown[i + 1]) >= 0xa0,
          "no C1 control reaches a terminal");
  }
  return 0;
}
