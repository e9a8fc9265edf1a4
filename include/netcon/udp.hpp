// UDP sockets for receiving and sending netconsole packets: batches, counted loss, no threads of its own.
// Linux.
#pragma once

#include <netcon/endpoint.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace netcon {

namespace detail {

/// One descriptor, closed with its owner.
class descriptor {
 public:
  descriptor() noexcept = default;
  explicit descriptor(int fd) noexcept : fd_{fd} {}
  descriptor(descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

inline std::error_code last_error() noexcept {
  return {errno, std::system_category()};
}

struct socket_address {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};

inline void fill(socket_address& out, const endpoint& end) noexcept {
  if (end.address.is_v4()) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(end.port.value());
    std::memcpy(&in.sin_addr, end.address.raw().data(), 4);
    std::memcpy(&out.storage, &in, sizeof in);
    out.size = sizeof in;
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(end.port.value());
    in.sin6_scope_id = end.scope;
    std::memcpy(&in.sin6_addr, end.address.raw().data(), 16);
    std::memcpy(&out.storage, &in, sizeof in);
    out.size = sizeof in;
  }
}

/// An IPv4 peer of a dual-stack socket comes back as IPv4.
inline endpoint to_endpoint(const sockaddr_storage& storage) noexcept {
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
  return {ip_address{address}.unmapped(), port{ntohs(in.sin6_port)},
          address.is_link_local() ? in.sin6_scope_id : 0};
}

template <class T>
bool set_option(int fd, int level, int name, const T& value) noexcept {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

inline std::expected<endpoint, std::error_code> local_endpoint(int fd) noexcept {
  socket_address address;
  if (::getsockname(fd, address.get(), &address.size) != 0) return std::unexpected{last_error()};
  return to_endpoint(address.storage);
}

}  // namespace detail

/// One received packet. The bytes belong to the batch and last until it receives again.
struct datagram {
  endpoint from;
  std::string_view bytes;
  std::chrono::system_clock::time_point received;  // by the kernel
  bool truncated = false;                          // it was longer than the buffer
};

/// The buffers of one call: made once, used again and again.
class datagram_batch {
 public:
  /// packets: most packets of one call. packet_bytes: room for each; a kernel never sends more than 1000.
  explicit datagram_batch(std::size_t packets = 64, std::size_t packet_bytes = 2048)
      : packet_bytes_{packet_bytes}, buffer_(packets * packet_bytes), slots_(packets), headers_(packets) {
    datagrams_.reserve(packets);
    for (std::size_t i = 0; i < packets; ++i) {
      slots_[i].iov = {buffer_.data() + i * packet_bytes_, packet_bytes_};
      auto& header = headers_[i].msg_hdr;
      header.msg_iov = &slots_[i].iov;
      header.msg_iovlen = 1;
      header.msg_name = &slots_[i].name;
      header.msg_control = slots_[i].control;
    }
  }
  datagram_batch(const datagram_batch&) = delete;
  datagram_batch& operator=(const datagram_batch&) = delete;

  std::span<const datagram> datagrams() const noexcept { return datagrams_; }
  auto begin() const noexcept { return datagrams_.begin(); }
  auto end() const noexcept { return datagrams_.end(); }
  std::size_t size() const noexcept { return datagrams_.size(); }

 private:
  friend class udp_receiver;

  struct slot {
    iovec iov;
    sockaddr_storage name;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(timespec)) + CMSG_SPACE(sizeof(std::uint32_t))];
  };

  std::size_t packet_bytes_;
  std::vector<char> buffer_;
  std::vector<slot> slots_;
  std::vector<mmsghdr> headers_;
  std::vector<datagram> datagrams_;
};

struct receive_options {
  int buffer_bytes = 8 * 1024 * 1024;  // asked of the kernel; receive_buffer() says what it gave
  bool dual_stack = true;              // an IPv6 socket takes IPv4 senders too
  bool reuse_port = false;             // several sockets share the port, each sender stays with one of them
};

