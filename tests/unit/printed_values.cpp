// SPDX-License-Identifier: MIT
// Every value that prints: as an operand of <<, as an argument of std::format where there is one; hashed,
// ordered.
#include <netcon/netcon.hpp>
#include <netcon/os.hpp>
#include <netcon/ostream.hpp>
#include <netcon/std_format.hpp>

#include "support/catch.hpp"

#include <compare>
#include <iomanip>
#include <ranges>
#include <sstream>
#include <system_error>
#include <unordered_set>

using namespace netcon;

namespace {

template <class T>
std::string streamed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

template <class T>
concept hashed_and_ordered = std::regular<T> && std::three_way_comparable<T> && requires(const T& value) {
  { std::hash<T>{}(value) } -> std::same_as<std::size_t>;
};

}  // namespace

TEST_CASE("values are written to streams as to_string writes them") {
  CHECK(streamed(ipv4_address{10, 0, 0, 2}) == "10.0.0.2");
  CHECK(streamed(*ipv6_address::parse("fd00::2")) == "fd00::2");
  CHECK(streamed(*ip_address::parse("fd00::2")) == "fd00::2");
  CHECK(streamed(*address_range::parse("10.0.0.0/8")) == "10.0.0.0/8");
  CHECK(streamed(mac_address::broadcast()) == "ff:ff:ff:ff:ff:ff");
  CHECK(streamed(port{6666}) == "6666");
  CHECK(streamed(*interface_name::parse("eth0")) == "eth0");
  CHECK(streamed(*endpoint::parse("[fd00::2]:6666")) == "[fd00::2]:6666");
  CHECK(streamed(kernel_version{6, 12, 117}) == "6.12.117");
  CHECK(streamed(device{*interface_name::parse("eth0")}) == "eth0");
  CHECK(streamed(parse_target("+@/eth0,@10.0.0.2/").value()) == "+@/eth0,@10.0.0.2/");
}

TEST_CASE("enumerators are written with their names, codes too") {
  CHECK(streamed(level::warning) == "warning");
  CHECK(streamed(text_errc::bad_port) == "bad-port");
  CHECK(streamed(linux_errno::einval) == "EINVAL");
  CHECK(streamed(loss::announced) == "announced");
  CHECK(streamed(crash::kind::warning) == name(crash::kind::warning));
  CHECK(streamed(severity::warning) == "warning");
  CHECK(streamed(configfs::attribute::dev_name) == "dev_name");
  CHECK(name(route_errc::no_route) == "no-route");
}

TEST_CASE("a stream's width is that of a string") {
  std::ostringstream out;
  out << std::setw(12) << std::left << ipv4_address{1, 2, 3, 4} << '|';
  CHECK(out.str() == "1.2.3.4     |");
}

#ifdef __cpp_lib_format
TEST_CASE("std::format writes the same") {
  CHECK(std::format("{} {:>5} {}", ipv4_address{1, 2, 3, 4}, port{22}, level::err) == "1.2.3.4    22 err");
}
#endif

TEST_CASE("every value that names something can be a key") {
  STATIC_REQUIRE(hashed_and_ordered<ipv4_address>);
  STATIC_REQUIRE(hashed_and_ordered<ipv6_address>);
  STATIC_REQUIRE(hashed_and_ordered<ip_address>);
  STATIC_REQUIRE(hashed_and_ordered<address_range>);
  STATIC_REQUIRE(hashed_and_ordered<mac_address>);
  STATIC_REQUIRE(hashed_and_ordered<port>);
  STATIC_REQUIRE(hashed_and_ordered<interface_name>);
  STATIC_REQUIRE(hashed_and_ordered<endpoint>);
  STATIC_REQUIRE(hashed_and_ordered<kernel_version>);
  STATIC_REQUIRE(hashed_and_ordered<kernel_profile>);
  STATIC_REQUIRE(hashed_and_ordered<text_range>);
  STATIC_REQUIRE(hashed_and_ordered<error>);
  STATIC_REQUIRE(hashed_and_ordered<device>);
  STATIC_REQUIRE(hashed_and_ordered<target>);
  STATIC_REQUIRE(hashed_and_ordered<settings>);
  STATIC_REQUIRE(hashed_and_ordered<configfs::userdata_entry>);
  STATIC_REQUIRE(hashed_and_ordered<configfs::sysdata_switches>);
}

TEST_CASE("hashes differ where values differ") {
  std::unordered_set<std::size_t> hashes;
  for (std::uint16_t patchlevel = 0; patchlevel < 1000; ++patchlevel)
    hashes.insert(std::hash<kernel_version>{}({6, patchlevel, 0}));
  for (unsigned bits = 0; bits <= 32; ++bits)
    hashes.insert(std::hash<address_range>{}({ip_address{ipv4_address{10, 0, 0, 0}}, bits}));
  CHECK(hashes.size() == 1033);
}

TEST_CASE("codes equal the portable conditions that they are cases of") {
  CHECK(make_error_code(route_errc::no_route) == std::errc::network_unreachable);
  CHECK(make_error_code(route_errc::no_neighbour) == std::errc::host_unreachable);
  CHECK(make_error_code(route_errc::device_down) == std::errc::network_down);
  CHECK(make_error_code(route_errc::no_route) != std::errc::host_unreachable);
  CHECK(make_error_code(text_errc::bad_port) == std::errc::invalid_argument);
  CHECK(make_error_code(text_errc::buffer_too_small) == std::errc::no_buffer_space);
}

TEST_CASE("what is walked with a range-for is a view") {
  STATIC_REQUIRE(std::ranges::view<dictionary_view>);
  STATIC_REQUIRE(std::ranges::view<target_ranges>);
  STATIC_REQUIRE(std::ranges::input_range<header_fields>);
  const auto keys =
      dictionary_view{" a=1\n b=2"} | std::views::transform([](dictionary_entry entry) { return entry.key; });
  CHECK(std::ranges::equal(keys, std::to_array<std::string_view>({"a", "b"})));
}
