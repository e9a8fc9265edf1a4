// SPDX-License-Identifier: MIT
#include <netcon/format.hpp>

#include "support/catch.hpp"

#include <netcon/parameter/parse.hpp>

using namespace netcon;

TEST_CASE("values format as they are written") {
  CHECK(fmt::format("{}", ipv4_address{10, 0, 0, 2}) == "10.0.0.2");
  CHECK(fmt::format("{}", *ipv6_address::parse("fd00::2")) == "fd00::2");
  CHECK(fmt::format("{}", ip_address{ipv4_address{10, 0, 0, 2}}) == "10.0.0.2");
  CHECK(fmt::format("{}", mac_address::broadcast()) == "ff:ff:ff:ff:ff:ff");
  CHECK(fmt::format("{}", port{6666}) == "6666");
  CHECK(fmt::format("{}", *interface_name::parse("eth0")) == "eth0");
  CHECK(fmt::format("{}", *endpoint::parse("[fd00::2]:6666")) == "[fd00::2]:6666");
  CHECK(fmt::format("{}", kernel_version{6, 12, 117}) == "6.12.117");
  CHECK(fmt::format("{}", device{}) == "");
  CHECK(fmt::format("{}", parse_target("+@/eth0,@10.0.0.2/").value()) == "+@/eth0,@10.0.0.2/");
  CHECK(fmt::format("{} {}", level::warning, text_errc::bad_port) == "warning bad-port");
}

TEST_CASE("width, fill and alignment are those of a string") {
  CHECK(fmt::format("[{:>8}]", port{22}) == "[      22]");
  CHECK(fmt::format("[{:*<12}]", ipv4_address{1, 2, 3, 4}) == "[1.2.3.4*****]");
}
