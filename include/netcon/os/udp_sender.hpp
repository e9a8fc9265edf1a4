// SPDX-License-Identifier: MIT
// A UDP socket that sends packets: in batches, failures counted, no threads of its own. Linux.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/os/descriptor.hpp>
#include <netcon/os/socket_address.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>

namespace netcon::inline v0_1 {

/// How a udp_sender opens its socket.
struct send_options {
  std::optional<endpoint> local{};  ///< chosen source address and port; port 0 takes a free one
  int buffer_bytes = 1024 * 1024;   ///< asked of the kernel, which may give less
};

/// A socket that sends packets to one endpoint, in order, and waits when its buffer is full.
class udp_sender {
 public:
  /// What a udp_sender did since it was made.
  struct counters {
    std::uint64_t packets = 0;  ///< given to the kernel
    std::uint64_t bytes = 0;    ///< of these packets, without UDP and IP headers
    // What was overcome on the way:
    std::uint64_t interrupted = 0;  ///< EINTR
    std::uint64_t waited = 0;       ///< EAGAIN: the socket's buffer was full
    std::uint64_t no_buffers = 0;   ///< ENOBUFS: the device's queue was full
    std::uint64_t refused = 0;      ///< ECONNREFUSED: an earlier packet found no listener
  };

  /// Errors: of socket(2), bind(2) and connect(2).
  [[nodiscard]] static std::expected<udp_sender, std::error_code> connect(
      const endpoint& remote, const send_options& options = {}) noexcept {
    udp_sender out;
    out.socket_ =
        descriptor{::socket(family_of(remote.address), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!out.socket_) return std::unexpected{last_error()};
    const int fd = out.socket_.get();
    set_socket_option(fd, SOL_SOCKET, SO_BROADCAST, 1);
    set_socket_option(fd, SOL_SOCKET, SO_SNDBUF, options.buffer_bytes);
    if (options.local) {
      const socket_address address{*options.local};
      if (::bind(fd, address.get(), address.size) != 0) return std::unexpected{last_error()};
    }
    const socket_address address{remote};
    if (::connect(fd, address.get(), address.size) != 0) return std::unexpected{last_error()};
    return out;
  }

  /// Sends one packet. Errors: of send(2) that another try cannot overcome, such as EMSGSIZE or ENETUNREACH.
  [[nodiscard]] std::expected<void, std::error_code> send(std::string_view packet) noexcept {
    const auto sent = send_batch({&packet, 1});
    if (!sent) return std::unexpected{sent.error()};
    return {};
  }

  /// Sends packets in order; returns how many went out before an error, or the error when it was the first.
  [[nodiscard]] std::expected<std::size_t, std::error_code> send_batch(
      std::span<const std::string_view> packets) noexcept {
    return send_while(packets, []() noexcept { return true; });
  }

  /// The same, which asks whether to go on each time that it had to wait: for room, a tenth of a second at
  /// most. Returns how many went out when the answer is no, perhaps none.
  template <std::predicate Proceed>
  [[nodiscard]] std::expected<std::size_t, std::error_code> send_while(
      std::span<const std::string_view> packets, Proceed&& proceed) {
    constexpr std::size_t chunk = 64;
    std::size_t done = 0;
    int tries = 0;
    while (done < packets.size()) {
      iovec iov[chunk];
      mmsghdr headers[chunk]{};
      const auto count = std::min(chunk, packets.size() - done);
      for (std::size_t i = 0; i < count; ++i) {
        const auto packet = packets[done + i];
        iov[i] = {const_cast<char*>(packet.data()), packet.size()};
        auto& header = headers[i].msg_hdr;
        header.msg_iov = &iov[i];
        header.msg_iovlen = 1;
      }
      const int sent = ::sendmmsg(socket_.get(), headers, static_cast<unsigned>(count), 0);
      if (sent > 0) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(sent); ++i)
          counters_.bytes += packets[done + i].size();
        counters_.packets += static_cast<std::uint64_t>(sent);
        done += static_cast<std::size_t>(sent);
        tries = 0;
        continue;
      }
      const int reason = errno;
      if (!overcome(reason) || tries++ == most_tries) {
        if (done != 0) return done;
        return std::unexpected{std::error_code{reason, std::system_category()}};
      }
      if (!proceed()) return done;
    }
    return done;
  }

  /// The address and port that packets come from. Errors: those of getsockname(2).
  [[nodiscard]] std::expected<endpoint, std::error_code> local() const noexcept {
    return local_endpoint(socket_.get());
  }
  /// Since the sender was made.
  [[nodiscard]] const counters& stats() const noexcept { return counters_; }
  /// For poll() and event loops; ownership stays here.
  [[nodiscard]] int native_handle() const noexcept { return socket_.get(); }

 private:
  udp_sender() noexcept = default;
  static constexpr int most_tries = 1000;

  /// Counts what another try can overcome, and waits when that needs time.
  bool overcome(int reason) noexcept {
    pollfd wanted{socket_.get(), POLLOUT, 0};
    switch (reason) {
      case EINTR:
        ++counters_.interrupted;
        return true;
      case ECONNREFUSED:
        ++counters_.refused;
        return true;
      case EAGAIN:
        ++counters_.waited;
        return ::poll(&wanted, 1, 100) >= 0 || errno == EINTR;
      // The queue of a device does not show in poll().
      case ENOBUFS:
        ++counters_.no_buffers;
        return ::poll(nullptr, 0, 1) >= 0 || errno == EINTR;
      default:
        return false;
    }
  }

  descriptor socket_;
  counters counters_;
};

}  // namespace netcon::inline v0_1
