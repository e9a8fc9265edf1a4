// SPDX-License-Identifier: MIT
// datagram_backlog beside a slow model of it, and what each address may lose.
#include <netcon/os/datagram_backlog.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
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

TEST_CASE("a backlog does what a slow one does") {
  std::mt19937 random{7};
  for (int round = 0; round < 50; ++round) {
    const std::size_t most = 1 + random() % 12;
    datagram_backlog waiting{most, 16, {}};
    std::deque<std::pair<int, std::string>> model;
    std::uint64_t dropped = 0;
    for (int step = 0; step < 400; ++step) {
      if (random() % 3 == 0 && !model.empty()) {
        REQUIRE(waiting.front().bytes == model.front().second);
        waiting.pop();
        model.pop_front();
        continue;
      }
      const int from = static_cast<int>(random() % 5);
      const auto text = std::to_string(step);
      std::map<int, std::size_t> counts;
      for (const auto& one : model) ++counts[one.first];
      std::size_t largest = 0;
      for (const auto& one : counts) largest = std::max(largest, one.second);
      const bool admitted = waiting.push(packet(sender(static_cast<std::uint8_t>(from)), text));
      if (model.size() < most) {
        REQUIRE(admitted);
        model.emplace_back(from, text);
        continue;
      }
      REQUIRE(waiting.dropped() == ++dropped);
      REQUIRE(waiting.size() == most);
      if (counts[from] + 1 < largest) REQUIRE(admitted);
      if (largest == 1) REQUIRE_FALSE(admitted);
      if (!admitted) continue;
      // Which of the busiest addresses it was is the backlog's choice; it has to be that one's newest packet.
      // One turn of the whole queue shows which are left.
      model.emplace_back(from, text);
      std::vector<std::string> found;
      for (auto left = waiting.size(); left-- != 0;) {
        const auto whose = waiting.front().sender;
        found.emplace_back(waiting.front().bytes);
        waiting.pop();
        waiting.push(packet(whose, found.back()));
      }
      const auto lost = std::ranges::find_if(
          model, [&](const auto& one) { return std::ranges::find(found, one.second) == found.end(); });
      REQUIRE(lost != model.end());
      REQUIRE(counts[lost->first] == largest);
      REQUIRE(std::ranges::none_of(lost + 1, model.end() - 1,
                                   [&](const auto& one) { return one.first == lost->first; }));
      model.erase(lost);
    }
  }
}

}  // namespace
