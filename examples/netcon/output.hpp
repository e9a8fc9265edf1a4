// Standard output and files: whether colours are wanted there, and all of a text written.
#pragma once

#include <string_view>
#include <system_error>

namespace tool {

/// Whether output to that descriptor is to be coloured: a terminal, no NO_COLOR (no-color.org), not refused.
bool wants_colour(int fd, bool refused);

/// Writes all of the text, waiting where there is no room yet. EPIPE, which is broken_pipe: its reader is
/// gone.
std::error_code write_all(int fd, std::string_view text);

}  // namespace tool
