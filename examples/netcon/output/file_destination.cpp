#include "output/file_destination.hpp"

#include "output/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace tool {
namespace {

constexpr std::size_t most_open = 256;
constexpr std::size_t longest_name = 120;
constexpr std::string_view overflow_name = "others";

std::error_code last_error() {
  return {errno, std::generic_category()};
}

}  // namespace

std::string safe_file_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view{"-_.:@"}.find(c) != std::string_view::npos;
    if (plain && !(name.empty() && c == '.')) {
      name += c;
    } else {
      fmt::format_to(std::back_inserter(name), "%{:02X}", static_cast<unsigned char>(c));
    }
    if (name.size() > longest_name) return {};
  }
  return name;
}

std::error_code file_destination::write(std::string_view name, std::string_view text) {
  std::string key{name};
  if (!names_.contains(key)) {
    if (names_.size() >= most_files_) key = overflow_name;
    names_.emplace(key, true);
  }
  auto known = by_name_.find(key);
  if (known == by_name_.end()) {
    if (open_.size() >= most_open) {
      by_name_.erase(open_.back().first);
      open_.pop_back();
    }
    open_.emplace_front(
        key, file{.path = fmt::format("{}/{}.log", directory_, key), .fd = {}, .size = 0, .since = {}});
    known = by_name_.emplace(key, open_.begin()).first;
  } else {
    open_.splice(open_.begin(), open_, known->second);
  }
  auto& to = known->second->second;

  // Text written to a removed file would be lost silently.
  struct stat status{};
  if (to.fd && (::fstat(to.fd.get(), &status) != 0 || status.st_nlink == 0)) to.fd = {};
  if (!to.fd)
    if (const auto problem = open(to)) return problem;
  const bool full = when_.bytes != 0 && to.size != 0 && to.size + text.size() > when_.bytes;
  const bool old = when_.age.count() != 0 && to.size != 0 && clock::now() - to.since >= when_.age;
  if (full || old) {
    rotate(to);
    if (const auto problem = open(to)) return problem;
  }
  if (const auto problem = write_all(to.fd.get(), text)) {
    // No half records: cut the file back to its last whole one.
    if (::ftruncate(to.fd.get(), static_cast<off_t>(to.size)) != 0) to.fd = {};
    return problem;
  }
  to.size += text.size();
  return {};
}

void file_destination::reopen() {
  by_name_.clear();
  open_.clear();
}

std::error_code file_destination::open(file& to) {
  constexpr int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  int fd = ::open(to.path.c_str(), flags, 0640);
  if (fd < 0 && errno == ENOENT && ::mkdir(directory_.c_str(), 0750) == 0)
    fd = ::open(to.path.c_str(), flags, 0640);
  if (fd < 0) return last_error();
  to.fd = netcon::descriptor{fd};
  struct stat status{};
  if (::fstat(to.fd.get(), &status) != 0) return last_error();
  // A FIFO or device in its place is not a log.
  if (!S_ISREG(status.st_mode)) {
    to.fd = {};
    return std::make_error_code(std::errc::not_supported);
  }
  to.size = static_cast<std::uint64_t>(status.st_size);
  // Nothing tells when a file was begun; the last change of an existing one is the best guess.
  using wall = std::chrono::system_clock;
  const auto age = to.size == 0 ? wall::duration{} : wall::now() - wall::from_time_t(status.st_mtime);
  to.since = clock::now() - std::max(std::chrono::duration_cast<clock::duration>(age), clock::duration{});
  return {};
}

void file_destination::rotate(file& to) {
  const auto numbered = [&](unsigned number) { return fmt::format("{}.{}", to.path, number); };
  if (when_.keep == 0) {
    ::unlink(to.path.c_str());
  } else {
    for (unsigned number = when_.keep; number > 1; --number)
      std::rename(numbered(number - 1).c_str(), numbered(number).c_str());
    std::rename(to.path.c_str(), numbered(1).c_str());
  }
  to.fd = {};
}

}  // namespace tool
