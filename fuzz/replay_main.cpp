// SPDX-License-Identifier: MIT
// A main for any compiler: gives every file named, and every file below a directory named, to the target.
#include "fuzz.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  for (int i = 1; i < argc; ++i) {
    const fs::path given = argv[i];
    if (fs::is_directory(given)) {
      for (const auto& entry : fs::recursive_directory_iterator{given})
        if (entry.is_regular_file()) files.push_back(entry.path());
    } else if (fs::exists(given)) {
      files.push_back(given);
    }
  }
  std::ranges::sort(files);
  for (const auto& file : files) {
    std::ifstream stream{file, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{stream}, {}};
    if (!stream.good() && !stream.eof()) {
      std::fprintf(stderr, "cannot read %s\n", file.c_str());
      return 1;
    }
    // Named before it runs: the last name shown is that of the input that broke a property.
    std::fprintf(stderr, "%s\n", file.c_str());
    const fuzz::exact_copy exact{bytes};
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(exact.view().data()), exact.view().size());
  }
  if (files.empty()) {
    std::fprintf(stderr, "no input given\n");
    return 1;
  }
  std::printf("%zu inputs, all properties hold\n", files.size());
}
