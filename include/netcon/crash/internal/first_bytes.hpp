// SPDX-License-Identifier: MIT
// How lines that begin a crash start, to tell most other lines by three bytes.
#pragma once

#include <netcon/crash/internal/fault_openings.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

/// The first three bytes of what read_opening() reads besides the exceptions.
inline constexpr auto opening_starts = std::to_array<std::string_view>(
    {"[ B", "[ I", "[ W", "Ali", "BUG", "Bad", "Boo", "CPU", "INF", "Ins", "Int", "Ker", "LNe",
     "Lus", "NMI", "Oop", "PAN", "Res", "SEr", "SPL", "Tas", "UBS", "Una", "Unh", "VFS", "WAR",
     "Wat", "do_", "fat", "gen", "ker", "pan", "rcu", "rus", "tra", "tru", "unr", "wat", "wor"});

/// Which two bytes may follow each first byte, by a hash of six bits.
class following_bytes {
 public:
  consteval following_bytes() noexcept {
    for (const auto start : opening_starts) add(start);
    for (const auto& one : exceptions) add(one.begins);
  }

  constexpr bool has(char first, char second, char third) const noexcept {
    return (masks_[static_cast<unsigned char>(first)] & bit(second, third)) != 0;
  }

 private:
  consteval void add(std::string_view start) noexcept {
    masks_[static_cast<unsigned char>(start[0])] |= bit(start[1], start[2]);
  }
  static constexpr std::uint64_t bit(char second, char third) noexcept {
    return std::uint64_t{1} << ((static_cast<unsigned char>(second) * 7u +
                                 static_cast<unsigned char>(third)) &
                                63u);
  }

  std::array<std::uint64_t, 256> masks_{};
};
inline constexpr following_bytes bytes_after_first;

/// False for nearly all lines that begin no crash, true for all that begin one.
constexpr bool may_begin_crash(std::string_view line) noexcept {
  std::size_t at = 0;
  while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
  if (line.size() - at < 3) return false;
  return bytes_after_first.has(line[at], line[at + 1], line[at + 2]);
}

}  // namespace netcon::inline v0_1::crash::detail
