// SPDX-License-Identifier: MIT
// The devices of this machine as the kernel lists them (rtnetlink(7)). Linux.
#pragma once

#include <netcon/core/interface_name.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/os/internal/netlink.hpp>
#include <netcon/os/route_error.hpp>
#include <netcon/os/socket_address.hpp>

#include <linux/if_link.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace netcon::inline v0_1::detail {

struct link {
  std::uint32_t index = 0;
  interface_name name;
  mac_address mac;
  std::uint16_t hardware = 0;
  std::uint32_t flags = 0;
  std::uint32_t master = 0;
  std::string kind;
};

inline std::optional<ip_address> read_address(std::string_view bytes) noexcept {
  if (bytes.size() == 4) return ipv4_address{read_value<ipv4_address::bytes_type>(bytes)};
  if (bytes.size() == 16) return ipv6_address{read_value<ipv6_address::bytes_type>(bytes)};
  return std::nullopt;
}

inline link read_link(const netlink_answer& answer) noexcept {
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

/// Netlink does not tell; sysfs does.
inline bool is_wireless(const interface_name& device) noexcept {
  const auto folder = "/sys/class/net/" + std::string{device.view()};
  return ::access((folder + "/phy80211").c_str(), F_OK) == 0 ||
         ::access((folder + "/wireless").c_str(), F_OK) == 0;
}

/// By index, or by name when that is 0.
inline std::expected<link, std::error_code> find_link(netlink& tables, std::uint32_t index,
                                                      std::string_view name = {}) noexcept {
  ifinfomsg wanted{};
  wanted.ifi_index = static_cast<int>(index);
  netlink_request request{RTM_GETLINK, 0, wanted};
  if (index == 0) {
    if (name.empty()) return std::unexpected{make_error_code(route_errc::no_device)};
    std::array<char, interface_name::max_text + 1> text{};
    std::memcpy(text.data(), name.data(), std::min(name.size(), text.size() - 1));
    request.add(IFLA_IFNAME, text.data(), std::min(name.size(), text.size() - 1) + 1);
  }
  link out;
  const auto done = tables.ask(request, [&](const netlink_answer& answer) { out = read_link(answer); });
  if (!done && (done.error().value() == ENODEV || done.error().value() == EINVAL))
    return std::unexpected{make_error_code(route_errc::no_device)};
  if (!done) return std::unexpected{done.error()};
  return out;
}

/// The first Ethernet device with that address, as netconsole looks it up.
inline std::expected<link, std::error_code> find_link(netlink& tables, const mac_address& mac) noexcept {
  std::optional<link> out;
  const auto done =
      tables.ask(netlink_request{RTM_GETLINK, NLM_F_DUMP, ifinfomsg{}}, [&](const netlink_answer& answer) {
        auto found = read_link(answer);
        if (!out && found.hardware == ARPHRD_ETHER && found.mac == mac) out = std::move(found);
      });
  if (!done) return std::unexpected{done.error()};
  if (!out) return std::unexpected{make_error_code(route_errc::no_device)};
  return *out;
}

}  // namespace netcon::inline v0_1::detail
