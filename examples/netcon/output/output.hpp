// Standard output and error, and files: text written to them, in colours or not, and what it means when that
// fails.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string_view>
#include <system_error>
#include <utility>

namespace tool {

/// Opens those of the descriptors 0 to 2 that are closed, so that no socket or file takes their place;
/// reading and writing there fails as before.
void reserve_standard_streams();

/// To a stream, as much as it takes. fmt::print would throw.
void write_text(std::FILE* to, std::string_view text);

/// To standard output. Whether all of it was written, main() asks at the end with finish_output().
template <class... Args>
void put(fmt::format_string<Args...> form, Args&&... args) {
  write_text(stdout, fmt::format(form, std::forward<Args>(args)...));
}

/// To standard error. What cannot be written there is let go: nobody could be told.
template <class... Args>
void say(fmt::format_string<Args...> form, Args&&... args) {
  write_text(stderr, fmt::format(form, std::forward<Args>(args)...));
}

/// False, with a line on standard error, when something put() did not get out. That its reader has gone is no
/// mistake.
bool finish_output();

/// Whether output to that descriptor is to be coloured: a terminal, no NO_COLOR (no-color.org), not refused.
bool wants_colour(int fd, bool refused);

/// Writes all of the text, waiting where there is no room yet. EPIPE, which is broken_pipe: its reader is
/// gone.
std::error_code write_all(int fd, std::string_view text);

}  // namespace tool
