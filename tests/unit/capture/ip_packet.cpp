// SPDX-License-Identifier: MIT
#include <netcon/capture/ip_packet.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>

using namespace netcon;

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out += static_cast<char>(value);
  return out;
}

// 10.0.0.1:4660 to 10.0.0.2:6666, "hello".
const std::string udp = bytes({0x12, 0x34, 0x1a, 0x0a, 0, 13, 0, 0}) + "hello";
std::string ipv4(const std::string& payload, int fragment = 0, int id = 7) {
  const auto total = static_cast<int>(20 + payload.size());
  return bytes({0x45, 0, total >> 8, total & 255, 0, id, fragment >> 8, fragment & 255, 64, 17, 0, 0, 10, 0,
                0,    1, 10,         0,           0, 2}) +
         payload;
}
std::string ipv6(int next, const std::string& payload) {
  std::string address = bytes({0xfd}) + std::string(15, '\0');
  const auto length = static_cast<int>(payload.size());
  return bytes({0x60, 0, 0, 0, length >> 8, length & 255, next, 64}) + address + address + payload;
}
const std::string macs(12, '\x02');

std::string read_frame(link_type type, const std::string& frame) {
  ip_reader reader;
  const auto packet = find_ip_packet(type, frame);
  const auto datagram = packet ? reader.read(*packet) : std::nullopt;
  return datagram ? std::string{datagram->payload} : "nothing";
}

}  // namespace

TEST_CASE("the ways to wrap an IP packet") {
  CHECK(read_frame(link_type::raw, ipv4(udp)) == "hello");
  CHECK(read_frame(link_type::ethernet, macs + bytes({8, 0}) + ipv4(udp)) == "hello");
  CHECK(read_frame(link_type::ethernet, macs + bytes({8, 0}) + ipv4(udp) + std::string(20, '\0')) == "hello");
  CHECK(read_frame(link_type::ethernet, macs + bytes({0x81, 0, 0, 5, 8, 0}) + ipv4(udp)) == "hello");
  CHECK(read_frame(link_type::ethernet, macs + bytes({0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0}) + ipv4(udp)) ==
        "hello");
  CHECK(read_frame(link_type::linux_cooked, std::string(14, '\0') + bytes({8, 0}) + ipv4(udp)) == "hello");
  CHECK(read_frame(link_type::linux_cooked_2, bytes({8, 0}) + std::string(18, '\0') + ipv4(udp)) == "hello");
  CHECK(read_frame(link_type::null, bytes({2, 0, 0, 0}) + ipv4(udp)) == "hello");
  CHECK(read_frame(link_type::ethernet, macs + bytes({0x86, 0xdd}) + ipv6(17, udp)) == "hello");
  CHECK(read_frame(link_type::raw, ipv6(60, bytes({17, 0, 1, 4, 0, 0, 0, 0}) + udp)) == "hello");
  CHECK(read_frame(link_type::ethernet, macs + bytes({0x91, 0, 0, 5, 8, 0}) + ipv4(udp)) == "hello");
  CHECK(read_frame(link_type::loop, bytes({0, 0, 0, 2}) + ipv4(udp)) == "hello");
  for (const int extension : {0, 43, 60})
    CHECK(read_frame(link_type::raw, ipv6(extension, bytes({17, 0, 0, 0, 0, 0, 0, 0}) + udp)) == "hello");
  CHECK(read_frame(link_type::ethernet, macs + bytes({0x86, 0xdd}) + ipv6(17, udp) + std::string(9, '\0')) ==
        "hello");
  // The UDP header says where the text ends, whatever else IP carries; a total of zero is left to the card.
  CHECK(read_frame(link_type::raw, ipv4(udp + "more")) == "hello");
  auto large = ipv4(udp);
  large[2] = large[3] = 0;
  CHECK(read_frame(link_type::raw, large) == "hello");
  CHECK(read_frame(link_type::raw, ipv4(bytes({0x12, 0x34, 0x1a, 0x0a, 0, 7, 0, 0}) + "hello")) == "nothing");
  CHECK(read_frame(link_type::ethernet, macs + bytes({8, 6}) + ipv4(udp)) == "nothing");  // ARP
  CHECK(read_frame(link_type::raw, ipv6(6, udp)) == "nothing");                           // TCP
  const auto whole = macs + bytes({8, 0}) + ipv4(udp);
  for (std::size_t size = 0; size < whole.size() - 5; ++size)
    CHECK(read_frame(link_type::ethernet, whole.substr(0, size)) == "nothing");
}

