// SPDX-License-Identifier: MIT
#include "output/directory_destination.hpp"

#include "output/directory_names.hpp"
#include "output/output.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <iterator>
#include <utility>

namespace tool {
namespace {

log_names::settings names_in(const directory_settings& settings) {
  auto out = settings.names;
  out.directory = settings.directory;
  // A raw line is the sender's: it says nothing of whose the file is.
  if (settings.format == output_format::raw) out.by_name = false;
  return out;
}

}  // namespace

directory_destination::directory_destination(directory_settings settings)
    : settings_{std::move(settings)},
      directory_{settings_.directory, settings_.limits, settings_.format != output_format::raw},
      names_{names_in(settings_)},
      by_name_{0, netcon::keyed_hash{settings_.names.key}},
      sync_{settings_.sync} {}

std::string directory_destination::path_of(std::string_view name) const {
  return fmt::format("{}/{}.log", settings_.directory, name);
}

std::string directory_destination::place_of(const outgoing_part& part, const before_move& write_held) {
  if (part.unproven) return std::string{unproven_name};
  return names_.of(part.from, part.name, clock::now(), [&](const std::string& from, const std::string& to) {
    write_held(from);
    move(from, to);
  });
}

destination::result directory_destination::write(const std::string& place, std::string_view text) {
  auto& to = find(place);
  const auto refused = [&](const std::error_code& problem) { return result{0, {problem, to.path()}}; };
  if (abandoned()) return refused(std::make_error_code(std::errc::timed_out));
  const auto no_room = [&] { return refused(std::make_error_code(std::errc::no_space_on_device)); };
  const auto room = directory_.look();
  if (text.size() > room.bytes) {  // before a rotation, which would remove a file in vain
    if (room.is_of_file_system) ++counters_.crowded_out;
    return no_room();
  }
  if (const auto problem = open(to)) return refused(problem);
  const auto most =
      std::min(settings_.when.bytes == 0 ? ~std::uint64_t{0} : settings_.when.bytes, room.largest_file());
  if (to.is_due(settings_.when, text.size(), most)) {
    rotate(to);
    if (const auto problem = open(to)) return refused(problem);
  }
  if (!directory_.make_room(room, text.size(), [&](const std::string& path) { return remove(path); }))
    return no_room();
  if (const auto problem = open(to)) return refused(problem);  // it may have been the one to go
  std::string begun;
  if (to.size() == 0 && settings_.format == output_format::brief)
    if (const auto sender = names_.sender_of(place)) begun.append(sender_line(*sender)).append(text);
  const auto before = to.size();
  std::size_t taken = 0;
  is_synced_ = false;
  if (const auto problem = to.write(begun.empty() ? text : begun, abandoned(), progress(), taken))
    return refused(problem);
  directory_.add(log_directory::on_disk(to.size()) - log_directory::on_disk(before));
  return {text.size(), {}};
}

log_file& directory_destination::find(const std::string& name) {
  auto known = by_name_.find(name);
  if (known != by_name_.end()) {
    open_.splice(open_.begin(), open_, known->second);
    return known->second->second;
  }
  if (open_.size() >= settings_.most_open) close_oldest();
  // Both lists know it, or none: what may run out of memory comes first.
  decltype(open_) opened;
  opened.emplace_front(name, log_file{path_of(name), log_file::kind::plain});
  by_name_.emplace(name, opened.begin());
  open_.splice(open_.begin(), opened);
  auto& found = open_.front().second;
  if (const auto closed = unsynced_.extract(name)) found.mark_unsynced(closed.mapped());
  return found;
}

std::error_code directory_destination::open(log_file& to) {
  if (const auto problem = to.open(); problem != std::errc::no_such_file_or_directory) return problem;
  if (const auto problem = directory_.create(); problem && problem != std::errc::file_exists) return problem;
  return to.open();
}

void directory_destination::close(const std::string& name) {
  if (const auto closed = unsynced_.extract(name)) sync_closed(name, closed.mapped());
  const auto known = by_name_.find(name);
  if (known == by_name_.end()) return;
  const auto at = known->second;
  if (sync_) sync(at->second);
  by_name_.erase(known);
  open_.erase(at);
}

/// For another file. More machines than files may be open would make nearly each write wait for the disk:
/// what this one has is synced when its time comes.
void directory_destination::close_oldest() {
  auto& [name, one] = open_.back();
  if (sync_ && one.unsynced()) unsynced_.insert_or_assign(name, *one.unsynced());
  look_at(one);
  by_name_.erase(name);
  open_.pop_back();
}

void directory_destination::reopen() {
  for (auto& [name, one] : open_) {
    if (sync_) sync(one);
    one.close();  // and keeps its age
  }
  directory_.recount();
}

std::chrono::milliseconds directory_destination::rest() {
  return sync_.rest(is_synced_, [this] { sync_all(); });
}

void directory_destination::finish() {
  if (sync_) sync_all();
}

void directory_destination::sync(log_file& one) {
  if (const auto problem = one.sync()) fail({problem, one.path()});
  look_at(one);
  progress().fetch_add(1, std::memory_order_relaxed);  // a disk that takes its time is no stuck reader
}

void directory_destination::sync_closed(const std::string& name, const log_file::identity& file) {
  log_file one{path_of(name), log_file::kind::plain};
  one.mark_unsynced(file);
  sync(one);
}

/// What the disk has to store beside its text.
void directory_destination::look_at(log_file& one) {
  has_new_names_ |= one.take_new_name();
  std::ranges::copy(one.take_moved(), std::back_inserter(moved_));
}

/// Most are in the directory still, as those of logrotate. Where one is otherwise, only the system can tell.
void directory_destination::sync_moved() {
  const auto wanted = std::exchange(moved_, {});
  std::size_t found = 0;
  directory_names names{settings_.directory};
  while (const auto name = names.next()) {
    const auto path = fmt::format("{}/{}", settings_.directory, *name);
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) continue;
    const auto file = log_file::identity::of(status);
    if (std::ranges::find(wanted, file) == wanted.end()) continue;
    ++found;
    log_file one{path, log_file::kind::plain};
    one.mark_unsynced(file);
    if (const auto problem = one.sync()) fail({problem, one.path()});
  }
  has_new_names_ = true;
  if (found >= wanted.size()) return;
  if (const auto problem = sync_file_system(settings_.directory)) fail({problem, settings_.directory});
}

