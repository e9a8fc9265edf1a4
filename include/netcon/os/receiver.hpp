// SPDX-License-Identifier: MIT
// A socket, the collector, its timeouts and the end of a run in one object: what every receiving program
// needs. Linux.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/port.hpp>
#include <netcon/core/time.hpp>
#include <netcon/os/fair_receiver.hpp>
#include <netcon/os/random_key.hpp>
#include <netcon/os/udp_receiver.hpp>
#include <netcon/receive/collector.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

namespace netcon::inline v0_1 {

/// How a receiver opens its socket, and what its collector keeps.
struct receiver_options {
  receive_options socket{};    ///< buffer, interface, gathering
  collector::limits limits{};  ///< memory and times
};

/// Receives netconsole packets and hands their events to a sink, as the collector does: the sink is called
/// with each type of namespace event. Has no thread of its own; only stop() and stopped() may be called from
/// another thread or from a signal handler.
class receiver {
 public:
  /// Packets that the collector never saw, or saw damaged.
  struct counters {
    std::uint64_t truncated = 0;  ///< packets longer than the buffer: their start was collected
    std::uint64_t dropped = 0;    ///< packets that the kernel dropped because the socket's buffer was full
    std::uint64_t backlog_drops = 0;  ///< packets of the busiest addresses, for want of time: fair_receiver
  };

  /// Binds to an address and port; port 0 takes a free one, see local(). Errors: of socket(2), bind(2) and
  /// getrandom(2).
  [[nodiscard]] static std::expected<receiver, std::error_code> open(const endpoint& local,
                                                                     const receiver_options& options = {}) {
    return with(udp_receiver::bind(local, options.socket), options, false);
  }

  /// Binds to a port of every address of this machine, IPv6 and IPv4; where there is no IPv6, IPv4 alone.
  [[nodiscard]] static std::expected<receiver, std::error_code> open(port number,
                                                                     const receiver_options& options = {}) {
    auto socket = udp_receiver::bind({ipv6_address{}, number}, options.socket);
    if (!socket && (socket.error() == std::errc::address_family_not_supported ||
                    socket.error() == std::errc::address_not_available))
      socket = udp_receiver::bind({ipv4_address{}, number}, options.socket);
    return with(std::move(socket), options, false);
  }

  /// Takes over a bound datagram socket, as systemd passes it. Errors: those of udp_receiver::adopt, and of
  /// getrandom(2).
  [[nodiscard]] static std::expected<receiver, std::error_code> adopt(int fd,
                                                                      const receiver_options& options = {}) {
    return with(udp_receiver::adopt(fd, options.socket), options, true);
  }

  /// One step: waits until packets are there, the timeout is over or something that waits is due, and hands
  /// what comes of it to sink. Returns the number of packets. A negative timeout waits for ever; a signal or
  /// stop() ends the wait. A sink may throw: the packets behind that one wait for the next step. Errors: of
  /// poll(2) and recvmmsg(2).
  template <class Sink>
  [[nodiscard]] std::expected<std::size_t, std::error_code> poll(Sink&& sink,
                                                                 std::chrono::milliseconds timeout) {
    time_point last{};
    const auto taken =
        parts_->packets.receive(patience(timeout), [&](const datagram& packet, time_point now) {
          last = now;
          push(packet, now, sink);
        });
    if (!taken) return taken;
    const auto now = *taken != 0 ? last : std::chrono::steady_clock::now();
    if (const auto due = parts_->events.deadline(); due && *due <= now) {
      received_ = std::chrono::system_clock::now();
      parts_->events.expire(now, sink);
    }
    return taken;
  }

