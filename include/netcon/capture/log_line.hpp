// SPDX-License-Identifier: MIT
// One line of a text log, taken apart.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/port.hpp>
#include <netcon/detail/requires_cpp23.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1 {

/// Wall time of a line in UTC, in microseconds since 1970.
using log_time = std::chrono::sys_time<std::chrono::microseconds>;

/// The first time that a stamp may have: 1970, where clocks that are not set begin, less the difference of
/// any zone. A stamp before it is text, as is one after last_wall_time (core/time.hpp). Captures reach
/// farther back: their times are numbers, which no other text looks like.
inline constexpr log_time first_log_time{-std::chrono::days{2}};

/// A line without what was put before it on its way. Views are valid during the call of the sink only.
struct log_line {
  std::string_view text;  ///< of a packet, all of it
  std::string_view
      host{};  ///< a name, an address, an endpoint, or `NAME@ENDPOINT`; empty: the log does not say
  bool is_packet = false;     ///< an extended record, as netcon::decode takes it
  bool from_kernel = true;    ///< false: a syslog tag of another program
  bool whole = true;          ///< false: longer than the limit, or bytes of it did not come
  std::uint64_t dropped = 0;  ///< lines that the kernel itself reports as dropped before this one
  std::optional<log_time>
      time{};  ///< of the stamp, or from the time since boot once the log ties both; absent otherwise
  std::optional<std::uint64_t> timestamp_us{};  ///< since the boot of the host
  std::optional<std::uint64_t> sequence{};      ///< the record's number; absent where only text is left of it
  std::optional<std::uint16_t> priority{};      ///< facility x 8 + level
  std::string_view caller{};                    ///< "T1" or "C0"; empty: the log does not say
  std::string_view userdata{};  ///< KEY=VALUE behind the text, as netcon listen writes them; mostly empty
  std::string_view release{};   ///< of the host's kernel (`uname -r`); empty: the log does not say
};

/// An address in place of the name that a log has of a host: collectors know senders by address. Each number
/// below 2^32 has its own.
[[nodiscard]] constexpr endpoint address_of_host(std::uint64_t number) noexcept {
  const auto byte = [&](unsigned shift) { return static_cast<std::uint8_t>(number >> shift & 0xff); };
  return {ipv4_address{byte(24), byte(16), byte(8), byte(0)}, port{}};
}

}  // namespace netcon::inline v0_1
