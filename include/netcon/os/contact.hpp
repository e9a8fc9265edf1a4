// SPDX-License-Identifier: MIT
// What comes back when a datagram is sent to a receiver, as a fact. Linux.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/time.hpp>
#include <netcon/doctor/facts.hpp>
#include <netcon/os/descriptor.hpp>
#include <netcon/os/icmp_error.hpp>
#include <netcon/os/socket_address.hpp>
#include <netcon/wire/probe.hpp>

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <system_error>

namespace netcon::inline v0_1 {

namespace detail {

/// A firewall of this machine held back a program's datagram, which says nothing of the receiver.
[[nodiscard]] inline doctor::fact<doctor::contact> held_back() {
  return doctor::fact<doctor::contact>::unknown(
      "a firewall of this machine lets no program's datagram out; what netconsole sends passes none here");
}

}  // namespace detail

/// What an ICMP message about a datagram to the receiver says. own: the address that the datagram came from.
/// Unknown where this machine itself rejects it.
[[nodiscard]] inline doctor::contact_facts read_contact(const endpoint& receiver, const icmp_error& error,
                                                        const ip_address& own) {
  using doctor::contact;
  const bool is_port = error.offender == receiver.address && error.code == std::errc::connection_refused;
  return {.receiver = receiver,
          .came = error.is_unresolved(own) ? contact::unresolved
                  : is_port                ? contact::refused
                  : error.offender == own  ? detail::held_back()
                                           : contact::unreachable,
          .by = error.offender,
          .said = std::string{describe_icmp(error.type, error.icmp_code, error.offender.is_v6())}};
}

/// How try_contact() asks.
struct contact_options {
  /// Where the datagrams come from: the address and port that netpoll uses, which holds no socket. A firewall
  /// that keeps state then sees one conversation, and what comes back for the kernel's own packets counts
  /// too. Where the kernel refuses it, because a program has the port or the address is gone, it chooses.
  std::optional<endpoint> local{};
  /// When to ask once more if nothing came back; zero: not at all. Linux sends one machine six ICMP errors at
  /// once and then one a second (icmp_ratelimit); one that a route refuses takes two of them. What the kernel
  /// itself and other programs send takes them too.
  std::chrono::milliseconds again_after{2200};
  /// How long an ICMP message about the last datagram may take.
  std::chrono::milliseconds patience{500};
};

namespace detail {

/// What errno of a call on the socket says about the receiver.
[[nodiscard]] inline doctor::contact_facts contact_of_errno(const endpoint& receiver, int code) {
  using answer = doctor::fact<doctor::contact>;
  const bool is_unreachable = code == EHOSTUNREACH || code == ENETUNREACH || code == EACCES;
  return {.receiver = receiver,
          .came = code == EPERM          ? held_back()
                  : code == ECONNREFUSED ? answer{doctor::contact::refused}
                  : is_unreachable
                      ? answer{doctor::contact::unreachable}
                      : answer::unknown(std::error_code{code, std::generic_category()}.message())};
}

/// Whether poll(2) has an event in that time. A signal does not end the wait.
[[nodiscard]] inline bool is_ready_within(pollfd& wanted, std::chrono::milliseconds patience) noexcept {
  using std::chrono::milliseconds;
  using clock = std::chrono::steady_clock;
  const auto end = after(clock::now(), to_nanoseconds(std::max(patience, milliseconds{0})));
  for (;;) {
    constexpr milliseconds most{std::numeric_limits<int>::max()};
    const auto left = std::clamp(std::chrono::ceil<milliseconds>(end - clock::now()), milliseconds{0}, most);
    const int ready = ::poll(&wanted, 1, static_cast<int>(left.count()));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

/// Sends one line of text and waits. Nothing: nothing came back.
[[nodiscard]] inline std::optional<doctor::contact_facts> ask_receiver(int fd, const endpoint& receiver,
                                                                       std::chrono::milliseconds patience) {
  const auto sent = ::send(fd, contact_question.data(), contact_question.size(), MSG_NOSIGNAL);
  const int problem = sent < 0 ? errno : 0;
  pollfd wanted{fd, POLLIN, 0};
  if (problem == 0 && !is_ready_within(wanted, patience)) return std::nullopt;
  const auto own = local_endpoint(fd);
  if (const auto error = take_icmp_error(fd); error && own)
    return read_contact(receiver, *error, own->address);
  if (problem != 0) return contact_of_errno(receiver, problem);
  char byte = 0;
  if (::recv(fd, &byte, 1, 0) >= 0)
    return doctor::contact_facts{.receiver = receiver, .came = doctor::contact::answered};
  if (errno == EAGAIN || errno == EINTR) return std::nullopt;
  return contact_of_errno(receiver, errno);
}

}  // namespace detail

/// Sends a line of text to the receiver's port, never an empty datagram, which ends `nc -u -l`, and waits for
/// an ICMP message. Asks once more when nothing came back. Takes again_after and patience together at most.
[[nodiscard]] inline doctor::contact_facts try_contact(const endpoint& receiver,
                                                       const contact_options& options = {}) {
  using namespace std::chrono_literals;
  const descriptor socket{
      ::socket(family_of(receiver.address), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) return detail::contact_of_errno(receiver, errno);
  if (options.local) {
    const socket_address from{*options.local};
    static_cast<void>(::bind(socket.get(), from.get(), from.size));
  }
  const socket_address to{receiver};
  if (::connect(socket.get(), to.get(), to.size) != 0) return detail::contact_of_errno(receiver, errno);
  if (const auto problem = keep_icmp_errors(socket.get()))
    return detail::contact_of_errno(receiver, problem.value());
  if (options.again_after != 0ms)
    if (auto came = detail::ask_receiver(socket.get(), receiver, options.again_after)) return *came;
  return detail::ask_receiver(socket.get(), receiver, options.patience)
      .value_or(doctor::contact_facts{.receiver = receiver, .came = doctor::contact::silent});
}

}  // namespace netcon::inline v0_1
