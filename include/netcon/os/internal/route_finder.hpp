// Asks the kernel's tables for the way to an address (rtnetlink(7)). Private to route.hpp.
#pragma once

#include <netcon/os/internal/netlink.hpp>
#include <netcon/os/socket_address.hpp>
#include <netcon/os/route_error.hpp>
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

namespace netcon {

struct route_options {
  std::chrono::milliseconds neighbour_timeout{2000};  // how long the next hop may take to answer
  std::string_view sysfs = "/sys";                    // where a wireless device is known by
};

/// How a packet leaves this machine.
struct route {
  interface_name dev_name;
  std::uint32_t dev_index = 0;
  mac_address dev_mac;
  ip_address source;
  ip_address next_hop;  // the remote address itself when it is on the link; may be IPv6 for an IPv4 remote
  bool via_gateway = false;
  bool is_broadcast = false;  // of the network or of all
  std::uint32_t table = 0;    // RT_TABLE_MAIN is 254
};

namespace detail {

struct link {
  std::uint32_t index = 0;
  interface_name name;
  mac_address mac;
  std::uint16_t hardware = 0;
  std::uint32_t flags = 0;
  std::uint32_t master = 0;
  std::string kind;
};

inline std::uint8_t family_of(const ip_address& address) noexcept {
  return address.is_v4() ? AF_INET : AF_INET6;
}

inline std::optional<ip_address> read_address(std::string_view bytes) noexcept {
  if (bytes.size() == 4) return ipv4_address{read_value<ipv4_address::bytes_type>(bytes)};
  if (bytes.size() == 16) return ipv6_address{read_value<ipv6_address::bytes_type>(bytes)};
  return std::nullopt;
}

/// The Ethernet address that stands for a group (RFC 1112, RFC 2464).
constexpr mac_address multicast_mac(const ip_address& group) noexcept {
  const auto& b = group.raw();
  if (group.is_v4()) return {0x01, 0x00, 0x5e, static_cast<std::uint8_t>(b[1] & 0x7f), b[2], b[3]};
  return {0x33, 0x33, b[12], b[13], b[14], b[15]};
}

/// The questions that complete() asks, over one netlink socket.
class route_finder {
 public:
  route_finder(netlink socket, const route_options& options) noexcept
      : netlink_{std::move(socket)}, options_{options} {}

  std::expected<target, std::error_code> complete(target t) noexcept {
    if (t.local_ip && t.local_ip->family() != t.remote_ip.family()) return fail(route_errc::family_mismatch);
    std::optional<link> device;
    if (!t.local_device.is_none()) {
      const auto found = t.local_device.is_mac() ? find_link(t.local_device.mac())
                                                 : find_link(0, t.local_device.name().view());
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
      const auto mac = next_hop_mac(*way, t.remote_ip);
      if (!mac) return std::unexpected{mac.error()};
      t.remote_mac = *mac;
    }
    return t;
  }

