// SPDX-License-Identifier: MIT
// Over loopback, where ICMP errors are not limited. Receivers that limit them are in
// tests/tool/commands/test_doctor.py, routers that refuse in test_test.py.
#include <netcon/os/contact.hpp>

#include "support/catch.hpp"

#include <netcon/os/datagram_batch.hpp>
#include <netcon/os/udp_receiver.hpp>

#include <pthread.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

constexpr ipv4_address here{127, 0, 0, 1}, router{10, 0, 0, 1}, own{10, 0, 0, 7}, far{10, 9, 0, 2};
constexpr endpoint receiver{far, port{6666}};

/// Who asked, and what, once for each question that a port got.
std::vector<std::pair<endpoint, std::string>> questions(udp_receiver& in) {
  std::vector<std::pair<endpoint, std::string>> out;
  datagram_batch batch{8};
  while (in.receive_batch(batch, 0ms).value() != 0)
    for (const auto& one : batch) out.emplace_back(one.sender, one.bytes);
  return out;
}

/// Answers the next question after a while; meanwhile is called again and again.
template <class Meanwhile>
void answer_late(udp_receiver& in, Meanwhile meanwhile) {
  datagram_batch batch{1};
  if (in.receive_batch(batch, 10s).value_or(0) == 0) return;
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(10ms);
    meanwhile();
  }
  static_cast<void>(in.answer(batch.datagrams()[0], "here\n"));
}

}  // namespace

TEST_CASE("a port that something is bound to is silent, and refuses when nothing is") {
  auto bound = udp_receiver::bind({here, port{0}});
  REQUIRE(bound);
  const auto at = bound->local().value();
  CHECK(try_contact(at, {.again_after = 1ms, .patience = 1ms}).came.is(doctor::contact::silent));
  {
    const auto closed = std::move(*bound);
  }
  const auto refused = try_contact(at, {.again_after = 60s});
  CHECK(refused.receiver == at);
  CHECK(refused.came.is(doctor::contact::refused));
  CHECK(refused.by == here);
  CHECK(refused.said == "port unreachable");
}

TEST_CASE("a receiver that says nothing is asked twice, from the port of the target") {
  auto in = udp_receiver::bind({here, port{0}}).value();
  const auto at = in.local().value();
  const auto free = udp_receiver::bind({here, port{0}}).value().local().value();
  static_cast<void>(try_contact(at, {.local = free, .again_after = 1ms, .patience = 1ms}));
  const std::string text{contact_question};
  CHECK(questions(in) == std::vector{std::pair{free, text}, std::pair{free, text}});

  static_cast<void>(try_contact(at, {.local = free, .again_after = 0ms, .patience = 1ms}));
  CHECK(questions(in).size() == 1);
}

TEST_CASE("a receiver is asked from another port where the target's cannot be had") {
  auto in = udp_receiver::bind({here, port{0}}).value();
  const auto holder = udp_receiver::bind({here, port{0}}).value();
  for (const auto& local :
       {holder.local().value(), endpoint{far, port{6665}}, endpoint{ipv6_address{}, port{1}}}) {
    INFO(to_string(local));
    const auto came = try_contact(in.local().value(), {.local = local, .again_after = 0ms, .patience = 1ms});
    CHECK(came.came.is(doctor::contact::silent));
    const auto got = questions(in);
    REQUIRE(got.size() == 1);
    CHECK(got[0].first != local);
  }
}

TEST_CASE("a receiver that answers has something at its port") {
  auto in = udp_receiver::bind({here, port{0}}).value();
  std::jthread echo{[&] {
    datagram_batch batch{1};
    if (in.receive_batch(batch, 60s).value() != 0) static_cast<void>(in.answer(*batch.begin(), "yes\n"));
  }};
  CHECK(try_contact(in.local().value(), {.again_after = 60s}).came.is(doctor::contact::answered));
}

TEST_CASE("who says so, and what") {
  const auto read = [](std::errc code, const ip_address& by, std::uint8_t type, std::uint8_t icmp_code) {
    const icmp_error error{.code = std::make_error_code(code),
                           .offender = by,
                           .remote = receiver,
                           .type = type,
                           .icmp_code = icmp_code};
    return read_contact(receiver, error, own);
  };
  CHECK(read(std::errc::connection_refused, far, 3, 3).came.is(doctor::contact::refused));
  // A router that rejects with "port unreachable" is not the receiver.
  const auto rejected = read(std::errc::connection_refused, router, 3, 3);
  CHECK(rejected.came.is(doctor::contact::unreachable));
  CHECK(rejected.by == router);
  CHECK(read(std::errc::host_unreachable, router, 3, 13).said == "administratively prohibited");
  CHECK(read(std::errc::host_unreachable, own, 3, 1).came.is(doctor::contact::unresolved));
  // This machine's own firewall, which netpoll does not pass.
  CHECK_FALSE(read(std::errc::host_unreachable, own, 3, 13).came);
  CHECK_FALSE(read(std::errc::connection_refused, own, 3, 3).came);
}

TEST_CASE("a patience of more than poll() takes is none of a moment") {
  auto in = udp_receiver::bind({here, port{0}}).value();
  std::thread answers{[&in] { answer_late(in, [] {}); }};
  // 0 in the 32 bits of an int.
  const auto came =
      try_contact(in.local().value(), {.again_after = 0ms, .patience = std::chrono::milliseconds{1LL << 32}});
  answers.join();
  CHECK(came.came.is(doctor::contact::answered));
}

TEST_CASE("a signal does not end the patience") {
  const auto before = std::signal(SIGUSR1, [](int) {});
  auto in = udp_receiver::bind({here, port{0}}).value();
  const auto asking = ::pthread_self();
  std::thread answers{[&] { answer_late(in, [&] { ::pthread_kill(asking, SIGUSR1); }); }};
  const auto came = try_contact(in.local().value(), {.again_after = 0ms, .patience = 10s});
  answers.join();
  std::signal(SIGUSR1, before);
  CHECK(came.came.is(doctor::contact::answered));
}
