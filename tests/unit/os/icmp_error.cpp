// SPDX-License-Identifier: MIT
#include <netcon/os/icmp_error.hpp>

#include <netcon/os/udp_receiver.hpp>
#include <netcon/os/udp_sender.hpp>

#include "support/catch.hpp"

#include <poll.h>

#include <optional>

using namespace netcon;

namespace {

/// A port of that address that nobody has.
endpoint free_port(const ip_address& address) {
  return udp_receiver::bind({address, port{0}}).value().local().value();
}

static_assert(describe_icmp(3, 13, false) == "administratively prohibited");
static_assert(describe_icmp(1, 4, true) == "port unreachable");
static_assert(describe_icmp(3, 0, true) == "too many routers on the way");

}  // namespace

TEST_CASE("a refusal names who sent it, and where the datagram went", "[control-messages]") {
  for (const auto* text : {"127.0.0.1", "::1"}) {
    const auto address = *ip_address::parse(text);
    if (!udp_receiver::bind({address, port{0}})) {
      WARN("SKIP: this machine has no " << text);
      continue;
    }
    const auto closed = free_port(address);
    auto out = udp_sender::connect(closed).value();
    REQUIRE_FALSE(keep_icmp_errors(out.native_handle()));
    CHECK_FALSE(take_icmp_error(out.native_handle()));
    REQUIRE(out.send("anybody there?\n"));
    pollfd wanted{out.native_handle(), 0, 0};
    REQUIRE(::poll(&wanted, 1, 5000) == 1);
    const auto got = take_icmp_error(out.native_handle());
    REQUIRE(got);
    CHECK(got->code == std::errc::connection_refused);
    CHECK(got->offender == address);
    CHECK(got->remote == closed);
    CHECK(describe_icmp(got->type, got->icmp_code, address.is_v6()) == "port unreachable");
    CHECK_FALSE(got->is_unresolved(address));
    CHECK_FALSE(take_icmp_error(out.native_handle()));
  }
}

TEST_CASE("keeping fails where there is no socket") {
  CHECK(keep_icmp_errors(-1) == std::errc::bad_file_descriptor);
  CHECK_FALSE(take_icmp_error(-1));
}
