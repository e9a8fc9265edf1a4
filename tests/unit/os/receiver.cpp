// SPDX-License-Identifier: MIT
#include <netcon/os/descriptor.hpp>
#include <netcon/os/receiver.hpp>
#include <netcon/os/udp_sender.hpp>

#include "support/catch.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

const endpoint loopback{ipv4_address{127, 0, 0, 1}, port{0}};

using lines = std::vector<std::string>;

/// Each event as a short text.
struct story {
  lines told{};

  void operator()(const event::record& e) { told.push_back("record " + std::string{e.record.text()}); }
  void operator()(const event::partial& e) {
    told.push_back("partial " + std::to_string(e.record.sequence()));
  }
  void operator()(const event::lost& e) { told.push_back("lost " + std::to_string(e.count)); }
  void operator()(const event::duplicate&) { told.push_back("duplicate"); }
  void operator()(const event::basic& e) { told.push_back("basic " + std::string{e.text}); }
  void operator()(const event::junk&) { told.push_back("junk"); }
  void operator()(const auto&) { told.push_back("other"); }
};

struct pair {
  receiver in;
  udp_sender out;

  explicit pair(const receiver_options& options = {})
      : in{receiver::open(loopback, options).value()}, out{udp_sender::connect(in.local().value()).value()} {}

  void send(std::string_view packet) { REQUIRE(out.send(packet)); }
  /// Steps until the sink was told so much, or for ten seconds.
  void poll(story& sink, std::size_t events) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (sink.told.size() < events && std::chrono::steady_clock::now() < end) REQUIRE(in.poll(sink, 100ms));
  }
};

bool has_random_numbers = true;

constexpr std::string_view half = "6,5,1000,-,ncfrag=0/20;0123456789";

}  // namespace

extern "C" ssize_t getrandom(void* to, std::size_t size, unsigned flags) {
  if (has_random_numbers) return ::syscall(SYS_getrandom, to, size, flags);
  errno = EPERM;
  return -1;
}

TEST_CASE("a kernel or filter that refuses random numbers is an error, and no exception") {
  has_random_numbers = false;
  const auto opened = receiver::open(loopback);
  has_random_numbers = true;
  REQUIRE_FALSE(opened);
  CHECK(opened.error() == std::errc::operation_not_permitted);
}

TEST_CASE("a step hands the events of what came to the sink") {
  pair p;
  story sink;
  p.send("6,1,1000,-;one\n");
  p.send("6,1,1000,-;one\n");
  p.send("6,4,1000,-;four\n");
  p.send("a basic line\n");
  p.poll(sink, 5);
  CHECK(sink.told == lines{"record one", "duplicate", "lost 2", "record four", "basic a basic line"});
  CHECK(p.in.collector().stats().packets == 4);
  CHECK(p.in.collector().stats().records == 2);
  CHECK(p.in.stats().truncated == 0);
  CHECK(p.in.stats().dropped == 0);
}

TEST_CASE("a step ends at its timeout and takes nothing then") {
  pair p;
  story sink;
  const auto before = std::chrono::steady_clock::now();
  CHECK(p.in.poll(sink, 20ms).value() == 0);
  CHECK(std::chrono::steady_clock::now() - before >= 20ms);
  CHECK_FALSE(p.in.deadline().has_value());
  CHECK(sink.told.empty());
}

TEST_CASE("what waits for too long is delivered though no packet comes") {
  receiver_options options;
  options.limits.fragments.age = 50ms;
  pair p{options};
  story sink;
  p.send(half);
  REQUIRE(p.in.poll(sink, 10s).value() == 1);
  REQUIRE(p.in.deadline().has_value());
  CHECK(sink.told.empty());
  const auto before = std::chrono::steady_clock::now();
  while (sink.told.empty() && std::chrono::steady_clock::now() - before < 10s) REQUIRE(p.in.poll(sink, -1ms));
  CHECK(sink.told == lines{"partial 5"});
  CHECK_FALSE(p.in.deadline().has_value());
}

