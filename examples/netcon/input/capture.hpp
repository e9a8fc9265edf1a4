// Captured UDP datagrams from a file: pcap and pcapng (by libpcap), or JSON lines with one datagram each.
#pragma once

#include <netcon/core/endpoint.hpp>

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace tool {

struct captured_datagram {
  std::chrono::system_clock::time_point time;
  netcon::endpoint from;
  netcon::endpoint to;
  std::string_view payload;  // valid during the call
};

/// What a file held: datagrams handed on, how many of them the capture had cut short, and frames that were no
/// complete UDP datagram (ARP, ICMP, damaged, fragments of which some are missing).
struct capture_counts {
  std::size_t datagrams = 0;
  std::size_t cut_short = 0;
  std::size_t other_frames = 0;
};

using capture_sink = std::function<void(const captured_datagram&)>;

/// Hands every datagram of the file to sink, in the file's order; "-" is standard input. The error is one
/// line that names the file; what came before a damaged place has been handed on by then. A JSON line is
/// {"t": seconds, "src": "ADDRESS:PORT", "dport": PORT, "payload_b64": "..."}.
std::expected<capture_counts, std::string> read_capture(const std::string& path, const capture_sink& sink);

/// The bytes of standard base64 with padding.
std::expected<std::string, std::string> decode_base64(std::string_view text);

}  // namespace tool
