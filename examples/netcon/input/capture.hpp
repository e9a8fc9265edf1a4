// SPDX-License-Identifier: MIT
// The UDP datagrams of a capture.
#pragma once

#include "input/byte_source.hpp"

#include <netcon/capture/datagrams.hpp>

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

using capture_sink = std::function<void(const netcon::captured_datagram&)>;

/// Hands every datagram of the pcap or pcapng file to sink, in the file's order, until its end or that of the
/// bytes' wait. The error is one line that names the file. What came before a damaged place has been handed
/// on by then.
std::expected<netcon::capture_counts, std::string> read_capture(byte_source& bytes, const std::string& name,
                                                                const capture_sink& sink);

/// Of how many datagrams a capture has not all: remarks that name it.
std::vector<std::string> what_is_missing(const std::string& name, const netcon::capture_counts& counts);

/// The payload for a collector, in `room` where it is not that of the datagram: a line that the capture cut
/// does not go on in the next packet. Empty: no byte of it was captured.
std::string_view payload_for_collector(const netcon::udp_datagram& datagram, std::string& room);

}  // namespace tool
