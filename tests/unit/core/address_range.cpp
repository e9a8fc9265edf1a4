// SPDX-License-Identifier: MIT
#include <netcon/core/address_range.hpp>

#include "support/catch.hpp"

#include <string>
#include <utility>

using namespace netcon;

namespace {

bool holds(std::string_view range, std::string_view address) {
  return address_range::parse(range).value().contains(ip_address::parse(address).value());
}

}  // namespace

TEST_CASE("a range holds the addresses that share its first bits") {
  CHECK(holds("10.0.0.0/8", "10.255.3.4"));
  CHECK_FALSE(holds("10.0.0.0/8", "11.0.0.0"));
  CHECK(holds("127.0.0.4/31", "127.0.0.5"));
  CHECK_FALSE(holds("127.0.0.4/31", "127.0.0.6"));
  CHECK(holds("127.0.0.5/31", "127.0.0.4"));  // what follows the bits does not count
  CHECK(holds("10.0.0.1", "10.0.0.1"));
  CHECK_FALSE(holds("10.0.0.1", "10.0.0.0"));
  CHECK(holds("0.0.0.0/0", "255.1.2.3"));
  CHECK(holds("fd00::/8", "fdff::1"));
  CHECK_FALSE(holds("fd00::/8", "fe00::1"));
  CHECK(holds("2001:db8::/127", "2001:db8::1"));
  CHECK_FALSE(holds("2001:db8::/127", "2001:db8::2"));
  CHECK(holds("::/0", "::1"));
  // The families are apart, also where the bytes agree.
  CHECK_FALSE(holds("::/0", "10.0.0.1"));
  CHECK_FALSE(holds("0.0.0.0/0", "::1"));
  CHECK_FALSE(holds("7f00::/8", "127.0.0.1"));
}

TEST_CASE("a range of IPv4-mapped addresses is one of IPv4") {
  const auto unmapped = [](std::string_view text) {
    return to_string(address_range::parse(text).value().unmapped());
  };
  CHECK(unmapped("::ffff:10.1.2.3") == "10.1.2.3");
  CHECK(unmapped("::ffff:10.0.0.0/104") == "10.0.0.0/8");
  CHECK(unmapped("::ffff:a00:0/104") == "10.0.0.0/8");
  CHECK(unmapped("::ffff:0:0/96") == "0.0.0.0/0");
  for (const auto* text : {"::ffff:0.0.0.0/95", "::/0", "::10.0.0.1", "fd00::/8", "10.0.0.0/8", "0.0.0.0/0"})
    CHECK(address_range::parse(text).value().unmapped() == address_range::parse(text).value());
  static_assert(address_range::parse("::ffff:10.0.0.0/104").value().unmapped().bits() == 8);
}

TEST_CASE("each bit of a range counts") {
  for (const auto* text : {"170.85.195.60", "aa55:c33c::ffff:0102"}) {
    const auto address = ip_address::parse(text).value();
    const unsigned most = address.is_v4() ? 32 : 128;
    for (unsigned bits = 0; bits <= most; ++bits) {
      const address_range range{address, bits};
      for (unsigned flipped = 0; flipped < most; ++flipped) {
        auto bytes = address.raw();
        bytes[flipped / 8] = static_cast<std::uint8_t>(bytes[flipped / 8] ^ 0x80u >> flipped % 8);
        const ip_address other = address.is_v4()
                                     ? ip_address{ipv4_address{bytes[0], bytes[1], bytes[2], bytes[3]}}
                                     : ip_address{ipv6_address{bytes}};
        CHECK(range.contains(other) == (flipped >= bits));
      }
    }
  }
}

TEST_CASE("a range is text both ways, and an error has its place") {
  for (const auto* text : {"10.0.0.0/8", "10.0.0.1", "fd00::/8", "::1", "0.0.0.0/0",
                           "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/127"}) {
    const auto range = address_range::parse(text).value();
    CHECK(address_range::parse(to_string(range)).value() == range);
  }
  CHECK(to_string(address_range::parse("10.0.0.0/8").value()) == "10.0.0.0/8");
  CHECK(to_string(address_range::parse("10.0.0.1/32").value()) == "10.0.0.1");
  CHECK(to_string(address_range::parse("fd00::/127").value()) == "fd00::/127");
  static_assert(address_range::parse("10.0.0.0/8").value().bits() == 8);

  const auto place = [](std::string_view text) {
    const auto wrong = address_range::parse(text).error();
    CHECK(wrong.code == text_errc::bad_address_range);
    return std::pair{wrong.where.begin, wrong.where.end};
  };
  CHECK(place("") == std::pair{0u, 0u});
  CHECK(place("host") == std::pair{0u, 4u});
  CHECK(place("10.0.0/8") == std::pair{0u, 6u});
  CHECK(place("10.0.0.0/33") == std::pair{9u, 11u});
  CHECK(place("fd00::/129") == std::pair{7u, 10u});
  CHECK(place("10.0.0.0/") == std::pair{9u, 9u});
  CHECK(place("10.0.0.0/8/8") == std::pair{9u, 12u});
  CHECK(place("10.0.0.0/-1") == std::pair{9u, 11u});
}
