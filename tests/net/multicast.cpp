// SPDX-License-Identifier: MIT
// The groups of multicast addresses, which a receiver joins, between two network namespaces.
#include <netcon/os/socket_address.hpp>
#include <netcon/os/udp_receiver.hpp>

#include "network.hpp"
#include "support/catch.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

using namespace netcon;
using namespace std::chrono_literals;
using test::network;

namespace {

/// A machine that sends and one that receives, with two cables between them, of which eth0 is used.
struct two_networks {
  network sender{"groupa"}, receiver{"groupb"};

  two_networks() {
    sender.connect("aside", receiver, "aside");
    sender.connect("eth0", receiver, "eth0");
    sender.ip("addr add 10.66.0.1/24 dev eth0");
    receiver.ip("addr add 10.66.0.2/24 dev eth0");
  }

  bool send(const endpoint& to) const {
    return sender.run([&] {
      const bool is_v4 = to.address.is_v4();
      const descriptor out{::socket(family_of(to.address), SOCK_DGRAM | SOCK_CLOEXEC, 0)};
      const auto by = static_cast<int>(::if_nametoindex("eth0"));
      ip_mreqn by_device{};
      by_device.imr_ifindex = by;
      const bool chosen = is_v4 ? set_socket_option(out.get(), IPPROTO_IP, IP_MULTICAST_IF, by_device)
                                : set_socket_option(out.get(), IPPROTO_IPV6, IPV6_MULTICAST_IF, by);
      const socket_address address{{to.address, to.port, is_v4 ? 0u : static_cast<std::uint32_t>(by)}};
      return chosen && ::sendto(out.get(), "ours", 4, 0, address.get(), address.size) == 4;
    });
  }

  std::uint32_t zone() const {
    return receiver.run([] { return static_cast<std::uint32_t>(::if_nametoindex("eth0")); });
  }
};

endpoint group(std::string_view address, std::uint32_t zone = 0) {
  return {*ip_address::parse(address), port{6666}, zone};
}

bool hears(udp_receiver& in) {
  datagram_batch batch{4};
  const auto got = in.receive_batch(batch, 5s);
  return got && *got == 1 && batch.begin()->bytes == "ours";
}

}  // namespace

TEST_CASE("the group of a multicast address is joined") {
  if (!network::unavailable().empty()) {
    WARN(network::unavailable());
    return;
  }
  const two_networks both;
  receive_options options;
  endpoint wanted;
  SECTION("IPv4, where the routes lead") {
    both.receiver.ip("route add 239.0.0.0/8 dev eth0");
    wanted = group("239.1.2.3");
  }
  SECTION("IPv4, on an interface") {
    options.interface = "eth0";
    wanted = group("239.1.2.3");
  }
  SECTION("IPv6, on an interface") {
    options.interface = "eth0";
    wanted = group("ff15::42");
  }
  SECTION("IPv6 of the link, on that of the zone") {
    wanted = group("ff12::42", both.zone());
  }
  SECTION("IPv6 of the site, on that of the zone") {
    wanted = group("ff15::42", both.zone());
  }
  auto in = both.receiver.run([&] { return udp_receiver::bind(wanted, options); });
  REQUIRE(in);
  REQUIRE(both.send(wanted));
  CHECK(hears(*in));
}

TEST_CASE("the group of a socket that is passed is joined, once") {
  if (!network::unavailable().empty()) {
    WARN(network::unavailable());
    return;
  }
  const two_networks both;
  both.receiver.ip("route add 239.0.0.0/8 dev eth0");
  const auto wanted = GENERATE(false, true) ? group("239.1.2.3") : group("ff12::42", both.zone());
  const auto passed = both.receiver.run([&] {
    descriptor out{::socket(family_of(wanted.address), SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const socket_address address{wanted};
    const bool is_bound = ::bind(out.get(), address.get(), address.size) == 0;
    return is_bound ? std::move(out) : descriptor{};
  });
  REQUIRE(passed);
  for (int times = 0; times < 2; ++times) {
    auto in =
        both.receiver.run([&] { return udp_receiver::adopt(::fcntl(passed.get(), F_DUPFD_CLOEXEC, 3)); });
    REQUIRE(in);
    CHECK(in->local().value() == wanted);
    REQUIRE(both.send(wanted));
    CHECK(hears(*in));
  }
}

TEST_CASE("a group that no interface leads to is an error") {
  if (!network::unavailable().empty()) {
    WARN(network::unavailable());
    return;
  }
  const two_networks both;
  receive_options options;
  SECTION("without a route") {}
  SECTION("an interface that is not there") {
    options.interface = "nosuch0";
  }
  const auto problem = both.receiver.run([&] {
    const auto in = udp_receiver::bind(group("239.1.2.3"), options);
    return in ? std::error_code{} : in.error();
  });
  CHECK(problem == std::errc::no_such_device);
}

TEST_CASE("the beginning of a name is not the interface") {
  if (!network::unavailable().empty()) {
    WARN(network::unavailable());
    return;
  }
  const network machine{"names"}, peer{"namesb"};
  machine.connect("a-long-name-is0", peer, "eth0");
  const auto bound = [&](std::string_view name) {
    return machine.run(
        [&] { return udp_receiver::bind({ipv4_address{}, port{0}}, {.interface = name}).has_value(); });
  };
  CHECK(bound("a-long-name-is0"));
  CHECK_FALSE(bound("a-long-name-is01"));
  CHECK_FALSE(bound({"a-long-name-is0\0x", 17}));
  CHECK_FALSE(bound({"lo\0x", 4}));
}
