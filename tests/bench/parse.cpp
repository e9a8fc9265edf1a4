// SPDX-License-Identifier: MIT
// How long one typical parameter takes.
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/write.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <string_view>

namespace {

constexpr std::array<std::string_view, 4> typical{
    "+6665@10.0.0.1/eth0,6666@10.0.0.2/52:54:00:12:34:56",
    "@/,@10.0.0.2/",
    "+r@fd00::1/enp0s31f6,@fd00:1:2:3::2/52:54:00:12:34:56",
    "4444@10.0.0.1/eth1,9353@10.0.0.2/",
};

void parse_one_target(benchmark::State& state) {
  const auto text = typical[static_cast<std::size_t>(state.range(0))];
  for (auto _ : state) {
    auto input = text;
    benchmark::DoNotOptimize(input);
    benchmark::DoNotOptimize(netcon::parse_target(input));
  }
}
BENCHMARK(parse_one_target)->DenseRange(0, typical.size() - 1);

void parse_whole_parameter(benchmark::State& state) {
  for (auto _ : state) {
    std::string_view input = "@/,@10.0.0.2/;+6665@10.0.0.1/eth0,6666@10.0.0.3/52:54:00:12:34:56";
    benchmark::DoNotOptimize(input);
    benchmark::DoNotOptimize(netcon::parse_parameter(input));
  }
}
BENCHMARK(parse_whole_parameter);

void write_target(benchmark::State& state) {
  const auto target = netcon::parse_target(typical[0]).value();
  std::array<char, netcon::target::max_text> buffer;
  for (auto _ : state) {
    benchmark::DoNotOptimize(to_chars(buffer.data(), buffer.data() + buffer.size(), target));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(write_target);

}  // namespace

BENCHMARK_MAIN();
