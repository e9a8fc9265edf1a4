// SPDX-License-Identifier: MIT
// Over loopback; routers that refuse are in tests/tool/commands/test_test.py.
#include <netcon/os/contact.hpp>

#include "support/catch.hpp"

#include <netcon/os/udp_receiver.hpp>

#include <chrono>
#include <utility>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

constexpr ipv4_address here{127, 0, 0, 1}, router{10, 0, 0, 1}, own{10, 0, 0, 7}, far{10, 9, 0, 2};
constexpr endpoint receiver{far, port{6666}};

}  // namespace

TEST_CASE("a port that something is bound to is silent, and refuses when nothing is") {
  auto bound = udp_receiver::bind({here, port{0}});
  REQUIRE(bound);
  const auto at = bound->local().value();
  CHECK(try_contact(at, 50ms).came.is(doctor::contact::silent));
  {
    const auto closed = std::move(*bound);
  }
  const auto refused = try_contact(at, 60s);
  CHECK(refused.receiver == at);
  CHECK(refused.came.is(doctor::contact::refused));
  CHECK(refused.by == here);
  CHECK(refused.said == "port unreachable");
}

TEST_CASE("who says so, and what") {
  const auto read = [](std::errc code, const ip_address& by, std::uint8_t type, std::uint8_t icmp_code) {
    const icmp_error error{.code = std::make_error_code(code),
                           .offender = by,
                           .remote = receiver,
                           .type = type,
                           .icmp_code = icmp_code};
    return read_contact(receiver, error, own);
  };
  CHECK(read(std::errc::connection_refused, far, 3, 3).came.is(doctor::contact::refused));
  // A router that rejects with "port unreachable" is not the receiver.
  const auto rejected = read(std::errc::connection_refused, router, 3, 3);
  CHECK(rejected.came.is(doctor::contact::unreachable));
  CHECK(rejected.by == router);
  CHECK(read(std::errc::host_unreachable, router, 3, 13).said == "administratively prohibited");
  CHECK(read(std::errc::host_unreachable, own, 3, 1).came.is(doctor::contact::unresolved));
}
