// SPDX-License-Identifier: MIT
#include <netcon/os/datagram_batch.hpp>
#include <netcon/os/udp_receiver.hpp>
#include <netcon/os/udp_sender.hpp>

#include "support/catch.hpp"

#include <string>

using namespace netcon;
using namespace std::chrono_literals;

TEST_CASE("a batch is empty before it is filled") {
  const datagram_batch batch{4};
  CHECK(batch.size() == 0);
  CHECK(batch.datagrams().empty());
  CHECK(batch.begin() == batch.end());
}

TEST_CASE("a batch for no packet has room for one") {
  const endpoint loopback{ipv4_address{127, 0, 0, 1}, port{0}};
  auto in = udp_receiver::bind(loopback).value();
  auto out = udp_sender::connect(in.local().value()).value();
  datagram_batch batch{0};
  REQUIRE(out.send("one"));
  REQUIRE(in.receive_batch(batch, 30s).value() == 1);
  CHECK(batch.datagrams().front().bytes == "one");
}

TEST_CASE("a batch is filled again and again, with packets of its own size") {
  const endpoint loopback{ipv4_address{127, 0, 0, 1}, port{0}};
  auto in = udp_receiver::bind(loopback).value();
  auto out = udp_sender::connect(in.local().value()).value();
  datagram_batch batch{1, 5};
  for (const std::string text : {"one", "second", "3"}) {
    REQUIRE(out.send(text));
    REQUIRE(in.receive_batch(batch, 30s).value() == 1);
    CHECK(batch.datagrams().front().bytes == text.substr(0, 5));
    CHECK(batch.datagrams().front().truncated == (text.size() > 5));
  }
}
