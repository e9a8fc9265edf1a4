// SPDX-License-Identifier: MIT
// The UDP datagrams of a capture file, in the file's order.
#pragma once

#include <netcon/capture/capture_error.hpp>
#include <netcon/capture/ip_packet.hpp>
#include <netcon/capture/pcap_file.hpp>

#include <cstdint>
#include <expected>

namespace netcon::inline v0_1 {

/// A datagram and when it was captured. Valid during the call of the sink.
struct captured_datagram {
  capture_time time{};  ///< 1970 where the file has none
  udp_datagram udp;     ///< to any port: the caller chooses
};

/// What a file held: datagrams, how many of these the capture truncated, and frames that are no complete UDP
/// datagram (ARP, ICMP, damaged, fragments of which some are missing, link types that are not supported).
struct capture_counts {
  std::uint64_t datagrams = 0;     ///< UDP datagrams that the sink got
  std::uint64_t truncated = 0;     ///< of these, those that the capture cut
  std::uint64_t other_frames = 0;  ///< frames that held or completed no UDP datagram
  std::uint64_t invalid = 0;       ///< datagrams whose IP fragments contradict each other

  friend constexpr bool operator==(const capture_counts&, const capture_counts&) noexcept = default;
};

/// Hands every datagram of the file to sink(const captured_datagram&). What came before an error has been
/// handed on by then. A file of which no frame has a supported link type is an error too.
template <class Source, class Sink>
[[nodiscard]] std::expected<capture_counts, capture_error> read_datagrams(pcap_reader<Source>& file,
                                                                          Sink&& sink) {
  capture_counts counts;
  std::uint64_t unsupported = 0;
  std::uint32_t unsupported_type = 0;
  ip_reader reader;
  for (;;) {
    const auto frame = file.next();
    if (!frame) return std::unexpected{frame.error()};
    if (!*frame) break;
    const auto type = static_cast<link_type>((*frame)->link_type);
    if (!is_supported(type)) {
      if (unsupported++ == 0) unsupported_type = (*frame)->link_type;
      ++counts.other_frames;
      continue;
    }
    const auto packet = find_ip_packet(type, (*frame)->bytes);
    const auto datagram = packet ? reader.read(*packet) : std::nullopt;
    if (!datagram) {
      ++counts.other_frames;
      continue;
    }
    ++counts.datagrams;
    if (datagram->truncated) ++counts.truncated;
    sink(captured_datagram{(*frame)->time, *datagram});
  }
  counts.invalid = reader.invalid();
  if (unsupported != 0 && unsupported == file.frames())
    return std::unexpected{
        capture_error{capture_errc::unsupported_link_type, 0, file.frames(), unsupported_type}};
  return counts;
}

}  // namespace netcon::inline v0_1
