// SPDX-License-Identifier: MIT
// The socket to which answers come: with the address and port that netpoll sends from.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/os/descriptor.hpp>
#include <netcon/os/icmp_error.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace tool {

class probe_socket {
 public:
  /// Takes datagrams of remote only. Several sockets may have the same local end. The error is one line.
  static std::expected<probe_socket, std::string> open(const netcon::endpoint& local,
                                                       const netcon::endpoint& remote);

  /// The error of this datagram, not the network's about an earlier one: take_error() has that.
  std::error_code send(std::string_view text) const;
  /// The next datagram, or nothing when there is none. Does not wait.
  std::optional<std::string> receive() const;
  std::optional<netcon::icmp_error> take_error() const { return netcon::take_icmp_error(fd()); }
  /// The address and port that it sends from.
  netcon::endpoint local() const;
  int fd() const { return socket_.get(); }

 private:
  netcon::descriptor socket_;
};

}  // namespace tool