TEST_CASE("a step does not wait beyond its timeout for what is due later") {
  receiver_options options;
  options.limits.fragments.age = 60s;
  pair p{options};
  story sink;
  p.send(half);
  REQUIRE(p.in.poll(sink, 10s).value() == 1);
  const auto before = std::chrono::steady_clock::now();
  CHECK(p.in.poll(sink, 20ms).value() == 0);
  CHECK(std::chrono::steady_clock::now() - before < 30s);
  CHECK(sink.told.empty());
}

TEST_CASE("run() ends at stop() of another thread, with all that had come and all that waits") {
  pair p;
  story sink;
  p.send("6,1,1000,-;one\n");
  p.send(half);
  p.send("a line without its end");
  std::thread other{[&] {
    std::this_thread::sleep_for(20ms);
    p.in.stop();
  }};
  REQUIRE(p.in.run(sink));
  other.join();
  CHECK(p.in.stopped());
  CHECK(sink.told.size() == 4);
  CHECK(sink.told.front() == "record one");
  for (const auto* wanted : {"lost 3", "partial 5", "basic a line without its end"}) {
    INFO(wanted);
    CHECK(std::count(sink.told.begin(), sink.told.end(), wanted) == 1);
  }
}

TEST_CASE("stop() before run() still delivers what is in the socket") {
  pair p;
  story sink;
  for (int i = 1; i <= 200; ++i) p.send("6," + std::to_string(i) + ",1000,-;x\n");
  p.in.stop();
  REQUIRE(p.in.run(sink));
  CHECK(sink.told == lines(200, "record x"));
}

TEST_CASE("run() ends under a flood, and what came too late is counted as dropped") {
  pair p;
  std::atomic<bool> done = false;
  std::thread flood{[&] {
    for (std::uint64_t i = 1; !done; ++i) (void)p.out.send("6," + std::to_string(i) + ",1000,-;x\n");
  }};
  std::thread other{[&] {
    std::this_thread::sleep_for(20ms);
    p.in.stop();
  }};
  CHECK(p.in.run([](const auto&) {}));
  done = true;
  flood.join();
  other.join();
  CHECK(p.in.collector().stats().packets + p.in.stats().dropped == p.out.stats().packets);
}

TEST_CASE("an adopted socket takes packets after the run: its next owner wants them") {
  const auto made = udp_receiver::bind(loopback).value();
  auto in = receiver::adopt(::dup(made.native_handle())).value();
  auto out = udp_sender::connect(made.local().value()).value();
  in.stop();
  REQUIRE(in.run([](const auto&) {}));
  REQUIRE(out.send("after"));
  auto next = receiver::adopt(::dup(made.native_handle())).value();
  story sink;
  CHECK(next.poll(sink, 10s).value() == 1);
  CHECK(receiver::adopt(-1).error() == std::errc::bad_file_descriptor);
}

TEST_CASE("a signal handler may stop the run") {
  pair p;
  static const receiver* running = nullptr;
  running = &p.in;
  std::signal(SIGUSR1, [](int) { running->stop(); });
  const auto waiting = ::pthread_self();
  std::thread other{[=] {
    std::this_thread::sleep_for(50ms);
    ::pthread_kill(waiting, SIGUSR1);
  }};
  CHECK(p.in.run([](const auto&) {}));
  other.join();
  std::signal(SIGUSR1, SIG_DFL);
}

TEST_CASE("the sink can ask when the packet came") {
  pair p;
  std::vector<std::chrono::system_clock::time_point> times;
  p.send("6,1,1000,-;one\n");
  std::this_thread::sleep_for(30ms);
  const auto later = std::chrono::system_clock::now();
  REQUIRE(p.in.poll([&](const auto&) { times.push_back(p.in.received()); }, 10s).value() == 1);
  REQUIRE(times.size() == 1);
  CHECK(times[0] < later);
  CHECK(later - times[0] < 60s);
  p.send("no newline");
  REQUIRE(p.in.poll([](const auto&) {}, 10s).value() == 1);
  p.in.flush([&](const auto&) { times.push_back(p.in.received()); });
  REQUIRE(times.size() == 2);
  CHECK(times[1] >= later);
}