TEST_CASE("IP fragments are put together in any order") {
  const std::string text(3000, 'x');
  const std::string datagram = bytes({0x12, 0x34, 0x1a, 0x0a, 3008 >> 8, 3008 & 255, 0, 0}) + text;
  constexpr int more = 0x2000;
  const std::string parts[] = {ipv4(datagram.substr(0, 1480), more),
                               ipv4(datagram.substr(1480, 1480), more | 185),
                               ipv4(datagram.substr(2960), 370)};
  int order[] = {0, 1, 2};
  do {
    ip_reader reader;
    std::optional<udp_datagram> whole;
    for (const int i : order) {
      CHECK_FALSE(whole.has_value());
      whole = reader.read(*find_ip_packet(link_type::raw, parts[i]));
    }
    REQUIRE(whole.has_value());
    CHECK(whole->payload == text);
    CHECK_FALSE(whole->truncated);
  } while (std::next_permutation(std::begin(order), std::end(order)));

  // IPv6: the fragment header says where, and what is inside.
  ip_reader reader;
  const auto slice = [&](std::size_t offset, std::size_t size, bool is_last) {
    const auto field = static_cast<int>(offset) | (is_last ? 0 : 1);
    return ipv6(44, bytes({17, 0, field >> 8, field & 255, 1, 2, 3, 4}) + datagram.substr(offset, size));
  };
  CHECK_FALSE(reader.read(*find_ip_packet(link_type::raw, slice(1440, 3000, true))).has_value());
  const auto whole = reader.read(*find_ip_packet(link_type::raw, slice(0, 1440, false)));
  REQUIRE(whole.has_value());
  CHECK(whole->payload == text);
}

TEST_CASE("IP fragments of several datagrams do not mix, and a bounded number of them waits") {
  constexpr int more = 0x2000;
  const auto first = [](int id) { return ipv4(udp.substr(0, 8), more, id); };
  const auto second = [](int id) { return ipv4(udp.substr(8), 1, id); };
  ip_reader reader;
  const auto read = [&](const std::string& packet) {
    const auto datagram = reader.read(*find_ip_packet(link_type::raw, packet));
    return datagram ? std::string{datagram->payload} : "nothing";
  };
  CHECK(read(first(1)) == "nothing");
  CHECK(read(second(2)) == "nothing");
  CHECK(read(first(2)) == "hello");
  CHECK(read(second(1)) == "hello");
  CHECK(read(second(1)) == "nothing");  // of another datagram with the number of the old one
  CHECK(read(first(1)) == "hello");

  for (int id = 0; id < 255; ++id) CHECK(read(first(id)) == "nothing");
  CHECK(read(second(0)) == "hello");
  for (int i = 0; i < 300; ++i)
    CHECK(read(ipv4(udp.substr(0, 8), more, i % 256).replace(12, 4, bytes({10, 1, i >> 8, i & 255}))) ==
          "nothing");
  CHECK(read(second(1)) == "nothing");  // given up

  // Beyond what an IP packet can hold: forged.
  CHECK(read(ipv4(std::string(100, 'x'), 0x1fff, 9)) == "nothing");
  std::string all;
  for (int i = 0; i < 2; ++i)
    for (int at = 0; at < 8000; at += 100) all += read(ipv4(std::string(1000, 'x'), more | (at + i), 10));
  CHECK(all.find('x') == all.npos);
}

