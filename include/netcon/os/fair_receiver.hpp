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
  /// receive_batch. Where take throws, the packets after that one wait for the next call.
  template <class Take>
  [[nodiscard]] std::expected<std::size_t, std::error_code> receive(std::chrono::milliseconds timeout,
                                                                    Take&& take) {
    if (!backlog_.empty()) {
      if (const auto moved = move_waiting(); !moved) return std::unexpected{moved.error()};
      return take_turn(take);
    }
    if (!has_rest())
      if (const auto filled = fill(timeout); !filled) return filled;
    const auto got = batch_.size() - handled_;
    take_rest(take, clock::now());
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

  /// Calls take for all packets that wait; receives nothing more.
  template <class Take>
  void take_waiting(Take&& take) {
    const auto now = clock::now();
    take_rest(take, now);
    while (!backlog_.empty()) take_one(take, now);
  }

  /// Packets that were taken out of the socket and wait for receive(): the socket may be empty then.
  [[nodiscard]] std::size_t waiting() const noexcept { return batch_.size() - handled_ + backlog_.size(); }
  /// Packets of the busiest addresses, or of strangers, that were dropped because others needed the room.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return backlog_.dropped(); }
  /// The socket.
  [[nodiscard]] udp_receiver& socket() noexcept { return socket_; }
  /// The socket.
  [[nodiscard]] const udp_receiver& socket() const noexcept { return socket_; }

 private:
  using clock = std::chrono::steady_clock;

  bool is_half_full() const noexcept { return socket_.waiting_bytes() > socket_.receive_buffer() / 2; }

  /// Packets of the batch that take did not get: it threw.
  bool has_rest() const noexcept { return handled_ != batch_.size(); }

  std::expected<std::size_t, std::error_code> fill(std::chrono::milliseconds timeout) {
    handled_ = 0;
    return socket_.receive_batch(batch_, timeout);
  }

  template <class Take>
  void take_rest(Take& take, time_point now) {
    while (has_rest()) take(batch_.datagrams()[handled_++], now);
  }

  void move_rest() {
    while (has_rest()) backlog_.push(batch_.datagrams()[handled_++]);
  }

  std::expected<void, std::error_code> move_waiting() {
    const auto until = clock::now() + turn;
    move_rest();
    do {
      if (const auto got = fill(std::chrono::milliseconds{0}); !got) return std::unexpected{got.error()};
      move_rest();
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

  /// Removes the packet at its end, also when take throws.
  struct popped {
    datagram_backlog& from;
    ~popped() { from.pop(); }
  };

  template <class Take>
  void take_one(Take& take, time_point now) {
    const popped one{backlog_};
    take(backlog_.front(), now);
  }

  udp_receiver socket_;
  datagram_batch batch_;
  std::size_t handled_ = 0;  // packets of the batch
  datagram_backlog backlog_{most_waiting, batch_.packet_bytes(), random_key()};
};

}  // namespace netcon::inline v0_1
