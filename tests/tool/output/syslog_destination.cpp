// SPDX-License-Identifier: MIT
#include "output/syslog_destination.hpp"

#include "support/catch.hpp"

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
