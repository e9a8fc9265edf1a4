// SPDX-License-Identifier: MIT
#include <netcon/core/error_texts.hpp>
#include <netcon/os/descriptor.hpp>
#include <netcon/os/route.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/write.hpp>

#include "network.hpp"
#include "support/catch.hpp"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

ip_address ip(std::string_view text) {
  return ip_address::parse(text).value();
}

target to(std::string_view address) {
  return {.remote_ip = ip(address)};
}

target through(std::string_view device, std::string_view address) {
  return {.local_device = interface_name::parse(device).value(), .remote_ip = ip(address)};
}

std::string mac_of(const test::network& in, const std::string& device) {
  return in.run([&] {
    const descriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    ifreq request{};
    device.copy(request.ifr_name, sizeof request.ifr_name - 1);
    REQUIRE(::ioctl(socket.get(), SIOCGIFHWADDR, &request) == 0);
    mac_address::bytes_type bytes{};
    std::memcpy(bytes.data(), request.ifr_hwaddr.sa_data, bytes.size());
    return to_string(mac_address{bytes});
  });
}

/// What comes out as text, or the name of what is wrong.
std::string completed(const test::network& in, const target& t, const route_options& options = {}) {
  return in.run([&] {
    const auto done = complete(t, options);
    return done ? to_string(*done) : done.error().message();
  });
}

std::string problem(route_errc code) {
  return std::string{message(code)};
}

constexpr route_options hasty{.neighbour_timeout = 300ms};

/// A machine with a network of its own, a router on it, and a receiver behind that.
struct world {
  test::network sender{"nc-s"}, router{"nc-r"}, receiver{"nc-d"};
  std::string router_mac;

  world() {
    sender.connect("eth0", router, "left");
    router.connect("right", receiver, "eth0");
    router.sysctl("net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
    sender.ip("addr add 10.1.0.2/24 dev eth0");
    sender.ip("addr add fd01::2/64 dev eth0 nodad");
    router.ip("addr add 10.1.0.1/24 dev left");
    router.ip("addr add fd01::1/64 dev left nodad");
    router.ip("addr add 10.2.0.1/24 dev right");
    router.ip("addr add fd02::1/64 dev right nodad");
    receiver.ip("addr add 10.2.0.2/24 dev eth0");
    receiver.ip("addr add fd02::2/64 dev eth0 nodad");
    sender.ip("route add default via 10.1.0.1");
    sender.ip("route add default via fd01::1");
    router_mac = mac_of(router, "left");
  }
};

}  // namespace

#define NEEDS_NETWORK()                                              \
  if (const auto why = test::network::unavailable(); !why.empty()) { \
    WARN(why);                                                       \
    return;                                                          \
  }

TEST_CASE("a neighbour on the link is asked for its own MAC address") {
  NEEDS_NETWORK();
  const world w;
  CHECK(completed(w.sender, to("10.1.0.1")) == "@10.1.0.2/eth0,@10.1.0.1/" + w.router_mac);
  CHECK(completed(w.sender, to("fd01::1")) == "@fd01::2/eth0,@fd01::1/" + w.router_mac);
  // Known by now: no time is needed.
  CHECK(completed(w.sender, to("10.1.0.1"), {.neighbour_timeout = 0ms}) ==
        "@10.1.0.2/eth0,@10.1.0.1/" + w.router_mac);
}

TEST_CASE("the longest time is for ever: a neighbour may answer late") {
  NEEDS_NETWORK();
  const world w;
  std::thread late{[&w] {
    std::this_thread::sleep_for(300ms);
    w.router.ip("addr add 10.1.0.9/24 dev left");
  }};
  const auto found =
      completed(w.sender, to("10.1.0.9"), {.neighbour_timeout = std::chrono::milliseconds::max()});
  late.join();
  CHECK(found == "@10.1.0.2/eth0,@10.1.0.9/" + w.router_mac);
}

