// SPDX-License-Identifier: MIT
// What kernels sent: lines and crashes of logs, captures and pasted packets.
#pragma once

#include "json_writer.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace checker {

/// How many lines an answer holds; crashes are found in all lines.
inline constexpr std::size_t most_lines = 2000;

/// The functions append the members lines (events as netcon decode --json has them; a line of a log that is
/// no record is {"event":"line"}), line_count, and crashes ({"crash":as netcon crashes --json, "page":text}).
void write_log(json_writer& out, std::string_view text);
/// One sender's packets, in order.
void write_packets(json_writer& out, const std::vector<std::string>& packets);
/// A pcap or pcapng file. Appends the member problem too where the file is damaged.
void write_capture(json_writer& out, std::string_view file);

/// Whether these are the first bytes of a capture.
bool is_capture(std::string_view bytes);
/// Whether the lines have the stamps of a log, or a crash is among them.
bool is_log(std::string_view text);

}  // namespace checker
