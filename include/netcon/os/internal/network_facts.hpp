// SPDX-License-Identifier: MIT
// Devices, addresses and ways, asked of the kernel (rtnetlink(7)). Linux.
#pragma once

#include <netcon/doctor/facts.hpp>
#include <netcon/os/internal/link.hpp>
#include <netcon/os/internal/neighbour.hpp>
#include <netcon/os/internal/netlink.hpp>
#include <netcon/os/internal/route_finder.hpp>
#include <netcon/os/route_error.hpp>

#include <linux/if_addr.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

/// One line: the message, and the hint of a route_errc.
inline std::string reason_of(const std::error_code& code) {
  return code.message();
}

inline doctor::fact<std::vector<doctor::device_facts>> read_devices() {
  using answer = doctor::fact<std::vector<doctor::device_facts>>;
  auto tables = netlink::open();
  if (!tables) return answer::unknown(reason_of(tables.error()));
  std::vector<link> links;
  const auto listed = tables->ask(netlink_request{RTM_GETLINK, NLM_F_DUMP, ifinfomsg{}},
                                  [&](const netlink_answer& one) { links.push_back(read_link(one)); });
  if (!listed) return answer::unknown(reason_of(listed.error()));
  const auto by_index = [&](std::uint32_t index) { return std::ranges::find(links, index, &link::index); };
  std::vector<doctor::device_facts> devices;
  for (const auto& one : links) {
    doctor::device_facts device{.name = one.name, .mac = one.mac, .kind = one.kind};
    if (const auto master = by_index(one.master); one.master != 0 && master != links.end()) {
      device.master = master->name;
      device.master_kind = master->kind;
    }
    constexpr std::uint32_t lower_up = 1u << 16;  // IFF_LOWER_UP, which net/if.h lacks
    device.is_up = (one.flags & IFF_UP) != 0;
    device.has_carrier = (one.flags & lower_up) != 0;
    device.is_ethernet = one.hardware == ARPHRD_ETHER;
    device.is_loopback = (one.flags & IFF_LOOPBACK) != 0;
    device.is_wireless = is_wireless(one.name);
    devices.push_back(std::move(device));
  }
  for (const auto family : {std::uint8_t{AF_INET}, std::uint8_t{AF_INET6}}) {
    ifaddrmsg wanted{};
    wanted.ifa_family = family;
    const auto done =
        tables->ask(netlink_request{RTM_GETADDR, NLM_F_DUMP, wanted}, [&](const netlink_answer& one) {
          auto bytes = one.attribute<ifaddrmsg>(IFA_LOCAL);
          if (bytes.empty()) bytes = one.attribute<ifaddrmsg>(IFA_ADDRESS);
          const auto address = read_address(bytes);
          const auto at = by_index(one.fixed<ifaddrmsg>().ifa_index);
          // Without IPv6 the kernel answers with the addresses of another family.
          if (!address || at == links.end() || family_of(*address) != family) return;
          devices[static_cast<std::size_t>(at - links.begin())].addresses.push_back(*address);
        });
    if (!done) return answer::unknown(reason_of(done.error()));
  }
  return devices;
}

/// The way to a receiver. through: a device, or nothing for the choice of the tables. source: what packets
/// come from, for rules that choose a table by it; one that this machine has not counts as none.
inline doctor::way_facts read_way(const ip_address& remote, const interface_name& through,
                                  const std::optional<ip_address>& source, const route_options& how) {
  doctor::way_facts out{.remote = remote, .through = through};
  const auto fail = [&](const std::error_code& code) {
    out.found = doctor::fact<doctor::way>::unknown(reason_of(code));
    out.mac = doctor::fact<mac_address>::unknown(reason_of(code));
    return out;
  };
  auto tables = netlink::open();
  if (!tables) return fail(tables.error());
  std::uint32_t index = 0;
  if (!through.empty()) {
    const auto device = find_link(*tables, 0, through.view());
    if (!device) return fail(device.error());
    if ((device->flags & IFF_UP) == 0) return fail(make_error_code(route_errc::device_down));
    index = device->index;
  }
  auto asked = netlink::open();
  if (!asked) return fail(asked.error());
  route_finder finder{std::move(*asked), how};
  auto found = finder.find(remote, source, index);
  if (!found && source) found = finder.find(remote, std::nullopt, index);
  if (!found) return fail(found.error());
  out.found = doctor::way{found->dev_name, found->source, found->next_hop, found->via_gateway};
  const auto mac = neighbour_finder{*tables, how.neighbour_timeout}.find(*found, remote);
  out.mac =
      mac ? doctor::fact<mac_address>{*mac} : doctor::fact<mac_address>::unknown(reason_of(mac.error()));
  return out;
}

}  // namespace netcon::inline v0_1::detail
