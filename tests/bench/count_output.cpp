// SPDX-License-Identifier: MIT
// Writes one event as a line so often: bench_count_output NAME EVENTS; without arguments it lists the names.
#include "count_works.hpp"

#include <netcon/output.hpp>
#include <netcon/wire/decode.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace netcon;

constexpr std::string_view plain =
    "6,1234,5140900,-;systemd[1]: Started Daily apt download activities for this machine.\n";
constexpr std::string_view with_userdata =
    "6.12.1,6,339,5140900,-,caller=T7;usb 1-1: New USB device caf\\xc3\\xa9\n SUBSYSTEM=usb\n host=web17\n";

/// A millisecond after the other, so that the second changes now and then.
template <class Lines>
std::size_t write_records(Lines lines, std::string_view packet, std::uint64_t events) {
  const endpoint sender{ipv4_address{10, 0, 0, 5}, port{6665}};
  const auto record = decode(packet).value();
  wall_time now{std::chrono::seconds{1763640398}};
  std::string out;
  std::size_t written = 0;
  for (; events != 0; --events) {
    now += std::chrono::milliseconds{1};
    out.clear();
    lines.append(out, now, event::record{sender, record});
    written += out.size();
  }
  return written;
}

struct work {
  std::string_view name;
  std::size_t (*run)(std::uint64_t events);
};

constexpr work works[] = {
    {"json", [](std::uint64_t n) { return write_records(json_lines{}, plain, n); }},
    {"json, userdata", [](std::uint64_t n) { return write_records(json_lines{}, with_userdata, n); }},
    {"human", [](std::uint64_t n) { return write_records(human_lines{false}, plain, n); }},
    {"human, userdata", [](std::uint64_t n) { return write_records(human_lines{false}, with_userdata, n); }},
    {"syslog", [](std::uint64_t n) { return write_records(syslog_lines{}, plain, n); }},
    {"syslog, userdata", [](std::uint64_t n) { return write_records(syslog_lines{}, with_userdata, n); }},
};

}  // namespace

int main(int argc, char** argv) {
  return bench::count_works(works, argc, argv,
                            [](const work& one, std::uint64_t events) { return one.run(events) != 0; });
}
