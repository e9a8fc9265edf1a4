// SPDX-License-Identifier: MIT
#include "listen/listen_sockets.hpp"

#include "options/address.hpp"
#include "output/output.hpp"

#include <fmt/format.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace tool {
namespace {

using namespace std::chrono_literals;

std::string explain(const netcon::endpoint& local, std::string_view interface, const std::error_code& code) {
  if (code == std::errc::no_such_device && !interface.empty()) return no_interface(interface);
  const auto port = local.port.value();
  auto what = fmt::format("cannot listen on {}: {}", to_string(local), code.message());
  if (code == std::errc::no_such_device && local.address.is_multicast())
    return what + "; no route leads to the group: name the interface with --interface";
  if (code == std::errc::address_in_use)
    return fmt::format(
        "{}; 'ss -ulpn sport = :{}' shows who has the port: end that program or take another port", what,
        port);
  if (code == std::errc::permission_denied)
    return what + "; ports below 1024 are for root: use sudo or a higher port";
  if (code == std::errc::address_not_available)
    return what + "; no interface of this machine has that address: 'ip addr' lists them";
  if (code == std::errc::invalid_argument && local.address.is_v6() && local.address.is_link_local() &&
      local.scope == 0)
    return fmt::format("{}; a link-local address needs its zone, the interface: [{}%eth0]:{}", what,
                       to_string(local.address), port);
  return what;
}

/// Without an address, IPv4 alone will do on a machine without IPv6.
std::expected<netcon::udp_receiver, std::string> open(const netcon::endpoint& wanted,
                                                      const netcon::receive_options& how) {
  auto socket = netcon::udp_receiver::bind(wanted, how);
  if (socket) return std::move(*socket);
  const bool no_ipv6 = socket.error() == std::errc::address_family_not_supported ||
                       socket.error() == std::errc::address_not_available;
  if (no_ipv6 && wanted.address == netcon::ip_address{netcon::ipv6_address{}}) {
    const netcon::endpoint any{netcon::ipv4_address{}, wanted.port};
    socket = netcon::udp_receiver::bind(any, how);
    if (socket) {
      say("netcon: no IPv6 on this machine: IPv4 only\n");
      return std::move(*socket);
    }
    return std::unexpected{explain(any, how.interface, socket.error())};
  }
  return std::unexpected{explain(wanted, how.interface, socket.error())};
}

/// How long a batch may gather packets: too short for any reader to notice.
constexpr auto gathering = 250us;

netcon::receive_options options_of(const socket_settings& settings) {
  netcon::receive_options how;
  how.gather = gathering;
  how.interface = settings.interface;
  how.hops = settings.hops;
  how.local = settings.local;
  return how;
}

/// fe80::/10, and groups of one link, ff02::/16: the kernel binds these to the interface of the zone.
bool is_of_link(const netcon::ip_address& address) {
  const auto bytes = address.raw();
  return address.is_v6() && (address.is_link_local() || (bytes[0] == 0xff && (bytes[1] & 0xf) == 2));
}

/// Which of these receives what the wanted one would: [::] receives for each address, 0.0.0.0 for each of
/// IPv4.
std::optional<netcon::endpoint> find_taken(const std::vector<netcon::endpoint>& known,
                                           const netcon::endpoint& wanted) {
  const auto covers = [](const netcon::ip_address& one, const netcon::ip_address& other) {
    return one == other || (one.is_unspecified() && (one.is_v6() || other.is_v4()));
  };
  // A link-local address is another one in each zone.
  const auto share_zone = [](const netcon::endpoint& one, const netcon::endpoint& other) {
    return one.scope == other.scope || one.scope == 0 || other.scope == 0 || !is_of_link(one.address) ||
           !is_of_link(other.address);
  };
  for (const auto& one : known)
    if (wanted.port != netcon::port{} && one.port == wanted.port && share_zone(one, wanted) &&
        (covers(one.address, wanted.address) || covers(wanted.address, one.address)))
      return one;
  return std::nullopt;
}

}  // namespace

std::string no_interface(std::string_view name) {
  return fmt::format("--interface {}: there is no such interface; 'ip link' lists them", name);
}

std::expected<std::vector<netcon::endpoint>, std::string> read_listen_addresses(
    const std::vector<std::string>& texts) {
  std::vector<netcon::endpoint> out;
  for (const auto& text : texts) {
    const auto wanted = parse_listen_address(text);
    if (!wanted) return std::unexpected{wanted.error()};
    if (const auto taken = find_taken(out, *wanted))
      return std::unexpected{
          fmt::format("cannot listen on {}: this command listens on {} already; give each port once",
                      to_string(*wanted), to_string(*taken))};
    out.push_back(*wanted);
  }
  return out;
}

bool has_lost_interface(int fd) {
  char name[IF_NAMESIZE]{};
  socklen_t size = sizeof name;
  return ::getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &size) != 0 && errno == ENODEV;
}

std::expected<sockets, std::string> adopt_sockets(const netcon::passed_sockets& passed,
                                                  const socket_settings& settings) {
  sockets out;
  for (int i = 0; i < passed.count; ++i) {
    auto socket = netcon::udp_receiver::adopt(passed.first + i, options_of(settings));
    if (!socket)
      return std::unexpected{
          fmt::format("socket {} from the service manager: {}", i + 1, socket.error().message())};
    out.push_back(std::move(*socket));
  }
  return out;
}

std::expected<sockets, std::string> open_sockets(const std::vector<netcon::endpoint>& addresses,
                                                 unsigned threads, const socket_settings& settings) {
  sockets out;
  for (auto wanted : addresses) {
    // Each socket of a group would get all of its packets.
    const unsigned count = wanted.address.is_multicast() ? 1 : threads;
    auto how = options_of(settings);
    // Sockets that share a port would share it with those of another process too, and get half of its
    // senders.
    if (count > 1 && wanted.port != netcon::port{}) {
      const auto alone = open(wanted, how);
      if (!alone) return std::unexpected{alone.error()};
      if (const auto local = alone->local()) wanted = *local;  // IPv4 alone may have done
    }
    how.reuse_port = count > 1;
    for (unsigned i = 0; i < count; ++i) {
      auto socket = open(wanted, how);
      if (!socket) return std::unexpected{socket.error()};
      // The first socket took a free port; the others share it.
      if (const auto local = socket->local()) wanted = *local;
      out.push_back(std::move(*socket));
    }
  }
  return out;
}

void announce(const sockets& all) {
  std::optional<netcon::endpoint> last;
  for (const auto& socket : all) {
    const auto local = socket.local();
    if (!local || *local == last) continue;
    last = *local;
    // The kernel doubles what it is asked for, to have room for its own bookkeeping.
    const netcon::receive_options wanted;
    if (socket.receive_buffer() / 2 < wanted.buffer_bytes)
      say("netcon: the socket buffer has {} KiB, not {}: run as root, or sysctl -w net.core.rmem_max={}\n",
          socket.receive_buffer() / 2048, wanted.buffer_bytes / 1024, wanted.buffer_bytes);
    say("netcon: listening on {}\n", to_string(*local));
  }
}

}  // namespace tool
