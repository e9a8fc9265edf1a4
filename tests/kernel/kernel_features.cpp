// SPDX-License-Identifier: MIT
// kernel_features VERSION: a line for each feature that the library says has come with a release, and 1 or 0.
#include <netcon/core/kernel.hpp>

#include <fmt/format.h>

int main(int argc, char** argv) {
  const auto version = netcon::kernel_version::parse(argc == 2 ? argv[1] : "");
  if (!version) {
    fmt::print(stderr, "usage: kernel_features VERSION\n");
    return 2;
  }
  for (const auto& row : netcon::feature_table)
    fmt::print("{} {}\n", row.name, netcon::kernel_profile{*version}.supports(row.what) ? 1 : 0);
}
