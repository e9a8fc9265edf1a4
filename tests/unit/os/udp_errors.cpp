// SPDX-License-Identifier: MIT
// What the kernel answers now and then and no test can provoke at will: the system calls of this program are
// answered by a script first, and by the kernel once it is at its end.
#include <netcon/os/udp_receiver.hpp>
#include <netcon/os/udp_sender.hpp>

#include "support/catch.hpp"

#include <sys/syscall.h>

#include <csignal>
#include <deque>
#include <string>
#include <thread>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

std::deque<int> send_answers, receive_answers;  // errno values; 0: the kernel decides

bool refuses(std::deque<int>& script) {
  if (script.empty()) return false;
  const int code = script.front();
  script.pop_front();
  errno = code;
  return code != 0;
}

const endpoint loopback{ipv4_address{127, 0, 0, 1}, port{0}};

struct pair {
  udp_receiver in = udp_receiver::bind(loopback).value();
  udp_sender out = udp_sender::connect(in.local().value()).value();
};

}  // namespace

extern "C" int sendmmsg(int fd, mmsghdr* messages, unsigned count, int flags) {
  if (refuses(send_answers)) return -1;
  return static_cast<int>(::syscall(SYS_sendmmsg, fd, messages, count, flags));
}

extern "C" int recvmmsg(int fd, mmsghdr* messages, unsigned count, int flags, timespec* timeout) {
  if (refuses(receive_answers)) return -1;
  return static_cast<int>(::syscall(SYS_recvmmsg, fd, messages, count, flags, timeout));
}

TEST_CASE("each obstacle that another try overcomes is counted under its name") {
  pair p;
  send_answers = {EINTR, EINTR, EAGAIN, ENOBUFS, ENOBUFS, ENOBUFS, ECONNREFUSED};
  REQUIRE(p.out.send("hello").has_value());
  CHECK(p.out.stats().interrupted == 2);
  CHECK(p.out.stats().waited == 1);
  CHECK(p.out.stats().no_buffers == 3);
  CHECK(p.out.stats().refused == 1);
  CHECK(p.out.stats().packets == 1);
  CHECK(p.out.stats().bytes == 5);
  datagram_batch batch;
  CHECK(p.in.receive_batch(batch, 5s).value() == 1);
}

TEST_CASE("an error in the middle of a batch tells how much went out") {
  pair p;
  const std::vector<std::string_view> packets(130, "x");
  send_answers = {0, ENETUNREACH};  // of three calls with up to 64 packets each
  CHECK(p.out.send_batch(packets).value() == 64);
  CHECK(p.out.stats().packets == 64);
  send_answers = {ENETUNREACH};
  CHECK(p.out.send_batch(packets).error() == std::errc::network_unreachable);
  CHECK(p.out.stats().packets == 64);
}

TEST_CASE("who waits for room is asked whether to go on") {
  pair p;
  const std::vector<std::string_view> packets(130, "x");
  send_answers = {0, EAGAIN};
  int asked = 0;
  const auto never = [&asked] { return ++asked == 0; };
  CHECK(p.out.send_while(packets, never).value() == 64);
  CHECK(asked == 1);
  send_answers = {ENOBUFS};
  CHECK(p.out.send_while(packets, never).value() == 0);
  CHECK(p.out.send_while(packets, never).value() == 130);
  CHECK(asked == 2);
  send_answers = {0, EAGAIN, EAGAIN};
  CHECK(p.out.send_while(packets, [&asked] { return ++asked < 4; }).value() == 64);
  CHECK(asked == 4);
}

TEST_CASE("a sender does not try for ever") {
  pair p;
  send_answers.assign(5000, EINTR);
  const auto sent = p.out.send("x");
  REQUIRE_FALSE(sent.has_value());
  CHECK(sent.error() == std::errc::interrupted);
  CHECK(p.out.stats().interrupted > 100);
  send_answers.clear();
  CHECK(p.out.send("x").has_value());
}

TEST_CASE("errors that say nothing about the next packet do not end reception") {
  pair p;
  datagram_batch batch;
  for (const int code : {EINTR, EAGAIN, ECONNREFUSED, ENETDOWN, ENETUNREACH, EHOSTUNREACH}) {
    INFO(code);
    REQUIRE(p.out.send("x").has_value());
    receive_answers = {code};
    CHECK(p.in.receive_batch(batch, 5s).value() == 0);
    CHECK(p.in.receive_batch(batch, 5s).value() == 1);
  }
  REQUIRE(p.out.send("x").has_value());
  receive_answers = {ENOMEM};
  CHECK(p.in.receive_batch(batch, 5s).error() == std::errc::not_enough_memory);
}

namespace {

const udp_receiver* stopped_by_signal = nullptr;

void install(void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;  // without SA_RESTART: system calls end with EINTR
  ::sigaction(SIGUSR1, &action, nullptr);
}

/// Sends this thread the signal after a moment, while function waits.
template <class Function>
auto interrupted(Function&& function) {
  const auto waiting = ::pthread_self();
  std::thread other{[=] {
    std::this_thread::sleep_for(50ms);
    ::pthread_kill(waiting, SIGUSR1);
  }};
  auto result = function();
  other.join();
  return result;
}

}  // namespace

TEST_CASE("a signal ends the wait, and is no error") {
  pair p;
  datagram_batch batch;
  install([](int) {});
  CHECK(interrupted([&] { return p.in.receive_batch(batch, 20s); }).value() == 0);
  CHECK_FALSE(p.in.stopped());
}

TEST_CASE("stop may be called by a signal handler, and leaves errno alone") {
  pair p;
  datagram_batch batch;
  static int errno_after = 0;
  install([](int) {
    const int interrupted_with = errno;
    errno = EDOM;
    for (int i = 0; i < 3; ++i) stopped_by_signal->stop();
    errno_after = errno;
    errno = interrupted_with;
  });
  stopped_by_signal = &p.in;
  CHECK(interrupted([&] { return p.in.receive_batch(batch, -1ms); }).value() == 0);
  CHECK(errno_after == EDOM);
  CHECK(p.in.stopped());
  REQUIRE(p.out.send("late").has_value());
  CHECK(p.in.receive_batch(batch, -1ms).value() == 1);
}
