// SPDX-License-Identifier: MIT
#include <netcon/receive/rate_limiter.hpp>

#include "support/catch.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

endpoint from(unsigned number, std::uint16_t from_port = 6665) {
  const auto byte = [&](unsigned at) { return static_cast<std::uint8_t>(number >> at); };
  return {ipv4_address{10, byte(16), byte(8), byte(0)}, port{from_port}};
}

}  // namespace

TEST_CASE("the rate limit holds for each address; of too many the one silent for longest is forgotten") {
  rate_limiter limiter{1};
  std::uint64_t left_out = 0, passed = 0;
  const auto sink = [&](const event::suppressed& event) { left_out += event.count; };
  const time_point start{1h};
  constexpr unsigned known = 65536, more = 1000;
  for (unsigned i = 0; i < known; ++i) passed += limiter.admit(from(i), start, sink);
  CHECK(passed == known);
  CHECK_FALSE(limiter.admit(from(0), start, sink));
  for (unsigned i = known; i < known + more; ++i) passed += limiter.admit(from(i), start, sink);
  CHECK(passed == known + more);
  CHECK(limiter.size() == known);
  CHECK(left_out == 0);
  // Those forgotten have their limit again, and push out the next ones.
  for (unsigned i = 1; i <= more; ++i) CHECK(limiter.admit(from(i), start, sink));
  CHECK_FALSE(limiter.admit(from(0), start, sink));
  limiter.expire(start + 500ms, sink);
  CHECK(left_out == 0);
  limiter.expire(start + 1s, sink);
  CHECK(left_out == 2);
  CHECK(limiter.admit(from(0), start + 1s, sink));
  CHECK_FALSE(limiter.admit(from(0), start + 1900ms, sink));
  CHECK(limiter.admit(from(0), start + 2s, sink));  // whether or not expire() came in between
  CHECK(left_out == 3);
  CHECK_FALSE(limiter.admit(from(0), start + 2s, sink));
  limiter.flush(sink);
  CHECK(left_out == 4);
  CHECK(limiter.size() == 0);
}

TEST_CASE("what an address that is forgotten left out is reported") {
  rate_limiter limiter{1};
  std::uint64_t left_out = 0;
  const auto sink = [&](const event::suppressed& event) {
    CHECK(event.sender == from(0));
    left_out += event.count;
  };
  for (int i = 0; i < 3; ++i) limiter.admit(from(0), time_point{1h}, sink);
  for (unsigned i = 1; i <= rate_limiter::most_addresses; ++i) limiter.admit(from(i), time_point{1h}, sink);
  CHECK(left_out == 2);
}

TEST_CASE("what the senders without a limit of their own left out is reported with their address") {
  rate_limiter limiter{1};
  std::uint64_t left_out = 0;
  const auto sink = [&](const event::suppressed& event) {
    CHECK(event.sender.address == from(0).address);
    left_out += event.count;
  };
  for (std::uint16_t port = 1; port <= rate_limiter::own_shares + 4; ++port)
    limiter.admit(from(0, port), time_point{1h}, sink);
  for (unsigned i = 1; i <= rate_limiter::most_addresses; ++i) limiter.admit(from(i), time_point{1h}, sink);
  CHECK(left_out == 3);
}

TEST_CASE("each sender is reported when its own second is over, once") {
  rate_limiter limiter{1};
  std::map<endpoint, std::uint64_t> left_out;
  const auto sink = [&](const event::suppressed& event) { left_out[event.sender] += event.count; };
  const time_point start{1h};
  constexpr std::array begins{0ms, 200ms, 300ms, 400ms, 100ms};
  for (unsigned i = 0; i < begins.size(); ++i) CHECK(limiter.admit(from(i), start + begins[i], sink));
  for (unsigned i = 0; i < begins.size(); ++i)
    for (unsigned lines = 0; lines <= i; ++lines) CHECK_FALSE(limiter.admit(from(i), start + 500ms, sink));
  std::size_t reported = 0;
  for (const unsigned i : {0u, 4u, 1u, 2u, 3u}) {
    limiter.expire(start + 1s + begins[i], sink);
    REQUIRE(left_out.size() == ++reported);
    CHECK(left_out[from(i)] == i + 1);
  }
  limiter.flush(sink);
  for (unsigned i = 0; i < begins.size(); ++i) CHECK(left_out[from(i)] == i + 1);
}

