// SPDX-License-Identifier: MIT
// How a packet leaves this machine, and how to ask for it.
#pragma once

#include <netcon/core/interface_name.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/mac_address.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace netcon::inline v0_1 {

/// How long and where a route is looked for.
struct route_options {
  std::chrono::milliseconds neighbour_timeout{2000};  ///< how long the next hop may take to answer
};

/// How a packet leaves this machine.
struct route {
  interface_name dev_name;      ///< device that it leaves through
  std::uint32_t dev_index = 0;  ///< of that device, from 1
  mac_address dev_mac;          ///< of that device; zero for one without Ethernet
  ip_address source;            ///< address that the kernel would send from
  ip_address next_hop;  ///< the remote address itself when it is on the link; may be IPv6 for an IPv4 remote
  bool via_gateway = false;   ///< next_hop is a router
  bool is_broadcast = false;  ///< of the network or of all
  bool is_wireless = false;   ///< the device sends only while it is associated
  std::uint32_t table = 0;    ///< RT_TABLE_MAIN is 254
};

}  // namespace netcon::inline v0_1