TEST_CASE("a receiver moves with all that waits in it") {
  pair p;
  story sink;
  p.send(half);
  REQUIRE(p.in.poll(sink, 10s).value() == 1);
  auto moved = std::move(p.in);
  p.send("6,5,1000,-,ncfrag=10/20;0123456789");
  REQUIRE(moved.poll(sink, 10s).value() == 1);
  CHECK(sink.told == lines{"record 01234567890123456789"});
}

TEST_CASE("a port takes senders of both families where there are both") {
  auto in = receiver::open(port{0}).value();
  const auto number = in.local().value().port;
  auto out = udp_sender::connect({ipv4_address{127, 0, 0, 1}, number}).value();
  REQUIRE(out.send("6,1,1000,-;one\n"));
  std::string sender;
  REQUIRE(in.poll([&](const auto& event) { sender = to_string(event.sender.address); }, 10s).value() == 1);
  CHECK(sender == "127.0.0.1");
  CHECK(receiver::open(number).error() == std::errc::address_in_use);
}

TEST_CASE("a packet longer than the buffer is counted") {
  pair p;
  p.send(std::string(4000, 'x'));
  REQUIRE(p.in.poll([](const auto&) {}, 10s).value() == 1);
  CHECK(p.in.stats().truncated == 1);
}

TEST_CASE("while packets wait that were taken out of the socket, poll() is due") {
  pair p{{.socket = {.buffer_bytes = 200 * 1024}}};
  const auto begun = std::chrono::steady_clock::now();
  int handled = 0;
  const auto flood = [&](const auto&) {
    for (int i = 0; i < 4 && handled < 4000; ++i, ++handled) REQUIRE(p.out.send("a line\n"));
  };
  p.send("a line\n");
  bool was_due = false;
  int got = 0;
  for (auto taken = p.in.poll(flood, 200ms); taken && *taken != 0; taken = p.in.poll(flood, 200ms)) {
    got += static_cast<int>(*taken);
    was_due |= p.in.deadline().value_or(time_point::max()) < begun;
  }
  CHECK(was_due);
  CHECK_FALSE(p.in.deadline());
  CHECK(static_cast<std::uint64_t>(got) + p.in.stats().backlog_drops + p.in.stats().dropped == 4001);
}

TEST_CASE("a sink that throws loses what it threw at, and no other packet") {
  for (const bool floods : {false, true}) {
    pair p{{.socket = {.buffer_bytes = 200 * 1024}}};
    const int sent = floods ? 3000 : 200;
    int handled = 0, thrown = 0, more = sent - 100;
    for (int i = 0; i < 100; ++i) p.send("a line\n");
    const auto sink = [&](const auto&) {
      // Faster than they are handled: packets wait in the backlog too.
      for (int i = 0; i < 4 && more != 0; ++i, --more) REQUIRE(p.out.send("a line\n"));
      if (++handled % 10 == 0) throw std::runtime_error{"the sink cannot"};
    };
    const auto end = std::chrono::steady_clock::now() + 10s;
    const auto dropped = [&] { return static_cast<int>(p.in.stats().backlog_drops + p.in.stats().dropped); };
    while (handled + dropped() < sent && std::chrono::steady_clock::now() < end) {
      try {
        static_cast<void>(p.in.poll(sink, 100ms).value());
      } catch (const std::runtime_error&) {
        // An event loop hears of those that wait, which the socket no longer shows.
        if (++thrown == 1)
          CHECK(p.in.deadline().value_or(time_point::max()) < std::chrono::steady_clock::now());
      }
    }
    CHECK(handled + dropped() == sent);
    CHECK(thrown == handled / 10);
    CHECK((floods || dropped() == 0));
  }
}