TEST_CASE("of several neighbours it is the one that is meant") {
  NEEDS_NETWORK();
  const world w;
  for (const auto* last : {"3", "50", "200"})
    w.sender.ip(std::string{"neigh add 10.1.0."} + last + " lladdr 02:00:00:00:00:5" + *last +
                " dev eth0 nud permanent");
  CHECK(completed(w.sender, to("10.1.0.1")) == "@10.1.0.2/eth0,@10.1.0.1/" + w.router_mac);
  CHECK(completed(w.sender, to("10.1.0.50")) == "@10.1.0.2/eth0,@10.1.0.50/02:00:00:00:00:55");
  CHECK(completed(w.sender, to("10.1.0.200")) == "@10.1.0.2/eth0,@10.1.0.200/02:00:00:00:00:52");
}

TEST_CASE("behind a router it is the router's MAC address") {
  NEEDS_NETWORK();
  const world w;
  CHECK(completed(w.sender, to("10.2.0.2")) == "@10.1.0.2/eth0,@10.2.0.2/" + w.router_mac);
  CHECK(completed(w.sender, to("fd02::2")) == "@fd01::2/eth0,@fd02::2/" + w.router_mac);
  // The receiver need not exist for that.
  CHECK(completed(w.sender, to("192.0.2.77")) == "@10.1.0.2/eth0,@192.0.2.77/" + w.router_mac);

  const auto way = w.sender.run([] { return find_route(ip("10.2.0.2")); }).value();
  CHECK(way.via_gateway);
  CHECK(way.next_hop == ip("10.1.0.1"));
  CHECK(to_string(way.dev_name) == "eth0");
  CHECK(way.source == ip("10.1.0.2"));
  CHECK(way.table == RT_TABLE_MAIN);
  CHECK(to_string(way.dev_mac) == mac_of(w.sender, "eth0"));
}

TEST_CASE("what the target says already stays") {
  NEEDS_NETWORK();
  const world w;
  w.sender.ip("addr add 10.1.0.3/24 dev eth0");
  const auto given = parse_target("+7000@10.1.0.3/,7001@10.2.0.2/").value();
  CHECK(completed(w.sender, given) == "+7000@10.1.0.3/eth0,7001@10.2.0.2/" + w.router_mac);
  CHECK(completed(w.sender, parse_target("@/,@10.2.0.2/02:00:00:00:00:07").value()) ==
        "@10.1.0.2/eth0,@10.2.0.2/02:00:00:00:00:07");
  const auto mac = mac_of(w.sender, "eth0");
  CHECK(completed(w.sender, parse_target("@/" + mac + ",@10.2.0.2/").value()) ==
        "@10.1.0.2/" + mac + ",@10.2.0.2/" + w.router_mac);
  // A whole one needs no route and no neighbour, only its device.
  const std::string whole = "@192.0.2.1/eth0,@203.0.113.1/02:00:00:00:00:07";
  w.sender.ip("link set eth0 down");
  CHECK(completed(w.sender, parse_target(whole).value()) == whole);
}

TEST_CASE("link-local addresses need a device when there are several") {
  NEEDS_NETWORK();
  const world w;
  w.router.ip("addr add fe80::1/64 dev left nodad");
  const auto source = w.sender.run([] { return find_route(ip("fe80::1")); }).value().source;
  CHECK(source.is_link_local());
  const auto whole = "@" + to_string(source) + "/eth0,@fe80::1/" + w.router_mac;
  CHECK(completed(w.sender, to("fe80::1")) == whole);
  w.sender.connect("eth1", w.router, "other");
  CHECK(completed(w.sender, to("fe80::1")) == problem(route_errc::needs_device));
  CHECK(completed(w.sender, to("ff02::1")) == problem(route_errc::needs_device));
  CHECK(completed(w.sender, through("eth0", "fe80::1")) == whole);
  // The source tells the device too.
  auto t = to("fe80::1");
  t.local_ip = source;
  CHECK(completed(w.sender, t) == whole);
  w.sender.ip("link set eth1 down");
  CHECK(completed(w.sender, to("fe80::1")) == whole);
  // A device that cannot send is no choice.
  if (w.sender.try_ip("tuntap add tun0 mode tun")) {
    w.sender.ip("link set tun0 up");
    w.sender.ip("addr add fe80::99/64 dev tun0 nodad");
    CHECK(completed(w.sender, to("fe80::1")) == whole);
  }
}

