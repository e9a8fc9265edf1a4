// SPDX-License-Identifier: MIT
#include "output/log_file.hpp"

#include "output/log_directory.hpp"
#include "output/output.hpp"

#include <netcon/os/descriptor.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

namespace tool {
namespace {

using namespace std::chrono_literals;

constexpr auto between_failed_rotations = 60s;

}  // namespace

std::error_code log_file::open() {
  struct stat status{};
  // Text written to a removed file would be lost silently.
  if (fd_ && (::fstat(fd_.get(), &status) != 0 || status.st_nlink == 0)) close();
  if (fd_) {
    // Another program may have cut it, as logrotate does with copytruncate.
    const auto size = is_plain_ ? static_cast<std::uint64_t>(status.st_size) : 0;
    if (size == 0 && size_ != 0) since_ = clock::now();
    size_ = size;
    return {};
  }
  const int flags =
      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | (kind_ == kind::plain ? O_NOFOLLOW : 0);
  fd_ = netcon::descriptor{::open(path_.c_str(), flags, 0640)};
  if (!fd_ || ::fstat(fd_.get(), &status) != 0) return netcon::last_error();
  is_plain_ = S_ISREG(status.st_mode);
  if (!is_plain_ && kind_ == kind::plain) {
    fd_ = {};
    return std::make_error_code(std::errc::not_supported);
  }
  size_ = is_plain_ ? static_cast<std::uint64_t>(status.st_size) : 0;
  if (is_plain_ && size_ == 0) has_new_name_ = true;
  const auto found = identity::of(status);
  if (unsynced_ && *unsynced_ != found) {
    moved_.push_back(*unsynced_);
    unsynced_.reset();
  }
  const bool is_same = size_ != 0 && opened_ == found;
  opened_ = found;
  if (is_same) return {};
  // Nothing tells when a file was begun; the last change of an existing one is the best guess.
  using wall = std::chrono::system_clock;
  const auto age = size_ == 0 ? wall::duration{} : wall::now() - wall::from_time_t(status.st_mtime);
  since_ = clock::now() - std::max(std::chrono::duration_cast<clock::duration>(age), clock::duration{});
  return {};
}

void log_file::close() {
  fd_ = {};
  unsynced_.reset();
}

bool log_file::is_due(const rotation& when, std::uint64_t more, std::uint64_t most) const {
  if (size_ == 0) return false;
  const auto now = clock::now();
  const bool is_old = when.age.count() != 0 && now - since_ >= when.age;
  return (size_ + more > most || is_old) && now >= next_rotation_;
}

std::expected<std::uint64_t, refusal> log_file::rotate(unsigned keep) {
  const auto fail = [&](const std::string& path) {
    next_rotation_ = clock::now() + between_failed_rotations;
    return std::unexpected{refusal{netcon::last_error(), path}};
  };
  std::uint64_t removed = 0;
  if (::access(path_.c_str(), F_OK) != 0) {  // moved away: the older ones keep their numbers
    close();
    return removed;
  }
  if (keep == 0) {
    const auto size = log_directory::size_of(path_);
    if (::unlink(path_.c_str()) != 0) return fail(path_);
    removed = size;
  }
  const auto numbered = [&](unsigned number) { return fmt::format("{}.{}", path_, number); };
  for (unsigned number = keep; number > 0; --number) {
    const auto from = number == 1 ? path_ : numbered(number - 1);
    if (::access(from.c_str(), F_OK) != 0) continue;
    const auto replaced = log_directory::size_of(numbered(number));
    // An older one that cannot be renamed is overwritten by none.
    if (std::rename(from.c_str(), numbered(number).c_str()) != 0) return fail(from);
    removed += replaced;
  }
  close();
  return removed;
}

std::error_code log_file::write(std::string_view text, const std::atomic<bool>& stop,
                                std::atomic<std::uint64_t>& progress, std::size_t& taken) {
  auto rest = text;
  const auto problem = write_some(fd_.get(), rest, stop, progress);
  taken = text.size() - rest.size();
  if (!is_plain_) {
    if (problem) fd_ = {};
    return problem;
  }
  if (problem) {
    // No half records: cut the file back to its last whole one.
    if (::ftruncate(fd_.get(), static_cast<off_t>(size_)) != 0) fd_ = {};
    taken = 0;
    return problem;
  }
  size_ += text.size();
  unsynced_ = opened_;
  return {};
}

std::error_code log_file::sync() {
  const auto unsynced = std::exchange(unsynced_, std::nullopt);
  if (!unsynced) return {};
  netcon::descriptor again;
  if (!fd_) {
    const int flags = O_WRONLY | O_CLOEXEC | O_NONBLOCK | (kind_ == kind::plain ? O_NOFOLLOW : 0);
    again = netcon::descriptor{::open(path_.c_str(), flags)};
    const int problem = again ? 0 : errno;
    struct stat status{};
    if (again ? ::fstat(again.get(), &status) != 0 || identity::of(status) != *unsynced
              : problem == ENOENT || problem == ELOOP) {
      moved_.push_back(*unsynced);
      return {};
    }
    if (!again) return {problem, std::generic_category()};
  }
  return ::fdatasync(fd_ ? fd_.get() : again.get()) == 0 ? std::error_code{} : netcon::last_error();
}

}  // namespace tool
