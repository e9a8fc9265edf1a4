// SPDX-License-Identifier: MIT
// One received packet, and what is known of its way.
#pragma once

#include <netcon/core/endpoint.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1 {

/// One received packet. The bytes belong to what received it, and last until that receives again.
struct datagram {
  endpoint sender;                                 ///< an IPv4 one as IPv4, also from a dual-stack socket
  std::string_view bytes;                          ///< payload, at most packet_bytes of the batch
  std::chrono::system_clock::time_point received;  ///< by the kernel
  bool truncated = false;                          ///< it was longer than the buffer
  int hops = -1;                                   ///< its TTL or hop limit on arrival, where asked for
  std::optional<ip_address> local{};               ///< the address that it was sent to, where asked for
};

}  // namespace netcon::inline v0_1
