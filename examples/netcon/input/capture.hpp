// SPDX-License-Identifier: MIT
// The UDP datagrams of a capture file that the user names.
#pragma once

#include <netcon/capture/datagrams.hpp>

#include <expected>
#include <functional>
#include <string>

namespace tool {

using capture_sink = std::function<void(const netcon::captured_datagram&)>;

/// Hands every datagram of the pcap or pcapng file to sink, in the file's order; "-" is standard input. The
/// error is one line that names the file. What came before a damaged place has been handed on by then.
std::expected<netcon::capture_counts, std::string> read_capture(const std::string& path,
                                                                const capture_sink& sink);

}  // namespace tool