TEST_CASE("the ends of a datagram, and what its capture truncated") {
  ip_reader reader;
  const auto whole = reader.read(*find_ip_packet(link_type::raw, ipv4(udp)));
  REQUIRE(whole.has_value());
  CHECK(to_string(whole->sender) == "10.0.0.1:4660");
  CHECK(to_string(whole->receiver) == "10.0.0.2:6666");
  CHECK_FALSE(whole->truncated);
  const auto packet = ipv4(udp);
  const auto start = packet.substr(0, packet.size() - 2);
  const auto truncated = reader.read(*find_ip_packet(link_type::raw, start));
  REQUIRE(truncated.has_value());
  CHECK(truncated->truncated);
  CHECK(truncated->payload == "hel");
  const auto v6 = reader.read(*find_ip_packet(link_type::raw, ipv6(17, udp)));
  REQUIRE(v6.has_value());
  CHECK(to_string(v6->sender) == "[fd00::]:4660");
}

TEST_CASE("fragments that the capture truncated give what comes before the first missing byte") {
  const std::string text = std::string(1472, 'x') + std::string(1480, 'y') + std::string(48, 'z');
  const std::string datagram = bytes({0x12, 0x34, 0x1a, 0x0a, 3008 >> 8, 3008 & 255, 0, 0}) + text;
  constexpr int more = 0x2000;
  const std::string v4[] = {ipv4(datagram.substr(0, 1480), more),
                            ipv4(datagram.substr(1480, 1480), more | 185), ipv4(datagram.substr(2960), 370)};
  const auto v6_part = [&](std::size_t offset, std::size_t size, bool is_last) {
    const auto field = static_cast<int>(offset) | (is_last ? 0 : 1);
    const auto part = bytes({17, 0, field >> 8, field & 255, 1, 2, 3, 4}) + datagram.substr(offset, size);
    return ipv6(60, bytes({44, 0, 0, 0, 0, 0, 0, 0}) + part);
  };
  const std::string v6[] = {v6_part(0, 1480, false), v6_part(1480, 1480, false), v6_part(2960, 48, true)};
  const auto payload = [](const std::string(&parts)[3], std::size_t headers, std::size_t snap_length) {
    std::optional<udp_datagram> whole;
    ip_reader reader;
    for (const int i : {2, 0, 1}) {
      CHECK_FALSE(whole.has_value());
      whole = reader.read(*find_ip_packet(link_type::raw, parts[i].substr(0, headers + snap_length)));
    }
    if (!whole) return std::string{"nothing"};
    CHECK(whole->truncated == (snap_length < 1480));
    return std::string{whole->payload};
  };
  CHECK(payload(v4, 20, 1480) == text);
  CHECK(payload(v4, 20, 1479) == text.substr(0, 1471));
  CHECK(payload(v4, 20, 100) == text.substr(0, 92));
  CHECK(payload(v4, 20, 8).empty());
  CHECK(payload(v4, 20, 7) == "nothing");
  CHECK(payload(v6, 56, 1480) == text);
  CHECK(payload(v6, 56, 100) == text.substr(0, 92));
  // The last one alone may have been longer than what was captured.
  ip_reader reader;
  CHECK_FALSE(reader.read(*find_ip_packet(link_type::raw, v4[0])).has_value());
  CHECK_FALSE(reader.read(*find_ip_packet(link_type::raw, v4[1])).has_value());
  const auto cut = reader.read(*find_ip_packet(link_type::raw, v4[2].substr(0, 30)));
  REQUIRE(cut.has_value());
  CHECK(cut->truncated);
  CHECK(cut->payload == text.substr(0, 2962));
}

TEST_CASE("a fragment does not wait for one of a later datagram with its number") {
  using namespace std::chrono_literals;
  constexpr int more = 0x2000;
  const auto later = [](std::chrono::nanoseconds by) {
    ip_reader reader;
    const capture_time start{std::chrono::seconds{1795851632}};
    const auto datagram_of = [](const std::string& text) {
      return bytes({0x12, 0x34, 0x1a, 0x0a, 0, 24, 0, 0}) + text;
    };
    const auto old = datagram_of("old text old ---"), fresh = datagram_of("new text new ---");
    const auto read = [&](const std::string& packet, capture_time at) {
      const auto found = reader.read(*find_ip_packet(link_type::raw, packet), at);
      return found ? std::string{found->payload} : std::string{};
    };
    CHECK(read(ipv4(old.substr(0, 16), more), start).empty());
    CHECK(read(ipv4(fresh.substr(0, 16), more), start + by).empty());
    return read(ipv4(fresh.substr(16), 2), start + by);
  };
  CHECK(later(31s) == "new text new ---");
  CHECK(later(24h) == "new text new ---");
  CHECK(later(-31s) == "new text new ---");
  CHECK(later(29s) == "old text new ---");  // it may be a repeat
  // Captures may have any times.
  ip_reader reader;
  const auto part = ipv4(udp.substr(0, 8), more);
  CHECK_FALSE(reader.read(*find_ip_packet(link_type::raw, part), capture_time::min()).has_value());
  CHECK_FALSE(reader.read(*find_ip_packet(link_type::raw, part), capture_time::max()).has_value());
}