void directory_destination::sync_all() {
  for (auto& [name, one] : open_) sync(one);
  for (const auto& [name, file] : unsynced_) sync_closed(name, file);
  unsynced_.clear();
  is_synced_ = true;
  if (!moved_.empty()) sync_moved();
  if (!std::exchange(has_new_names_, false)) return;
  if (const auto problem = sync_directory(settings_.directory)) fail({problem, settings_.directory});
}

void directory_destination::rotate(log_file& to) {
  if (sync_) sync(to);
  if (auto removed = to.rotate(settings_.when.keep)) {
    directory_.subtract(*removed);
  } else {
    fail(std::move(removed.error()));
  }
}

/// The history of a machine goes on under another name.
void directory_destination::move(const std::string& from, const std::string& to) {
  const auto old_path = path_of(from), new_path = path_of(to);
  if (::access(old_path.c_str(), F_OK) != 0 || ::access(new_path.c_str(), F_OK) == 0) return;
  close(from);
  has_new_names_ = true;
  const auto rename = [&](const std::string& end) {
    if (::access((old_path + end).c_str(), F_OK) == 0 &&
        std::rename((old_path + end).c_str(), (new_path + end).c_str()) != 0)
      fail(old_path + end);
  };
  rename("");
  for (unsigned number = 1; number <= settings_.when.keep; ++number) rename(fmt::format(".{}", number));
}

/// Removes a file to make room.
bool directory_destination::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return fail(path);
  ++counters_.removed;
  for (auto& [name, one] : open_)
    if (one.path() == path) one.close();
  std::erase_if(unsynced_, [&](const auto& closed) { return path_of(closed.first) == path; });
  return true;
}

bool directory_destination::fail(const std::string& path) {
  fail(refusal{{errno, std::generic_category()}, path});
  return false;
}

void directory_destination::fail(refusal problem) {
  ++counters_.rotation_errors;
  counters_.problem = std::move(problem);
}

}  // namespace tool
