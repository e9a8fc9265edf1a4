// SPDX-License-Identifier: MIT
// What people dig out with ip, arp and arping: the device, source address and next hop's MAC address towards
// a receiver, asked of the kernel (rtnetlink(7)). Linux.
#pragma once

#include <netcon/os/internal/route_finder.hpp>
#include <netcon/os/route_error.hpp>
#include <netcon/os/route_types.hpp>
#include <netcon/parameter/target.hpp>

#include <expected>
#include <system_error>

namespace netcon::inline v0_1 {

/// How packets go to an address, from a source and through a device (an index) when these are given. Sends
/// nothing. Errors: those of route_errc except no_neighbour, and of netlink sockets.
[[nodiscard]] inline std::expected<route, std::error_code> find_route(
    const ip_address& remote, const std::optional<ip_address>& source = std::nullopt,
    std::uint32_t device = 0, const route_options& options = {}) noexcept {
  auto socket = detail::netlink::open();
  if (!socket) return std::unexpected{socket.error()};
  return detail::route_finder{std::move(*socket), options}.find(remote, source, device);
}

/// Fills in what the target leaves out of device, local address and the next hop's MAC address; what it has
/// stays and narrows the choice. An unknown neighbour is provoked by one datagram to its discard port and
/// waited for. Errors: those of route_errc, and of sockets. no_netpoll goes by the kind of the device: that
/// one driver refuses netpoll is told by nothing before the kernel enables the target and answers errno 524.
[[nodiscard]] inline std::expected<target, std::error_code> complete(
    const target& t, const route_options& options = {}) noexcept {
  auto socket = detail::netlink::open();
  if (!socket) return std::unexpected{socket.error()};
  return detail::route_finder{std::move(*socket), options}.complete(t);
}

}  // namespace netcon::inline v0_1
