// SPDX-License-Identifier: MIT
// The UDP datagrams of a capture file, in the file's order.
#pragma once

#include <netcon/capture/capture_error.hpp>
#include <netcon/capture/capture_time.hpp>
#include <netcon/capture/ip_packet.hpp>
#include <netcon/capture/pcap_file.hpp>

#include <cstdint>
#include <expected>
#include <optional>

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

/// Reads datagrams one after the other, for callers that stop in between.
template <class Source>
class datagram_reader {
 public:
  /// Reads what the file's reader has not read yet, which outlives this one.
  explicit datagram_reader(pcap_reader<Source>& file) : file_{file} {}

  /// The next datagram, valid until the next call, or nothing at the end. An error is final. A file of which
  /// no frame has a supported link type is an error too.
  [[nodiscard]] std::expected<std::optional<captured_datagram>, capture_error> next() {
    for (;;) {
      const auto frame = file_.next();
      if (!frame) return std::unexpected{frame.error()};
      if (!*frame) break;
      const auto type = static_cast<link_type>((*frame)->link_type);
      if (!is_supported(type)) {
        if (unsupported_++ == 0) unsupported_type_ = (*frame)->link_type;
        ++counts_.other_frames;
        continue;
      }
      const auto packet = find_ip_packet(type, (*frame)->bytes);
      const auto datagram = packet ? reader_.read(*packet, (*frame)->time) : std::nullopt;
      if (!datagram) {
        ++counts_.other_frames;
        continue;
      }
      ++counts_.datagrams;
      if (datagram->truncated) ++counts_.truncated;
      return captured_datagram{(*frame)->time, *datagram};
    }
    if (unsupported_ != 0 && unsupported_ == file_.frames())
      return std::unexpected{
          capture_error{capture_errc::unsupported_link_type, 0, file_.frames(), unsupported_type_}};
    return std::nullopt;
  }

  /// Of what was read so far.
  [[nodiscard]] capture_counts counts() const noexcept {
    auto out = counts_;
    out.invalid = reader_.invalid();
    return out;
  }

 private:
  pcap_reader<Source>& file_;
  ip_reader reader_;
  capture_counts counts_;
  std::uint64_t unsupported_ = 0;
  std::uint32_t unsupported_type_ = 0;
};

/// Hands every datagram of the file to sink(const captured_datagram&). What came before an error has been
/// handed on by then. A file of which no frame has a supported link type is an error too.
template <class Source, class Sink>
[[nodiscard]] std::expected<capture_counts, capture_error> read_datagrams(pcap_reader<Source>& file,
                                                                          Sink&& sink) {
  datagram_reader reader{file};
  for (;;) {
    const auto datagram = reader.next();
    if (!datagram) return std::unexpected{datagram.error()};
    if (!*datagram) return reader.counts();
    sink(**datagram);
  }
}

}  // namespace netcon::inline v0_1
