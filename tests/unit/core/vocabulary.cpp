// SPDX-License-Identifier: MIT
#include <netcon/core/endpoint.hpp>
#include <netcon/core/interface_name.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/core/port.hpp>

#include "support/catch.hpp"

#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using namespace netcon;

template <class T>
constexpr bool is_small_value =
    std::is_trivially_copyable_v<T> && std::is_nothrow_default_constructible_v<T> &&
    std::is_default_constructible_v<std::hash<T>>;
static_assert(is_small_value<ipv4_address> && is_small_value<ipv6_address> && is_small_value<ip_address>);
static_assert(is_small_value<mac_address> && is_small_value<port> && is_small_value<interface_name>);
static_assert(is_small_value<endpoint>);
static_assert(ipv4_address::parse("10.0.0.2") == ipv4_address{10, 0, 0, 2});
static_assert(!std::is_convertible_v<std::string_view, ip_address>);

TEST_CASE("IPv4 text is strict and comes back the same") {
  for (const auto* text : {"0.0.0.0", "10.0.0.2", "255.255.255.255", "192.168.100.9"})
    CHECK(to_string(ipv4_address::parse(text).value()) == text);
  for (const auto* text :
       {"", "10", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4",
        "1.2.3.x", "1..2.3", "0x1.2.3.4", "1.2.3.0000", "-1.2.3.4"}) {
    CAPTURE(text);
    const auto got = ipv4_address::parse(text);
    REQUIRE(!got);
    CHECK(got.error().code == text_errc::bad_ipv4_address);
    CHECK(got.error().where.size() == std::string_view{text}.size());
  }
}

TEST_CASE("IPv6 text is read in every form and written as RFC 5952 says") {
  const std::vector<std::pair<const char*, const char*>> rows{
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"FD00:0:0:0:0:0:0:0002", "fd00::2"},
      {"1:0:0:4:5:0:0:8", "1::4:5:0:0:8"},
      {"1:0:0:4:0:0:0:8", "1:0:0:4::8"},
      {"1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"::ffff:1.2.3.4", "::ffff:1.2.3.4"},
      {"::1.2.3.4", "::102:304"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
      {"fe80::5054:ff:fe12:3456", "fe80::5054:ff:fe12:3456"},
  };
  for (const auto& [text, canonical] : rows) {
    CAPTURE(text);
    const auto address = ipv6_address::parse(text);
    REQUIRE(address);
    CHECK(to_string(*address) == canonical);
    CHECK(ipv6_address::parse(to_string(*address)) == address);
  }
  for (const auto* text : {"", ":", "1:", ":1", ":::", "1::2::3", "12345::", "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9", "1:2:3:4::5:6:7:8", "[::1]", "fe80::1%eth0", "::1/64",
                           "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4", "g::", "::1 ", "1.2.3.4", "::1.2.3.4:5"}) {
    CAPTURE(text);
    CHECK(!ipv6_address::parse(text));
  }
}

TEST_CASE("an IP address keeps its family") {
  const auto v4 = ip_address::parse("10.0.0.2").value();
  CHECK(v4.is_v4());
  CHECK(v4.v4() == ipv4_address{10, 0, 0, 2});
  CHECK(ip_address::parse("::").value() != ip_address{});
  CHECK(ip_address::parse("::ffff:10.0.0.2").value() != v4);
  CHECK(ip_address::parse("::ffff:10.0.0.2").value().unmapped() == v4);
  CHECK(ip_address::parse("fe80::1").value().is_link_local());
  CHECK(ip_address::parse("x").error().code == text_errc::bad_ip_address);
  CHECK(ip_address::parse("fd00::g").error().code == text_errc::bad_ipv6_address);
}

TEST_CASE("MAC text is six pairs with colons") {
  CHECK(to_string(mac_address::parse("AA:bb:0C:dd:ee:ff").value()) == "aa:bb:0c:dd:ee:ff");
  CHECK(mac_address::broadcast().is_multicast());
  CHECK(mac_address{1, 0, 0x5e, 0, 0, 1}.is_multicast());
  CHECK(!mac_address{0x52, 0x54, 0, 0, 0, 1}.is_multicast());
  CHECK(mac_address{}.is_zero());
  for (const auto* text : {"", "aa:bb:cc:dd:ee", "aa-bb-cc-dd-ee-ff", "aabbccddeeff", "aa:bb:cc:dd:ee:fg",
                           "aa:bb:cc:dd:ee:ff ", "a:b:c:d:e:f", "00:13:32:20:r9:a5"})
    CHECK(!mac_address::parse(text));
}

TEST_CASE("a port is a decimal number that fits") {
  CHECK(port::parse("65535") == port{65535});
  CHECK(port::parse("0") == port{0});
  CHECK(to_string(port{6666}) == "6666");
  CHECK(port::parse("65536").error().code == text_errc::port_out_of_range);
  CHECK(port::parse("99999999999999999999999").error().code == text_errc::port_out_of_range);
  for (const auto* text : {"", " 1", "+1", "-1", "0x10", "1 ", "six"})
    CHECK(port::parse(text).error().code == text_errc::bad_port);
}

TEST_CASE("an interface name is what a device can have") {
  CHECK(to_string(interface_name::parse("eth0").value()) == "eth0");
  CHECK(to_string(interface_name::parse("fifteen-bytes-x").value()) == "fifteen-bytes-x");
  CHECK(interface_name::parse("sixteen-bytes-xx").error().code == text_errc::interface_name_too_long);
  for (const auto* text : {"", ".", "..", "a/b", "a b", "eth0:1", "a\tb"})
    CHECK(interface_name::parse(text).error().code == text_errc::bad_interface_name);
  CHECK(to_string(interface_name::truncated("averyveryverylongname")) == "averyveryverylo");
}

TEST_CASE("an endpoint is written as in a URL") {
  for (const auto* text : {"10.0.0.2:6666", "[fd00::2]:6666", "[::]:0"})
    CHECK(to_string(endpoint::parse(text).value()) == text);
  for (const auto* text :
       {"", "10.0.0.2", ":6666", "fd00::2:6666", "[10.0.0.2]:6666", "[fd00::2]6666", "]:1", "[:1"})
    CHECK(!endpoint::parse(text));
  const auto bad = endpoint::parse("10.0.0.2:66666").error();
  CHECK(bad.code == text_errc::port_out_of_range);
  CHECK(bad.where == text_range{9, 14});
}
