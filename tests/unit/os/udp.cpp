// SPDX-License-Identifier: MIT
#include <netcon/os/passed_sockets.hpp>
#include <netcon/os/socket_address.hpp>
#include <netcon/os/udp_receiver.hpp>
#include <netcon/os/udp_sender.hpp>

#include "support/catch.hpp"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

const endpoint loopback4{ipv4_address{127, 0, 0, 1}, port{0}};
const endpoint loopback6{*ipv6_address::parse("::1"), port{0}};

bool has_ipv6() {
  return udp_receiver::bind(loopback6).has_value();
}

}  // namespace

TEST_CASE("a packet arrives whole, with its sender and the time of arrival", "[control-messages]") {
  auto in = udp_receiver::bind(loopback4).value();
  auto out = udp_sender::connect(in.local().value()).value();
  datagram_batch batch{4};
  REQUIRE(out.send("6,1,2,-;hello\n"));
  REQUIRE(in.receive_batch(batch, 5s).value() == 1);
  const auto& got = *batch.begin();
  CHECK(got.bytes == "6,1,2,-;hello\n");
  CHECK(got.sender == out.local().value());
  CHECK(!got.truncated);
  CHECK(std::chrono::abs(std::chrono::system_clock::now() - got.received) < 60s);
  CHECK(out.stats().packets == 1);
  CHECK(out.stats().bytes == 14);
}

TEST_CASE("a batch takes what is there, in order, and no more than its size") {
  auto in = udp_receiver::bind(loopback4).value();
  auto out = udp_sender::connect(in.local().value()).value();
  std::vector<std::string> texts;
  for (int i = 0; i < 150; ++i) texts.push_back(std::to_string(i));
  const std::vector<std::string_view> packets{texts.begin(), texts.end()};
  REQUIRE(out.send_batch(packets).value() == 150);
  datagram_batch batch{64};
  std::vector<std::string> got;
  while (got.size() < 150 && in.receive_batch(batch, 5s).value() != 0) {
    CHECK(batch.size() <= 64);
    for (const auto& packet : batch) got.emplace_back(packet.bytes);
  }
  CHECK(got == texts);
}

TEST_CASE("a packet longer than the buffer is cut and says so; an empty one is a packet") {
  auto in = udp_receiver::bind(loopback4).value();
  auto out = udp_sender::connect(in.local().value()).value();
  datagram_batch batch{4, 100};
  REQUIRE(out.send(std::string(101, 'x')));
  REQUIRE(in.receive_batch(batch, 5s).value() == 1);
  CHECK(batch.begin()->truncated);
  CHECK(batch.begin()->bytes.size() == 100);
  REQUIRE(out.send(""));
  REQUIRE(in.receive_batch(batch, 5s).value() == 1);
  CHECK(batch.begin()->bytes.empty());
}

TEST_CASE("one socket hears both families, and IPv4 senders are shown as IPv4") {
  if (!has_ipv6()) {
    WARN("SKIP: this machine has no IPv6");
    return;
  }
  auto in = udp_receiver::bind({ipv6_address{}, port{0}}).value();
  const auto number = in.local().value().port;
  auto out4 = udp_sender::connect({ipv4_address{127, 0, 0, 1}, number}).value();
  auto out6 = udp_sender::connect({*ipv6_address::parse("::1"), number}).value();
  datagram_batch batch;
  REQUIRE(out4.send("four"));
  REQUIRE(in.receive_batch(batch, 5s).value() == 1);
  CHECK(batch.begin()->sender.address == ip_address{ipv4_address{127, 0, 0, 1}});
  REQUIRE(out6.send("six"));
  REQUIRE(in.receive_batch(batch, 5s).value() == 1);
  CHECK(batch.begin()->sender.address == *ip_address::parse("::1"));
}

TEST_CASE("an IPv6 socket without dual stack leaves the port to IPv4") {
  if (!has_ipv6()) {
    WARN("SKIP: this machine has no IPv6");
    return;
  }
  auto in = udp_receiver::bind({ipv6_address{}, port{0}}, {.dual_stack = false}).value();
  const auto number = in.local().value().port;
  CHECK(udp_receiver::bind({ipv4_address{}, number}).has_value());
}

TEST_CASE("a timeout is no error, and stop ends the wait from another thread") {
  auto in = udp_receiver::bind(loopback4).value();
  datagram_batch batch;
  CHECK(in.receive_batch(batch, 1ms).value() == 0);
  CHECK(!in.stopped());
  std::thread other{[&] {
    std::this_thread::sleep_for(20ms);
    in.stop();
  }};
  CHECK(in.receive_batch(batch, -1ms).value() == 0);
  other.join();
  CHECK(in.stopped());
  CHECK(in.receive_batch(batch, -1ms).value() == 0);
}