TEST_CASE("link types have tcpdump's names, and IP is not looked for in others") {
  for (unsigned number = 0; number < 300; ++number) {
    const auto type = static_cast<link_type>(number);
    if (is_supported(type)) CHECK_FALSE(name(type).empty());
    CHECK((find_ip_packet(type, macs + bytes({8, 0}) + ipv4(udp)).has_value()) ==
          (type == link_type::ethernet || type == link_type::linux_cooked ||
           type == link_type::linux_cooked_2));
  }
  CHECK(name(link_type::ethernet) == "EN10MB");
  CHECK(name(static_cast<link_type>(105)) == "IEEE802_11");
  CHECK(name(static_cast<link_type>(77)).empty());
  CHECK_FALSE(is_supported(static_cast<link_type>(105)));
}

TEST_CASE("a datagram of very many fragments takes a bounded place") {
  // 8 bytes each: more than any path needs. The first fragments are kept, later ones are dropped.
  ip_reader reader;
  const std::string all(65000, 'x');
  std::optional<udp_datagram> whole;
  for (int at = 0; at < 8000; ++at)
    whole = reader.read(*find_ip_packet(link_type::raw, ipv4(all.substr(0, 8), 0x2000 | at, 3)));
  CHECK_FALSE(reader.read(*find_ip_packet(link_type::raw, ipv4(all.substr(0, 8), 8000, 3))).has_value());
}

TEST_CASE("IP fragments that overlap make their datagram invalid; repeats are ignored") {
  const std::string text(3000, 'x'), forged(1480, 'y');
  const std::string datagram = bytes({0x12, 0x34, 0x1a, 0x0a, 3008 >> 8, 3008 & 255, 0, 0}) + text;
  constexpr int more = 0x2000;
  const auto part = [&](std::size_t at, std::size_t size, bool last = false) {
    return ipv4(datagram.substr(at, size), (last ? 0 : more) | static_cast<int>(at / 8));
  };
  const auto read = [](ip_reader& reader, const std::string& packet) {
    const auto found = reader.read(*find_ip_packet(link_type::raw, packet));
    return found ? std::string{found->payload} : std::string{};
  };
  const auto rest = part(2960, 48, true);
  {
    ip_reader reader;
    CHECK(read(reader, part(0, 1480)).empty());
    CHECK(read(reader, part(0, 1480)).empty());  // the same
    CHECK(read(reader, part(8, 80)).empty());    // inside of it
    CHECK(read(reader, part(1480, 1480)).empty());
    CHECK(read(reader, rest) == text);
    CHECK(reader.invalid() == 0);
  }
  const std::string overlaps[] = {
      ipv4(forged, more | 184),                  // its begin is there
      ipv4(forged, more | 1),                    // its begin and more
      part(2960, 16, true),                      // another end
      ipv4(forged, more | 370),                  // beyond the end
      ipv4(std::string(2000, 'y'), more | 180),  // around another one
  };
  for (const auto& overlap : overlaps) {
    ip_reader reader;
    CHECK(read(reader, part(0, 1480)).empty());
    CHECK(read(reader, rest).empty());
    if (&overlap == &overlaps[4]) CHECK(read(reader, part(1488, 80)).empty());
    CHECK(read(reader, overlap).empty());
    CHECK(reader.invalid() == 1);
    CHECK(read(reader, part(1480, 1480)).empty());
  }
}
