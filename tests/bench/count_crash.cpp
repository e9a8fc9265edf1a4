// SPDX-License-Identifier: MIT
// What looking for crashes adds to a healthy stream: bench_count_crash NAME PACKETS; without arguments it
// lists the names.
#include "count_works.hpp"

#include <netcon/crash/detector.hpp>
#include <netcon/output.hpp>
#include <netcon/receive/collector.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace netcon;

constexpr std::array<std::string_view, 12> texts{
    "usb 1-1: new high-speed USB device number 4 using xhci_hcd",
    "e1000e 0000:00:19.0 eno1: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx",
    "systemd[1]: Started Daily apt download activities for this machine.",
    "EXT4-fs (sda1): mounted filesystem with ordered data mode. Quota mode: none.",
    "audit: type=1400 audit(1763640398.123:45): apparmor=\"STATUS\" operation=\"profile_load\"",
    "device-mapper: ioctl: 4.48.0-ioctl (2023-03-01) initialised",
    "input: Power Button as /devices/LNXSYSTM:00/LNXPWRBN:00/input/input0",
    "CPU3: Package temperature/speed normal",
    "perf: interrupt took too long (2512 > 2500), lowering kernel.perf_event_max_sample_rate",
    "TCP: request_sock_TCP: Possible SYN flooding on port 443. Sending cookies.",
    "br0: port 2(veth12ab) entered forwarding state",
    "kauditd_printk_skb: 12 callbacks suppressed"};

/// Counts lines, and hands them to a detector where there is one.
struct sink {
  std::string& out;
  crash::detector* crashes;
  time_point now;

  template <class Event>
  void operator()(const Event& one) {
    if (crashes != nullptr) crashes->observe(one.sender, one, now, {}, [](const auto&) {});
    out.clear();
    human_lines{false}.append(out, wall_time{std::chrono::seconds{1763640398}}, one);
  }
};

std::uint64_t run(std::uint64_t packets, bool extended, bool watched) {
  const endpoint sender{ipv4_address{10, 0, 0, 5}, port{6665}};
  collector events;
  crash::detector crashes;
  std::string out, packet;
  std::size_t written = 0;
  time_point now{};
  for (std::uint64_t i = 0; i < packets; ++i) {
    now += std::chrono::milliseconds{1};
    packet.clear();
    if (extended) packet = "6," + std::to_string(i) + ',' + std::to_string(i * 1000) + ",-;";
    packet += texts[i % texts.size()];
    packet += '\n';
    events.push(sender, packet, now, sink{out, watched ? &crashes : nullptr, now});
    written += out.size();
  }
  return written;
}

struct work {
  std::string_view name;
  bool extended, watched;
};

constexpr work works[] = {{"basic", false, false},
                          {"basic, crashes", false, true},
                          {"extended", true, false},
                          {"extended, crashes", true, true}};

}  // namespace

int main(int argc, char** argv) {
  return bench::count_works(works, argc, argv, [](const work& one, std::uint64_t packets) {
    return run(packets, one.extended, one.watched) != 0;
  });
}
