// The records of /dev/kmsg, or of a file that holds what was read from it.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace tool {

struct kmsg_counts {
  std::uint64_t records = 0;
  /// Times that the kernel overwrote records before they were read; how many it does not say.
  std::uint64_t overruns = 0;
};

/// Hands each record, "prefix,seq,ts,flags;text\n KEY=value\n", to sink, which returns false to stop. Ends at
/// the end of the file or of what the kernel holds; with follow it waits for more until stop_fd becomes
/// readable. The error is one line that names the file and says what to do.
std::expected<kmsg_counts, std::string> read_kmsg(const std::string& path, bool follow, int stop_fd,
                                                  const std::function<bool(std::string_view)>& sink);

}  // namespace tool
