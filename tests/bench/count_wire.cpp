// SPDX-License-Identifier: MIT
// Runs one piece of wire work: bench_count_wire NAME MESSAGES; without arguments it lists the names.
#include "wire_cases.hpp"

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  for (const auto& work : bench::works) {
    if (argc < 2) std::printf("%.*s\n", static_cast<int>(work.name.size()), work.name.data());
    if (argc == 3 && work.name == argv[1]) {
      const auto messages = std::strtoull(argv[2], nullptr, 10);
      return work.run(messages) == 0 && messages != 0 ? 1 : 0;
    }
  }
  return argc < 2 ? 0 : 2;
}
