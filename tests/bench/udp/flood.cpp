// SPDX-License-Identifier: MIT
// Extended records of one size to a loopback port, flat out or at a rate, with numbers that rise by one.
// Usage: flood PORT BYTES SECONDS [PACKETS-PER-SECOND]. Prints how many were sent.
#include <netcon/os/udp_sender.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

int main(int argc, char** argv) {
  using clock = std::chrono::steady_clock;
  if (argc < 4) return 2;
  const netcon::endpoint to{netcon::ipv4_address{127, 0, 0, 1},
                            netcon::port{static_cast<std::uint16_t>(std::atoi(argv[1]))}};
  const auto bytes = static_cast<std::size_t>(std::atoi(argv[2]));
  const double rate = argc > 4 ? std::atof(argv[4]) : 0;
  auto socket = netcon::udp_sender::connect(to, {.local = {}, .buffer_bytes = 4 * 1024 * 1024});
  if (!socket) return 1;

  constexpr std::size_t burst = 64;
  std::vector<std::string> texts(burst);
  std::vector<std::string_view> packets(burst);
  unsigned long long number = 1'000'000;
  const auto begin = clock::now();
  const auto end =
      begin + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>{std::atof(argv[3])});
  unsigned long long sent = 0;
  for (auto now = begin; now < end; now = clock::now()) {
    if (rate != 0) {
      const auto due = begin + std::chrono::duration_cast<clock::duration>(
                                   std::chrono::duration<double>{static_cast<double>(sent) / rate});
      if (due > now) {
        std::this_thread::sleep_until(due);
        continue;
      }
    }
    for (std::size_t i = 0; i < burst; ++i, ++number) {
      texts[i] = "6," + std::to_string(number) + ',' + std::to_string(number * 7) + ",-;";
      texts[i].append(bytes > texts[i].size() ? bytes - texts[i].size() - 1 : 0, 'x');
      texts[i] += '\n';
      packets[i] = texts[i];
    }
    const auto done = socket->send_batch(packets);
    if (!done) return 1;
    sent += *done;
  }
  std::printf("%llu\n", sent);
}
