// SPDX-License-Identifier: MIT
// fair_receiver at a real socket: packets come faster than they are handled.
#include <netcon/os/fair_receiver.hpp>
#include <netcon/os/udp_sender.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

udp_sender sender_at(std::uint8_t last, const endpoint& to) {
  return udp_sender::connect(to, {.local = endpoint{ipv4_address{127, 0, 0, last}, port{0}}}).value();
}

/// With a buffer that any user may have.
udp_receiver small_socket() {
  return udp_receiver::bind({ipv4_address{127, 0, 0, 1}, port{0}}, {.buffer_bytes = 200 * 1024}).value();
}

}  // namespace

TEST_CASE("an address that sends little loses nothing beside one that sends more than is handled") {
  auto socket = small_socket();
  const auto to = socket.local().value();
  fair_receiver in{std::move(socket)};
  auto busy = sender_at(2, to), quiet = sender_at(3, to);
  constexpr int until = 8000, each = 50;
  int handled = 0, sent = 0, last = -1, honest = 0;
  std::vector<std::string> texts;
  const auto take = [&](const datagram& packet, time_point) {
    if (packet.sender.address == ip_address{ipv4_address{127, 0, 0, 3}}) {
      texts.emplace_back(packet.bytes);
    } else {
      const int number = std::stoi(std::string{packet.bytes});
      REQUIRE(number > last);
      last = number;
    }
    if (++handled > until) return;
    for (int i = 0; i < 2; ++i) REQUIRE(busy.send(std::to_string(sent++)));
    if (handled % each == 0) REQUIRE(quiet.send(std::to_string(honest++)));
  };
  REQUIRE(busy.send(std::to_string(sent++)));
  std::size_t got = 1;
  while (got != 0) {
    const auto step = in.receive(200ms, take);
    REQUIRE(step);
    got = *step;
  }
  REQUIRE(in.socket().dropped() == 0);
  CHECK(in.dropped() > 0);
  CHECK(static_cast<std::uint64_t>(handled) + in.dropped() == static_cast<std::uint64_t>(sent + honest));
  REQUIRE(texts.size() == static_cast<std::size_t>(until / each));
  for (int i = 0; i < honest; ++i) CHECK(texts[static_cast<std::size_t>(i)] == std::to_string(i));
}

TEST_CASE("what was moved can be taken to its end without receiving more") {
  auto socket = small_socket();
  const auto to = socket.local().value();
  fair_receiver in{std::move(socket)};
  auto busy = sender_at(2, to);
  int handled = 0;
  const auto flood = [&](const datagram&, time_point) {
    ++handled;
    for (int i = 0; i < 4; ++i) REQUIRE(busy.send("x"));
  };
  REQUIRE(busy.send("x"));
  while (handled < 2000) REQUIRE(in.receive(200ms, flood));
  int rest = 0;
  in.take_waiting([&](const datagram&, time_point) { ++rest; });
  CHECK(rest > 0);
  int later = 0;
  in.take_waiting([&](const datagram&, time_point) { ++later; });
  CHECK(later == 0);
}

TEST_CASE("a program that handles packets later moves them meanwhile, and loses none of a quiet address") {
  auto socket = small_socket();
  const auto to = socket.local().value();
  fair_receiver in{std::move(socket)};
  auto busy = sender_at(2, to), quiet = sender_at(3, to);
  std::vector<std::string> later;
  const auto take = [&](const datagram& packet, time_point) { later.emplace_back(packet.bytes); };
  REQUIRE(busy.send("busy"));
  REQUIRE(in.receive(10s, take).value() == 1);
  REQUIRE(in.keep_up());
  CHECK(in.waiting() == 0);
  constexpr int steps = 200, at_once = 50;  // 20 times what the socket holds, less than a batch at a time
  for (int step = 0; step < steps; ++step) {
    for (int i = 0; i < at_once; ++i) REQUIRE(busy.send("busy"));
    REQUIRE(quiet.send("quiet"));
    REQUIRE(in.keep_up());
  }
  while (in.receive(0ms, take).value() != 0) continue;
  CHECK(std::ranges::count(later, "quiet") == steps);
  CHECK(in.socket().dropped() == 0);
  CHECK(in.dropped() > 0);
}
