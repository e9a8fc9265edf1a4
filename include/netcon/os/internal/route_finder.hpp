// SPDX-License-Identifier: MIT
// Asks the kernel's tables for the way to an address (rtnetlink(7)). Private to route.hpp.
#pragma once

#include <netcon/os/internal/link.hpp>
#include <netcon/os/internal/neighbour.hpp>
#include <netcon/os/internal/netlink.hpp>
#include <netcon/os/route_error.hpp>
#include <netcon/os/route_types.hpp>
#include <netcon/parameter/target.hpp>

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace netcon::inline v0_1::detail {

/// The questions that complete() asks, over one netlink socket.
class route_finder {
 public:
  route_finder(netlink socket, const route_options& options) noexcept
      : netlink_{std::move(socket)}, options_{options} {}

  std::expected<target, std::error_code> complete(target t) noexcept {
    if (t.local_ip && t.local_ip->family() != t.remote_ip.family()) return fail(route_errc::family_mismatch);
    std::optional<link> device;
    if (!t.local_device.is_none()) {
      const auto found = t.local_device.is_mac() ? find_link(netlink_, t.local_device.mac())
                                                 : find_link(netlink_, 0, t.local_device.name().view());
      if (!found) return std::unexpected{found.error()};
      device = *found;
      if (const auto reason = unusable(*device)) return fail(*reason);
      if (t.local_ip && t.remote_mac) return t;
      if ((device->flags & IFF_UP) == 0) return fail(route_errc::device_down);
    }
    const auto way = find(t.remote_ip, t.local_ip, device ? device->index : 0);
    if (!way) return std::unexpected{way.error()};
    if (t.local_device.is_none()) t.local_device = way->dev_name;
    if (!t.local_ip) t.local_ip = way->source;
    if (!t.remote_mac) {
      const auto mac = neighbour_finder{netlink_, options_.neighbour_timeout}.find(*way, t.remote_ip);
      if (!mac) return std::unexpected{mac.error()};
      t.remote_mac = *mac;
    }
    return t;
  }

  /// Where rules choose the table by the source ("ip rule add from ..."), a device may have a route for what
  /// comes from its addresses only.
  std::expected<route, std::error_code> find(const ip_address& remote,
                                             const std::optional<ip_address>& source,
                                             std::uint32_t device) noexcept {
    const auto found = find_from(remote, source, device);
    if (found || source || device == 0 || found.error() != make_error_code(route_errc::no_route))
      return found;
    std::vector<ip_address> own;
    const auto listed = addresses(family_of(remote), [&](std::uint32_t index, const ip_address& one) {
      if (index == device && one.is_link_local() == remote.is_link_local()) own.push_back(one);
    });
    if (!listed) return std::unexpected{listed.error()};
    for (const auto& one : own)
      if (const auto other = find_from(remote, one, device)) return other;
    return found;
  }

 private:
  std::expected<route, std::error_code> find_from(const ip_address& remote,
                                                  const std::optional<ip_address>& source,
                                                  std::uint32_t device) noexcept {
    if (remote.is_unspecified()) return fail(route_errc::no_route);
    if (source && !source->is_unspecified()) {
      const auto local = is_local(*source);
      if (!local) return std::unexpected{local.error()};
      if (!*local) return fail(route_errc::source_not_local);
    }
    const bool bound_to_link = remote.is_v6() && (remote.is_link_local() || is_link_multicast(remote));
    if (bound_to_link && device == 0) {
      const auto only = link_local_device(source);
      if (!only) return std::unexpected{only.error()};
      device = *only;
    }
    // Given a device and no route, the kernel takes an IPv4 address for a neighbour: ask for a route in a
    // table.
    if (device != 0 && remote.is_v4() && !remote.is_multicast() && !is_limited_broadcast(remote))
      if (const auto listed = ask_route(remote, source, device, RTM_F_FIB_MATCH); !listed)
        return std::unexpected{listed.error()};
    const auto answer = ask_route(remote, source, device, RTM_F_LOOKUP_TABLE);
    if (!answer) return std::unexpected{answer.error()};

    const auto found = find_link(netlink_, answer->index);
    if (!found) return std::unexpected{found.error()};
    if (answer->type == RTN_LOCAL) return fail(route_errc::loopback);
    if (answer->type != RTN_UNICAST && answer->type != RTN_BROADCAST && answer->type != RTN_MULTICAST &&
        answer->type != RTN_ANYCAST)
      return fail(route_errc::no_route);
    if (const auto reason = unusable(*found)) return fail(*reason);
    route out;
    out.dev_name = found->name;
    out.dev_index = found->index;
    out.dev_mac = found->mac;
    out.next_hop = answer->gateway.value_or(remote);
    out.via_gateway = answer->gateway.has_value();
    out.is_broadcast = answer->type == RTN_BROADCAST || is_limited_broadcast(remote);
    out.is_wireless = is_wireless(found->name);
    out.table = answer->table;
    if (source && !source->is_unspecified()) {
      out.source = *source;
    } else if (answer->source && !answer->source->is_unspecified()) {
      out.source = *answer->source;
    } else {
      return fail(route_errc::no_source);
    }
    return out;
  }

  struct table_answer {
    std::uint8_t type = RTN_UNSPEC;
    std::uint32_t index = 0;
    std::uint32_t table = 0;
    std::optional<ip_address> gateway, source;
  };

  static std::unexpected<std::error_code> fail(route_errc code) noexcept {
    return std::unexpected{make_error_code(code)};
  }
  static bool is_link_multicast(const ip_address& address) noexcept {
    return address.is_v6() && address.is_multicast() && (address.raw()[1] & 0xf) <= 2;
  }
  static bool is_limited_broadcast(const ip_address& address) noexcept {
    return address == ip_address{ipv4_address{255, 255, 255, 255}};
  }

  std::expected<table_answer, std::error_code> ask_route(const ip_address& remote,
                                                         const std::optional<ip_address>& source,
                                                         std::uint32_t device, unsigned flags) noexcept {
    const auto bits = static_cast<std::uint8_t>(remote.is_v4() ? 32 : 128);
    rtmsg wanted{};
    wanted.rtm_family = family_of(remote);
    wanted.rtm_dst_len = bits;
    wanted.rtm_flags = flags;
    if (source) wanted.rtm_src_len = bits;
    netlink_request request{RTM_GETROUTE, 0, wanted};
    request.add(RTA_DST, remote.raw().data(), bits / 8u);
    if (source) request.add(RTA_SRC, source->raw().data(), bits / 8u);
    if (device != 0) request.add(RTA_OIF, &device, sizeof device);

    table_answer out;
    const auto done = netlink_.ask(request, [&](const netlink_answer& answer) {
      if (answer.type() != RTM_NEWROUTE) return;
      const auto fixed = answer.fixed<rtmsg>();
      out.type = fixed.rtm_type;
      out.index = read_value<std::uint32_t>(answer.attribute<rtmsg>(RTA_OIF));
      const auto table = answer.attribute<rtmsg>(RTA_TABLE);
      out.table = table.empty() ? fixed.rtm_table : read_value<std::uint32_t>(table);
      out.source = read_address(answer.attribute<rtmsg>(RTA_PREFSRC));
      out.gateway = read_address(answer.attribute<rtmsg>(RTA_GATEWAY));
      // A next hop of the other family: two bytes of family, then the address.
      if (const auto via = answer.attribute<rtmsg>(RTA_VIA); via.size() > 2)
        out.gateway = read_address(via.substr(2));
    });
    if (done) return out;
    const auto code = done.error().value();
    // What blackhole, unreachable and prohibit routes, and no route at all, answer with.
    if (code == ENETUNREACH || code == EHOSTUNREACH || code == EACCES || code == EINVAL || code == ENETDOWN)
      return fail(route_errc::no_route);
    return std::unexpected{done.error()};
  }

  std::optional<route_errc> unusable(const link& device) const noexcept {
    if ((device.flags & IFF_LOOPBACK) != 0) return route_errc::loopback;
    if (device.master != 0) return route_errc::enslaved;
    // Netpoll builds Ethernet frames; the drivers of these kinds refuse it.
    if (device.hardware != ARPHRD_ETHER || device.kind == "hsr" || device.kind == "netkit")
      return route_errc::no_netpoll;
    return std::nullopt;
  }

  /// Hands each address of the machine to sink(device index, address).
  template <class Sink>
  std::expected<void, std::error_code> addresses(std::uint8_t family, Sink&& sink) noexcept {
    ifaddrmsg wanted{};
    wanted.ifa_family = family;
    return netlink_.ask(netlink_request{RTM_GETADDR, NLM_F_DUMP, wanted}, [&](const netlink_answer& answer) {
      auto bytes = answer.attribute<ifaddrmsg>(IFA_LOCAL);  // the peer's stands in IFA_ADDRESS then
      if (bytes.empty()) bytes = answer.attribute<ifaddrmsg>(IFA_ADDRESS);
      const auto address = read_address(bytes);
      if (address) sink(answer.fixed<ifaddrmsg>().ifa_index, *address);
    });
  }

  std::expected<bool, std::error_code> is_local(const ip_address& address) noexcept {
    bool found = false;
    const auto done = addresses(
        family_of(address), [&](std::uint32_t, const ip_address& own) { found = found || own == address; });
    if (!done) return std::unexpected{done.error()};
    return found;
  }

  /// The device behind a link-local address without a device: that of the source, or the only one there is.
  std::expected<std::uint32_t, std::error_code> link_local_device(
      const std::optional<ip_address>& source) noexcept {
    std::array<std::uint32_t, 256> candidates{};
    std::size_t count = 0;
    const auto done = addresses(AF_INET6, [&](std::uint32_t index, const ip_address& own) {
      if (source ? own != *source : !own.is_link_local()) return;
      const auto end = candidates.begin() + static_cast<std::ptrdiff_t>(count);
      if (count < candidates.size() && std::find(candidates.begin(), end, index) == end)
        candidates[count++] = index;
    });
    if (!done) return std::unexpected{done.error()};
    std::uint32_t only = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto device = find_link(netlink_, candidates[i]);
      if (!device || unusable(*device) || (device->flags & IFF_UP) == 0) continue;
      if (only != 0) return fail(route_errc::needs_device);
      only = device->index;
    }
    if (only == 0) return fail(route_errc::no_route);
    return only;
  }

  netlink netlink_;
  route_options options_;
};

}  // namespace netcon::inline v0_1::detail
