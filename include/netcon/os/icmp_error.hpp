// SPDX-License-Identifier: MIT
// What the network answers to a socket's datagrams when they cannot be delivered, and who says so (ip(7),
// IP_RECVERR). Linux.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/os/descriptor.hpp>
#include <netcon/os/socket_address.hpp>

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>

namespace netcon::inline v0_1 {

/// An ICMP message about a datagram that the socket, or netpoll with the socket's address and port, has sent.
struct [[nodiscard]] icmp_error {
  std::error_code code;   ///< ECONNREFUSED, EHOSTUNREACH, EMSGSIZE ...: as Linux translates the message
  ip_address offender;    ///< who sent the message: the receiver, a router, or this machine
  endpoint remote;        ///< where the datagram was sent
  std::uint8_t type = 0,  ///< as in ICMP; as in ICMPv6 when remote is IPv6
      icmp_code = 0;      ///< the code beside it

  /// This machine itself found no neighbour of that address: its packets do not leave at all. What its own
  /// firewall rejects has other codes.
  [[nodiscard]] bool is_unresolved(const ip_address& local) const noexcept {
    const bool is_host = offender.is_v6() ? type == 1 && icmp_code == 3 : type == 3 && icmp_code == 1;
    return is_host && offender == local;
  }
};

/// Has the kernel keep such messages for take_icmp_error(). The next call on the socket still fails with
/// their code, once. Errors: of setsockopt(2).
[[nodiscard]] inline std::error_code keep_icmp_errors(int fd) noexcept {
  const bool of_ipv4 = set_socket_option(fd, IPPROTO_IP, IP_RECVERR, 1);
  const bool of_ipv6 = set_socket_option(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
  return of_ipv4 || of_ipv6 ? std::error_code{} : last_error();
}

/// The oldest message that was kept, or nothing when there is none. Does not wait.
[[nodiscard]] inline std::optional<icmp_error> take_icmp_error(int fd) noexcept {
  for (;;) {
    std::array<char, 1> quoted{};
    iovec part{quoted.data(), quoted.size()};
    socket_address remote;
    alignas(cmsghdr) std::array<char, 512> control{};
    msghdr message{};
    message.msg_name = remote.get();
    message.msg_namelen = remote.size;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (::recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return std::nullopt;
    for (auto* head = CMSG_FIRSTHDR(&message); head != nullptr; head = CMSG_NXTHDR(&message, head)) {
      const bool is_error = (head->cmsg_level == IPPROTO_IP && head->cmsg_type == IP_RECVERR) ||
                            (head->cmsg_level == IPPROTO_IPV6 && head->cmsg_type == IPV6_RECVERR);
      if (!is_error || head->cmsg_len < CMSG_LEN(sizeof(sock_extended_err))) continue;
      sock_extended_err reason{};
      std::memcpy(&reason, CMSG_DATA(head), sizeof reason);
      if (reason.ee_origin != SO_EE_ORIGIN_ICMP && reason.ee_origin != SO_EE_ORIGIN_ICMP6) continue;
      sockaddr_storage from{};
      std::memcpy(&from, CMSG_DATA(head) + sizeof reason,
                  std::min<std::size_t>(head->cmsg_len - CMSG_LEN(sizeof reason), sizeof from));
      return icmp_error{.code = {static_cast<int>(reason.ee_errno), std::system_category()},
                        .offender = to_endpoint(from).address,
                        .remote = to_endpoint(remote.storage),
                        .type = reason.ee_type,
                        .icmp_code = reason.ee_code};
    }
  }
}

/// What the sender of the message means by it, as in "10.0.0.1 says: administratively prohibited" (RFC 792,
/// RFC 1812, RFC 4443).
[[nodiscard]] constexpr std::string_view describe_icmp(std::uint8_t type, std::uint8_t code,
                                                       bool is_ipv6) noexcept {
  constexpr std::uint8_t unreachable4 = 3, unreachable6 = 1, too_big6 = 2, time_exceeded4 = 11,
                         time_exceeded6 = 3;
  if (type == (is_ipv6 ? time_exceeded6 : time_exceeded4)) return "too many routers on the way";
  if (is_ipv6 && type == too_big6) return "the packet is too large for a link on the way";
  if (type != (is_ipv6 ? unreachable6 : unreachable4)) return "the packet cannot be delivered";
  if (is_ipv6) {
    switch (code) {
      case 0:
        return "no route to the network";
      case 1:
      case 5:
      case 6:
        return "administratively prohibited";
      case 3:
        return "host unreachable";
      case 4:
        return "port unreachable";
      default:
        return "the packet cannot be delivered";
    }
  }
  switch (code) {
    case 0:
      return "network unreachable";
    case 1:
      return "host unreachable";
    case 3:
      return "port unreachable";
    case 4:
      return "the packet is too large for a link on the way";
    case 9:
    case 10:
    case 13:
      return "administratively prohibited";
    default:
      return "the packet cannot be delivered";
  }
}

}  // namespace netcon::inline v0_1
