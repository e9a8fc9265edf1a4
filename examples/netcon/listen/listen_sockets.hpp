// SPDX-License-Identifier: MIT
// The sockets of netcon listen: opened where the user says, or passed in by the service manager.
#pragma once

#include <netcon/os/passed_sockets.hpp>
#include <netcon/os/udp_receiver.hpp>

#include <expected>
#include <string>
#include <vector>

namespace tool {

using sockets = std::vector<netcon::udp_receiver>;

struct socket_settings {
  std::string interface;  // packets of this one only; empty: of all
  bool hops = false;      // ask for the TTL of each packet
  bool local = false;     // ask for the address that each packet was sent to
};

/// One socket for each thread on each address. The error is one line.
std::expected<sockets, std::string> open_sockets(const std::vector<std::string>& addresses, unsigned threads,
                                                 const socket_settings&);

/// Those of the service manager. The error is one line.
std::expected<sockets, std::string> adopt_sockets(const netcon::passed_sockets&, const socket_settings&);

/// Reports on standard error where they listen, and buffers smaller than they should be.
void announce(const sockets&);

}  // namespace tool
