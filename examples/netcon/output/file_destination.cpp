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

using namespace std::chrono_literals;

constexpr std::size_t most_open = 256;
constexpr auto between_failed_rotations = 60s;

std::error_code last_error() {
  return {errno, std::generic_category()};
}

log_names::settings names_in(const file_settings& settings) {
  auto out = settings.names;
  out.directory = settings.directory;
  return out;
}

}  // namespace

file_destination::file_destination(file_settings settings)
    : settings_{std::move(settings)},
      directory_{settings_.directory, settings_.limits},
      names_{names_in(settings_)},
      by_name_{0, netcon::keyed_hash{settings_.names.key}} {}

std::string file_destination::path_of(std::string_view name) const {
  return fmt::format("{}/{}.log", settings_.directory, name);
}

std::string file_destination::place_of(const outgoing_part& part, const before_move& write_held) {
  if (part.unproven) return std::string{unproven_name};
  return names_.of(part.from, part.name, clock::now(), [&](const std::string& from, const std::string& to) {
    write_held(from);
    move(from, to);
  });
}

destination::result file_destination::write(const std::string& place, std::string_view text) {
  auto& to = find(place);
  const auto refused = [&](const std::error_code& problem) { return result{0, {problem, to.path}}; };
  if (abandoned()) return refused(std::make_error_code(std::errc::timed_out));
  // Text written to a removed file would be lost silently.
  struct stat status{};
  if (to.fd && (::fstat(to.fd.get(), &status) != 0 || status.st_nlink == 0)) to.fd = {};
  if (!to.fd)
    if (const auto problem = open(to)) return refused(problem);
  const auto now = clock::now();
  const auto most = std::min(settings_.when.bytes == 0 ? ~std::uint64_t{0} : settings_.when.bytes,
                             directory_.largest_file());
  const bool full = to.size != 0 && to.size + text.size() > most;
  const bool old = settings_.when.age.count() != 0 && to.size != 0 && now - to.since >= settings_.when.age;
  if ((full || old) && now >= to.next_rotation) {
    if (!rotate(to)) to.next_rotation = now + between_failed_rotations;
    if (!to.fd)
      if (const auto problem = open(to)) return refused(problem);
  }
  // The file in hand stays: what is new is refused rather.
  const auto remove_other = [&](const std::string& path) { return path != to.path && remove(path); };
  if (!directory_.make_room(text.size(), remove_other))
    return refused(std::make_error_code(std::errc::no_space_on_device));
  if (!to.fd)
    if (const auto problem = open(to)) return refused(problem);
  if (const auto problem = write_to(to, text)) return refused(problem);
  return {text.size(), {}};
}

file_destination::file& file_destination::find(const std::string& name) {
  auto known = by_name_.find(name);
  if (known != by_name_.end()) {
    open_.splice(open_.begin(), open_, known->second);
    return known->second->second;
  }
  if (open_.size() >= most_open) close(open_.back().first);
  open_.emplace_front(name, file{.path = path_of(name), .fd = {}, .size = 0, .since = {}});
  by_name_.emplace(name, open_.begin());
  return open_.front().second;
}

std::error_code file_destination::write_to(file& to, std::string_view text) {
  auto rest = text;
  if (const auto problem = write_some(to.fd.get(), rest, abandoned(), progress())) {
    // No half records: cut the file back to its last whole one.
    if (::ftruncate(to.fd.get(), static_cast<off_t>(to.size)) != 0) to.fd = {};
    return problem;
  }
  const auto before = to.size;
  to.size += text.size();
  to.is_synced = false;
  directory_.add(log_directory::on_disk(to.size) - log_directory::on_disk(before));
  return {};
}

void file_destination::close(const std::string& name) {
  const auto known = by_name_.find(name);
  if (known == by_name_.end()) return;
  const auto at = known->second;
  if (settings_.sync) sync(at->second);
  by_name_.erase(known);
  open_.erase(at);
}

void file_destination::reopen() {
  while (!open_.empty()) close(open_.back().first);
  directory_.recount();
}

void file_destination::rest() {
  if (!settings_.sync || clock::now() < next_sync_) return;
  for (auto& [name, one] : open_) sync(one);
  next_sync_ = clock::now() + *settings_.sync;
}

void file_destination::sync(file& one) {
  if (std::exchange(one.is_synced, true) || !one.fd) return;
  if (::fdatasync(one.fd.get()) != 0) fail(one.path);
}

std::error_code file_destination::open(file& to) {
  constexpr int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  int fd = ::open(to.path.c_str(), flags, 0640);
  if (fd < 0 && errno == ENOENT && directory_.create()) fd = ::open(to.path.c_str(), flags, 0640);
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

/// False, and the file stays as it is, when it cannot be renamed. An older one that cannot be renamed is
/// reported and overwritten by none.
bool file_destination::rotate(file& to) {
  const auto numbered = [&](unsigned number) { return fmt::format("{}.{}", to.path, number); };
  if (settings_.sync) sync(to);
  if (settings_.when.keep == 0) {
    const auto size = log_directory::size_of(to.path);
    if (::unlink(to.path.c_str()) != 0) return fail(to.path);
    directory_.subtract(size);
  } else {
    for (unsigned number = settings_.when.keep; number > 0; --number) {
      const auto from = number == 1 ? to.path : numbered(number - 1);
      if (::access(from.c_str(), F_OK) != 0) continue;
      const auto replaced = log_directory::size_of(numbered(number));
      if (std::rename(from.c_str(), numbered(number).c_str()) != 0) return fail(from);
      directory_.subtract(replaced);
    }
  }
  to.fd = {};
  return true;
}

/// The history of a machine goes on under another name.
void file_destination::move(const std::string& from, const std::string& to) {
  const auto old_path = path_of(from), new_path = path_of(to);
  if (::access(old_path.c_str(), F_OK) != 0 || ::access(new_path.c_str(), F_OK) == 0) return;
  close(from);
  const auto rename = [&](const std::string& end) {
    if (::access((old_path + end).c_str(), F_OK) == 0 &&
        std::rename((old_path + end).c_str(), (new_path + end).c_str()) != 0)
      fail(old_path + end);
  };
  rename("");
  for (unsigned number = 1; number <= settings_.when.keep; ++number) rename(fmt::format(".{}", number));
}

/// Removes a file to make room.
bool file_destination::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return fail(path);
  ++counters_.removed;
  for (auto& [name, one] : open_)
    if (one.path == path) one.fd = {};
  return true;
}

bool file_destination::fail(const std::string& path) {
  ++counters_.rotation_errors;
  counters_.problem = {last_error(), path};
  return false;
}

}  // namespace tool
