#include <netcon/receive/rate_limiter.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstdint>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

endpoint from(unsigned number, std::uint16_t from_port = 6665) {
  const auto byte = [&](unsigned at) { return static_cast<std::uint8_t>(number >> at); };
  return {ipv4_address{10, byte(16), byte(8), byte(0)}, port{from_port}};
}

}  // namespace

TEST_CASE("the rate limit holds for each address; senders without number share one") {
  rate_limiter limiter{1};
  std::uint64_t left_out = 0, passed = 0;
  const auto sink = [&](const event::suppressed& event) { left_out += event.count; };
  const time_point start{1h};
  constexpr unsigned known = 65536, more = 1000;
  for (unsigned i = 0; i < known; ++i) passed += limiter.admit(from(i), start, sink);
  CHECK(passed == known);
  for (unsigned i = known; i < known + more; ++i) passed += limiter.admit(from(i), start, sink);
  CHECK(passed == known + 1);
  CHECK(limiter.size() == known);
  CHECK_FALSE(limiter.admit(from(5), start, sink));
  CHECK(left_out == 0);
  limiter.expire(start + 500ms, sink);
  CHECK(left_out == 0);
  limiter.expire(start + 1s, sink);
  CHECK(left_out == 1);
  CHECK(limiter.size() == 0);
  limiter.flush(sink);
  CHECK(left_out == more);
  CHECK(limiter.admit(from(5), start + 1s, sink));
  CHECK_FALSE(limiter.admit(from(5), start + 1900ms, sink));
  CHECK(limiter.admit(from(5), start + 2s, sink));  // whether or not expire() came in between
  CHECK(left_out == more + 1);
}

TEST_CASE("the ports of one address share a limit, and the report names the first of that second") {
  rate_limiter limiter{2, {{1, 2, 3, 4, 5, 6, 7}}};
  const time_point start{1h};
  endpoint told;
  std::uint64_t left_out = 0;
  const auto sink = [&](const event::suppressed& event) {
    told = event.sender;
    left_out = event.count;
  };
  CHECK(limiter.admit(from(1, 7), start, sink));
  CHECK(limiter.admit(from(1, 8), start, sink));
  CHECK_FALSE(limiter.admit(from(1, 9), start, sink));
  CHECK(limiter.admit(from(2), start, sink));
  limiter.flush(sink);
  CHECK(told == from(1, 7));
  CHECK(left_out == 1);
  CHECK(limiter.size() == 0);
}

TEST_CASE("0 is no limit") {
  rate_limiter limiter{0};
  const auto sink = [](const event::suppressed&) { FAIL("nothing is left out"); };
  for (int i = 0; i < 1000; ++i) CHECK(limiter.admit(from(1), time_point{1h}, sink));
  CHECK(limiter.size() == 0);
  limiter.flush(sink);
}