/// A bound socket. Only stop() may be called from another thread or a signal handler.
class udp_receiver {
 public:
  /// Binds to an address and port; port 0 takes a free one, see local(). Errors: of socket(2) and bind(2).
  static std::expected<udp_receiver, std::error_code> bind(const endpoint& local,
                                                           const receive_options& options = {}) noexcept {
    const int family = local.address.is_v4() ? AF_INET : AF_INET6;
    udp_receiver out;
    out.socket_ = detail::descriptor{::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!out.socket_) return std::unexpected{detail::last_error()};
    const int fd = out.socket_.get();
    if (family == AF_INET6 && !detail::set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, int{!options.dual_stack}))
      return std::unexpected{detail::last_error()};
    if (options.reuse_port && !detail::set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1))
      return std::unexpected{detail::last_error()};
    detail::socket_address address;
    detail::fill(address, local);
    if (::bind(fd, address.get(), address.size) != 0) return std::unexpected{detail::last_error()};
    return adopt_socket(std::move(out), options);
  }

  /// Takes over a bound datagram socket, as systemd passes it. Errors: ENOTSOCK, EPROTOTYPE when it is no UDP
  /// socket.
  static std::expected<udp_receiver, std::error_code> adopt(int fd,
                                                            const receive_options& options = {}) noexcept {
    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0)
      return std::unexpected{detail::last_error()};
    detail::socket_address address;
    if (::getsockname(fd, address.get(), &address.size) != 0) return std::unexpected{detail::last_error()};
    if (type != SOCK_DGRAM || (address.storage.ss_family != AF_INET && address.storage.ss_family != AF_INET6))
      return std::unexpected{std::make_error_code(std::errc::wrong_protocol_type)};
    udp_receiver out;
    out.socket_ = detail::descriptor{fd};
    return adopt_socket(std::move(out), options);
  }

  /// Waits for at least one packet and takes all that are there, up to the size of the batch. 0 after the
  /// timeout, when a signal came, or after stop(). A negative timeout waits for ever.
  std::expected<std::size_t, std::error_code> receive_batch(datagram_batch& batch,
                                                            std::chrono::milliseconds timeout) noexcept {
    batch.datagrams_.clear();
    // Under load there is something already; poll() is for when there is not.
    if (auto got = take(batch); !got || *got != 0) return got;
    pollfd wanted[] = {{socket_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    const auto most = std::chrono::milliseconds{0x7fffffff};
    const int ready =
        ::poll(wanted, 2, timeout.count() < 0 ? -1 : static_cast<int>(std::min(timeout, most).count()));
    if (ready < 0 && errno != EINTR) return std::unexpected{detail::last_error()};
    if (ready <= 0) return 0;
    return take(batch);
  }

  /// Makes the receive_batch() that runs or comes next return at once, and every later one not wait.
  /// Async-signal-safe.
  void stop() const noexcept {
    const std::uint64_t one = 1;
    const int before = errno;
    [[maybe_unused]] const auto written = ::write(stop_.get(), &one, sizeof one);
    errno = before;
  }

  /// True after stop().
  bool stopped() const noexcept {
    pollfd wanted{stop_.get(), POLLIN, 0};
    return ::poll(&wanted, 1, 0) == 1;
  }

  std::expected<endpoint, std::error_code> local() const noexcept {
    return detail::local_endpoint(socket_.get());
  }
  /// Bytes that the kernel really set aside for waiting packets; it counts its own overhead of each.
  int receive_buffer() const noexcept { return receive_buffer_; }
  /// Packets that the kernel dropped because the buffer was full, as far as a later packet told.
  std::uint64_t dropped() const noexcept { return dropped_; }
  /// For poll() and event loops; ownership stays here.
  int native_handle() const noexcept { return socket_.get(); }

 private:
  udp_receiver() noexcept = default;

  static std::expected<udp_receiver, std::error_code> adopt_socket(udp_receiver out,
                                                                   const receive_options& options) noexcept {
    const int fd = out.socket_.get();
    if (!detail::set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, options.buffer_bytes))
      detail::set_option(fd, SOL_SOCKET, SO_RCVBUF, options.buffer_bytes);
    socklen_t size = sizeof out.receive_buffer_;
    ::getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &out.receive_buffer_, &size);
    detail::set_option(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
    detail::set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    out.stop_ = detail::descriptor{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!out.stop_) return std::unexpected{detail::last_error()};
    return out;
  }

  std::expected<std::size_t, std::error_code> take(datagram_batch& batch) noexcept {
    for (auto& header : batch.headers_) {
      header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
      header.msg_hdr.msg_controllen = sizeof(datagram_batch::slot::control);
    }
    const int got = ::recvmmsg(socket_.get(), batch.headers_.data(),
                               static_cast<unsigned>(batch.headers_.size()), MSG_DONTWAIT, nullptr);
    if (got < 0) {
      // A pending error of the socket is read once and gone; there is nothing to receive for it.
      if (errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED || errno == ENETDOWN ||
          errno == ENETUNREACH || errno == EHOSTUNREACH)
        return 0;
      return std::unexpected{detail::last_error()};
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
      auto& header = batch.headers_[i];
      datagram out{.from = detail::to_endpoint(batch.slots_[i].name),
                   .bytes = {batch.buffer_.data() + i * batch.packet_bytes_, header.msg_len},
                   .received = {},
                   .truncated = (header.msg_hdr.msg_flags & MSG_TRUNC) != 0};
      for (auto* part = CMSG_FIRSTHDR(&header.msg_hdr); part != nullptr;
           part = CMSG_NXTHDR(&header.msg_hdr, part)) {
        if (part->cmsg_level != SOL_SOCKET) continue;
        if (part->cmsg_type == SO_TIMESTAMPNS) {
          timespec at{};
          std::memcpy(&at, CMSG_DATA(part), sizeof at);
          out.received = std::chrono::system_clock::time_point{
              std::chrono::duration_cast<std::chrono::system_clock::duration>(
                  std::chrono::seconds{at.tv_sec} + std::chrono::nanoseconds{at.tv_nsec})};
        } else if (part->cmsg_type == SO_RXQ_OVFL) {
          std::uint32_t total = 0;
          std::memcpy(&total, CMSG_DATA(part), sizeof total);
          dropped_ += static_cast<std::uint32_t>(total - last_dropped_);
          last_dropped_ = total;
        }
      }
      batch.datagrams_.push_back(out);
    }
    return batch.datagrams_.size();
  }

  detail::descriptor socket_;
  detail::descriptor stop_;
  int receive_buffer_ = 0;
  std::uint32_t last_dropped_ = 0;
  std::uint64_t dropped_ = 0;
};

