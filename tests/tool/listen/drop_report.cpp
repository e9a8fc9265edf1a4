// SPDX-License-Identifier: MIT
#include "listen/drop_report.hpp"

#include "support/catch.hpp"

#include <chrono>

using namespace std::chrono_literals;

TEST_CASE("drops are told when they begin, and once a minute while there are more") {
  tool::drop_report report{"drops", "no room; send less"};
  const tool::drop_report::clock::time_point start{};
  CHECK_FALSE(report.update(0, start));
  CHECK(report.update(1, start) == "netcon: 1 drops so far: no room; send less\n");
  CHECK_FALSE(report.update(7, start + 59s));
  // What ended within the minute is told too.
  CHECK(report.update(9, start + 60s) == "netcon: 9 drops so far: no room; send less\n");
  CHECK_FALSE(report.update(9, start + 1h));
  CHECK(report.update(10, start + 2h) == "netcon: 10 drops so far: no room; send less\n");
}