TEST_CASE("an IPv4 route through an IPv6 router, and a gateway outside of the own network") {
  NEEDS_NETWORK();
  const world w;
  w.router.ip("addr add fe80::1/64 dev left nodad");
  w.sender.ip("route add 198.51.100.0/24 via inet6 fe80::1 dev eth0");
  CHECK(completed(w.sender, to("198.51.100.1")) == "@10.1.0.2/eth0,@198.51.100.1/" + w.router_mac);
  w.router.ip("addr add 172.16.0.1/32 dev left");
  w.sender.ip("route add 203.0.113.0/24 via 172.16.0.1 dev eth0 onlink");
  CHECK(completed(w.sender, to("203.0.113.5")) == "@10.1.0.2/eth0,@203.0.113.5/" + w.router_mac);
  w.sender.ip("route add fd03::/64 via fe80::1 dev eth0");
  CHECK(completed(w.sender, to("fd03::9")) == "@fd01::2/eth0,@fd03::9/" + w.router_mac);
  w.router.ip("addr add fd99::1/128 dev left nodad");
  w.sender.ip("route add fd05::/64 via fd99::1 dev eth0 onlink");
  CHECK(completed(w.sender, to("fd05::5")) == "@fd01::2/eth0,@fd05::5/" + w.router_mac);
}

TEST_CASE("rules and further tables decide as they do for every packet") {
  NEEDS_NETWORK();
  const world w;
  w.sender.connect("eth1", w.router, "second");
  w.sender.ip("addr add 10.9.0.2/24 dev eth1");
  w.router.ip("addr add 10.9.0.1/24 dev second");
  w.sender.ip("route add default via 10.9.0.1 table 1000");
  w.sender.ip("rule add to 10.2.0.0/16 lookup 1000");
  const auto second = mac_of(w.router, "second");
  CHECK(completed(w.sender, to("10.2.0.2")) == "@10.9.0.2/eth1,@10.2.0.2/" + second);
  CHECK(w.sender.run([] { return find_route(ip("10.2.0.2")); }).value().table == 1000);
  CHECK(completed(w.sender, to("10.3.0.2")) == "@10.1.0.2/eth0,@10.3.0.2/" + w.router_mac);
  w.sender.ip("rule add from 10.9.0.2 lookup 1000");
  auto t = to("10.3.0.2");
  t.local_ip = ip("10.9.0.2");
  CHECK(completed(w.sender, t) == "@10.9.0.2/eth1,@10.3.0.2/" + second);
  // A device that no route leads through is no way, though the kernel would take any address for a neighbour.
  w.sender.connect("eth2", w.router, "third");
  w.sender.ip("addr add 10.10.0.2/24 dev eth2");
  CHECK(completed(w.sender, through("eth2", "10.3.0.2")) == problem(route_errc::no_route));
}

TEST_CASE("a device that has a route for its own addresses only") {
  NEEDS_NETWORK();
  const world w;
  w.sender.connect("eth1", w.router, "other");
  w.sender.ip("addr add 10.3.0.2/24 dev eth1");
  w.router.ip("addr add 10.3.0.1/24 dev other");
  w.sender.ip("addr add fd03::2/64 dev eth1 nodad");
  w.router.ip("addr add fd03::1/64 dev other nodad");
  CHECK(completed(w.sender, through("eth1", "10.2.0.2")) == problem(route_errc::no_route));
  w.sender.ip("rule add from 10.3.0.2 lookup 100");
  w.sender.ip("route add default via 10.3.0.1 dev eth1 table 100");
  w.sender.ip("-6 rule add from fd03::2 lookup 100");
  w.sender.ip("-6 route add default via fd03::1 dev eth1 table 100");
  const auto other = mac_of(w.router, "other");
  CHECK(completed(w.sender, through("eth1", "10.2.0.2")) == "@10.3.0.2/eth1,@10.2.0.2/" + other);
  CHECK(completed(w.sender, through("eth1", "fd02::2")) == "@fd03::2/eth1,@fd02::2/" + other);
  CHECK(completed(w.sender, to("10.2.0.2")) == "@10.1.0.2/eth0,@10.2.0.2/" + w.router_mac);
}

