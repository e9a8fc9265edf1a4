// SPDX-License-Identifier: MIT
// Library against reference over random texts, kernel by kernel. `param_differential [STRINGS] [SEED]` tries
// so many strings on each kernel (20,000 if not said; the long run is 10,000,000) and stops at the first
// difference.
#include "param_difference.hpp"
#include "param_strings.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <string>

namespace {

std::string visible(std::string_view text) {
  std::string shown;
  for (const char c : text)
    shown += c >= ' ' && c < 0x7f && c != '\\' ? std::string{c}
                                               : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return shown;
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned long long strings = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 20'000;
  const unsigned long long seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const std::array<int, 3> versions[] = {{2, 6, 12},   {2, 6, 24}, {3, 7, 0},   {3, 8, 0},  {3, 9, 0},
                                         {3, 14, 0},   {4, 2, 0},  {6, 1, 192}, {6, 6, 0},  {6, 12, 93},
                                         {6, 12, 117}, {6, 14, 0}, {6, 15, 0},  {6, 17, 0}, {7, 3, 4}};
  for (const auto& version : versions) {
    reference::param_strings source{seed};
    std::mt19937_64 builds{seed};
    unsigned long long taken = 0;
    for (unsigned long long i = 0; i < strings; ++i) {
      const auto text = source.parameter();
      reference::kernel k;
      k.version = version;
      if (const auto dice = builds() % 16; dice < 5) {
        k.dynamic = dice != 0;
        k.module = dice != 1;
        k.ipv6 = dice != 2;
        // The two build options are as old as the release prefix.
        k.extended_by_default = dice >= 3 && version >= std::array{6, 6, 0};
        k.release_by_default = dice == 4 && version >= std::array{6, 6, 0};
      }
      if (const auto what = reference::difference(text, k); !what.empty()) {
        fmt::print(
            "Linux {}.{}.{} dynamic={} module={} ipv6={} extended={} release={}\n\"{}\"\ndiffer in {}\n",
            version[0], version[1], version[2], k.dynamic, k.module, k.ipv6, k.extended_by_default,
            k.release_by_default, visible(text), what);
        return 1;
      }
      const auto parsed = netcon::parse_parameter(text, reference::profile_of(k));
      if (parsed && !parsed->empty()) ++taken;
    }
    fmt::print("Linux {}.{}.{}: {} strings agree, {} with a target\n", version[0], version[1], version[2],
               strings, taken);
  }
}
