// SPDX-License-Identifier: MIT
// The library's whole receiving side, decode, reassembly and sequence tracking included; events are counted.
// Usage: counted PORT. Ends by SIGTERM; prints how many packets came, and how many records.
#include <netcon/os/udp_receiver.hpp>
#include <netcon/receive/collector.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <type_traits>

namespace {

netcon::udp_receiver* receiver = nullptr;

}  // namespace

int main(int argc, char** argv) {
  using clock = std::chrono::steady_clock;
  if (argc < 2) return 2;
  const netcon::endpoint local{netcon::ipv4_address{127, 0, 0, 1},
                               netcon::port{static_cast<std::uint16_t>(std::atoi(argv[1]))}};
  netcon::receive_options options;
  options.gather = std::chrono::microseconds{250};
  auto socket = netcon::udp_receiver::bind(local, options);
  if (!socket) return 1;
  receiver = &*socket;
  std::signal(SIGTERM, [](int) { receiver->stop(); });
  std::puts("ready");
  std::fflush(stdout);

  netcon::collector collector;
  netcon::datagram_batch batch;
  unsigned long long packets = 0, records = 0;
  const auto sink = [&](const auto& event) {
    if constexpr (std::is_same_v<std::decay_t<decltype(event)>, netcon::event::record>) ++records;
  };
  for (bool more = true; more || !socket->stopped();) {
    const auto got = socket->receive_batch(batch, std::chrono::milliseconds{100});
    if (!got) return 1;
    const auto now = clock::now();
    for (const auto& packet : batch) collector.push(packet.sender, packet.bytes, now, sink);
    collector.expire(now, sink);
    packets += *got;
    more = *got != 0;
  }
  std::printf("%llu %llu\n", packets, records);
}
