// SPDX-License-Identifier: MIT
// Runs one call of the C library, or the C++ that does the same: bench_count_c NAME CALLS; without arguments
// it lists the names.
#include "netcon.h"

#include "count_works.hpp"

#include <netcon/lint.hpp>
#include <netcon/parameter.hpp>
#include <netcon/wire.hpp>

#include <benchmark/benchmark.h>

#include <iterator>
#include <string_view>

namespace {

constexpr std::string_view packet =
    "6,100000000,1234567890,-,caller=T4321;usb 1-1: new high-speed USB device number 2 using xhci_hcd\n"
    " SUBSYSTEM=usb\n DEVICE=c189:1\n";
constexpr std::string_view parameter = "+6665@10.0.0.1/eth0,6666@10.0.0.2/52:54:00:12:34:56";
constexpr std::string_view faulty = "6665@10.0.0.1/eth0,6666@10.0.0.2/52-54-00-12-34-56";

netcon_text text_of(std::string_view text) {
  return {text.data(), text.size()};
}

void decode_cpp() {
  const auto record = netcon::decode(packet);
  benchmark::DoNotOptimize(record->is_extended());
  benchmark::DoNotOptimize(record->is_replayed());
  benchmark::DoNotOptimize(record->level());
  benchmark::DoNotOptimize(record->facility());
  benchmark::DoNotOptimize(record->flag());
  benchmark::DoNotOptimize(record->sequence());
  benchmark::DoNotOptimize(record->timestamp_us());
  benchmark::DoNotOptimize(record->fragment());
  benchmark::DoNotOptimize(record->release());
  benchmark::DoNotOptimize(record->caller());
  benchmark::DoNotOptimize(record->text());
  benchmark::DoNotOptimize(record->dictionary());
  benchmark::DoNotOptimize(record->body());
}

void decode_c() {
  netcon_record record;
  record.size = sizeof record;
  netcon_decode(text_of(packet), &record, nullptr);
  benchmark::DoNotOptimize(record);
}

void explain_cpp() {
  const auto kernel = netcon::kernel_profile::latest();
  const auto read = netcon::parse_parameter(parameter, kernel);
  const auto settings = resolve((*read)[0].value, kernel);
  // Addresses as text, as the C struct has them.
  char local[netcon::ip_address::max_text], remote[netcon::ip_address::max_text];
  benchmark::DoNotOptimize(to_chars(local, std::end(local), *settings.local_ip));
  benchmark::DoNotOptimize(to_chars(remote, std::end(remote), settings.remote_ip));
  benchmark::DoNotOptimize(settings);
}

void explain_c() {
  netcon_target target;
  target.size = sizeof target;
  netcon_explain(text_of(parameter), nullptr, &target, 1, nullptr);
  benchmark::DoNotOptimize(target);
}

void lint_cpp() {
  benchmark::DoNotOptimize(netcon::lint(faulty, netcon::kernel_profile::latest()));
}

void lint_c() {
  netcon_finding findings[4];
  findings[0].size = sizeof findings[0];
  benchmark::DoNotOptimize(netcon_lint(text_of(faulty), nullptr, findings, std::size(findings)));
  benchmark::DoNotOptimize(findings);
}

constexpr std::string_view log_text = "usb 1-1: new high-speed USB device number 2 using xhci_hcd",
                           caller = "T4321";

void encode_cpp() {
  std::size_t bytes = 0;
  benchmark::DoNotOptimize(netcon::encode(
      {.priority = 6, .sequence = 100000000, .timestamp_us = 1234567890, .caller = caller, .text = log_text},
      {}, netcon::kernel_profile::latest(), [&](std::string_view sent) { bytes += sent.size(); }));
  benchmark::DoNotOptimize(bytes);
}

void encode_c() {
  netcon_log_record record{};
  record.size = sizeof record;
  record.priority = 6;
  record.sequence = 100000000;
  record.timestamp_us = 1234567890;
  record.caller = text_of(caller);
  record.text = text_of(log_text);
  std::size_t bytes = 0;
  benchmark::DoNotOptimize(netcon_encode(
      &record, nullptr, [](void* to, const char*, size_t size) { *static_cast<std::size_t*>(to) += size; },
      &bytes, nullptr));
  benchmark::DoNotOptimize(bytes);
}

struct work {
  std::string_view name;
  void (*call)();
};
constexpr work works[] = {
    {"decode, C++", decode_cpp}, {"decode, C", decode_c}, {"explain, C++", explain_cpp},
    {"explain, C", explain_c},   {"lint, C++", lint_cpp}, {"lint, C", lint_c},
    {"encode, C++", encode_cpp}, {"encode, C", encode_c},
};

}  // namespace

int main(int argc, char** argv) {
  return bench::count_works(works, argc, argv, [](const auto& work, std::uint64_t calls) {
    for (; calls != 0; --calls) work.call();
    return true;
  });
}
