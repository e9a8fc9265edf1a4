// SPDX-License-Identifier: MIT
#include "suggestion/find_way.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/doctor/finding.hpp>
#include <netcon/os/descriptor.hpp>
#include <netcon/os/route.hpp>
#include <netcon/os/socket_address.hpp>

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace tool {
namespace {

/// The bridge, bond or other device that it is a port of; empty when it has none.
std::string master_of(const std::string& device) {
  std::error_code problem;
  const auto link = std::filesystem::read_symlink("/sys/class/net/" + device + "/master", problem);
  return problem ? std::string{} : link.filename().string();
}

struct interface_address {
  std::string device;
  unsigned flags = 0;
  netcon::ip_address address, mask;
};

netcon::ip_address address_of(const sockaddr* from) {
  sockaddr_storage storage{};
  std::memcpy(&storage, from, from->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
  return netcon::to_endpoint(storage).address;
}

std::vector<interface_address> interface_addresses() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner{first, &::freeifaddrs};
  std::vector<interface_address> all;
  for (const auto* one = first; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_netmask == nullptr) continue;
    if (one->ifa_addr->sa_family != AF_INET && one->ifa_addr->sa_family != AF_INET6) continue;
    all.push_back({one->ifa_name, one->ifa_flags, address_of(one->ifa_addr), address_of(one->ifa_netmask)});
  }
  return all;
}

bool is_in_network(const netcon::ip_address& remote, const interface_address& own) {
  if (remote.family() != own.address.family()) return false;
  const std::size_t size = remote.is_v4() ? 4 : 16;
  for (std::size_t i = 0; i < size; ++i)
    if (((remote.raw()[i] ^ own.address.raw()[i]) & own.mask.raw()[i]) != 0) return false;
  return true;
}

/// The device whose source address the kernel would take; empty when there is no route.
std::string device_towards(const netcon::endpoint& remote) {
  const netcon::descriptor socket{::socket(netcon::family_of(remote.address), SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const netcon::socket_address to{remote};
  if (!socket || ::connect(socket.get(), to.get(), to.size) != 0) return {};
  const auto local = netcon::local_endpoint(socket.get());
  if (!local) return {};
  for (const auto& own : interface_addresses())
    if (own.address == local->address) return own.device;
  return {};
}

/// Where a route is missing because a link is down, that link.
std::optional<std::string> find_down_link(const netcon::ip_address& remote) {
  for (const auto& own : interface_addresses())
    if ((own.flags & IFF_UP) == 0 && is_in_network(remote, own))
      return fmt::format("{}: device {}, whose network it is in, is down; ip link set {} up",
                         to_string(remote), own.device, own.device);
  return std::nullopt;
}

bool has_no_carrier(const std::string& device) {
  for (const auto& own : interface_addresses())
    if (own.device == device) return (own.flags & IFF_UP) != 0 && (own.flags & IFF_RUNNING) == 0;
  return false;
}

std::string explain(const netcon::endpoint& to, const std::error_code& code,
                    const std::string& asked_device) {
  auto text = fmt::format("{}: {}", to_string(to.address), code.message());
  if (code.category() != netcon::route_category()) return text;
  const auto reason = static_cast<netcon::route_errc>(code.value());
  const auto device = asked_device.empty() ? device_towards(to) : asked_device;
  switch (reason) {
    case netcon::route_errc::no_route:
      if (const auto down = asked_device.empty() ? find_down_link(to.address) : std::nullopt) return *down;
      break;
    case netcon::route_errc::enslaved:
      if (const auto master = master_of(device); !master.empty())
        return fmt::format("{}: device {} belongs to {}; name the master instead: --device {}",
                           to_string(to.address), device, master, master);
      break;
    case netcon::route_errc::device_down:
      if (!device.empty())
        return fmt::format("{}: device {} is down; ip link set {} up", to_string(to.address), device, device);
      break;
    case netcon::route_errc::no_neighbour:
      if (!device.empty() && has_no_carrier(device))
        return fmt::format("{}: device {} has no carrier; is its cable connected?", to_string(to.address),
                           device);
      break;
    default:
      break;
  }
  return fmt::format("{}{}; {}", text, device.empty() ? "" : fmt::format(" (device {})", device),
                     hint(reason));
}

}  // namespace

std::expected<found_way, std::string> find_way(const netcon::endpoint& to, const way_options& options) {
  found_way out;
  netcon::target t{.extended = options.extended, .release = options.release};
  t.remote_ip = to.address;
  t.remote_port = to.port;
  t.local_port = options.from_port;
  t.remote_mac = options.mac;
  auto device = options.device;
  // Doctor, and later runs, look for a device by its own name.
  std::array<char, IF_NAMESIZE> own_name{}, zone{};
  if (!device.empty() && ::if_indextoname(::if_nametoindex(device.c_str()), own_name.data()) != nullptr &&
      device != own_name.data()) {
    out.remarks.push_back(fmt::format("device {0} is {1}: {1} is used", device, own_name.data()));
    device = own_name.data();
  }
  if (to.scope != 0 && ::if_indextoname(to.scope, zone.data()) != nullptr) {
    if (device.empty()) device = zone.data();
    if (device != zone.data() && device != master_of(zone.data()))
      return std::unexpected{fmt::format("{} is reached through {}, and --device names {}",
                                         to_string(to.address), zone.data(), device)};
  }
  if (!device.empty() && options.takes_master)
    if (auto master = master_of(device); !master.empty()) {
      out.remarks.push_back(fmt::format("device {} belongs to {}: {} is used", device, master, master));
      device = std::move(master);
    }
  if (!device.empty()) {
    const auto name = netcon::interface_name::parse(device);
    if (!name) return std::unexpected{fmt::format("'{}': {}", device, message(name.error().code))};
    t.local_device = *name;
  }
  netcon::route_options how;
  how.neighbour_timeout = options.wait;
  const auto done = netcon::complete(t, how);
  if (!done) return std::unexpected{explain(to, done.error(), device)};
  out.target = *done;

  const auto through = out.target.local_device.name().view();
  out.description = fmt::format("from {} through {} to {}", to_string(*out.target.local_ip), through,
                                to_string(out.target.remote_ip));
  const auto way = netcon::find_route(out.target.remote_ip, out.target.local_ip,
                                      ::if_nametoindex(std::string{through}.c_str()));
  if (way && way->via_gateway) out.description += fmt::format(", next hop {}", to_string(way->next_hop));
  out.description += fmt::format(" at {}", to_string(*out.target.remote_mac));
  if (way && way->is_wireless)
    out.remarks.push_back(fmt::format("{} {}", through, netcon::doctor::wireless_remark));
  if ((way && way->is_broadcast) || to.address.is_multicast())
    out.remarks.push_back(
        fmt::format("{} is a {} address: every machine {} gets the records, and none of them "
                    "answers netcon test",
                    to_string(to.address), to.address.is_multicast() ? "multicast" : "broadcast",
                    to.address.is_multicast() ? "of the group" : "of the network"));
  return out;
}

}  // namespace tool
