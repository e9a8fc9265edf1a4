// SPDX-License-Identifier: MIT
#include <netcon/wire/basic.hpp>

#include "support/catch.hpp"

#include <string>

using namespace netcon;

TEST_CASE("the prefix of a legacy line") {
  const auto full = split_basic_prefix("<6>[    5.123456][    T1] text");
  CHECK(full.priority == 6);
  CHECK(full.timestamp_us == 5123456);
  CHECK(full.caller == "T1");
  CHECK(full.text == "text");
  const auto time = split_basic_prefix("[123456.000001] x");
  CHECK(time.timestamp_us == 123456000001);
  CHECK(time.caller.empty());
  CHECK(time.text == "x");
  CHECK(split_basic_prefix("[    1.000000] ").text.empty());
  CHECK(split_basic_prefix("[    1.000000]").timestamp_us == 1000000);
  CHECK(split_basic_prefix("[2147483647.999999] x").timestamp_us == 2147483647999999);
  CHECK(!split_basic_prefix("[2147483648.000000] x").timestamp_us);
  CHECK(split_basic_prefix("<2047>x").priority == 2047);
  CHECK(split_basic_prefix("<2047>x").text == "x");
  CHECK(!split_basic_prefix("<2048>x").priority);
  CHECK(split_basic_prefix("[    1.000000][    C0] x").caller == "C0");
  for (const std::string_view text : {"[    T] x", "[   T1x] x", "[    X1] x", "[      ] x", "[    T1"}) {
    CAPTURE(text);
    CHECK(split_basic_prefix("[    1.000000]" + std::string{text}).text ==
          "[    1.000000]" + std::string{text});
  }
  CHECK(split_basic_prefix("[    1.000000][    T1]x").caller.empty());
  CHECK(split_basic_prefix("<6>[    1.000000]x").priority == 6);
  CHECK(split_basic_prefix("<6>[    1.000000]x").text == "[    1.000000]x");
  // printk.time off, CONFIG_PRINTK_CALLER on.
  CHECK(split_basic_prefix("<6>[    T1] x").caller == "T1");
  CHECK(split_basic_prefix("[T12345678] x").text == "x");
  for (const std::string_view text :
       {"", "plain", "[  OK  ] Started", "[1.5] x", "[    1.000000]x", "[x.000000] y", "[", "<x>y",
        "[    1.000000", "<9999>t", "[T1] x", "[   T1] x", "[    T1]x", "[    T] x"}) {
    const auto none = split_basic_prefix(text);
    CAPTURE(text);
    CHECK(!none.timestamp_us);
    CHECK(none.caller.empty());
    CHECK(none.text == text);
  }
}

TEST_CASE("the kernel's own word about dropped records") {
  CHECK(dropped_notice("** 17 printk messages dropped **") == 17);
  CHECK(dropped_notice("** 1 printk messages dropped **") == 1);
  CHECK(dropped_notice("** 17 messages dropped by rate limit **") == 17);
  CHECK(!dropped_notice("** 0 printk messages dropped **"));
  CHECK(!dropped_notice("** 0 messages dropped by rate limit **"));
  for (const auto* text :
       {"7 messages dropped by rate limit", "netconsole: 7 messages dropped by rate limit"})
    CHECK(dropped_notice(text) == 7);
  for (const auto* text :
       {"** 5 messages dropped by rate limit", "x: 5 messages dropped by rate limit",
        " messages dropped by rate limit", "5 messages dropped by rate limits", "5 printk messages dropped"})
    CHECK(!dropped_notice(text));
  for (const auto* text :
       {"** printk messages dropped **", "**  printk messages dropped **", "** x printk messages dropped **",
        "** 17 printk messages dropped ** ", "17 printk messages dropped", "** -1 printk messages dropped **",
        "*! 17 printk messages dropped **", "** 17 printk messages dropped *!"})
    CHECK(!dropped_notice(text));
}
