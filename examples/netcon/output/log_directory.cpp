// SPDX-License-Identifier: MIT
#include "output/log_directory.hpp"

#include "output/directory_names.hpp"
#include "output/log_names.hpp"
#include "output/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <map>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

namespace tool {
namespace {

struct found_file {
  std::string path;
  std::uint64_t bytes = 0;
  unsigned number = 0;  // 0: the current one
};

struct machine_files {
  std::uint64_t bytes = 0;
  std::vector<found_file> files;  // the first to go last
};

unsigned number_of(std::string_view file_name) {
  unsigned number = 0;
  const auto dot = file_name.rfind('.');
  std::from_chars(file_name.data() + dot + 1, file_name.data() + file_name.size(), number);
  return number;
}

std::vector<machine_files> read_files(const std::string& path, bool have_senders) {
  std::map<std::string, machine_files, std::less<>> by_machine;
  directory_names names{path};
  while (const auto name = names.next()) {
    const auto owner = log_file_owner(*name);
    const auto file = fmt::format("{}/{}", path, *name);
    const auto size = owner ? log_directory::size_of(file) : 0;
    if (size == 0) continue;
    // However many names a machine has.
    auto& one = by_machine[file_group(file, *owner, have_senders)];
    one.bytes += size;
    one.files.push_back({file, size, number_of(*name)});
  }
  std::vector<machine_files> out;
  for (auto& [name, one] : by_machine) {
    std::ranges::sort(one.files, {}, &found_file::number);
    out.push_back(std::move(one));
  }
  return out;
}

/// The process that holds the lock of a file, as /proc/locks has it; 0 when that does not say.
int holder_of(const struct stat& file) {
  std::ifstream locks{"/proc/locks"};
  const auto wanted = fmt::format("{:02x}:{:02x}:{}", major(file.st_dev), minor(file.st_dev), file.st_ino);
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words{line};
    std::string number, kind, mode, access, inode;
    int process = 0;
    words >> number >> kind >> mode >> access >> process >> inode;
    if (kind == "FLOCK" && inode == wanted) return process;
  }
  return 0;
}

}  // namespace

std::optional<std::string_view> log_file_owner(std::string_view file_name) {
  constexpr std::string_view end = ".log";
  if (file_name.ends_with(end)) return file_name.substr(0, file_name.size() - end.size());
  const auto dot = file_name.rfind('.');
  if (dot == file_name.npos || dot + 1 == file_name.size() ||
      file_name.find_first_not_of("0123456789", dot + 1) != file_name.npos)
    return std::nullopt;
  file_name = file_name.substr(0, dot);
  if (!file_name.ends_with(end)) return std::nullopt;
  return file_name.substr(0, file_name.size() - end.size());
}

std::uint64_t log_directory::size_of(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return on_disk(static_cast<std::uint64_t>(status.st_size));
}

log_directory::log_directory(std::string path, const directory_limits& limits, bool have_senders)
    : path_{std::move(path)}, limits_{limits}, have_senders_{have_senders} {
  recount();
}

std::expected<void, std::string> log_directory::lock() {
  netcon::descriptor opened{::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened) return std::unexpected{fmt::format("{}: {}", path_, std::generic_category().message(errno))};
  if (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return std::unexpected{fmt::format("{}: {}", path_, std::generic_category().message(errno))};
    struct stat status{};
    const int process = ::fstat(opened.get(), &status) == 0 ? holder_of(status) : 0;
    std::string name;
    std::getline(std::ifstream{fmt::format("/proc/{}/comm", process)} >> std::ws, name);
    return std::unexpected{fmt::format(
        "{}: {} writes there; end it or take another directory", path_,
        process == 0 ? "another process"
                     : fmt::format("process {}{}", process, name.empty() ? "" : " (" + name + ")"))};
  }
  fd_ = std::move(opened);
  return {};
}

std::error_code log_directory::create() {
  if (!make_directories(path_, 0750)) return netcon::last_error();
  bytes_ = 0;
  static_cast<void>(lock());
  return {};
}

std::uint64_t log_directory::room::largest_file() const {
  constexpr unsigned files = 8;
  return std::max(bytes / files, block);
}

/// What others write to the file system makes the room smaller, what the logs write does not.
log_directory::room log_directory::look() const {
  room out{.bytes = limits_.bytes == 0 ? ~std::uint64_t{0} : limits_.bytes};
  if (limits_.bytes == 0 && limits_.keep_free == 0u) return out;
  struct statvfs status{};
  if (::statvfs(path_.c_str(), &status) != 0) return out;
  constexpr std::uint64_t most_usual = 1024 * 1024 * 1024;
  const auto whole = static_cast<std::uint64_t>(status.f_blocks) * status.f_frsize;
  const auto free = static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
  const auto keep = limits_.keep_free.value_or(std::min(whole / 20, most_usual));
  const auto most = bytes_ + free - std::min(bytes_ + free, keep);
  if (most < out.bytes) out = {.bytes = most, .is_of_file_system = true};
  return out;
}

void log_directory::recount() {
  bytes_ = 0;
  directory_names names{path_};
  while (const auto name = names.next())
    if (log_file_owner(*name)) bytes_ += size_of(fmt::format("{}/{}", path_, *name));
}

bool log_directory::make_room(const room& given, std::uint64_t bytes,
                              const std::function<bool(const std::string&)>& remove) {
  if (bytes_ + bytes <= given.bytes) return true;
  recount();
  const auto now = look();
  if (bytes_ + bytes <= now.bytes) return true;
  if (bytes > now.bytes) return false;
  // More than needed, so that the next write does not look at all files again.
  const auto more = std::min(bytes + std::min(now.bytes / 16, std::uint64_t{16} * 1024 * 1024), now.bytes);
  auto machines = read_files(path_, have_senders_);
  const auto less = [](const machine_files& a, const machine_files& b) { return a.bytes < b.bytes; };
  std::ranges::make_heap(machines, less);
  // The free space is not asked for again: file systems give it back late, or when the last reader closes.
  while (!machines.empty() && bytes_ + more > now.bytes) {
    std::ranges::pop_heap(machines, less);
    auto& largest = machines.back();
    const auto oldest = std::move(largest.files.back());
    largest.files.pop_back();
    if (remove(oldest.path)) bytes_ -= std::min(bytes_, oldest.bytes);
    largest.bytes -= oldest.bytes;
    if (largest.files.empty()) {
      machines.pop_back();
    } else {
      std::ranges::push_heap(machines, less);
    }
  }
  return bytes_ + bytes <= now.bytes;
}

}  // namespace tool
