// SPDX-License-Identifier: MIT
#include "output/output.hpp"

#include <netcon/os/descriptor.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <string>
#include <utility>

namespace tool {

void reserve_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF)
      // open() takes the lowest free descriptor, which is this one. The wrong direction keeps it useless.
      static_cast<void>(::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY));
}

void write_text(std::FILE* to, std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), to));
}

namespace {

std::atomic<int> longest_wait_ms = -1;  // for room on standard error; negative: without an end
std::mutex report_mutex;
std::uint64_t left_out = 0;  // reports, under the mutex

/// Whether a pipe or socket has nobody at its other end.
bool has_no_reader(int fd) {
  pollfd end{fd, POLLOUT, 0};
  return ::poll(&end, 1, 0) > 0 && (end.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace

void limit_wait_for_reports(std::chrono::milliseconds longest) {
  longest_wait_ms = static_cast<int>(longest.count());
}

void write_report(std::string_view text) noexcept {
  const int longest = longest_wait_ms;
  const std::lock_guard lock{report_mutex};
  pollfd room{STDERR_FILENO, POLLOUT, 0};
  if (longest >= 0 && ::poll(&room, 1, left_out == 0 ? longest : 0) == 0) {
    ++left_out;
    return;
  }
  if (const auto count = std::exchange(left_out, 0); count != 0) {
    std::array<char, 100> line{};
    const auto end = fmt::format_to_n(line.data(), line.size(),
                                      "netcon: {} reports are left out here: nobody read them\n", count);
    write_text(stderr, {line.data(), end.size});
  }
  write_text(stderr, text);
}

bool finish_output() {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  const auto code = errno;
  // An earlier write may have failed for that, and left nothing to write.
  if (code == EPIPE || has_no_reader(STDOUT_FILENO)) return true;
  errno = code;
  say("netcon: cannot write the output{}\n", errno == 0 ? "" : ": " + std::generic_category().message(errno));
  return false;
}

std::error_code write_all(int fd, std::string_view text) {
  std::atomic<std::uint64_t> progress = 0;
  return write_some(fd, text, std::atomic<bool>{false}, progress);
}

std::error_code write_some(int fd, std::string_view& text, const std::atomic<bool>& stop,
                           std::atomic<std::uint64_t>& progress) {
  while (!text.empty()) {
    if (stop) return std::make_error_code(std::errc::timed_out);
    const auto size = ::write(fd, text.data(), text.size());
    if (size >= 0) {
      text.remove_prefix(static_cast<std::size_t>(size));
      progress.fetch_add(1, std::memory_order_relaxed);
    } else if (errno == EAGAIN) {
      pollfd room{fd, POLLOUT, 0};
      ::poll(&room, 1, 200);
    } else if (errno != EINTR) {
      return {errno, std::generic_category()};
    }
  }
  return {};
}

namespace {

std::error_code sync_with(int (*sync)(int), const std::string& path) {
  const netcon::descriptor directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory || sync(directory.get()) != 0) return {errno, std::generic_category()};
  return {};
}

}  // namespace

std::error_code sync_directory(const std::string& path) {
  return sync_with(::fsync, path);
}

std::error_code sync_file_system(const std::string& directory) {
  return sync_with(::syncfs, directory);
}

bool make_directory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0) return false;
  std::error_code problem;
  const auto whole = std::filesystem::canonical(path, problem);
  // One that cannot be read cannot be synced.
  if (!problem) static_cast<void>(sync_directory(whole.parent_path()));
  return true;
}

bool make_directories(const std::string& path, mode_t mode) {
  if (make_directory(path, mode)) return true;
  const auto end = path.find_last_not_of('/');
  const auto slash = end == path.npos ? path.npos : path.rfind('/', end);
  if (errno != ENOENT || slash == path.npos || slash == 0) return false;
  constexpr mode_t usual = 0755;
  if (!make_directories(path.substr(0, slash), usual) && errno != EEXIST) return false;
  return make_directory(path, mode);
}

}  // namespace tool
