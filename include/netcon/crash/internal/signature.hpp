// SPDX-License-Identifier: MIT
// What equal crashes have in common, whatever build and boot they are of.
#pragma once

#include <netcon/crash/internal/clue.hpp>
#include <netcon/crash/internal/helpers.hpp>
#include <netcon/crash/internal/looping.hpp>
#include <netcon/crash/kind.hpp>
#include <netcon/crash/report.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

/// A hash of the kind, the function and the first five functions of the trace that are no helpers.
inline std::uint64_t signature_of(const report& one) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  const auto add = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash = (hash ^ 0xff) * 0x100000001b3;
  };
  add(name(one.kind));
  add(one.function.empty() ? one.title : one.function);
  constexpr std::size_t most = 5;
  std::size_t count = 0;
  for (const auto& frame : one.frames) {
    if (!frame.certain || is_helper(frame.function) || is_interrupt(frame.function)) continue;
    if (++count > most) break;
    add(plain_name(frame.function));
  }
  return hash;
}

}  // namespace netcon::inline v0_1::crash::detail