  /// Receives until stop(), takes what had arrived by then, and flushes. Errors: those of poll(), after the
  /// flush.
  template <class Sink>
  [[nodiscard]] std::expected<void, std::error_code> run(Sink&& sink) {
    std::expected<std::size_t, std::error_code> step = 0;
    while (step && !stopped()) step = poll(sink, std::chrono::milliseconds{-1});
    // Under a flood the backlog would never end. A socket of the service manager keeps the rest for its next
    // owner.
    const bool ends = step && !adopted_ && parts_->packets.socket().refuse_more();
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{1};
    for (bool more = step.has_value(); more;) {
      step = poll(sink, std::chrono::milliseconds{0});
      more = step && *step != 0 && (ends || std::chrono::steady_clock::now() < limit);
    }
    parts_->packets.take_waiting([&](const datagram& packet, time_point now) { push(packet, now, sink); });
    flush(sink);
    if (!step) return std::unexpected{step.error()};
    return {};
  }

  /// Delivers everything that waits: partial records, records that wait for their turn, lines without a
  /// newline.
  template <class Sink>
  void flush(Sink&& sink) {
    received_ = std::chrono::system_clock::now();
    parts_->events.flush(sink);
  }

  /// Ends run(), and the wait of poll(). Thread-safe and async-signal-safe.
  void stop() const noexcept { socket().stop(); }
  /// True after stop().
  [[nodiscard]] bool stopped() const noexcept { return socket().stopped(); }

  /// For the sink: when the packet arrived whose events it is given; for what a timeout or the end of the run
  /// delivers, the time of that.
  [[nodiscard]] std::chrono::system_clock::time_point received() const noexcept { return received_; }

  /// Since the socket was opened.
  [[nodiscard]] counters stats() const noexcept {
    return {truncated_, socket().dropped(), parts_->packets.dropped()};
  }
  /// Counters of packets, records and losses.
  [[nodiscard]] const netcon::collector& collector() const noexcept { return parts_->events; }
  /// The address and port that the socket is bound to. Errors: those of getsockname(2).
  [[nodiscard]] std::expected<endpoint, std::error_code> local() const noexcept { return socket().local(); }
  /// The socket; its native_handle() is for event loops.
  const udp_receiver& socket() const noexcept { return std::as_const(parts_->packets).socket(); }
  /// The time by which poll() wants to be called although the socket is not readable; past, while packets
  /// wait that were taken out of it.
  [[nodiscard]] std::optional<time_point> deadline() const noexcept {
    return parts_->packets.waiting() != 0 ? time_point{} : parts_->events.deadline();
  }

 private:
  // Neither moves.
  struct parts {
    parts(udp_receiver socket, const receiver_options& options)
        : packets{std::move(socket)}, events{options.limits, random_key()} {}
    fair_receiver packets;
    netcon::collector events;
  };

  receiver(udp_receiver socket, const receiver_options& options, bool adopted)
      : parts_{std::make_unique<parts>(std::move(socket), options)}, adopted_{adopted} {}

  static std::expected<receiver, std::error_code> with(std::expected<udp_receiver, std::error_code> socket,
                                                       const receiver_options& options, bool adopted) {
    if (!socket) return std::unexpected{socket.error()};
    try {
      return receiver{std::move(*socket), options, adopted};
    } catch (const std::system_error& refused) {  // of random_key()
      return std::unexpected{refused.code()};
    }
  }

  template <class Sink>
  void push(const datagram& packet, time_point now, Sink& sink) {
    truncated_ += packet.truncated ? 1u : 0u;
    received_ = packet.received;
    if (received_ == decltype(received_){}) received_ = std::chrono::system_clock::now();
    parts_->events.push(packet.sender, packet.bytes, now, sink);
  }

  /// How long to wait for packets: until the timeout, or until something is due.
  std::chrono::milliseconds patience(std::chrono::milliseconds timeout) const noexcept {
    using std::chrono::milliseconds;
    const auto due = deadline();
    if (!due) return timeout;
    const auto left =
        std::max(std::chrono::ceil<milliseconds>(*due - std::chrono::steady_clock::now()), milliseconds{0});
    return timeout < milliseconds{0} ? left : std::min(left, timeout);
  }

  std::unique_ptr<parts> parts_;
  std::chrono::system_clock::time_point received_{};
  std::uint64_t truncated_ = 0;
  bool adopted_ = false;
};

}  // namespace netcon::inline v0_1
