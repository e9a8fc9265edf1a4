// SPDX-License-Identifier: MIT
// A socket's packets in order, and who floods it loses first: what comes faster than it is handled waits in a
// fair queue. Linux.
#pragma once

#include <netcon/core/time.hpp>
#include <netcon/os/datagram_batch.hpp>
#include <netcon/os/random_key.hpp>
#include <netcon/os/udp_receiver.hpp>
#include <netcon/receive/datagram_backlog.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <system_error>
#include <utility>

namespace netcon::inline v0_1 {

/// While the socket's buffer is less than half full, packets are handed on as they come. Beyond that they are
/// moved to a datagram_backlog, which drops those of the busiest address, as the kernel would drop anyone's:
/// an address that sends little loses nothing while moving alone keeps up. Has no thread of its own.
class fair_receiver {
 public:
  /// Packets that wait, at most; 8 MiB with the batch's packets of 2,048 bytes.
  static constexpr std::size_t most_waiting = 4096;
  /// How long packets are moved, and then handled, before it is the other's turn: moving takes half of the
  /// time at most, and the kernel drops what comes faster still.
  static constexpr std::chrono::microseconds turn{500};

  /// Takes over a bound socket.
  explicit fair_receiver(udp_receiver socket) : socket_{std::move(socket)} {}

  /// One step: waits for packets, as udp_receiver::receive_batch, and calls take(const datagram&, time_point
  /// now) for a batch, or for a turn of those that wait. Returns how many it was called for. Errors: those of
  /// receive_batch.
  template <class Take>
  [[nodiscard]] std::expected<std::size_t, std::error_code> receive(std::chrono::milliseconds timeout,
                                                                    Take&& take) {
    if (!backlog_.empty()) {
      if (const auto moved = move_waiting(); !moved) return std::unexpected{moved.error()};
      return take_turn(take);
    }
    const auto got = socket_.receive_batch(batch_, timeout);
    if (!got) return got;
    const auto now = clock::now();
    for (const auto& packet : batch_) take(packet, now);
    // A batch that is not full: all that comes is handled, and who sends it is worth remembering.
    if (!socket_.has_more()) {
      for (const auto& packet : batch_) backlog_.remember(packet.sender);
      backlog_.release();
    } else if (is_half_full()) {
      if (const auto moved = move_waiting(); !moved) return std::unexpected{moved.error()};
    }
    return got;
  }

  /// For a program that handles packets after receive() returned: between two of them, moves what came
  /// meanwhile, for a turn at most, when the socket's buffer is more than half full or packets wait already.
  /// Errors: those of udp_receiver::receive_batch.
  [[nodiscard]] std::expected<void, std::error_code> keep_up() {
    if (backlog_.empty() && !is_half_full()) return {};
    return move_waiting();
  }

  /// Calls take for all packets that were moved and wait; receives nothing more.
  template <class Take>
  void take_waiting(Take&& take) {
    for (const auto now = clock::now(); !backlog_.empty();) take_one(take, now);
  }

  /// Packets that were moved and wait for receive(): the socket may be empty then.
  [[nodiscard]] std::size_t waiting() const noexcept { return backlog_.size(); }
  /// Packets of the busiest addresses, or of strangers, that were dropped because others needed the room.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return backlog_.dropped(); }
  /// The socket.
  [[nodiscard]] udp_receiver& socket() noexcept { return socket_; }
  /// The socket.
  [[nodiscard]] const udp_receiver& socket() const noexcept { return socket_; }

 private:
  using clock = std::chrono::steady_clock;

  bool is_half_full() const noexcept { return socket_.waiting_bytes() > socket_.receive_buffer() / 2; }

  std::expected<void, std::error_code> move_waiting() {
    const auto until = clock::now() + turn;
    do {
      const auto got = socket_.receive_batch(batch_, std::chrono::milliseconds{0});
      if (!got) return std::unexpected{got.error()};
      for (const auto& packet : batch_) backlog_.push(packet);
    } while (socket_.has_more() && clock::now() < until);
    return {};
  }

  template <class Take>
  std::size_t take_turn(Take& take) {
    constexpr std::size_t at_once = 16;  // between two looks at the clock
    auto now = clock::now();
    const auto until = now + turn;
    std::size_t taken = 0;
    for (; !backlog_.empty() && now < until; now = clock::now())
      for (std::size_t i = 0; i < at_once && !backlog_.empty(); ++i, ++taken) take_one(take, now);
    return taken;
  }

  template <class Take>
  void take_one(Take& take, time_point now) {
    take(backlog_.front(), now);
    backlog_.pop();
  }

  udp_receiver socket_;
  datagram_batch batch_;
  datagram_backlog backlog_{most_waiting, batch_.packet_bytes(), random_key()};
};

}  // namespace netcon::inline v0_1
