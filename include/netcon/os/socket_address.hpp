// SPDX-License-Identifier: MIT
// An endpoint as the socket calls take it, and back. POSIX.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/os/descriptor.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>
#include <expected>
#include <system_error>

namespace netcon::inline v0_1 {

/// AF_INET or AF_INET6, as socket(2) and rtnetlink(7) take it.
[[nodiscard]] inline std::uint8_t family_of(const ip_address& address) noexcept {
  return address.is_v4() ? AF_INET : AF_INET6;
}

/// An endpoint as bind(2), connect(2) and sendmsg(2) take it, or room for what getsockname(2) answers.
struct socket_address {
  sockaddr_storage storage{};                 ///< an AF_INET or AF_INET6 address in network order
  socklen_t size = sizeof(sockaddr_storage);  ///< bytes of storage that count

  /// Room for any address.
  socket_address() noexcept = default;
  /// The address in the family of the endpoint.
  explicit socket_address(const endpoint& end) noexcept {
    if (end.address.is_v4()) {
      sockaddr_in in{};
      in.sin_family = AF_INET;
      in.sin_port = htons(end.port.value());
      std::memcpy(&in.sin_addr, end.address.raw().data(), 4);
      std::memcpy(&storage, &in, sizeof in);
      size = sizeof in;
    } else {
      sockaddr_in6 in{};
      in.sin6_family = AF_INET6;
      in.sin6_port = htons(end.port.value());
      in.sin6_scope_id = end.scope;
      std::memcpy(&in.sin6_addr, end.address.raw().data(), 16);
      std::memcpy(&storage, &in, sizeof in);
      size = sizeof in;
    }
  }

  /// For calls that fill it in.
  sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
  /// For calls that read it.
  [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// The endpoint in an AF_INET or AF_INET6 address. An IPv4 peer of a dual-stack socket comes back as IPv4.
[[nodiscard]] inline endpoint to_endpoint(const sockaddr_storage& storage) noexcept {
  if (storage.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &storage, sizeof in);
    ipv4_address::bytes_type bytes{};
    std::memcpy(bytes.data(), &in.sin_addr, bytes.size());
    return {ipv4_address{bytes}, port{ntohs(in.sin_port)}};
  }
  sockaddr_in6 in{};
  std::memcpy(&in, &storage, sizeof in);
  ipv6_address::bytes_type bytes{};
  std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
  const ipv6_address address{bytes};
  const bool has_zone = address.is_link_local() || (address.is_multicast() && (bytes[1] & 0xf) <= 2);
  return {ip_address{address}.unmapped(), port{ntohs(in.sin6_port)}, has_zone ? in.sin6_scope_id : 0};
}

/// setsockopt(2); false, with the reason in errno, when it fails.
template <class T>
bool set_socket_option(int fd, int level, int name, const T& value) noexcept {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

/// The address and port that a socket is bound to. Errors: those of getsockname(2).
[[nodiscard]] inline std::expected<endpoint, std::error_code> local_endpoint(int fd) noexcept {
  socket_address address;
  if (::getsockname(fd, address.get(), &address.size) != 0) return std::unexpected{last_error()};
  return to_endpoint(address.storage);
}

}  // namespace netcon::inline v0_1
