// SPDX-License-Identifier: MIT
// Standard output and error, and files: text written to them, and what it means when that fails.
#pragma once

#include <fmt/format.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace tool {

/// Opens those of the descriptors 0 to 2 that are closed, so that no socket or file takes their place;
/// reading and writing there fails as before.
void reserve_standard_streams();

/// Writes as much to a stream as it takes. fmt::print would throw.
void write_text(std::FILE* to, std::string_view text);

/// Writes to standard output; main() checks at the end with finish_output().
template <class... Args>
void put(fmt::format_string<Args...> form, Args&&... args) {
  write_text(stdout, fmt::format(form, std::forward<Args>(args)...));
}

/// From now on a report waits for room on standard error no longer than that, and once only: a reader that
/// has stopped to read holds up nothing. What is left out is counted in front of the next report that has
/// room.
void limit_wait_for_reports(std::chrono::milliseconds longest);

/// Writes to standard error, as far as it can be written.
void write_report(std::string_view text) noexcept;

/// Writes to standard error; text that cannot be written there is dropped. Never throws: without memory for
/// the text it says that.
template <class... Args>
void say(fmt::format_string<Args...> form, Args&&... args) noexcept {
  try {
    fmt::memory_buffer text;
    fmt::format_to(std::back_inserter(text), form, std::forward<Args>(args)...);
    write_report({text.data(), text.size()});
  } catch (const std::bad_alloc&) {
    write_report("netcon: out of memory\n");
  }
}

/// False, with a line on standard error, when output of put() could not be written. A reader that has gone is
/// no failure.
bool finish_output();

/// Writes all of the text, waiting for room. EPIPE (broken_pipe) means that the reader has gone.
std::error_code write_all(int fd, std::string_view text);

/// As above, and removes from the text what was written. When stop becomes true while it waits for room, as
/// it can on a descriptor that does not block, it ends with timed_out. progress is counted up by each write.
std::error_code write_some(int fd, std::string_view& text, const std::atomic<bool>& stop,
                           std::atomic<std::uint64_t>& progress);

/// Has the disk store the names in a directory: until then, a loss of power takes new ones.
std::error_code sync_directory(const std::string& path);
/// Has the disk store all that was written to the file system of a directory.
std::error_code sync_file_system(const std::string& directory);
/// Creates a directory, and has the disk store its name. False, with errno set, where it cannot be created.
bool make_directory(const std::string& path, mode_t mode);
/// As above, with all that lead to it.
bool make_directories(const std::string& path, mode_t mode);

}  // namespace tool
