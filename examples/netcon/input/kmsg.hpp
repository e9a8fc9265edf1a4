// SPDX-License-Identifier: MIT
// The records of /dev/kmsg, or of a copy of it in a file.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace tool {

struct kmsg_counts {
  std::uint64_t records = 0;
  /// How often the kernel overwrote records before they were read; it does not tell how many.
  std::uint64_t overruns = 0;
};

/// Passes each record, "prefix,seq,ts,flags;text\n KEY=value\n", to sink, which returns false to stop. Ends
/// at the end of the file or of the kernel's buffer, which with follow is waited at for more, and when
/// stop_fd becomes readable. The error is one line that names the file and says what to do.
std::expected<kmsg_counts, std::string> read_kmsg(const std::string& path, bool follow, int stop_fd,
                                                  const std::function<bool(std::string_view)>& sink);

}  // namespace tool
