// SPDX-License-Identifier: MIT
// Hostile packets to a loopback port, and honest senders beside them.
// Usage: attacker PORT KIND PACKETS-PER-SECOND SECONDS [HONEST]
// HONEST senders send ten records a second each, numbered from 0, whose texts are "honest SENDER NUMBER".
// Prints how many hostile packets and honest records were sent. Kinds that forge addresses need root.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

std::mt19937_64 random_bits{12345};
std::uint64_t counter = 0;

std::string record(std::uint64_t number, const std::string& text, const std::string& userdata = {}) {
  return "6," + std::to_string(number) + ',' + std::to_string(number * 10) + ",-;" + text + '\n' + userdata;
}

std::string noise(std::size_t size) {
  std::string out(size, '\0');
  for (auto& c : out) c = static_cast<char>(random_bits());
  return out;
}

struct kind {
  bool forged = false;  // each packet from another address
  std::function<std::string()> make;
};

const std::map<std::string, kind> kinds{
    {"newlines", {false, [] { return std::string(2000, '\n'); }}},
    {"short-lines",
     {false,
      [] {
        std::string out;
        while (out.size() < 2000) out += "a\n";
        return out;
      }}},
    {"bad-bytes", {false, [] { return record(counter++, std::string(1900, '\xff')); }}},
    {"escapes", {false, [] { return record(counter++, std::string(1900, '\x01')); }}},
    {"long-records", {false, [] { return record(counter++, std::string(1900, 'x')); }}},
    {"junk", {false, [] { return "9999,1,1,-;" + std::string(1900, 'x'); }}},
    {"noise", {false, [] { return noise(random_bits() % 1400); }}},
    {"duplicates", {false, [] { return record(1, std::string(1000, 'x')); }}},
    {"reboots", {false, [] { return record(++counter % 2 == 0 ? 5 : 5000, "x"); }}},
    {"losses", {false, [] { return record(counter += 1000, "x"); }}},
    {"jumps",
     {false,
      [] {
        ++counter;
        return record(counter, "x",
                      " msgid=" + std::to_string(static_cast<std::uint32_t>(random_bits())) + "\n");
      }}},
    {"names",
     {false,
      [] { return record(counter++, "x", " host=name" + std::to_string(random_bits() % 100000) + "\n"); }}},
    {"fragments",
     {false,
      [] {
        const auto total = std::to_string(2000 + random_bits() % 60000);
        return "6," + std::to_string(random_bits() % 1000000) +
               ",1,-,ncfrag=" + std::to_string(random_bits() % 1000) + '/' + total + ";" +
               std::string(900, 'x');
      }}},
    {"spoofed", {true, [] { return record(counter++, "forged"); }}},
    {"spoofed-names",
     {true,
      [] {
        return record(counter++, "forged", " host=name" + std::to_string(random_bits() % 100000) + "\n");
      }}},
    {"spoofed-junk", {true, [] { return noise(200); }}},
};

std::uint16_t sum_of(const std::string& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
    sum += static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]) << 8 |
                                      static_cast<unsigned char>(bytes[i + 1]));
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

/// From one of 65,536 addresses in 127.1.0.0/16.
std::string forged_packet(std::uint16_t to, const std::string& payload) {
  ip header{};
  header.ip_hl = 5;
  header.ip_v = 4;
  header.ip_ttl = 64;
  header.ip_p = IPPROTO_UDP;
  header.ip_len = htons(static_cast<std::uint16_t>(28 + payload.size()));
  header.ip_src.s_addr = htonl(0x7f010000u | static_cast<std::uint32_t>(random_bits() & 0xffff));
  header.ip_dst.s_addr = htonl(INADDR_LOOPBACK);
  udphdr udp{};
  udp.source = htons(6665);
  udp.dest = htons(to);
  udp.len = htons(static_cast<std::uint16_t>(8 + payload.size()));
  std::string out(28, '\0');
  std::memcpy(out.data(), &header, 20);
  const auto sum = htons(sum_of(out.substr(0, 20)));
  std::memcpy(out.data() + 10, &sum, 2);
  std::memcpy(out.data() + 20, &udp, 8);
  return out + payload;
}

int open_socket(std::uint16_t port, bool raw, std::uint32_t from = 0) {
  const int fd = ::socket(AF_INET, raw ? SOCK_RAW : SOCK_DGRAM, raw ? IPPROTO_RAW : 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  if (from != 0) {
    to.sin_addr.s_addr = htonl(from);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return -1;
  }
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(port);
  const int size = 8 * 1024 * 1024;
  ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  return fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 ? -1 : fd;
}

}  // namespace

int main(int argc, char** argv) {
  const auto found = argc < 5 ? kinds.end() : kinds.find(argv[2]);
  const bool all = argc >= 5 && std::string{argv[2]} == "all";
  if (found == kinds.end() && !all) {
    std::fprintf(stderr, "usage: attacker PORT KIND RATE SECONDS [HONEST]; kinds: all");
    for (const auto& [name, how] : kinds) std::fprintf(stderr, " %s", name.c_str());
    std::fputc('\n', stderr);
    return 2;
  }
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  const double rate = std::atof(argv[3]);
  const auto seconds = std::chrono::duration<double>{std::atof(argv[4])};
  const auto senders = argc > 5 ? static_cast<std::size_t>(std::atoi(argv[5])) : 0;
  const auto begin = clock_type::now();
  const auto end = begin + std::chrono::duration_cast<clock_type::duration>(seconds);

  unsigned long long honest = 0;
  std::thread beside{[&] {
    std::vector<int> sockets;
    for (std::size_t i = 0; i < senders; ++i)
      sockets.push_back(open_socket(port, false, 0x7f020000u + static_cast<std::uint32_t>(i) + 1));
    for (std::uint64_t n = 0;; ++n) {
      std::this_thread::sleep_until(begin + n * std::chrono::milliseconds{100});
      if (clock_type::now() >= end) break;
      for (std::size_t i = 0; i < senders; ++i) {
        const auto packet = record(n, "honest " + std::to_string(i) + ' ' + std::to_string(n));
        if (::send(sockets[i], packet.data(), packet.size(), 0) >= 0) ++honest;
      }
    }
  }};

  constexpr std::size_t burst = 32;
  const int plain = open_socket(port, false), raw = ::geteuid() == 0 ? open_socket(port, true) : -1;
  std::vector<std::string> packets(burst);
  std::array<iovec, burst> parts{};
  std::array<mmsghdr, burst> messages{};
  unsigned long long sent = 0;
  auto next = kinds.begin();
  while (clock_type::now() < end && rate > 0) {
    const auto due = begin + std::chrono::duration_cast<clock_type::duration>(
                                 std::chrono::duration<double>{static_cast<double>(sent) / rate});
    std::this_thread::sleep_until(due);
    const auto& how = all ? next->second : found->second;
    if (++next == kinds.end()) next = kinds.begin();
    const bool forged = how.forged && raw >= 0;
    for (std::size_t i = 0; i < burst; ++i) {
      packets[i] = forged ? forged_packet(port, how.make()) : how.make();
      parts[i] = {packets[i].data(), packets[i].size()};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int done = ::sendmmsg(forged ? raw : plain, messages.data(), burst, 0);
    if (done > 0) sent += static_cast<unsigned long long>(done);
    if (done < 0) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  beside.join();
  std::printf("%llu %llu\n", sent, honest);
}
