// SPDX-License-Identifier: MIT
// A line of a kernel's log, as the detector takes it.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::crash {

/// Wall-clock time, where it is known.
using optional_time = std::optional<std::chrono::sys_time<std::chrono::microseconds>>;

/// One line, without time stamp, level and caller: those are members. Views are read during the call only.
struct line {
  std::string_view text;                        ///< raw bytes; newlines between the lines of one record
  std::optional<std::uint64_t> sequence{};      ///< the record's number; several lines of one record share it
  std::optional<std::uint64_t> timestamp_us{};  ///< since the boot of the sender
  std::string_view caller{};                    ///< "T12" or "C0"; empty: not known
  std::string_view release{};                   ///< of the sender's kernel (`uname -r`); empty: not known
  bool whole = true;                            ///< false: bytes of it did not come
  bool of_kernel = true;                        ///< false: perhaps of a program, as its stamp is not there
  optional_time time{};                         ///< when it arrived
};

}  // namespace netcon::inline v0_1::crash
