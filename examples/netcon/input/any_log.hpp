// SPDX-License-Identifier: MIT
// A file with what kernels sent: a capture of packets or a text log, told apart by its first bytes.
#pragma once

#include "input/byte_source.hpp"

#include <netcon/capture/datagrams.hpp>
#include <netcon/capture/text_log.hpp>

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

namespace tool {

struct log_sinks {
  std::function<void(const netcon::captured_datagram&)> datagram;
  std::function<void(const netcon::log_line&)> line;
  std::function<void(std::uint64_t position)> progress;  // of the packed file; now and then
  input_wait wait;                                       // for more of a pipe
};

struct log_counts {
  bool is_capture = false;
  bool stopped = false;  // by the wait
  std::uint64_t lines = 0;
  netcon::capture_counts capture{};
};

/// A file, and those that hold the same log beside it: the kernel keeps a dump of pstore in several.
struct log_source {
  std::string path;
  std::vector<std::string> more{};
};

/// Hands what the file holds to the sinks. The error is one line that names the file; what came before the
/// damage has been handed on.
std::expected<log_counts, std::string> read_any_log(const log_source& source, const log_sinks& sinks);

/// The log of a file: its path without the number or date of its rotation and the ending of its packer. Files
/// of one log continue each other. A file whose name is an address has no number.
std::string log_of_file(const std::string& path);

/// The files of a directory and of those in it, in the order in which they were written: rotated ones first.
/// Any other path is itself, and so is a directory that cannot be listed: reading it says why.
std::vector<log_source> log_files(const std::string& path);

}  // namespace tool
