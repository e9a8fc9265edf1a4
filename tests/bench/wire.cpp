// SPDX-License-Identifier: MIT
// Time per message of the wire work; bench_count_wire counts its instructions.
#include "wire_cases.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

const bool registered = [] {
  for (const auto& work : bench::works)
    benchmark::RegisterBenchmark(std::string{work.name}.c_str(), [run = work.run](benchmark::State& state) {
      constexpr std::uint64_t messages = 100'000;
      for (auto _ : state) benchmark::DoNotOptimize(run(messages));
      state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) *
                              static_cast<std::int64_t>(messages));
    })->Unit(benchmark::kMillisecond);
  return true;
}();

}  // namespace

BENCHMARK_MAIN();
