// SPDX-License-Identifier: MIT
#include <netcon/core/kernel_text.hpp>

#include "support/catch.hpp"

#include <netcon/core/ip_address.hpp>

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

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

static_assert(u16("+0000080\n") == number_state::ok && whole("-0\n") == number_state::ok);
static_assert(read_kernel_bool("On", false) == true && !read_kernel_bool("o", true));

TEST_CASE("numbers up to the ends of their ranges") {
  using enum number_state;
  const auto read_u16 = [](std::string_view text) {
    std::uint16_t value = 77;
    const auto state = read_kernel_u16(text, value);
    return std::pair{state, int{value}};
  };
  CHECK(read_u16("0") == std::pair{ok, 0});
  CHECK(read_u16("65535") == std::pair{ok, 65535});
  CHECK(read_u16("+0000080\n") == std::pair{ok, 80});
  CHECK(read_u16("00000000000000000000000000065535") == std::pair{ok, 65535});
  CHECK(read_u16("19") == std::pair{ok, 19});
  for (const auto* text : {"65536", "99999", "18446744073709551615", "18446744073709551616",
                           "18446744073709551620", "18446744073709551616x", "99999999999999999999\n\n"})
    CHECK(read_u16(text) == std::pair{overflow, 77});
  for (const auto* text : {"", "\n", "+", "-0", "++1", " 1", "1 ", "1\n\n", "1\nx", "70000x", "0x1", "\n1",
                           "18446744073709551615x", "1\r", "1/", "1:"})
    CHECK(read_u16(text) == std::pair{not_a_number, 77});

  const auto read_int = [](std::string_view text) {
    int value = 77;
    const auto state = read_kernel_int(text, value);
    return std::pair{state, value};
  };
  constexpr int most = std::numeric_limits<int>::max(), least = std::numeric_limits<int>::min();
  CHECK(read_int("1") == std::pair{ok, 1});
  CHECK(read_int("+01\n") == std::pair{ok, 1});
  CHECK(read_int("-1") == std::pair{ok, -1});
  CHECK(read_int("-0\n") == std::pair{ok, 0});
  CHECK(read_int("2147483647") == std::pair{ok, most});
  CHECK(read_int("+2147483647") == std::pair{ok, most});
  CHECK(read_int("-2147483647") == std::pair{ok, -most});
  CHECK(read_int("-2147483648") == std::pair{ok, least});
  for (const auto* text : {"2147483648", "+2147483648", "-2147483649", "4294967296", "-4294967296",
                           "18446744073709551615", "-18446744073709551616"})
    CHECK(read_int(text) == std::pair{overflow, 77});
  for (const auto* text : {"", "-", "+", "-+1", "+-1", "--1", "- 1", "1-", "y"})
    CHECK(read_int(text) == std::pair{not_a_number, 77});
}

TEST_CASE("switches by their first letters") {
  constexpr std::optional<bool> neither;
  const std::vector<std::tuple<std::string_view, std::optional<bool>, std::optional<bool>>> rows{
      // text, up to 6.x, from 7.0 on
      {"1", true, true},        {"10", true, true},          {"y", true, true},
      {"Yes", true, true},      {"t", true, true},           {"True", true, true},
      {"on", true, true},       {"On", true, true},          {"oN", true, true},
      {"ON", true, true},       {"0", false, false},         {"01", false, false},
      {"n", false, false},      {"Nope", false, false},      {"f", false, false},
      {"False", false, false},  {"of", false, false},        {"oFfside", false, false},
      {"OF", false, false},     {"e", neither, true},        {"Enable", neither, true},
      {"d", neither, false},    {"Disable", neither, false}, {"o", neither, neither},
      {"O", neither, neither},  {"o\n", neither, neither},   {"om", neither, neither},
      {"oo", neither, neither}, {"", neither, neither},      {" 1", neither, neither},
      {"2", neither, neither},  {"-1", neither, neither},    {"+1", neither, neither},
      {"\n", neither, neither}, {"x", neither, neither},     {"nn", false, false},
  };
  CHECK(read_kernel_bool(std::string_view{"on"}.substr(0, 1), true) == neither);
  for (const auto& [text, narrow, wide] : rows) {
    INFO(text);
    CHECK(read_kernel_bool(text, false) == narrow);
    CHECK(read_kernel_bool(text, true) == wide);
  }
}

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

TEST_CASE("nothing behind the end of a text is looked at") {
  const auto cut = [](std::string_view text, std::size_t size) { return text.substr(0, size); };
  CHECK(v4(cut("1.2.3.45", 7)) == "1.2.3.4 7");
  CHECK(v4(cut("1.2.3.4.", 7)) == "1.2.3.4 7");
  CHECK(v4(cut("1.2.3.4", 6)) == "no");
  CHECK(v6(cut("fd00::1a", 7)) == "fd00::1 7");
  CHECK(v6(cut("fd00::1a", 6)) == "fd00:: 6");
  CHECK(v6(cut("fd00::1:2", 7)) == "fd00::1 7");
  CHECK(v6(cut("::1.2.3.4", 3)) == "::1 3");
  CHECK(v6(cut("1::2", 2)) == "no");
  CHECK(v6(cut("1::2", 3)) == "1:: 3");
  CHECK(loose(cut("1.2.3.45", 7)) == "1.2.3.4");
  CHECK(loose(cut("1.2.3.4", 6)) == "1.2.3.0");
}

TEST_CASE("addresses as the kernel prints them") {
  const auto printed = [](std::string_view text) { return kernel_ip_text(ip_address::parse(text).value()); };
  CHECK(printed("10.0.0.2") == "10.0.0.2");
  CHECK(printed("FD00:0:0::2") == "fd00::2");
  CHECK(printed("::ffff:10.0.0.2") == "::ffff:10.0.0.2");
  CHECK(printed("fe80::5efe:a00:2") == "fe80::5efe:10.0.0.2");
  CHECK(printed("fe80::200:5efe:a00:2") == "fe80::200:5efe:10.0.0.2");
  CHECK(printed("fe80::1:0:5efe:a00:2") == "fe80::1:0:5efe:10.0.0.2");
  for (const auto* text : {"fe80::1:5efe:a00:2", "fe80::201:5efe:a00:2", "fe80::100:5efe:a00:2",
                           "fe80::400:5efe:a00:2", "fe80::5eff:a00:2", "::102:304", "1:2:3:4:5:6:7:0"})
    CHECK(printed(text) == text);
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
  CHECK(loose("1.2.3.\x7f", true) == "1.2.3.79");
  CHECK(loose("1.2.3.\x80", true) == "255.255.255.80");
  CHECK(ipv4_address{read_loose_ipv4("1.2.3.\x80")} == ipv4_address{255, 255, 255, 80});
}
