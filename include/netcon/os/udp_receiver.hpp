// SPDX-License-Identifier: MIT
// A UDP socket that receives packets: in batches, loss counted, no threads of its own. Linux.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/detail/cast_to.hpp>
#include <netcon/os/datagram_batch.hpp>
#include <netcon/os/descriptor.hpp>
#include <netcon/os/internal/multicast_group.hpp>
#include <netcon/os/socket_address.hpp>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace netcon::inline v0_1 {

/// How a udp_receiver opens its socket.
struct receive_options {
  int buffer_bytes = 8 * 1024 * 1024;  ///< asked of the kernel; receive_buffer() says what it gave
  bool dual_stack = true;              ///< an IPv6 socket takes IPv4 senders too
  bool reuse_port = false;             ///< several sockets share the port, each sender stays with one of them
  /// While packets come quicker than this, a wait goes on for as long again, so that many are taken by one
  /// call: much less CPU a packet for that much latency. 0: each call takes what is there at once.
  std::chrono::microseconds gather{0};
  std::string_view interface{};  ///< packets of this one only; empty: of all
  bool hops = false;             ///< ask for datagram::hops
  bool local = false;            ///< ask for datagram::local
};

/// A bound socket. Only stop() may be called from another thread or a signal handler.
class udp_receiver {
 public:
  /// Binds to an address and port; port 0 takes a free one, see local(). The group of a multicast address is
  /// joined: on the interface of the options, else on that of the scope, else where the routes lead. Each
  /// socket of a group gets all of its packets. Errors: of socket(2) and bind(2); ENODEV when no interface
  /// leads to the group.
  [[nodiscard]] static std::expected<udp_receiver, std::error_code> bind(
      const endpoint& local, const receive_options& options = {}) noexcept {
    const auto family = family_of(local.address);
    descriptor socket{::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!socket) return std::unexpected{last_error()};
    const int fd = socket.get();
    if (family == AF_INET6 && !set_socket_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, int{!options.dual_stack}))
      return std::unexpected{last_error()};
    if (options.reuse_port && !set_socket_option(fd, SOL_SOCKET, SO_REUSEPORT, 1))
      return std::unexpected{last_error()};
    if (!bind_to_interface(fd, options.interface)) return std::unexpected{last_error()};
    const socket_address address{local};
    if (::bind(fd, address.get(), address.size) != 0) return std::unexpected{last_error()};
    if (!detail::join_group(fd, local, options.interface)) return std::unexpected{last_error()};
    if (!set_socket_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, options.buffer_bytes))
      set_socket_option(fd, SOL_SOCKET, SO_RCVBUF, options.buffer_bytes);
    return finish(socket, options);
  }

  /// Takes over a bound datagram socket, as systemd passes it; its buffer may grow but does not shrink. The
  /// group of a multicast address is joined as by bind(). After an error the caller still has it. Errors:
  /// ENOTSOCK, EPROTOTYPE when it is no UDP socket; ENODEV as there.
  [[nodiscard]] static std::expected<udp_receiver, std::error_code> adopt(
      int fd, const receive_options& options = {}) noexcept {
    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return std::unexpected{last_error()};
    socket_address address;
    if (::getsockname(fd, address.get(), &address.size) != 0) return std::unexpected{last_error()};
    if (type != SOCK_DGRAM || (address.storage.ss_family != AF_INET && address.storage.ss_family != AF_INET6))
      return std::unexpected{std::make_error_code(std::errc::wrong_protocol_type)};
    descriptor socket{fd};
    auto out = take_over(socket, to_endpoint(address.storage), options);
    if (!out) static_cast<void>(socket.release());
    return out;
  }

  /// Waits for at least one packet and takes all that are there, up to the size of the batch. 0 after the
  /// timeout, when a signal came, or after stop(). A negative timeout waits for ever.
  [[nodiscard]] std::expected<std::size_t, std::error_code> receive_batch(
      datagram_batch& batch, std::chrono::milliseconds timeout) noexcept {
    batch.datagrams_.clear();
    // Behind a full batch there is more; otherwise to ask before waiting would mostly be in vain.
    if (more_ || timeout.count() == 0 || stopped()) {
      const auto got = take(batch);
      if (!got || *got != 0 || timeout.count() == 0 || stopped()) return got;
    }
    pollfd wanted[] = {{socket_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
    const auto most = std::chrono::milliseconds{0x7fffffff};
    const int ready =
        ::poll(wanted, 2, timeout.count() < 0 ? -1 : static_cast<int>(std::min(timeout, most).count()));
    if (ready < 0 && errno != EINTR) return std::unexpected{last_error()};
    if (ready <= 0) return 0;
    if ((wanted[1].revents & POLLIN) != 0 && !stopped())
      if (const auto renewed = renew_wake(); !renewed) return std::unexpected{renewed.error()};
    if (gather_.count() != 0 && std::chrono::steady_clock::now() - last_taken_ < gather_ && !stopped()) {
      const timespec pause{0, detail::cast_to<long>(std::chrono::nanoseconds{gather_}.count())};
      ::nanosleep(&pause, nullptr);
    }
    const auto got = take(batch);
    if (gather_.count() != 0) last_taken_ = std::chrono::steady_clock::now();
    return got;
  }

  /// Sends text to who sent a datagram, from the address that it was sent to where datagram::local has it: a
  /// firewall on the way knows no other. Does not wait. Errors: of sendmsg(2); EINVAL or EACCES where the
  /// datagram came to or from an address of many.
  [[nodiscard]] std::expected<void, std::error_code> answer(const datagram& to,
                                                            std::string_view text) const noexcept {
    const auto as_sent = [this](const endpoint& end) {
      return endpoint{is_ipv6_ && end.address.is_v4() ? mapped(end.address) : end.address, end.port,
                      end.scope};
    };
    const socket_address peer{as_sent(to.sender)};
    iovec part{const_cast<char*>(text.data()), text.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> control{};
    msghdr message{};
    message.msg_name = const_cast<sockaddr*>(peer.get());
    message.msg_namelen = peer.size;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    const auto send_from = [&](int level, int type, const auto& info) {
      message.msg_control = control.data();
      message.msg_controllen = CMSG_SPACE(sizeof info);
      auto* const head = CMSG_FIRSTHDR(&message);
      head->cmsg_level = level;
      head->cmsg_type = type;
      head->cmsg_len = CMSG_LEN(sizeof info);
      std::memcpy(CMSG_DATA(head), &info, sizeof info);
    };
    if (to.local && is_ipv6_) {
      in6_pktinfo info{};
      std::memcpy(&info.ipi6_addr, as_sent({*to.local, {}}).address.raw().data(), sizeof info.ipi6_addr);
      info.ipi6_ifindex = to.sender.scope;
      send_from(IPPROTO_IPV6, IPV6_PKTINFO, info);
    } else if (to.local) {
      in_pktinfo info{};
      std::memcpy(&info.ipi_spec_dst, to.local->raw().data(), sizeof info.ipi_spec_dst);
      send_from(IPPROTO_IP, IP_PKTINFO, info);
    }
    if (::sendmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
      return std::unexpected{last_error()};
    return {};
  }

  /// Ends the wait of the receive_batch() that runs, and every later one: they take what is there and return.
  /// Read until 0 and nothing that came before is lost. Async-signal-safe. Of a process that was forked from
  /// this one it ends nothing.
  void stop() const noexcept {
    stopped_.value.store(true);
    const std::uint64_t one = 1;
    const int before = errno;
    [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
    errno = before;
  }

  /// From now on the kernel drops what comes, and counts it: what waits can be read to its end even under a
  /// flood. The socket stays so, for other owners of it too.
  [[nodiscard]] std::expected<void, std::error_code> refuse_more() noexcept {
    sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    const sock_fprog program{1, &nothing};
    if (!set_socket_option(socket_.get(), SOL_SOCKET, SO_ATTACH_FILTER, program))
      return std::unexpected{last_error()};
    return {};
  }

  /// True after stop().
  [[nodiscard]] bool stopped() const noexcept { return stopped_.value.load(std::memory_order_relaxed); }

  /// The address and port that the socket is bound to. Errors: those of getsockname(2).
  [[nodiscard]] std::expected<endpoint, std::error_code> local() const noexcept {
    return local_endpoint(socket_.get());
  }
  /// Bytes that the kernel really set aside for waiting packets; it counts its own overhead of each.
  [[nodiscard]] int receive_buffer() const noexcept { return receive_buffer_; }
  /// Packets that the kernel dropped because the buffer was full. Before Linux 4.12 those after the last
  /// packet received are not known yet.
  [[nodiscard]] std::uint64_t dropped() const noexcept {
    const auto memory = memory_of_socket();
    if (!memory) return dropped_;
    const std::uint32_t more = (*memory)[SK_MEMINFO_DROPS] - last_dropped_;
    return dropped_ + more;
  }
  /// Bytes of the buffer that waiting packets take, of receive_buffer(). 0 before Linux 4.12, which does not
  /// tell.
  [[nodiscard]] int waiting_bytes() const noexcept {
    const auto memory = memory_of_socket();
    return memory ? detail::cast_to<int>((*memory)[SK_MEMINFO_RMEM_ALLOC]) : 0;
  }
  /// The last batch was full: there is probably more.
  [[nodiscard]] bool has_more() const noexcept { return more_; }
  /// For poll() and event loops; ownership stays here.
  [[nodiscard]] int native_handle() const noexcept { return socket_.get(); }

 private:
  udp_receiver() noexcept = default;

  /// An atomic that moves with its owner. Only the owner may use it meanwhile.
  struct flag {
    flag() noexcept = default;
    flag(flag&& other) noexcept : value{other.value.load()} {}
    flag& operator=(flag&& other) noexcept {
      value = other.value.load();
      return *this;
    }
    mutable std::atomic<bool> value{false};
  };

  using socket_memory = std::array<std::uint32_t, SK_MEMINFO_DROPS + 1>;
  std::optional<socket_memory> memory_of_socket() const noexcept {
    socket_memory out{};
    socklen_t size = sizeof out;
    if (::getsockopt(socket_.get(), SOL_SOCKET, SO_MEMINFO, out.data(), &size) != 0 || size < sizeof out)
      return {};
    return out;
  }

  /// An IPv4 address as a socket of both families has it.
  static ip_address mapped(const ip_address& v4) noexcept {
    ipv6_address::bytes_type bytes{};
    bytes[10] = bytes[11] = 0xff;
    std::memcpy(&bytes[12], v4.raw().data(), 4);
    return ipv6_address{bytes};
  }

  /// Errors: ENODEV; EPERM before Linux 5.7, and where the socket is bound to another one.
  static bool bind_to_interface(int fd, std::string_view name) noexcept {
    // The kernel would take the beginning.
    if (name.size() >= IF_NAMESIZE || name.find('\0') != name.npos) {
      errno = ENODEV;
      return false;
    }
    return name.empty() || ::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name.data(),
                                        static_cast<socklen_t>(name.size())) == 0;
  }

  static int buffer_of(int fd) noexcept {
    int bytes = 0;
    socklen_t size = sizeof bytes;
    ::getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &size);
    return bytes;
  }

  static std::expected<udp_receiver, std::error_code> take_over(descriptor& socket, const endpoint& local,
                                                                const receive_options& options) noexcept {
    const int fd = socket.get();
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (!bind_to_interface(fd, options.interface)) return std::unexpected{last_error()};
    if (!detail::join_group(fd, local, options.interface)) return std::unexpected{last_error()};
    const int before = buffer_of(fd);
    if (before / 2 < options.buffer_bytes &&
        !set_socket_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, options.buffer_bytes)) {
      // SO_RCVBUF would cut a buffer that somebody with more rights made down to what we may have.
      const descriptor trial{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
      if (set_socket_option(trial.get(), SOL_SOCKET, SO_RCVBUF, options.buffer_bytes) &&
          buffer_of(trial.get()) > before)
        set_socket_option(fd, SOL_SOCKET, SO_RCVBUF, options.buffer_bytes);
    }
    return finish(socket, options);
  }

  /// Takes the socket unless it fails.
  static std::expected<udp_receiver, std::error_code> finish(descriptor& socket,
                                                             const receive_options& options) noexcept {
    const int fd = socket.get();
    udp_receiver out;
    out.receive_buffer_ = buffer_of(fd);
    out.gather_ =
        std::clamp(options.gather, std::chrono::microseconds{0}, std::chrono::microseconds{999'999});
    set_socket_option(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
    set_socket_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    if (options.hops) {
      // A socket of both families has both.
      const bool of_ipv4 = set_socket_option(fd, IPPROTO_IP, IP_RECVTTL, 1);
      const bool of_ipv6 = set_socket_option(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
      if (!of_ipv4 && !of_ipv6) return std::unexpected{last_error()};
    }
    int family = AF_INET;
    socklen_t size = sizeof family;
    ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
    out.is_ipv6_ = family == AF_INET6;
    if (options.local && !(out.is_ipv6_ ? set_socket_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
                                        : set_socket_option(fd, IPPROTO_IP, IP_PKTINFO, 1)))
      return std::unexpected{last_error()};
    out.wake_ = descriptor{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!out.wake_) return std::unexpected{last_error()};
    out.socket_ = std::move(socket);
    return out;
  }

  /// A descriptor of its own for this process. The one before is that of a process forked from it too, or of
  /// the one it was forked from, which has called stop().
  std::expected<void, std::error_code> renew_wake() noexcept {
    const descriptor fresh{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    // The number stays: stop() may come at this moment.
    if (!fresh || ::dup3(fresh.get(), wake_.get(), O_CLOEXEC) < 0) return std::unexpected{last_error()};
    return {};
  }

  std::expected<std::size_t, std::error_code> take(datagram_batch& batch) noexcept {
    batch.renew();
    for (auto& header : batch.headers_) {
      header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
      header.msg_hdr.msg_controllen = sizeof(datagram_batch::slot::control);
    }
    const int got = ::recvmmsg(socket_.get(), batch.headers_.data(),
                               static_cast<unsigned>(batch.headers_.size()), MSG_DONTWAIT, nullptr);
    more_ = got >= 0 && static_cast<std::size_t>(got) == batch.headers_.size();
    if (got < 0) {
      // A pending error of the socket is read once and gone; there is nothing to receive for it.
      if (errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED || errno == ENETDOWN ||
          errno == ENETUNREACH || errno == EHOSTUNREACH)
        return 0;
      return std::unexpected{last_error()};
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
      auto& header = batch.headers_[i];
      datagram out{.sender = to_endpoint(batch.slots_[i].name),
                   .bytes = {batch.buffer_.data() + i * batch.packet_bytes_, header.msg_len},
                   .received = {},
                   .truncated = (header.msg_hdr.msg_flags & MSG_TRUNC) != 0,
                   .hops = -1,
                   .local = {}};
      for (auto* part = CMSG_FIRSTHDR(&header.msg_hdr); part != nullptr;
           part = CMSG_NXTHDR(&header.msg_hdr, part)) {
        if ((part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_TTL) ||
            (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_HOPLIMIT))
          std::memcpy(&out.hops, CMSG_DATA(part), sizeof out.hops);
        if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
          in_pktinfo info{};
          std::memcpy(&info, CMSG_DATA(part), sizeof info);
          ipv4_address::bytes_type bytes{};
          std::memcpy(bytes.data(), &info.ipi_addr, bytes.size());
          out.local = ipv4_address{bytes};
        } else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
          in6_pktinfo info{};
          std::memcpy(&info, CMSG_DATA(part), sizeof info);
          ipv6_address::bytes_type bytes{};
          std::memcpy(bytes.data(), &info.ipi6_addr, bytes.size());
          out.local = ip_address{ipv6_address{bytes}}.unmapped();
        }
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
          dropped_ += total - last_dropped_;
          last_dropped_ = total;
        }
      }
      batch.datagrams_.push_back(out);
    }
    return batch.datagrams_.size();
  }

  descriptor socket_;
  descriptor wake_;
  flag stopped_;
  bool more_ = false;
  bool is_ipv6_ = false;
  std::chrono::microseconds gather_{0};
  std::chrono::steady_clock::time_point last_taken_{};
  int receive_buffer_ = 0;
  std::uint32_t last_dropped_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace netcon::inline v0_1
