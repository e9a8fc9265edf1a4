// expect: deleted
// SPDX-License-Identifier: MIT
#include <netcon/parameter/parse.hpp>

#include <string_view>

int extended_targets(std::string_view text) {
  int count = 0;
#ifdef MUST_NOT_BUILD
  for (const auto& one : netcon::parse_parameter(text)->targets()) count += one.value.extended;
#else
  // The temporary lives as long as the loop.
  for (const auto& one : *netcon::parse_parameter(text)) count += one.value.extended;
#endif
  return count;
}
