// SPDX-License-Identifier: MIT
// What hostile packets cost beside a usual record, for the same number of bytes: from a packet through the
// collector to a line. bench_count_worst NAME KILOBYTES; without arguments it lists the names.
#include "count_works.hpp"

#include <netcon/output.hpp>
#include <netcon/receive/collector.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace netcon;

/// A packet for each number, so that none is a repeat.
using packets = std::string (*)(std::uint64_t number);

std::string record(std::uint64_t number, std::string_view text) {
  const auto digits = std::to_string(number);
  return "6," + digits + "," + digits + "000,-,caller=T7;" + std::string{text} + "\n";
}

std::string repeated(std::string_view what, std::size_t bytes = 1900) {
  std::string out;
  while (out.size() + what.size() <= bytes) out += what;
  return out;
}

constexpr struct {
  std::string_view name;
  packets make;
} kinds[] = {
    {"usual record",
     [](std::uint64_t n) {
       return record(n, "systemd[1]: Started Daily apt download activities for this machine.");
     }},
    {"long record", [](std::uint64_t n) { return record(n, repeated("x")); }},
    {"bytes that are no UTF-8", [](std::uint64_t n) { return record(n, repeated("\xff")); }},
    {"cut UTF-8", [](std::uint64_t n) { return record(n, repeated("\xe2\x80")); }},
    {"control characters", [](std::uint64_t n) { return record(n, repeated("\x01")); }},
    {"controls of two bytes", [](std::uint64_t n) { return record(n, repeated("\xc2\x80")); }},
    {"invisible characters", [](std::uint64_t n) { return record(n, repeated("\xe2\x80\x8b")); }},
    {"bad and good in turn", [](std::uint64_t n) { return record(n, repeated("a\xff")); }},
    {"written escapes", [](std::uint64_t n) { return record(n, repeated("\\x01")); }},
    {"written escapes, bad", [](std::uint64_t n) { return record(n, repeated("\\xff")); }},
    {"backslashes", [](std::uint64_t n) { return record(n, repeated("\\")); }},
    {"lines of userdata", [](std::uint64_t n) { return record(n, "x\n" + repeated(" a=b\n", 1890)); }},
    {"lines of one letter", [](std::uint64_t) { return repeated("a\n", 2000); }},
    {"empty lines", [](std::uint64_t) { return repeated("\n", 2000); }},
    {"lines of a bad byte", [](std::uint64_t) { return repeated("\xff\n", 2000); }},
    {"junk of bad bytes", [](std::uint64_t) { return "9999,1,1,-;" + repeated("\xff"); }},
    {"shortest records", [](std::uint64_t n) { return "6," + std::to_string(n) + ",1,-;\n"; }},
};

/// Makes what the collector says lines of text.
template <class Lines>
struct writer {
  Lines lines;
  wall_time now{std::chrono::seconds{1763640398}};
  std::string out;

  void operator()(const auto& event) { lines.append(out, now, event); }
};

template <class Lines>
bool run(Lines lines, packets make, std::uint64_t kilobytes) {
  // What is sent is made beforehand, and often: making it is not counted, but for its copy.
  constexpr std::uint64_t first = 1'000'000;
  collector all;
  writer<Lines> to{lines, wall_time{std::chrono::seconds{1763640398}}, {}};
  const endpoint sender{ipv4_address{10, 0, 0, 5}, port{6665}};
  std::size_t written = 0;
  auto packet = make(first);
  const auto digits = packet.find(std::to_string(first));
  time_point now{std::chrono::seconds{1}};
  std::uint64_t number = first;
  for (std::uint64_t bytes = 0; bytes < kilobytes * 1000; bytes += packet.size(), ++number) {
    // The number, in its place.
    auto rest = number;
    if (digits != packet.npos)
      for (std::size_t i = 7; i-- != 0; rest /= 10) packet[digits + i] = static_cast<char>('0' + rest % 10);
    now += std::chrono::microseconds{100};
    to.out.clear();
    all.push(sender, packet, now, to);
    written += to.out.size();
  }
  return written != 0;
}

}  // namespace

int main(int argc, char** argv) {
  struct work {
    std::string name;
    bool (*of)(packets, std::uint64_t);
    packets make;
  };
  std::vector<work> works;
  for (const auto& kind : kinds) {
    const std::string name{kind.name};
    works.push_back({name + ", json",
                     [](packets make, std::uint64_t n) { return run(json_lines{}, make, n); }, kind.make});
    works.push_back({name + ", text",
                     [](packets make, std::uint64_t n) { return run(human_lines{false}, make, n); },
                     kind.make});
  }
  return bench::count_works(works, argc, argv,
                            [](const work& one, std::uint64_t n) { return one.of(one.make, n); });
}