TEST_CASE("at the beginning of the clock each sender has a limit of its own too") {
  rate_limiter limiter{1};
  const auto sink = [](const event::suppressed&) {};
  for (std::uint16_t port = 1; port <= rate_limiter::own_shares; ++port)
    CHECK(limiter.admit(from(1, port), time_point{}, sink));
  CHECK_FALSE(limiter.admit(from(1, 1), time_point{}, sink));
  CHECK(limiter.admit(from(1, 100), time_point{}, sink));
  CHECK_FALSE(limiter.admit(from(1, 101), time_point{}, sink));
}

TEST_CASE("a limit that no number of bytes expresses is one of lines") {
  rate_limiter limiter{std::numeric_limits<std::uint64_t>::max() / rate_limiter::bytes_per_line + 1};
  const auto sink = [](const event::suppressed&) {};
  for (int i = 0; i < 3; ++i) {
    CHECK(limiter.admit(from(1), time_point{1h}, sink));
    limiter.charge(std::numeric_limits<std::uint64_t>::max() / 4);
  }
}

TEST_CASE("other programs of a machine, at any number of ports, take nothing from its kernel") {
  rate_limiter limiter{2, {{1, 2, 3, 4, 5, 6, 7}}};
  const time_point start{1h};
  std::uint64_t of_kernel = 0, of_others = 0, left_out = 0;
  const auto sink = [&](const event::suppressed& event) {
    CHECK(event.sender.port.value() != 6665);
    left_out += event.count;
  };
  constexpr int seconds = 10, packets = 1000;
  for (int second = 0; second < seconds; ++second)
    for (int i = 0; i < packets; ++i) {
      const auto now = start + second * 1s + i * 1ms;
      if (i % 500 == 0) of_kernel += limiter.admit(from(1), now, sink);
      of_others += limiter.admit(from(1, static_cast<std::uint16_t>(10000 + i)), now, sink);
    }
  limiter.flush(sink);
  CHECK(of_kernel == 2 * seconds);
  CHECK(of_others <= 2 * rate_limiter::own_shares * seconds);
  CHECK(of_others + left_out == packets * seconds);
}

TEST_CASE("a share that was silent for an hour is another sender's") {
  rate_limiter limiter{1};
  const auto sink = [](const event::suppressed&) {};
  const time_point start{1h};
  for (std::uint16_t port = 1; port <= rate_limiter::own_shares; ++port)
    CHECK(limiter.admit(from(1, port), start, sink));
  CHECK(limiter.admit(from(1, 100), start, sink));
  CHECK_FALSE(limiter.admit(from(1, 101), start, sink));
  CHECK(limiter.admit(from(1, 102), start + 1h, sink));
  CHECK(limiter.admit(from(1, 103), start + 1h, sink));
}

TEST_CASE("a limit of lines is one of bytes too") {
  rate_limiter limiter{10};
  const auto sink = [](const event::suppressed&) {};
  const time_point now{1h};
  for (int i = 0; i < 2; ++i) {
    CHECK(limiter.admit(from(1), now, sink));
    limiter.charge(5 * rate_limiter::bytes_per_line);
  }
  CHECK_FALSE(limiter.admit(from(1), now, sink));
  // However long, one line comes through.
  CHECK(limiter.admit(from(2), now, sink));
  limiter.charge(1000 * rate_limiter::bytes_per_line);
  CHECK_FALSE(limiter.admit(from(2), now + 900ms, sink));
  CHECK(limiter.admit(from(2), now + 1s, sink));
}

TEST_CASE("0 is no limit") {
  rate_limiter limiter{0};
  const auto sink = [](const event::suppressed&) { FAIL("nothing is left out"); };
  for (int i = 0; i < 1000; ++i) CHECK(limiter.admit(from(1), time_point{1h}, sink));
  CHECK(limiter.size() == 0);
  limiter.flush(sink);
}
