// SPDX-License-Identifier: MIT
// datagram_backlog beside a slow model of it, and what each address may lose.
#include <netcon/receive/datagram_backlog.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace {

using netcon::datagram;
using netcon::datagram_backlog;

netcon::endpoint sender(std::uint8_t last, std::uint16_t port = 6665) {
  return {netcon::ipv4_address{192, 0, 2, last}, netcon::port{port}};
}

datagram packet(const netcon::endpoint& from, std::string_view bytes) {
  return {.sender = from, .bytes = bytes, .received = {}};
}

std::vector<std::string> texts(datagram_backlog& of) {
  std::vector<std::string> out;
  for (; !of.empty(); of.pop()) out.emplace_back(of.front().bytes);
  return out;
}

}  // namespace

TEST_CASE("packets leave a backlog in the order in which they came, with all that is known of them") {
  datagram_backlog waiting{4, 16, {}};
  auto first = packet(sender(1), "one");
  first.hops = 64;
  first.received = std::chrono::system_clock::time_point{std::chrono::seconds{7}};
  first.local = netcon::ipv4_address{192, 0, 2, 99};
  CHECK(waiting.push(first));
  CHECK(waiting.push(packet(sender(2), "two")));
  CHECK(waiting.size() == 2);
  CHECK(waiting.front().sender == sender(1));
  CHECK(waiting.front().hops == 64);
  CHECK(waiting.front().received == first.received);
  CHECK(waiting.front().local == first.local);
  CHECK_FALSE(waiting.front().truncated);
  CHECK(texts(waiting) == std::vector<std::string>{"one", "two"});
  CHECK(waiting.dropped() == 0);
}

TEST_CASE("the bytes are the backlog's own, and what is longer than its room is cut") {
  datagram_backlog waiting{4, 4, {}};
  std::string bytes = "123456";
  waiting.push(packet(sender(1), bytes));
  bytes.assign(6, 'x');
  CHECK(waiting.front().bytes == "1234");
  CHECK(waiting.front().truncated);
}

TEST_CASE("in a full backlog the address with the most packets loses its newest") {
  datagram_backlog waiting{4, 16, {}};
  for (const auto* const text : {"a1", "a2", "a3"}) waiting.push(packet(sender(1), text));
  waiting.push(packet(sender(2), "b1"));
  CHECK(waiting.push(packet(sender(3), "c1")));
  CHECK(waiting.push(packet(sender(2), "b2")));
  CHECK(waiting.dropped() == 2);
  SECTION("unless the packet is of that address itself") {
    waiting.pop();
    CHECK(waiting.push(packet(sender(2), "b3")));
    CHECK_FALSE(waiting.push(packet(sender(2), "b4")));
    CHECK(texts(waiting) == std::vector<std::string>{"b1", "c1", "b2", "b3"});
  }
  SECTION("in order") {
    CHECK(texts(waiting) == std::vector<std::string>{"a1", "b1", "c1", "b2"});
  }
}

TEST_CASE("another port is no other share") {
  datagram_backlog waiting{4, 16, {}};
  for (std::uint16_t port = 1; port <= 4; ++port) waiting.push(packet(sender(1, port), "a"));
  CHECK(waiting.push(packet(sender(2), "b")));
  CHECK_FALSE(waiting.push(packet(sender(1, 9), "a")));
}

