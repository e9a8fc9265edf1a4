// SPDX-License-Identifier: MIT
// The main of the programs whose instructions are counted: PROGRAM NAME COUNT does one work so often; without
// arguments it lists the names.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace bench {

/// run(work, count) is false where nothing came of it. Returns the exit code.
template <class Works, class Run>
int count_works(const Works& works, int argc, char** argv, Run run) {
  for (const auto& work : works) {
    if (argc < 2) std::printf("%.*s\n", static_cast<int>(work.name.size()), work.name.data());
    if (argc == 3 && work.name == argv[1])
      return run(work, std::uint64_t{std::strtoull(argv[2], nullptr, 10)}) ? 0 : 1;
  }
  return argc < 2 ? 0 : 2;
}

}  // namespace bench
