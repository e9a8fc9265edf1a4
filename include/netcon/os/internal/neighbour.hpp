// SPDX-License-Identifier: MIT
// The MAC address that packets to an address are sent to: the kernel's neighbour table, provoked when it does
// not know. Linux.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/core/time.hpp>
#include <netcon/os/descriptor.hpp>
#include <netcon/os/internal/link.hpp>
#include <netcon/os/internal/netlink.hpp>
#include <netcon/os/route_error.hpp>
#include <netcon/os/route_types.hpp>
#include <netcon/os/socket_address.hpp>

#include <linux/neighbour.h>
#include <netinet/in.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <expected>
#include <optional>
#include <system_error>

namespace netcon::inline v0_1::detail {

/// The Ethernet address that stands for a group (RFC 1112, RFC 2464).
constexpr mac_address multicast_mac(const ip_address& group) noexcept {
  const auto& b = group.raw();
  if (group.is_v4()) return {0x01, 0x00, 0x5e, static_cast<std::uint8_t>(b[1] & 0x7f), b[2], b[3]};
  return {0x33, 0x33, b[12], b[13], b[14], b[15]};
}

class neighbour_finder {
 public:
  /// timeout: how long the next hop may take to answer.
  neighbour_finder(netlink& tables, std::chrono::milliseconds timeout) noexcept
      : tables_{tables}, timeout_{to_nanoseconds(std::max(timeout, std::chrono::milliseconds{0}))} {}

  std::expected<mac_address, std::error_code> find(const route& way, const ip_address& remote) noexcept {
    if (way.is_broadcast) return mac_address::broadcast();
    if (remote.is_multicast()) return multicast_mac(remote);
    const auto known = neighbour(way);
    if (!known) return std::unexpected{known.error()};
    if (known->mac) return *known->mac;
    if (const auto sent = provoke(way, remote); !sent) return std::unexpected{sent.error()};
    const auto end = after(std::chrono::steady_clock::now(), timeout_);
    for (;;) {
      const auto found = neighbour(way);
      if (!found) return std::unexpected{found.error()};
      if (found->mac) return *found->mac;
      if (found->failed || std::chrono::steady_clock::now() >= end)
        return std::unexpected{make_error_code(route_errc::no_neighbour)};
      ::poll(nullptr, 0, 10);
    }
  }

 private:
  struct neighbour_state {
    std::optional<mac_address> mac;
    bool failed = false;
  };

  std::expected<neighbour_state, std::error_code> neighbour(const route& way) noexcept {
    ndmsg wanted{};
    wanted.ndm_family = family_of(way.next_hop);
    wanted.ndm_ifindex = static_cast<int>(way.dev_index);
    netlink_request request{RTM_GETNEIGH, NLM_F_DUMP, wanted};
    request.add(NDA_IFINDEX, &way.dev_index, sizeof way.dev_index);
    neighbour_state out;
    const auto done = tables_.ask(request, [&](const netlink_answer& answer) {
      const auto fixed = answer.fixed<ndmsg>();
      if (static_cast<std::uint32_t>(fixed.ndm_ifindex) != way.dev_index ||
          read_address(answer.attribute<ndmsg>(NDA_DST)) != way.next_hop)
        return;
      out.failed = (fixed.ndm_state & NUD_FAILED) != 0;
      constexpr unsigned known = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT;
      const auto mac = answer.attribute<ndmsg>(NDA_LLADDR);
      if ((fixed.ndm_state & known) != 0 && mac.size() == 6)
        out.mac = mac_address{read_value<mac_address::bytes_type>(mac)};
    });
    if (!done) return std::unexpected{done.error()};
    return out;
  }

  /// One datagram to the next hop's discard port: the kernel must ask for its MAC address to send it. IPv6
  /// has no MSG_DONTROUTE: to a router outside of the own networks only what it is to forward goes.
  std::expected<void, std::error_code> provoke(const route& way, const ip_address& remote) const noexcept {
    const bool forwarded =
        way.via_gateway && way.next_hop.is_v6() && remote.is_v6() && !way.next_hop.is_link_local();
    const auto& address = forwarded ? remote : way.next_hop;
    const auto family = family_of(address);
    const descriptor socket{::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!socket) return std::unexpected{last_error()};
    const socket_address to{{address, port{9}, address.is_link_local() ? way.dev_index : 0}};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> control{};
    msghdr message{};
    message.msg_name = const_cast<sockaddr*>(to.get());
    message.msg_namelen = to.size;
    message.msg_control = control.data();
    const auto attach = [&](int level, int type, const auto& info) {
      message.msg_controllen = CMSG_SPACE(sizeof info);
      auto* const head = CMSG_FIRSTHDR(&message);
      head->cmsg_level = level;
      head->cmsg_type = type;
      head->cmsg_len = CMSG_LEN(sizeof info);
      std::memcpy(CMSG_DATA(head), &info, sizeof info);
    };
    if (family == AF_INET) {
      in_pktinfo info{};
      info.ipi_ifindex = static_cast<int>(way.dev_index);
      attach(IPPROTO_IP, IP_PKTINFO, info);
    } else {
      in6_pktinfo info{};
      info.ipi6_ifindex = way.dev_index;
      attach(IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
    // The next hop is on the link, whatever the tables say about its address.
    if (::sendmsg(socket.get(), &message, MSG_DONTROUTE) >= 0) return {};
    if (errno == EHOSTUNREACH || errno == ENETUNREACH || errno == EAGAIN)
      return std::unexpected{make_error_code(route_errc::no_neighbour)};
    return std::unexpected{last_error()};
  }

  netlink& tables_;
  std::chrono::nanoseconds timeout_;
};

}  // namespace netcon::inline v0_1::detail
