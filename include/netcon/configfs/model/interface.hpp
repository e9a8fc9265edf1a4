// SPDX-License-Identifier: MIT
// A network interface as the model of the kernel sees it.
#pragma once

#include <netcon/core/ip_address.hpp>
#include <netcon/core/mac_address.hpp>

#include <optional>
#include <string>
#include <vector>

namespace netcon::inline v0_1::configfs {

/// What of a network device decides whether a target can use it.
struct interface {
  std::string name{};                ///< as `ip link` shows it
  mac_address mac{};                 ///< hardware address
  std::vector<ipv4_address> ipv4{};  ///< in the kernel's order: the first one is chosen
  std::vector<ipv6_address> ipv6{};  ///< in the kernel's order: the first one of the wanted scope is chosen
  bool up = true;                    ///< false: enabling a target brings it up
  std::optional<std::string> master{};  ///< bridge, bond or team that it is a port of
  bool netpoll = true;                  ///< false: the driver refuses netpoll (ENOTSUPP)
  bool bridge = false;                  ///< its targets stay when the last port leaves; those of a bond stop

  friend bool operator==(const interface&, const interface&) = default;
};

}  // namespace netcon::inline v0_1::configfs
