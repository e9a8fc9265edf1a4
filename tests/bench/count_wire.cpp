// SPDX-License-Identifier: MIT
// Runs one piece of wire work: bench_count_wire NAME MESSAGES; without arguments it lists the names.
#include "count_works.hpp"
#include "wire_cases.hpp"

int main(int argc, char** argv) {
  return bench::count_works(bench::works, argc, argv, [](const auto& work, std::uint64_t messages) {
    return work.run(messages) != 0 || messages == 0;
  });
}