TEST_CASE("through a bridge and a macvlan, but not through a port") {
  NEEDS_NETWORK();
  const world w;
  if (!w.sender.try_ip("link add br0 type bridge")) {
    WARN("SKIP: this kernel has no bridge");
    return;
  }
  w.sender.ip("addr flush dev eth0");
  w.sender.ip("link set eth0 master br0");
  w.sender.ip("link set br0 up");
  w.sender.ip("addr add 10.1.0.2/24 dev br0");
  w.sender.ip("route add default via 10.1.0.1");
  CHECK(completed(w.sender, to("10.2.0.2")) == "@10.1.0.2/br0,@10.2.0.2/" + w.router_mac);
  CHECK(completed(w.sender, through("eth0", "10.1.0.1")) == problem(route_errc::enslaved));
  CHECK(completed(w.sender, parse_target("@10.1.0.2/eth0,@10.1.0.1/02:00:00:00:00:01").value()) ==
        problem(route_errc::enslaved));
  if (w.sender.try_ip("link add link br0 name mv0 type macvlan mode bridge")) {
    w.sender.ip("link set mv0 up");
    w.sender.ip("addr add 10.1.0.7/24 dev mv0");
    CHECK(completed(w.sender, through("mv0", "10.1.0.1")) == "@10.1.0.7/mv0,@10.1.0.1/" + w.router_mac);
  }
}

TEST_CASE("through a bond, but not through one of its devices") {
  NEEDS_NETWORK();
  const world w;
  if (!w.sender.try_ip("link add bond0 type bond mode active-backup miimon 100")) {
    WARN("SKIP: this kernel has no bonding");
    return;
  }
  w.sender.ip("addr flush dev eth0");
  w.sender.ip("link set eth0 down");
  w.sender.ip("link set eth0 master bond0");
  w.sender.ip("link set bond0 up");
  w.sender.ip("addr add 10.1.0.2/24 dev bond0");
  CHECK(completed(w.sender, to("10.1.0.1")) == "@10.1.0.2/bond0,@10.1.0.1/" + w.router_mac);
  CHECK(completed(w.sender, through("eth0", "10.1.0.1")) == problem(route_errc::enslaved));
}

TEST_CASE("groups and broadcasts have MAC addresses of their own") {
  NEEDS_NETWORK();
  const world w;
  CHECK(completed(w.sender, to("10.1.0.255")) == "@10.1.0.2/eth0,@10.1.0.255/ff:ff:ff:ff:ff:ff");
  CHECK(completed(w.sender, through("eth0", "255.255.255.255")) ==
        "@10.1.0.2/eth0,@255.255.255.255/ff:ff:ff:ff:ff:ff");
  CHECK(completed(w.sender, to("239.129.2.3")) == "@10.1.0.2/eth0,@239.129.2.3/01:00:5e:01:02:03");
  CHECK(completed(w.sender, through("eth0", "ff05::1:3")) == "@fd01::2/eth0,@ff05::1:3/33:33:00:01:00:03");
}