/// The first datagram socket passed in by systemd (LISTEN_FDS, sd_listen_fds(3)), if any; later ones are
/// count - 1 more.
struct passed_sockets {
  static constexpr int first = 3;
  int count = 0;

  /// Reads LISTEN_PID and LISTEN_FDS; 0 when they are not meant for this process.
  static passed_sockets from_environment() noexcept {
    const char* const pid = ::getenv("LISTEN_PID");
    const char* const fds = ::getenv("LISTEN_FDS");
    if (pid == nullptr || fds == nullptr || std::strtol(pid, nullptr, 10) != ::getpid()) return {};
    const long count = std::strtol(fds, nullptr, 10);
    return {count > 0 && count < 1024 ? static_cast<int>(count) : 0};
  }
};

struct send_options {
  std::optional<endpoint> local{};  // chosen source address and port
  int buffer_bytes = 1024 * 1024;
};

/// A connected socket that sends packets to one endpoint. Waits when the socket's buffer is full.
class udp_sender {
 public:
  struct counters {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t refused = 0;  // answers "nobody listens" to packets of before
    std::uint64_t retried = 0;  // waits for room in a full buffer
  };

  /// Errors: of socket(2), bind(2) and connect(2).
  static std::expected<udp_sender, std::error_code> connect(const endpoint& remote,
                                                            const send_options& options = {}) noexcept {
    udp_sender out;
    out.socket_ = detail::descriptor{
        ::socket(remote.address.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!out.socket_) return std::unexpected{detail::last_error()};
    const int fd = out.socket_.get();
    detail::set_option(fd, SOL_SOCKET, SO_BROADCAST, 1);
    detail::set_option(fd, SOL_SOCKET, SO_SNDBUF, options.buffer_bytes);
    detail::socket_address address;
    if (options.local) {
      detail::fill(address, *options.local);
      if (::bind(fd, address.get(), address.size) != 0) return std::unexpected{detail::last_error()};
    }
    detail::fill(address, remote);
    if (::connect(fd, address.get(), address.size) != 0) return std::unexpected{detail::last_error()};
    return out;
  }

  /// Sends one packet. Errors: of send(2) that a further try cannot mend, such as EMSGSIZE or ENETUNREACH.
  std::expected<void, std::error_code> send(std::string_view packet) noexcept {
    const auto sent = send_batch(std::span{&packet, 1});
    if (!sent) return std::unexpected{sent.error()};
    return {};
  }

  /// Sends packets in order; returns how many went out before an error, or the error when it was the first.
  std::expected<std::size_t, std::error_code> send_batch(std::span<const std::string_view> packets) noexcept {
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
        headers[i].msg_hdr.msg_iov = &iov[i];
        headers[i].msg_hdr.msg_iovlen = 1;
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
      if (reason == EINTR) continue;
      if (reason == ECONNREFUSED && tries++ < most_tries) {
        ++counters_.refused;
        continue;
      }
      if ((reason == EAGAIN || reason == ENOBUFS) && tries++ < most_tries) {
        ++counters_.retried;
        pollfd wanted{socket_.get(), POLLOUT, 0};
        // A full queue of the device (ENOBUFS) does not show in poll().
        if (::poll(&wanted, 1, 100) > 0 && reason == ENOBUFS) ::poll(nullptr, 0, 1);
        continue;
      }
      if (done != 0) return done;
      return std::unexpected{std::error_code{reason, std::system_category()}};
    }
    return done;
  }

  std::expected<endpoint, std::error_code> local() const noexcept {
    return detail::local_endpoint(socket_.get());
  }
  const counters& stats() const noexcept { return counters_; }
  int native_handle() const noexcept { return socket_.get(); }

 private:
  udp_sender() noexcept = default;
  static constexpr int most_tries = 1000;

  detail::descriptor socket_;
  counters counters_;
};

}  // namespace netcon
