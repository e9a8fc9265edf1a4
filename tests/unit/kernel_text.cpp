#include <netcon/detail/kernel_text.hpp>

#include "support/catch.hpp"

#include <netcon/ip_address.hpp>

#include <string>

using namespace netcon;
using namespace netcon::detail;

namespace {

constexpr number_state u16(std::string_view text) {
  std::uint16_t value = 0;
  return read_kernel_u16(text, value);
}

constexpr number_state whole(std::string_view text) {
  int value = 0;
  return read_kernel_int(text, value);
}

// The address and where its conversion ended: "fe80::1 7".
std::string v6(std::string_view text) {
  std::array<std::uint8_t, 16> bytes{};
  const auto end = read_kernel_ipv6(text, bytes);
  return end ? to_string(ipv6_address{bytes}) + " " + std::to_string(*end) : "no";
}

std::string v4(std::string_view text) {
  std::array<std::uint8_t, 4> bytes{};
  const auto end = read_kernel_ipv4(text, bytes);
  return end ? to_string(ipv4_address{bytes}) + " " + std::to_string(*end) : "no";
}

std::string loose(std::string_view text, bool signed_char = false) {
  return to_string(ipv4_address{read_loose_ipv4(text, signed_char)});
}

}  // namespace

static_assert(u16("65535") == number_state::ok);
static_assert(u16("+0000080\n") == number_state::ok);
static_assert(u16("65536") == number_state::overflow);
static_assert(u16("70000x") == number_state::not_a_number);
static_assert(u16("99999999999999999999x") == number_state::overflow);
static_assert(u16("18446744073709551615") == number_state::overflow);
static_assert(u16("") == number_state::not_a_number && u16("\n") == number_state::not_a_number);
static_assert(u16("1\n\n") == number_state::not_a_number && u16("-0") == number_state::not_a_number);
static_assert(u16("++1") == number_state::not_a_number && u16(" 1") == number_state::not_a_number);
static_assert(whole("-1") == number_state::ok && whole("-0\n") == number_state::ok);
static_assert(whole("2147483647") == number_state::ok && whole("-2147483648") == number_state::ok);
static_assert(whole("2147483648") == number_state::overflow);
static_assert(whole("-2147483649") == number_state::overflow);
static_assert(whole("-+1") == number_state::not_a_number && whole("+-1") == number_state::not_a_number);

static_assert(read_kernel_bool("10", false) == true && read_kernel_bool("yes", false) == true);
static_assert(read_kernel_bool("On", false) == true && read_kernel_bool("oFfside", false) == false);
static_assert(read_kernel_bool("nope", false) == false && !read_kernel_bool("o", true));
static_assert(!read_kernel_bool("enable", false) && read_kernel_bool("enable", true) == true);
static_assert(!read_kernel_bool("D", false) && read_kernel_bool("D", true) == false);
static_assert(!read_kernel_bool("", true) && !read_kernel_bool(" 1", true) && !read_kernel_bool("2", true));

TEST_CASE("an IPv4 conversion ends at any byte but a hexadecimal digit and a dot") {
  CHECK(v4("1.2.3.4") == "1.2.3.4 7");
  CHECK(v4("1.2.3.4:5") == "1.2.3.4 7");
  CHECK(v4("1.2.3.4x") == "1.2.3.4 7");
  CHECK(v4("001.02.3.0004\n") == "1.2.3.4 13");
  for (const auto* text : {"1.2.3.4a", "1.2.3.4.", "1.2.3.4.5", "1.2.3", "1.2.3.256", "1..3.4", " 1.2.3.4",
                           "", "0x1.2.3.4", "1.2.3:4"})
    CHECK(v4(text) == "no");
}

TEST_CASE("an IPv6 conversion ends at any byte that cannot be in one") {
  CHECK(v6("fe80::1%eth0") == "fe80::1 7");
  CHECK(v6("::") == ":: 2");
  CHECK(v6("::g") == ":: 2");
  CHECK(v6("1::") == "1:: 3");
  CHECK(v6("1:2:3:4:5:6:7::") == "1:2:3:4:5:6:7:0 15");
  CHECK(v6("::2:3:4:5:6:7:8") == "0:2:3:4:5:6:7:8 15");
  CHECK(v6("0000000000ffff::1") == "ffff::1 17");
  CHECK(v6("1:2:3:4:5:6:7:8/64") == "1:2:3:4:5:6:7:8 15");
  CHECK(v6("::ffff:10.1.1.1") == "::ffff:10.1.1.1 15");
  CHECK(v6("1:2:3:4:5:6:7.8.9.10") == "1:2:3:4:5:6:708:90a 20");
  CHECK(v6("::1.2.3.4:5") == "::102:304 9");
  CHECK(v6("2001:DB8::8\n") == "2001:db8::8 11");
  for (const auto* text : {":1::", ":", "1:2:3:4::5:6:7:8", "1:2:3:4:5:6:7::8", "1:2:3:4:5:6:7", "::10000",
                           ":::", "1::2::3", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:1.2.3.4", "1.2.3.4", "::1.2.3",
                           "1:2%eth0", "1:2:3:4:5:6:7:8:", "::1:", "::a.2.3.4", "", "[::1]"})
    CHECK(v6(text) == "no");
}

TEST_CASE("the old reader of IPv4 takes anything") {
  CHECK(loose("hello") == "143.0.0.0");
  CHECK(loose("10.0.2.256") == "10.0.3.0");
  CHECK(loose("192.168.7") == "192.168.7.0");
  CHECK(loose("192.168.7.9\n") == "192.168.7.9");
  CHECK(loose("1\n2\n3\n4\n5") == "1.2.3.4");
  CHECK(loose("") == "0.0.0.0");
  CHECK(loose("1.2.3.\xff") == "1.2.3.207");
  CHECK(loose("1.2.3.\xff", true) == "255.255.255.207");
}
