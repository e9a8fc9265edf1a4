// SPDX-License-Identifier: MIT
// Lines of stack traces of all architectures.
#include <netcon/crash/frame.hpp>

#include "support/catch.hpp"

#include <string_view>

using netcon::crash::frame_view;
using netcon::crash::read_frame;

TEST_CASE("lines of a trace") {
  struct row {
    std::string_view line;
    frame_view frame;
  };
  constexpr row rows[] = {
      {" foo_open+0x1c/0x30", {"foo_open", 0x1c, 0x30, "", true}},
      {" ? foo_open+0x1c/0x30", {"foo_open", 0x1c, 0x30, "", false}},
      {" foo_open+0x1c/0x30 [foo]", {"foo_open", 0x1c, 0x30, "foo", true}},
      {" foo_open+0x1c/0x30 [foo 0123456789abcdef]", {"foo_open", 0x1c, 0x30, "foo", true}},
      {" foo_open.constprop.0+0x1c/0x30 drivers/foo.c:12", {"foo_open.constprop.0", 0x1c, 0x30, "", true}},
      {" foo_get drivers/foo.c:12 [inline]", {"foo_get", 0, 0, "", true}},
      {" [<ffffffff81234567>] foo_open+0x1c/0x30", {"foo_open", 0x1c, 0x30, "", true}},
      {" [<ffffffff81234567>] ? foo_open+0x1c/0x30", {"foo_open", 0x1c, 0x30, "", false}},
      {" [<ffffffff88123456>] :foo:foo_open+0x1c/0x30", {"foo_open", 0x1c, 0x30, "foo", true}},
      {" <IRQ>  [<ffffffff81234567>] foo_open+0x1c/0x30", {"foo_open", 0x1c, 0x30, "", true}},
      {"[c000000012345678] [c000000000012345] foo_open+0x1c/0x30 (unreliable)",
       {"foo_open", 0x1c, 0x30, "", true}},
      {"([<0000000000112bbc>] foo_open+0x1c/0x30)", {"foo_open", 0x1c, 0x30, "", true}},
      {" [<0000000000112bbc>] foo_open+0x1c/0x30", {"foo_open", 0x1c, 0x30, "", true}},
      {"[<8010abcd>] foo_open+0x1c/0x30", {"foo_open", 0x1c, 0x30, "", true}},
      {"[<801349a8>] (foo_get) from [<8013479c>] (foo_open+0x1c/0x30)", {"foo_open", 0x1c, 0x30, "", true}},
      {" foo_get from foo_open+0x1c/0x30", {"foo_open", 0x1c, 0x30, "", true}},
  };
  for (const auto& [line, frame] : rows) {
    CAPTURE(line);
    const auto got = read_frame(line);
    REQUIRE(got);
    CHECK(got->function == frame.function);
    CHECK(*got == frame);
  }
}

TEST_CASE("lines that are no frame") {
  for (const std::string_view line :
       {"", " ", "Call Trace:", "Code: 00 00 0f 0b", "RIP: 0010:foo_open+0x1c/0x30", " 0xffffffffffffffff",
        "usb 1-1: new device", "foo+bar", "foo+0x", "[<ffffffff81234567>]", "(foo+0x1/0x2",
        "foo+0x1/0x2, at: bar", "foo+0x1 is not what was meant",
        " #0: ffff888012345678 (&foo->lock){+.+.}-{3:3}, at: foo_lock+0x1/0x2"}) {
    CAPTURE(line);
    CHECK(!read_frame(line));
  }
}
