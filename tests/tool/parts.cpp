// Small parts of the tool, each by itself.
#include "listen/rate_limiter.hpp"
#include "output/syslog_destination.hpp"

#include "support/catch.hpp"

#include <chrono>
#include <cstdint>

using namespace std::chrono_literals;

TEST_CASE("the rate limit holds for each address; senders without number share one") {
  tool::rate_limiter limiter{1};
  std::uint64_t left_out = 0, passed = 0;
  const auto sink = [&](const tool::suppressed& event) { left_out += event.count; };
  const tool::rate_limiter::time_point start{1h};
  const auto from = [](unsigned number) {
    const auto byte = [&](unsigned at) { return static_cast<std::uint8_t>(number >> at); };
    return netcon::endpoint{netcon::ipv4_address{10, byte(16), byte(8), byte(0)}, netcon::port{6665}};
  };
  constexpr unsigned known = 65536, more = 1000;
  for (unsigned i = 0; i < known; ++i) passed += limiter.admit(from(i), start, sink);
  CHECK(passed == known);
  for (unsigned i = known; i < known + more; ++i) passed += limiter.admit(from(i), start, sink);
  CHECK(passed == known + 1);
  CHECK_FALSE(limiter.admit(from(5), start, sink));
  CHECK(left_out == 0);
  limiter.tick(start + 500ms, false, sink);
  CHECK(left_out == 0);
  limiter.tick(start + 1s, false, sink);
  CHECK(left_out == 1);
  limiter.tick(start + 1s, true, sink);
  CHECK(left_out == more);
  CHECK(limiter.admit(from(5), start + 1s, sink));
  CHECK_FALSE(limiter.admit(from(5), start + 1900ms, sink));
  CHECK(limiter.admit(from(5), start + 2s, sink));  // whether or not tick() came in between
  CHECK(left_out == more + 1);
}

TEST_CASE("where syslog messages go") {
  using kind = tool::syslog_address::kind;
  const auto udp = tool::parse_syslog_address("udp:127.0.0.1").value();
  CHECK(udp.how == kind::udp);
  CHECK(udp.to.port == netcon::port{514});
  const auto tcp = tool::parse_syslog_address("tcp:[::1]:601").value();
  CHECK(tcp.how == kind::tcp);
  CHECK(tcp.to.port == netcon::port{601});
  const auto local = tool::parse_syslog_address("unix:/dev/log").value();
  CHECK(local.how == kind::unix_socket);
  CHECK(local.path == "/dev/log");
  for (const auto* wrong :
       {"", "udp", "unix", "unix:", "/dev/log", "tls:loghost", "udp:", "udp:127.0.0.1:0"}) {
    INFO(wrong);
    CHECK_FALSE(tool::parse_syslog_address(wrong).has_value());
  }
  CHECK_FALSE(tool::parse_syslog_address("unix:/" + std::string(200, 'x')).has_value());
}
