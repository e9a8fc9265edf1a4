// SPDX-License-Identifier: MIT
// Parses one text so often: parse_instructions.sh runs it under callgrind.
#include <netcon/parameter/parse.hpp>

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string_view>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::string_view text = argv[1];
  for (long left = std::strtol(argv[2], nullptr, 10); left > 0; --left) {
    benchmark::DoNotOptimize(text);
    benchmark::DoNotOptimize(netcon::parse_target(text));
  }
}