TEST_CASE("each reason why it cannot be done has its name") {
  NEEDS_NETWORK();
  const world w;
  const auto outcome = [&](const target& t) { return completed(w.sender, t, hasty); };
  CHECK(outcome(to("10.1.0.77")) == problem(route_errc::no_neighbour));
  CHECK(outcome(to("fd01::77")) == problem(route_errc::no_neighbour));
  CHECK(outcome(to("127.0.0.1")) == problem(route_errc::loopback));
  CHECK(outcome(to("::1")) == problem(route_errc::loopback));
  CHECK(outcome(to("10.1.0.2")) == problem(route_errc::loopback));
  CHECK(outcome(to("fd01::2")) == problem(route_errc::loopback));
  CHECK(outcome(through("lo", "10.1.0.1")) == problem(route_errc::loopback));
  CHECK(outcome(to("0.0.0.0")) == problem(route_errc::no_route));
  CHECK(outcome(through("nosuch", "10.1.0.1")) == problem(route_errc::no_device));
  CHECK(outcome(parse_target("@/02:de:ad:00:00:01,@10.1.0.1/").value()) == problem(route_errc::no_device));
  auto t = to("10.1.0.1");
  t.local_ip = ip("10.1.0.99");
  CHECK(outcome(t) == problem(route_errc::source_not_local));
  t.local_ip = ip("fd01::2");
  CHECK(outcome(t) == problem(route_errc::family_mismatch));

  w.sender.ip("route add blackhole 192.0.2.0/25");
  w.sender.ip("route add unreachable 192.0.2.128/26");
  w.sender.ip("route add prohibit 192.0.2.192/26");
  w.sender.ip("route add unreachable fd09::/64");
  for (const auto* address : {"192.0.2.1", "192.0.2.129", "192.0.2.193", "fd09::1"})
    CHECK(outcome(to(address)) == problem(route_errc::no_route));
  w.sender.ip("route del default");
  CHECK(outcome(to("198.51.100.1")) == problem(route_errc::no_route));
  w.sender.ip("-6 route del default");
  CHECK(outcome(to("fd44::1")) == problem(route_errc::no_route));

  if (w.sender.try_ip("tuntap add tun0 mode tun")) {
    w.sender.ip("addr add 10.5.0.1/24 dev tun0");
    w.sender.ip("link set tun0 up");
    w.sender.ip("route add 10.66.0.0/16 dev tun0");
    CHECK(outcome(to("10.66.0.1")) == problem(route_errc::no_netpoll));
  }
  w.sender.connect("bare", w.router, "naked");
  w.sender.ip("route add 198.18.0.0/24 dev bare");
  w.sender.ip("addr flush dev eth0");
  w.sender.ip("addr flush dev tun0");
  CHECK(outcome(to("198.18.0.1")) == problem(route_errc::no_source));
  w.sender.ip("link set eth0 down");
  CHECK(outcome(through("eth0", "10.1.0.1")) == problem(route_errc::device_down));
}

TEST_CASE("an unknown neighbour is provoked by one datagram, and given up in time") {
  NEEDS_NETWORK();
  const world w;
  const auto sent = [&] {
    return w.sender.run([] {
      std::ifstream file{"/proc/thread-self/net/snmp"};
      std::string line, values;
      while (std::getline(file, line))
        if (line.starts_with("Udp:")) values = line;
      std::istringstream fields{values};
      std::string skip;
      unsigned long number = 0;
      fields >> skip >> number >> number >> number >> number;  // InDatagrams NoPorts InErrors OutDatagrams
      return number;
    });
  };
  const auto before = sent();
  const auto start = std::chrono::steady_clock::now();
  CHECK(completed(w.sender, to("10.1.0.77"), hasty) == problem(route_errc::no_neighbour));
  const auto took = std::chrono::steady_clock::now() - start;
  CHECK(took >= 300ms);
  CHECK(took < 1500ms);
  CHECK(sent() == before + 1);
  CHECK(completed(w.sender, to("10.1.0.1")) == "@10.1.0.2/eth0,@10.1.0.1/" + w.router_mac);
  CHECK(sent() == before + 2);
  CHECK(completed(w.sender, to("10.1.0.1")) == "@10.1.0.2/eth0,@10.1.0.1/" + w.router_mac);
  CHECK(sent() == before + 2);
}
