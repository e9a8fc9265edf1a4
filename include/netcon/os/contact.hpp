// SPDX-License-Identifier: MIT
// What comes back when a datagram is sent to a receiver, as a fact. Linux.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/doctor/facts.hpp>
#include <netcon/os/descriptor.hpp>
#include <netcon/os/icmp_error.hpp>
#include <netcon/os/socket_address.hpp>

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <system_error>

namespace netcon::inline v0_1 {

/// What an ICMP message about a datagram to the receiver says. own: the address that the datagram came from.
[[nodiscard]] inline doctor::contact_facts read_contact(const endpoint& receiver, const icmp_error& error,
                                                        const ip_address& own) {
  using doctor::contact;
  const bool is_port = error.offender == receiver.address && error.code == std::errc::connection_refused;
  return {.receiver = receiver,
          .came = error.is_unresolved(own) ? contact::unresolved
                  : is_port                ? contact::refused
                                           : contact::unreachable,
          .by = error.offender,
          .said = std::string{describe_icmp(error.type, error.icmp_code, error.offender.is_v6())}};
}

/// Sends one line of text to the receiver's port, never an empty datagram, which ends `nc -u -l`, and waits
/// so long for an ICMP message.
[[nodiscard]] inline doctor::contact_facts try_contact(const endpoint& receiver,
                                                       std::chrono::milliseconds patience) {
  using answer = doctor::fact<doctor::contact>;
  doctor::contact_facts out{.receiver = receiver};
  const auto end = [&](int code) {
    const bool is_unreachable =
        code == EHOSTUNREACH || code == ENETUNREACH || code == EACCES || code == EPERM;
    out.came = code == ECONNREFUSED ? answer{doctor::contact::refused}
               : is_unreachable     ? answer{doctor::contact::unreachable}
                                : answer::unknown(std::error_code{code, std::generic_category()}.message());
    return out;
  };
  const auto family = receiver.address.is_v4() ? AF_INET : AF_INET6;
  const descriptor socket{::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  const socket_address to{receiver};
  if (!socket || ::connect(socket.get(), to.get(), to.size) != 0) return end(errno);
  if (const auto problem = keep_icmp_errors(socket.get())) return end(problem.value());
  constexpr std::string_view text = "netcon doctor: does anything listen here?\n";
  if (::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0) return end(errno);
  pollfd wanted{socket.get(), POLLIN, 0};
  if (::poll(&wanted, 1, static_cast<int>(patience.count())) > 0) {
    const auto own = local_endpoint(socket.get());
    if (const auto error = take_icmp_error(socket.get()); error && own)
      return read_contact(receiver, *error, own->address);
    char byte = 0;
    if (::recv(socket.get(), &byte, 1, 0) < 0 && errno != EAGAIN && errno != EINTR) return end(errno);
  }
  out.came = doctor::contact::silent;
  return out;
}

}  // namespace netcon::inline v0_1
