// SPDX-License-Identifier: MIT
// What a udp_receiver fills: the buffers of one call, and a view of each packet in them. Linux.
#pragma once

#include <netcon/receive/datagram.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#define NETCON_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#define NETCON_ADDRESS_SANITIZER __has_feature(address_sanitizer)
#else
#define NETCON_ADDRESS_SANITIZER 0
#endif

namespace netcon::inline v0_1 {

/// The buffers of one call: made once, used again and again.
class datagram_batch {
 public:
  /// packets: most packets of one call; 0 counts as 1, since a call for none would never take any.
  /// packet_bytes: room for each; a kernel never sends more than 1000.
  explicit datagram_batch(std::size_t packets = 64, std::size_t packet_bytes = 2048)
      : packet_bytes_{packet_bytes},
        buffer_(std::max<std::size_t>(packets, 1) * packet_bytes),
        slots_(std::max<std::size_t>(packets, 1)),
        headers_(slots_.size()) {
    datagrams_.reserve(slots_.size());
    point_to_buffer();
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      auto& header = headers_[i].msg_hdr;
      header.msg_iov = &slots_[i].iov;
      header.msg_iovlen = 1;
      header.msg_name = &slots_[i].name;
      header.msg_control = slots_[i].control;
    }
  }
  datagram_batch(const datagram_batch&) = delete;
  datagram_batch& operator=(const datagram_batch&) = delete;

  /// What the last receive_batch() took, in order of arrival.
  [[nodiscard]] std::span<const datagram> datagrams() const noexcept { return datagrams_; }
  /// As datagrams().begin().
  [[nodiscard]] auto begin() const noexcept { return datagrams_.begin(); }
  /// As datagrams().end().
  [[nodiscard]] auto end() const noexcept { return datagrams_.end(); }
  /// Packets that the last receive_batch() took.
  [[nodiscard]] std::size_t size() const noexcept { return datagrams_.size(); }
  /// Room for each packet.
  [[nodiscard]] std::size_t packet_bytes() const noexcept { return packet_bytes_; }

 private:
  friend class udp_receiver;

  struct slot {
    iovec iov;
    sockaddr_storage name;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(timespec)) + CMSG_SPACE(sizeof(std::uint32_t)) +
                                  CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(in6_pktinfo))];
  };

  void point_to_buffer() noexcept {
    for (std::size_t i = 0; i < slots_.size(); ++i)
      slots_[i].iov = {buffer_.data() + i * packet_bytes_, packet_bytes_};
  }
  /// Before the batch is filled. With AddressSanitizer each call has bytes of its own, so that it sees who
  /// looks at a datagram of an earlier call.
  void renew() noexcept {
#if NETCON_ADDRESS_SANITIZER
    buffer_ = std::vector<char>(buffer_.size());
    point_to_buffer();
#endif
  }

  std::size_t packet_bytes_;
  std::vector<char> buffer_;
  std::vector<slot> slots_;
  std::vector<mmsghdr> headers_;
  std::vector<datagram> datagrams_;
};

}  // namespace netcon::inline v0_1