TEST_CASE("where each address has one packet, the next is the one that is dropped") {
  datagram_backlog waiting{2, 16, {}};
  waiting.push(packet(sender(1), "a"));
  waiting.push(packet(sender(2), "b"));
  CHECK_FALSE(waiting.push(packet(sender(3), "c")));
  CHECK(texts(waiting) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("the memory that was given back is allocated again, and packets that wait keep it") {
  datagram_backlog waiting{2, 16, {}};
  waiting.release();
  for (const auto* const text : {"a", "b"}) {
    waiting.push(packet(sender(1), text));
    waiting.release();
    CHECK(texts(waiting) == std::vector<std::string>{text});
    waiting.release();
  }
}

TEST_CASE("strangers make room for an address that was heard before, and not the other way round") {
  datagram_backlog waiting{4, 16, {}};
  waiting.remember(sender(1));
  for (std::uint8_t i = 11; i <= 14; ++i) waiting.push(packet(sender(i), std::to_string(i)));
  CHECK(waiting.push(packet(sender(1), "one")));
  CHECK_FALSE(waiting.push(packet(sender(15), "15")));
  CHECK(waiting.push(packet(sender(1), "two")));
  CHECK(texts(waiting) == std::vector<std::string>{"11", "12", "one", "two"});
}

TEST_CASE("what comes out of the queue makes no address known") {
  datagram_backlog waiting{2, 16, {}};
  waiting.push(packet(sender(1), "a"));
  waiting.pop();
  waiting.push(packet(sender(2), "b"));
  waiting.push(packet(sender(3), "c"));
  CHECK_FALSE(waiting.push(packet(sender(1), "d")));
}

TEST_CASE("an address that was heard before may have 16 times as many waiting as a stranger") {
  datagram_backlog waiting{32, 16, {}};
  waiting.remember(sender(1));
  for (int i = 0; i < 32; ++i) waiting.push(packet(sender(1), "flood"));
  for (std::uint8_t i = 101; i < 150; ++i) waiting.push(packet(sender(i), "stranger"));
  CHECK_FALSE(waiting.push(packet(sender(150), "stranger")));
  CHECK(waiting.push(packet(sender(1), "flood")));
  const auto left = texts(waiting);
  CHECK(std::ranges::count(left, "flood") == 17);
  CHECK(std::ranges::count(left, "stranger") == 15);
}

namespace {

netcon::endpoint numbered(std::uint32_t number) {
  return {netcon::ipv4_address{10, static_cast<std::uint8_t>(number >> 16),
                               static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)},
          {}};
}

}  // namespace

TEST_CASE("an address that keeps coming stays known among any number of others that come once") {
  datagram_backlog waiting{1, 16, {}};
  for (std::uint32_t i = 0; i < 200'000; ++i) {
    if (i % 500 == 0) waiting.remember(sender(7));
    waiting.remember(numbered(i));
  }
  waiting.push(packet(numbered(200'000), "a"));
  CHECK_FALSE(waiting.push(packet(numbered(1), "b")));
  CHECK(waiting.push(packet(sender(7), "c")));
}

TEST_CASE("a fleet stays known") {
  datagram_backlog waiting{1, 16, {}};
  for (std::uint32_t i = 0; i < 2000; ++i) waiting.remember(numbered(i));
  for (std::uint32_t i = 0; i < 2000; ++i) {
    waiting.push(packet(sender(1), "stranger"));
    CHECK(waiting.push(packet(numbered(i), "known")));
    waiting.pop();
  }
}

namespace {

/// A packet that waits, and whether its address was known when its first one came.
struct waiting_packet {
  int from;
  bool is_known;
  std::string text;
};

struct operation {
  enum { pop, push, remember } what;
  int from = 0;
  std::string text{};
};

std::vector<std::string> left_after(const std::vector<operation>& operations, std::size_t most) {
  datagram_backlog waiting{most, 16, {}};
  for (const auto& one : operations) {
    const auto from = sender(static_cast<std::uint8_t>(one.from));
    if (one.what == operation::pop) waiting.pop();
    if (one.what == operation::push) waiting.push(packet(from, one.text));
    if (one.what == operation::remember) waiting.remember(from);
  }
  return texts(waiting);
}

}  // namespace

TEST_CASE("a backlog does what a slow one does") {
  std::mt19937 random{7};
  for (int round = 0; round < 60; ++round) {
    const std::size_t most = 1 + random() % (round % 3 == 0 ? 60 : 12);
    datagram_backlog waiting{most, 16, {}};
    std::vector<operation> operations;
    std::deque<waiting_packet> model;
    std::set<int> remembered;
    std::uint64_t dropped = 0;
    for (int step = 0; step < 300; ++step) {
      if (random() % 4 == 0 && !model.empty()) {
        REQUIRE(waiting.front().bytes == model.front().text);
        waiting.pop();
        operations.push_back({operation::pop});
        model.pop_front();
        continue;
      }
      const int from = static_cast<int>(random() % (round % 2 == 0 ? 5 : 40));
      if (random() % 8 == 0) {
        waiting.remember(sender(static_cast<std::uint8_t>(from)));
        operations.push_back({operation::remember, from});
        remembered.insert(from);
        continue;
      }
      const auto text = std::to_string(step);
      const auto other = std::ranges::find(model, from, &waiting_packet::from);
      const bool is_known = other != model.end() ? other->is_known : remembered.contains(from);
      operations.push_back({operation::push, from, text});
      const bool admitted = waiting.push(packet(sender(static_cast<std::uint8_t>(from)), text));
      const bool was_full = model.size() == most;
      std::map<int, std::size_t> counts;
      std::size_t largest_of[2] = {};
      for (const auto& one : model)
        largest_of[one.is_known] = std::max(largest_of[one.is_known], ++counts[one.from]);
      const bool makes_room = largest_of[true] > 16 * largest_of[false];
      const auto largest = largest_of[makes_room];
      if (was_full) REQUIRE(waiting.dropped() == ++dropped);
      if (was_full && makes_room == is_known) {
        if (counts[from] + 1 < largest) REQUIRE(admitted);
        if (largest == 1) REQUIRE_FALSE(admitted);
      } else {
        REQUIRE(admitted);
      }
      if (admitted) model.push_back({from, is_known, text});
      if (!admitted || !was_full) continue;
      // Which of the busiest addresses it was is the backlog's choice; it has to be that one's newest packet.
      const auto left = left_after(operations, most);
      const auto lost = std::ranges::find_if(
          model, [&](const auto& one) { return std::ranges::find(left, one.text) == left.end(); });
      REQUIRE(lost != model.end());
      REQUIRE(lost->is_known == makes_room);
      REQUIRE(counts[lost->from] == largest);
      REQUIRE(
          std::none_of(lost + 1, model.end() - 1, [&](const auto& one) { return one.from == lost->from; }));
      model.erase(lost);
    }
  }
}
