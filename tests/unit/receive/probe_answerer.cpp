// SPDX-License-Identifier: MIT
#include <netcon/receive/probe_answerer.hpp>

#include <netcon/wire/decode.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

const time_point start{1h};

endpoint sender(unsigned last, std::uint16_t from = 6665) {
  return {ipv4_address{10, 0, static_cast<std::uint8_t>(last >> 8), static_cast<std::uint8_t>(last & 255)},
          port{from}};
}

std::string packet_of(const probe& one) {
  return "14,339,5140900,-;" + to_string(one) + "\n";
}

std::optional<probe_answer> ask(probe_answerer& receiver, const endpoint& from, time_point now,
                                std::string_view packet = {}) {
  const auto usual = packet_of({7, level::info});
  return receiver.answer(from, *decode(packet.empty() ? usual : packet), now);
}

}  // namespace

TEST_CASE("an answer has the probe's nonce and level, the sender and its loss") {
  probe_answerer receiver;
  const auto here = sender(1), other = sender(1, 6670);
  CHECK(ask(receiver, here, start) == probe_answer{7, level::info, here, 0});
  receiver.observe({here, loss::sequence_gap, 12, 3});
  receiver.observe({here, loss::announced, 0, 2});
  receiver.observe({here, loss::impossible, 12, 1'000'000'000});
  CHECK(ask(receiver, here, start) == probe_answer{7, level::info, here, 5});
  CHECK(ask(receiver, other, start) == probe_answer{7, level::info, other, 0});
  receiver.observe({here, loss::sequence_gap, 12, ~std::uint64_t{0}});
  CHECK(ask(receiver, here, start)->lost == ~std::uint64_t{0});  // the total stops at its largest value
  CHECK(receiver.stats().answered == 4);
}

TEST_CASE("nothing but a well-formed probe is answered") {
  probe_answerer receiver;
  const auto text = to_string(probe{7, level::info});
  for (const auto& packet :
       {std::string{"14,339,5140900,-;hello\n"}, "12,339,5140900,-;" + text + "\n", text + "!\n",
        to_string(probe_opening{7}), to_string(probe_answer{7, level::info, sender(1), 0}),
        "** replaying previous printk message **\n14,339,5140900,-;" + text + "\n"})
    CHECK_FALSE(ask(receiver, sender(1), start, packet));
  CHECK_FALSE(ask(receiver, sender(1, 0), start));
  CHECK(receiver.stats().answered == 0);
  CHECK(receiver.stats().limited == 0);
  CHECK(receiver.size() == 0);  // nothing is remembered of who is not answered
}

TEST_CASE("an address has its limit, at whatever port") {
  probe_answerer receiver{{.each = 3}};
  for (std::uint16_t from = 1; from <= 3; ++from) CHECK(ask(receiver, sender(1, from), start));
  CHECK_FALSE(ask(receiver, sender(1, 4), start + 9s));
  CHECK(ask(receiver, sender(2), start + 9s));
  CHECK(ask(receiver, sender(1, 4), start + 10s));
  CHECK(receiver.stats().limited == 1);
}

TEST_CASE("all addresses together have a limit, which forged senders cannot exceed") {
  probe_answerer receiver{{.all = 10}};
  unsigned answered = 0;
  for (unsigned i = 0; i < 1000; ++i) answered += ask(receiver, sender(i), start).has_value() ? 1 : 0;
  CHECK(answered == 10);
  CHECK(ask(receiver, sender(1), start + 10s));
}

TEST_CASE("memory is bounded") {
  probe_answerer receiver{{.all = 100000, .addresses = 4, .senders = 4}};
  for (unsigned i = 0; i < 1000; ++i) {
    ask(receiver, sender(i), start);
    receiver.observe({sender(i), loss::sequence_gap, 0, 1});
  }
  CHECK(receiver.size() == 8);
  CHECK(ask(receiver, sender(999), start)->lost == 1);
  CHECK(ask(receiver, sender(1), start)->lost == 0);  // forgotten
}

TEST_CASE("of more addresses than are remembered the one silent for longest is forgotten") {
  probe_answerer receiver{{.each = 2, .addresses = 2}};
  for (const auto i : {1u, 2u, 1u, 3u}) CHECK(ask(receiver, sender(i), start));
  CHECK_FALSE(ask(receiver, sender(1), start));
  CHECK(ask(receiver, sender(2), start));
}

TEST_CASE("limits of nothing answer nothing") {
  for (const auto& limits :
       {answer_limits{.each = 0}, answer_limits{.all = 0}, answer_limits{.addresses = 0}}) {
    probe_answerer receiver{limits};
    CHECK_FALSE(ask(receiver, sender(1), start));
  }
}

TEST_CASE("a window without an end holds for ever") {
  // The second one is 0.3 s in 64 bits of nanoseconds.
  for (const auto window : {std::chrono::seconds::max(), std::chrono::seconds{18'446'744'074}}) {
    probe_answerer receiver{{.each = 1, .window = window}};
    CHECK(ask(receiver, sender(1), start));
    CHECK_FALSE(ask(receiver, sender(1), start + std::chrono::hours{24}));
  }
}
