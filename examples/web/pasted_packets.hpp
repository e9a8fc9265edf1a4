// SPDX-License-Identifier: MIT
// Packets as people paste them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace checker {

/// The payloads of the packets in a text: hexadecimal or base64, a packet a line, or dumps with offsets as of
/// tcpdump -x, xxd and hexdump -C, in which offset 0 begins a packet. A dump may have the IP and Ethernet
/// headers. Empty: the text is something else.
std::vector<std::string> read_pasted_packets(std::string_view text);

}  // namespace checker
