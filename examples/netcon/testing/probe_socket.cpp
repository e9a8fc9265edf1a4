// SPDX-License-Identifier: MIT
#include "testing/probe_socket.hpp"

#include <netcon/os/socket_address.hpp>

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

namespace tool {
namespace {

std::string explain_bind(const netcon::endpoint& local, const std::error_code& code) {
  auto what = fmt::format("cannot take {}: {}", to_string(local), code.message());
  if (code == std::errc::address_in_use)
    what += fmt::format("; 'ss -uapn sport = :{}' shows who has the port: answers would go there",
                        local.port.value());
  else if (code == std::errc::address_not_available)
    what +=
        "; no interface of this machine has that address any more: 'netcon suggest RECEIVER --apply' "
        "corrects the target";
  else if (code == std::errc::permission_denied)
    what += "; ports below 1024 are for root: use sudo";
  return what;
}

}  // namespace

std::expected<probe_socket, std::string> probe_socket::open(const netcon::endpoint& local,
                                                            const netcon::endpoint& remote) {
  probe_socket out;
  const int family = netcon::family_of(remote.address);
  out.socket_ = netcon::descriptor{::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!out.socket_) return std::unexpected{fmt::format("no socket: {}", netcon::last_error().message())};
  netcon::set_socket_option(out.fd(), SOL_SOCKET, SO_REUSEADDR, 1);
  netcon::set_socket_option(out.fd(), SOL_SOCKET, SO_BROADCAST, 1);
  static_cast<void>(netcon::keep_icmp_errors(out.fd()));  // without them a refusal is told by its code alone
  const netcon::socket_address from{local}, to{remote};
  if (::bind(out.fd(), from.get(), from.size) != 0)
    return std::unexpected{explain_bind(local, netcon::last_error())};
  if (::connect(out.fd(), to.get(), to.size) != 0)
    return std::unexpected{fmt::format("cannot reach {} from {}: {}; 'ip route get {}' shows the way",
                                       to_string(remote), to_string(local), netcon::last_error().message(),
                                       to_string(remote.address))};
  return out;
}

std::error_code probe_socket::send(std::string_view text) const {
  std::error_code problem;
  for (int tries = 0; tries < 2; ++tries) {
    if (::send(fd(), text.data(), text.size(), MSG_NOSIGNAL) >= 0) return {};
    problem = netcon::last_error();
    // The refusal of an earlier datagram: it does not say that this one was not sent.
    if (errno != ECONNREFUSED && errno != EHOSTUNREACH && errno != ENETUNREACH) break;
  }
  return problem;
}

std::optional<std::string> probe_socket::receive() const {
  std::array<char, 2048> text;
  for (int tries = 0; tries < 2; ++tries) {
    const auto size = ::recv(fd(), text.data(), text.size(), 0);
    if (size >= 0) return std::string{text.data(), static_cast<std::size_t>(size)};
    if (errno == EAGAIN) break;  // any other error is one of the network, and gone once it is read
  }
  return std::nullopt;
}

netcon::endpoint probe_socket::local() const {
  return netcon::local_endpoint(fd()).value_or(netcon::endpoint{});
}

}  // namespace tool
