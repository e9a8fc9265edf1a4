// SPDX-License-Identifier: MIT
#include "options/duration.hpp"

#include "support/catch.hpp"

#include <chrono>
#include <string>

using namespace std::chrono_literals;

TEST_CASE("a duration is a number and a unit") {
  struct row {
    const char* text;
    std::chrono::milliseconds time;
  };
  for (const auto& [text, time] : {row{"50ms", 50ms},
                                   {"30s", 30s},
                                   {"5m", 5min},
                                   {"24h", 24h},
                                   {"7d", 168h},
                                   {"1.5s", 1500ms},
                                   {".5s", 500ms},
                                   {"0.5ms", 1ms},
                                   {"0.0001s", 1ms},
                                   {"010s", 10s},
                                   {"0", 0ms},
                                   {"0s", 0ms},
                                   {"36525d", 24h * 36525}}) {
    INFO(text);
    CHECK(tool::parse_duration(text).value_or(-1ms) == time);
  }
}

TEST_CASE("a number without a unit is refused with what to write") {
  CHECK(tool::parse_duration("60").error() == "'60' has no unit: write 60s for seconds, or ms, m, h or d");
  for (const auto* wrong : {"", "s", "ms", "-1s", "+1s", " 1s", "1 s", "1s ", "1S", "1min", "1us", "1e3s",
                            "nan", "inf", "infs", "1.2.3s", "0x1s", "36526d", "99999999999999999999s"}) {
    INFO(wrong);
    CHECK_FALSE(tool::parse_duration(wrong).has_value());
  }
  CHECK_FALSE(tool::parse_duration(std::string(400, '9') + "s").has_value());
}

TEST_CASE("a duration is shown in the largest unit that it is whole in") {
  CHECK(tool::to_text(0ms) == "0ms");
  CHECK(tool::to_text(50ms) == "50ms");
  CHECK(tool::to_text(1500ms) == "1500ms");
  CHECK(tool::to_text(30s) == "30s");
  CHECK(tool::to_text(90s) == "90s");
  CHECK(tool::to_text(60s) == "1m");
  CHECK(tool::to_text(24h) == "1d");
  CHECK(tool::to_text(25h) == "25h");
}
