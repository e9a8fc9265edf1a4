// SPDX-License-Identifier: MIT
// Lines of text as log records, as a kernel makes them of writes to /dev/kmsg.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace tool {

/// Facility x 8 + level, and the text after it.
struct prioritised_line {
  std::uint16_t priority;
  std::string_view text;
};

/// Reads a "<N>" at the beginning of a line as /dev/kmsg does: N is facility x 8 + level, and facility 0, the
/// kernel's own, becomes the given one. Without it the line has the given facility and level.
prioritised_line read_priority(std::string_view line, std::uint8_t facility, std::uint8_t level);

/// The longest beginning of text that fits into one record of any kernel: 1023 bytes, fewer when they need
/// escaping, not within a UTF-8 character.
std::size_t record_length(std::string_view text);

/// Passes each line of the descriptor to sink as it comes, without its newline. Ends at the end of
/// the input or when stop_fd becomes readable; the last line needs no newline. The error is one line that
/// begins with name.
std::expected<void, std::string> read_lines(int fd, const std::string& name, int stop_fd,
                                            const std::function<void(std::string_view)>& sink);

}  // namespace tool