TEST_CASE("a port in use is an error, sharing it is not") {
  auto first = udp_receiver::bind(loopback4).value();
  const auto taken = first.local().value();
  CHECK(udp_receiver::bind(taken).error() == std::errc::address_in_use);
  auto shared = udp_receiver::bind(loopback4, {.reuse_port = true}).value();
  CHECK(udp_receiver::bind(shared.local().value(), {.reuse_port = true}).has_value());
}

TEST_CASE("what a full receive buffer loses is counted", "[control-messages]") {
  auto in = udp_receiver::bind(loopback4, {.buffer_bytes = 4096}).value();
  CHECK(in.receive_buffer() > 0);
  CHECK(in.receive_buffer() < 20'000);
  int counts_with_packets = 0;
  socklen_t size = sizeof counts_with_packets;
  ::getsockopt(in.native_handle(), SOL_SOCKET, SO_RXQ_OVFL, &counts_with_packets, &size);
  CHECK(counts_with_packets == 1);
  auto out = udp_sender::connect(in.local().value()).value();
  const std::string packet(1000, 'x');
  for (int i = 0; i < 1000; ++i) REQUIRE(out.send(packet));
  datagram_batch batch;
  std::uint64_t got = 0;
  while (in.receive_batch(batch, 0ms).value() != 0) got += batch.size();
  CHECK(got + in.dropped() == 1000);
  CHECK(in.dropped() > 0);
  REQUIRE(out.send("tells"));  // here the count comes with the packet too
  while (in.receive_batch(batch, 100ms).value() != 0) got += batch.size();
  CHECK(got + in.dropped() == 1001);
}

TEST_CASE("the sender outlives a receiver that is not there, and may choose its port") {
  const auto nobody = [] {
    auto gone = udp_receiver::bind(loopback4).value();
    return gone.local().value();
  }();
  auto out = udp_sender::connect(nobody, {.local = loopback4}).value();
  for (int i = 0; i < 10; ++i) CHECK(out.send("x").has_value());
  CHECK(out.send(std::string(70000, 'x')).error() == std::errc::message_size);
}

TEST_CASE("a socket of somebody else is taken over, if it is one for datagrams") {
  auto made = udp_receiver::bind(loopback4).value();
  auto in = udp_receiver::adopt(::dup(made.native_handle())).value();
  CHECK((::fcntl(in.native_handle(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(in.local().value() == made.local().value());
  int pipes[2];
  REQUIRE(::pipe(pipes) == 0);
  CHECK(udp_receiver::adopt(pipes[0]).error() == std::errc::not_a_socket);
  ::close(pipes[0]);
  ::close(pipes[1]);
  const int stream = ::socket(AF_INET, SOCK_STREAM, 0);
  CHECK(udp_receiver::adopt(stream).error() == std::errc::wrong_protocol_type);
  ::close(stream);
}

TEST_CASE("a socket that cannot be taken over stays with its owner") {
  auto made = udp_receiver::bind(loopback4).value();
  const int fd = ::dup(made.native_handle());
  CHECK(udp_receiver::adopt(fd, {.interface = "no-such-one"}).error() == std::errc::no_such_device);
  CHECK(::close(fd) == 0);
}

TEST_CASE("who may not make a buffer that large does not cut it down either") {
  const auto adopted = [](int bytes, bool privileged) {
    const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
    const socket_address any{endpoint{ipv4_address{127, 0, 0, 1}, port{0}}};
    REQUIRE(::bind(fd, any.get(), any.size) == 0);
    if (!set_socket_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes)) {
      WARN("SKIP: only root may make large buffers");
      ::close(fd);
      return 0;
    }
    int got = 0;
    std::thread other{[&] {  // capabilities are a thread's own
      __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
      __user_cap_data_struct none[2]{};
      if (!privileged) ::syscall(SYS_capset, &header, none);
      got = udp_receiver::adopt(fd, {.buffer_bytes = 1 << 26}).value().receive_buffer();
    }};
    other.join();
    return got;
  };
  if (const int kept = adopted(1 << 27, false); kept != 0) {
    CHECK(kept == 2 << 27);
    CHECK(adopted(1 << 27, true) == 2 << 27);
    CHECK(adopted((1 << 26) - 5000, false) >= (2 << 26) - 10000);
    CHECK(adopted(1 << 14, true) == 2 << 26);
    CHECK(adopted(1 << 14, false) > 2 << 14);
    CHECK(udp_receiver::bind(loopback4).value().receive_buffer() == 16 << 20);
  }
}

TEST_CASE("passed sockets are for the process that they name") {
  const auto passed = [](const std::string& pid, const char* count) {
    ::setenv("LISTEN_PID", pid.c_str(), 1);
    ::setenv("LISTEN_FDS", count, 1);
    return passed_sockets::from_environment().count;
  };
  const auto own = std::to_string(::getpid());
  CHECK(passed(own, "2") == 2);
  CHECK(passed(own, "0") == 0);
  CHECK(passed(own, "-1") == 0);
  CHECK(passed(own, "99999999") == 0);
  CHECK(passed(std::to_string(::getppid()), "2") == 0);
  ::unsetenv("LISTEN_PID");
  CHECK(passed_sockets::from_environment().count == 0);
  ::unsetenv("LISTEN_FDS");
}

TEST_CASE("stop in a process that was forked leaves the other one to wait") {
  auto in = udp_receiver::bind(loopback4).value();
  datagram_batch batch;
  const pid_t child = ::fork();
  if (child == 0) {
    in.stop();
    ::_exit(in.stopped() ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  REQUIRE(in.receive_batch(batch, 1ms).value() == 0);
  const auto start = std::chrono::steady_clock::now();
  CHECK(in.receive_batch(batch, 100ms).value() == 0);
  CHECK(std::chrono::steady_clock::now() - start >= 90ms);
  std::thread other{[&] {
    std::this_thread::sleep_for(20ms);
    in.stop();
  }};
  CHECK(in.receive_batch(batch, -1ms).value() == 0);
  other.join();
  CHECK(in.stopped());
}

TEST_CASE("stop ends a loop that never runs dry, and what came before is there to be read") {
  auto in = udp_receiver::bind(loopback4).value();
  auto out = udp_sender::connect(in.local().value()).value();
  std::atomic<bool> done = false;
  std::thread flood{[&] {
    while (!done) REQUIRE(out.send("x"));
  }};
  datagram_batch batch{4};
  std::thread other{[&] {
    std::this_thread::sleep_for(20ms);
    in.stop();
  }};
  std::uint64_t got = 0;
  while (!in.stopped()) got += in.receive_batch(batch, -1ms).value();
  done = true;
  flood.join();
  other.join();
  while (in.receive_batch(batch, -1ms).value() != 0) got += batch.size();
  CHECK(got + in.dropped() == out.stats().packets);
}

TEST_CASE("each sender stays with one of the sockets that share a port") {
  auto first = udp_receiver::bind(loopback4, {.reuse_port = true}).value();
  const auto to = first.local().value();
  auto second = udp_receiver::bind(to, {.reuse_port = true}).value();
  std::vector<udp_sender> senders;
  for (int i = 0; i < 32; ++i) senders.push_back(udp_sender::connect(to).value());
  for (int round = 0; round < 3; ++round)
    for (auto& sender : senders) REQUIRE(sender.send("x"));
  std::map<endpoint, int> of_first, of_second;
  datagram_batch batch;
  while (first.receive_batch(batch, 0ms).value() != 0)
    for (const auto& packet : batch) ++of_first[packet.sender];
  while (second.receive_batch(batch, 0ms).value() != 0)
    for (const auto& packet : batch) ++of_second[packet.sender];
  CHECK(of_first.size() + of_second.size() == 32);
  CHECK(!of_first.empty());
  CHECK(!of_second.empty());
  for (const auto* counts : {&of_first, &of_second})
    for (const auto& [from, count] : *counts) CHECK(count == 3);
}

TEST_CASE("a sender may broadcast") {
  auto out = udp_sender::connect({ipv4_address{127, 0, 0, 1}, port{9}}).value();
  int may = 0;
  socklen_t size = sizeof may;
  ::getsockopt(out.native_handle(), SOL_SOCKET, SO_BROADCAST, &may, &size);
  CHECK(may == 1);
}

TEST_CASE("a sender sends from a chosen address and port") {
  auto in = udp_receiver::bind(loopback4).value();
  const auto to = in.local().value();
  auto out = udp_sender::connect(to, {.local = endpoint{ipv4_address{127, 0, 0, 9}, port{0}}}).value();
  const std::vector<std::string_view> packets(70, "many");
  REQUIRE(out.send_batch(packets).value() == 70);
  datagram_batch batch{128};
  REQUIRE(in.receive_batch(batch, 5s).value() == 70);
  CHECK(batch.begin()->sender == out.local().value());
  CHECK(batch.begin()->sender.address == ip_address{ipv4_address{127, 0, 0, 9}});
  CHECK(out.stats().packets == 70);
  CHECK(udp_sender::connect(to, {.local = out.local().value()}).error() == std::errc::address_in_use);
}

TEST_CASE("packets that nobody listened to are counted by the answers") {
  auto gone = std::make_optional(udp_receiver::bind(loopback4).value());
  auto out = udp_sender::connect(gone->local().value()).value();
  gone.reset();
  for (int i = 0; i < 10; ++i) CHECK(out.send("x").has_value());
  CHECK(out.stats().packets == 10);
  CHECK(out.stats().refused > 0);
}

TEST_CASE("gathering packets makes batches larger and loses none") {
  auto in = udp_receiver::bind(loopback4, {.gather = 20ms}).value();
  auto out = udp_sender::connect(in.local().value()).value();
  datagram_batch batch;
  // On a machine that is busy elsewhere for so long nothing is gathered, and that is as it should be.
  bool gathered = false;
  for (int attempt = 0; attempt < 50 && !gathered; ++attempt) {
    REQUIRE(out.send("first"));
    std::uint64_t got = in.receive_batch(batch, 5s).value();
    REQUIRE(out.send("second"));
    std::thread later{[&] {
      std::this_thread::sleep_for(2ms);
      REQUIRE(out.send("third"));
    }};
    while (got < 3) {
      got += in.receive_batch(batch, 5s).value();
      gathered = gathered || batch.size() == 2;
    }
    later.join();
    CHECK(got == 3);
  }
  CHECK(gathered);
}

TEST_CASE("what waits can be read to its end while more comes", "[control-messages]") {
  auto in = udp_receiver::bind(loopback4).value();
  auto out = udp_sender::connect(in.local().value()).value();
  for (int i = 0; i < 100; ++i) REQUIRE(out.send("before"));
  REQUIRE(in.refuse_more());
  for (int i = 0; i < 50; ++i) REQUIRE(out.send("after"));
  datagram_batch batch{8};
  std::uint64_t got = 0;
  while (in.receive_batch(batch, 0ms).value() != 0)
    for (const auto& packet : batch) got += packet.bytes == "before";
  CHECK(got == 100);
  CHECK(in.dropped() == 50);
}

TEST_CASE("an answer goes to the sender, from the address that it sent to", "[control-messages]") {
  // 127.0.0.2 is local too, and not what the kernel would choose as source for 127.0.0.1.
  const endpoint second{ipv4_address{127, 0, 0, 2}, port{0}};
  auto any4 = udp_receiver::bind({ipv4_address{}, port{0}}, {.local = true}).value();
  std::optional<udp_receiver> any6;
  if (has_ipv6()) any6 = udp_receiver::bind({ipv6_address{}, port{0}}, {.local = true}).value();
  for (auto* in : {&any4, any6 ? &*any6 : nullptr}) {
    if (in == nullptr) continue;
    std::vector<ip_address> places{ipv4_address{127, 0, 0, 1}, second.address};
    if (in != &any4) places.push_back(loopback6.address);
    for (const auto& place : places) {
      const auto target = endpoint{place, in->local().value().port};
      auto out =
          udp_sender::connect(target, {.local = endpoint{place.is_v4() ? loopback4 : loopback6}}).value();
      REQUIRE(out.send("question"));
      datagram_batch batch{4};
      REQUIRE(in->receive_batch(batch, 5s).value() == 1);
      CHECK(batch.begin()->local == place);
      REQUIRE(in->answer(*batch.begin(), "answer"));
      // A connected socket takes nothing from any other address.
      pollfd wanted{out.native_handle(), POLLIN, 0};
      REQUIRE(::poll(&wanted, 1, 5000) == 1);
      std::array<char, 16> text{};
      CHECK(::recv(out.native_handle(), text.data(), text.size(), 0) == 6);
    }
  }
}

TEST_CASE("who does not ask for it is not told the local address; answers go out all the same") {
  auto in = udp_receiver::bind(loopback4).value();
  auto out = udp_sender::connect(in.local().value()).value();
  REQUIRE(out.send("question"));
  datagram_batch batch{4};
  REQUIRE(in.receive_batch(batch, 5s).value() == 1);
  CHECK_FALSE(batch.begin()->local);
  REQUIRE(in.answer(*batch.begin(), "answer"));
  pollfd wanted{out.native_handle(), POLLIN, 0};
  CHECK(::poll(&wanted, 1, 5000) == 1);
}
