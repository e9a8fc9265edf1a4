// SPDX-License-Identifier: MIT
// The way of a target's packets, asked of the kernel's tables, and in words why there is none.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/core/port.hpp>
#include <netcon/parameter/target.hpp>

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace tool {

struct way_options {
  bool extended = false, release = false;
  std::optional<netcon::port> from_port;
  std::string device;                      // empty: of the routing table
  bool takes_master = false;               // instead of a device that has one
  std::optional<netcon::mac_address> mac;  // none: of the neighbour table
  std::chrono::milliseconds wait{2000};    // for an unknown next hop to answer
};

struct found_way {
  netcon::target target;
  std::string description;           // "from 10.0.0.7 through eth0 to 10.0.0.2 at 52:54:00:12:34:56"
  std::vector<std::string> remarks;  // one line each
};

/// The error is one line that names device and master, and says what to do.
std::expected<found_way, std::string> find_way(const netcon::endpoint& to, const way_options&);

}  // namespace tool
