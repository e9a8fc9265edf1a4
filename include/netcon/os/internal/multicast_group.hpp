// SPDX-License-Identifier: MIT
// Joins the group of a multicast address: bind(2) alone lets nothing of it in. Linux.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/os/socket_address.hpp>

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// On the interface of that name, else on that of the zone, else where the routes of the machine lead to the
/// group. True too where the address is none of a group, or another owner of the socket joined it. Errors, in
/// errno: ENODEV when there is no such interface or route; EADDRNOTAVAIL for an interface without IPv6.
inline bool join_group(int fd, const endpoint& local, std::string_view interface) noexcept {
  if (!local.address.is_multicast()) return true;
  group_req wanted{};
  wanted.gr_interface = local.scope;
  if (!interface.empty()) {
    std::array<char, IF_NAMESIZE> name{};  // stays terminated: a longer one was refused before
    std::copy_n(interface.begin(), std::min(interface.size(), name.size() - 1), name.begin());
    wanted.gr_interface = ::if_nametoindex(name.data());
    if (wanted.gr_interface == 0) return false;
  }
  wanted.gr_group = socket_address{local}.storage;
  return set_socket_option(fd, local.address.is_v4() ? IPPROTO_IP : IPPROTO_IPV6, MCAST_JOIN_GROUP, wanted) ||
         errno == EADDRINUSE;
}

}  // namespace netcon::inline v0_1::detail
