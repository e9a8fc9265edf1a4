// SPDX-License-Identifier: MIT
// The UDP datagrams of a capture.
#pragma once

#include "input/byte_source.hpp"

#include <netcon/capture/datagrams.hpp>

#include <expected>
#include <functional>
#include <string>

namespace tool {

using capture_sink = std::function<void(const netcon::captured_datagram&)>;

/// Hands every datagram of the pcap or pcapng file to sink, in the file's order, until its end or that of the
/// bytes' wait. The error is one line that names the file. What came before a damaged place has been handed
/// on by then.
std::expected<netcon::capture_counts, std::string> read_capture(byte_source& bytes, const std::string& name,
                                                                const capture_sink& sink);

}  // namespace tool