  std::expected<route, std::error_code> find(const ip_address& remote,
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

    const auto found = find_link(answer->index);
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

 private:
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

  static link read_link(const netlink_answer& answer) noexcept {
    const auto fixed = answer.fixed<ifinfomsg>();
    link out;
    out.index = static_cast<std::uint32_t>(fixed.ifi_index);
    out.hardware = fixed.ifi_type;
    out.flags = fixed.ifi_flags;
    auto name = answer.attribute<ifinfomsg>(IFLA_IFNAME);
    out.name = interface_name::truncated(name.substr(0, name.find('\0')));
    out.master = read_value<std::uint32_t>(answer.attribute<ifinfomsg>(IFLA_MASTER));
    if (const auto mac = answer.attribute<ifinfomsg>(IFLA_ADDRESS); mac.size() == 6)
      out.mac = mac_address{read_value<mac_address::bytes_type>(mac)};
    const auto kind = netlink_answer::find(answer.attribute<ifinfomsg>(IFLA_LINKINFO), IFLA_INFO_KIND);
    out.kind = kind.substr(0, kind.find('\0'));
    return out;
  }

  /// By index, or by name when that is 0.
  std::expected<link, std::error_code> find_link(std::uint32_t index, std::string_view name = {}) noexcept {
    ifinfomsg wanted{};
    wanted.ifi_index = static_cast<int>(index);
    netlink_request request{RTM_GETLINK, 0, wanted};
    if (index == 0) {
      if (name.empty()) return fail(route_errc::no_device);
      std::array<char, interface_name::max_text + 1> text{};
      std::memcpy(text.data(), name.data(), std::min(name.size(), text.size() - 1));
      request.add(IFLA_IFNAME, text.data(), std::min(name.size(), text.size() - 1) + 1);
    }
    link out;
    const auto done = netlink_.ask(request, [&](const netlink_answer& answer) { out = read_link(answer); });
    if (!done && (done.error().value() == ENODEV || done.error().value() == EINVAL))
      return fail(route_errc::no_device);
    if (!done) return std::unexpected{done.error()};
    return out;
  }

  /// The first Ethernet device with that address, as netconsole looks it up.
  std::expected<link, std::error_code> find_link(const mac_address& mac) noexcept {
    std::optional<link> out;
    const auto done = netlink_.ask(netlink_request{RTM_GETLINK, NLM_F_DUMP, ifinfomsg{}},
                                   [&](const netlink_answer& answer) {
                                     auto found = read_link(answer);
                                     if (!out && found.hardware == ARPHRD_ETHER && found.mac == mac)
                                       out = std::move(found);
                                   });
    if (!done) return std::unexpected{done.error()};
    if (!out) return fail(route_errc::no_device);
    return *out;
  }

  std::optional<route_errc> unusable(const link& device) const noexcept {
    if ((device.flags & IFF_LOOPBACK) != 0) return route_errc::loopback;
    if (device.master != 0) return route_errc::enslaved;
    // Netpoll builds Ethernet frames; the drivers of these kinds refuse it.
    if (device.hardware != ARPHRD_ETHER || device.kind == "hsr" || device.kind == "netkit")
      return route_errc::no_netpoll;
    std::string path{options_.sysfs};
    path += "/class/net/";
    path += device.name.view();
    for (const auto mark : {"/phy80211", "/wireless"})
      if (::access((path + mark).c_str(), F_OK) == 0) return route_errc::wireless;
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
      const auto device = find_link(candidates[i]);
      if (!device || unusable(*device) || (device->flags & IFF_UP) == 0) continue;
      if (only != 0) return fail(route_errc::needs_device);
      only = device->index;
    }
    if (only == 0) return fail(route_errc::no_route);
    return only;
  }

  std::expected<mac_address, std::error_code> next_hop_mac(const route& way,
                                                           const ip_address& remote) noexcept {
    if (way.is_broadcast) return mac_address::broadcast();
    if (remote.is_multicast()) return multicast_mac(remote);
    const auto known = neighbour(way);
    if (!known) return std::unexpected{known.error()};
    if (known->mac) return *known->mac;
    if (const auto sent = provoke(way, remote); !sent) return std::unexpected{sent.error()};
    const auto end = std::chrono::steady_clock::now() + options_.neighbour_timeout;
    for (;;) {
      const auto found = neighbour(way);
      if (!found) return std::unexpected{found.error()};
      if (found->mac) return *found->mac;
      if (found->failed || std::chrono::steady_clock::now() >= end) return fail(route_errc::no_neighbour);
      ::poll(nullptr, 0, 10);
    }
  }

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
    const auto done = netlink_.ask(request, [&](const netlink_answer& answer) {
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
      return fail(route_errc::no_neighbour);
    return std::unexpected{last_error()};
  }

  netlink netlink_;
  route_options options_;
};

}  // namespace detail

}  // namespace netcon
