// SPDX-License-Identifier: MIT
// A target that netcon suggest has found for one receiver.
#pragma once

#include <netcon/configfs/state.hpp>
#include <netcon/core/endpoint.hpp>
#include <netcon/parameter/target.hpp>

#include <string>
#include <vector>

namespace tool {

struct wanted_target {
  std::string name;  // in configfs
  netcon::endpoint receiver;
  netcon::target target;  // complete: source, device, MAC address of the next hop
  netcon::configfs::state state;
  bool has_own_port = false;         // the source port was asked for
  std::string way;                   // of the records, for the user to check
  std::vector<std::string> remarks;  // one line each
};

}  // namespace tool
