// SPDX-License-Identifier: MIT
// The sockets of netcon listen: opened where the user says, or passed in by the service manager.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/os/passed_sockets.hpp>
#include <netcon/os/udp_receiver.hpp>

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

using sockets = std::vector<netcon::udp_receiver>;

struct socket_settings {
  std::string interface;  // packets of this one only; empty: of all
  bool hops = false;      // ask for the TTL of each packet
  bool local = false;     // ask for the address that each packet was sent to
};

/// Reads addresses to listen on, of which none receives what another one would. The error is one line; here
/// and below.
std::expected<std::vector<netcon::endpoint>, std::string> read_listen_addresses(
    const std::vector<std::string>& texts);

/// Says that --interface names none.
std::string no_interface(std::string_view name);

/// One socket for each thread on each address; one for a multicast address.
std::expected<sockets, std::string> open_sockets(const std::vector<netcon::endpoint>& addresses,
                                                 unsigned threads, const socket_settings&);

/// Those of the service manager.
std::expected<sockets, std::string> adopt_sockets(const netcon::passed_sockets&, const socket_settings&);

/// Whether the interface that a socket is bound to, by itself or with a link-local address, is gone: no
/// packet comes there any more, also when there is one of the same name again.
bool has_lost_interface(int fd);

/// Reports on standard error where they listen, and buffers smaller than they should be.
void announce(const sockets&);

}  // namespace tool
