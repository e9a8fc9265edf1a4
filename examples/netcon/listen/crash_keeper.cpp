// SPDX-License-Identifier: MIT
#include "listen/crash_keeper.hpp"

#include "output/directory_names.hpp"
#include "output/log_names.hpp"
#include "output/output.hpp"

#include <netcon/os/descriptor.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <utility>

namespace tool {
namespace {

/// A function in a file's name: the path of one of Rust, "<lake::node::Node>::forget", as
/// lake.node.Node.forget.
std::string name_part(std::string_view function) {
  constexpr std::size_t longest = 60;
  std::string out;
  for (const char c : function) {
    if (c == '<' || c == '>') continue;
    if (c != ':')
      out += c;
    else if (!out.ends_with('.'))
      out += '.';
  }
  out.resize(std::min(out.size(), longest));
  return out;
}

/// Gives a file another name that none has yet; errno is EEXIST where one has it.
bool give_name(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) == 0) {
    ::unlink(from.c_str());
    return true;
  }
  // FAT and others have no links. Some that have them cannot do this.
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) return false;
  return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0;
}

/// As many equal names as there may be in a directory.
constexpr int most_equal = 1000;

/// Creates a file for what has no name yet, which no other process has: it may write there too. Sets its
/// path.
netcon::descriptor create_hidden(const std::string& directory, const std::string& name, std::string& path) {
  netcon::descriptor out;
  for (int number = 1; !out && number < most_equal; ++number) {
    path = fmt::format("{}/.{}.{}.tmp", directory, name, number);
    out = netcon::descriptor{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640)};
    if (!out && errno != EEXIST) break;
  }
  return out;
}

/// Whether it is such a name: ".web17-20261128T074032Z-null-dereference-foo.txt.1.tmp".
bool is_hidden_name(std::string_view name) {
  constexpr std::string_view middle = ".txt.", end = ".tmp";
  if (!name.starts_with('.') || !name.ends_with(end)) return false;
  name.remove_suffix(end.size());
  const auto at = name.rfind(middle);
  if (at == name.npos || at == 0) return false;
  const auto number = name.substr(at + middle.size());
  return !number.empty() && number.find_first_not_of("0123456789") == number.npos;
}

/// Of its lines, which are nearly all of it.
std::size_t size_of(const netcon::crash::report& report) {
  std::size_t out = 0;
  for (const auto* lines : {&report.before, &report.text})
    for (const auto& line : *lines) out += line.capacity() + sizeof line;
  return out;
}

}  // namespace

std::string crash_file_name(const crash_host& host, const netcon::crash::report& report) {
  // 2026-11-28T07:40:32.123456Z as 20261128T074032Z
  std::string time;
  for (const char c : utc_time(report).substr(0, 19))
    if (c != '-' && c != ':') time += c;
  if (!time.empty()) time += "Z-";
  const auto what = fmt::format("{}{}", time, netcon::crash::name(report.kind));
  const auto function = safe_file_name(name_part(report.function));
  // Of the 255 bytes that file systems allow a few are for numbers and other endings.
  constexpr std::size_t longest = 230;
  auto name = fmt::format("{}-{}", host.file, what);
  if (!function.empty() && name.size() + 1 + function.size() <= longest) name += "-" + function;
  return (name.size() <= longest ? name : what) + ".txt";
}

crash_keeper::crash_keeper(crash_options options)
    : directory_{std::move(options.directory)}, commands_{std::move(options.command)} {
  if (!directory_.empty()) thread_ = std::thread{[this] { run(); }};
}

void crash_keeper::add(crash_host host, const netcon::crash::report& report) {
  const auto one = std::make_shared<const kept_crash>(std::move(host), report);
  commands_.add(one);
  if (directory_.empty()) return;
  {
    const std::lock_guard lock{mutex_};
    // Of the copy: its lines have other room, and it is what leaves the queue.
    const auto size = size_of(one->report);
    if (jobs_.size() >= most_waiting || waiting_bytes_ + size > most_waiting_bytes ||
        !admit(one->host.address)) {
      ++left_out_;
      return;
    }
    jobs_.push_back(one);
    waiting_bytes_ += size;
  }
  wake_.notify_one();
}

void crash_keeper::finish() {
  {
    const std::lock_guard lock{mutex_};
    finish_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  commands_.finish();
}

crash_keeper::counters crash_keeper::left_out() const {
  const std::lock_guard lock{mutex_};
  return {left_out_, failed_, commands_.left_out()};
}

void crash_keeper::run() {
  try {
    remove_unfinished();
  } catch (const std::bad_alloc&) {
    // The next start does it.
  }
  std::unique_lock lock{mutex_};
  for (;;) {
    wake_.wait(lock, [&] { return finish_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const auto next = std::move(jobs_.front());
    jobs_.pop_front();
    waiting_bytes_ -= size_of(next->report);
    lock.unlock();
    bool is_kept = false;
    try {
      is_kept = write_file(*next, text_of(*next));
    } catch (const std::bad_alloc&) {
      say("netcon: out of memory: a crash of {} is left out\n", next->host.text);
    }
    lock.lock();
    if (is_kept) continue;
    ++left_out_;
    ++failed_;
    give_back(next->host.address);
  }
}

/// What runs left that were killed while they wrote. One that goes on is done with such a file at once: after
/// an hour nobody is.
void crash_keeper::remove_unfinished() const {
  constexpr std::chrono::hours longest{1};
  std::uint64_t removed = 0;
  directory_names names{directory_};
  while (const auto name = names.next()) {
    if (!is_hidden_name(*name)) continue;
    const auto path = fmt::format("{}/{}", directory_, *name);
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    using wall = std::chrono::system_clock;
    if (wall::now() - wall::from_time_t(status.st_mtime) < longest) continue;
    if (::unlink(path.c_str()) == 0) ++removed;
  }
  if (removed != 0)
    say("netcon: --crash-dir {}: removed {} reports that an earlier run had not finished\n", directory_,
        removed);
}

/// Under the mutex, as the one below: whether the hour has room for one more file of the machine.
bool crash_keeper::admit(const netcon::endpoint& machine) {
  const auto now = clock::now();
  if (hour_ == clock::time_point{} || now - hour_ >= std::chrono::hours{1}) {
    hour_ = now;
    files_this_hour_ = 0;
    files_of_.clear();
  }
  if (files_this_hour_ >= most_files_an_hour) return false;
  auto& of_one = files_of_[machine];
  if (of_one >= most_files_of_one) return false;
  ++of_one;
  ++files_this_hour_;
  return true;
}

/// No file has come of it.
void crash_keeper::give_back(const netcon::endpoint& machine) {
  const auto of_one = files_of_.find(machine);
  if (of_one == files_of_.end() || of_one->second == 0) return;  // admitted in an hour before
  --files_this_hour_;
  if (--of_one->second == 0) files_of_.erase(of_one);  // or a full disk would gather forged addresses
}

/// Under another name first: who sees the file sees all of it, after a loss of power too.
bool crash_keeper::write_file(const kept_crash& one, std::string_view text) const {
  const auto name = crash_file_name(one.host, one.report);
  std::string hidden;
  bool is_made = false;
  const auto problem = [&] {
    say("netcon: cannot write {}/{}: {}\n", directory_, name, std::strerror(errno));
    if (is_made) ::unlink(hidden.c_str());
    return false;
  };
  {
    const auto file = create_hidden(directory_, name, hidden);
    is_made = static_cast<bool>(file);
    if (!is_made) return problem();
    if (const auto failed = write_all(file.get(), text)) {
      errno = failed.value();
      return problem();
    }
    if (::fsync(file.get()) != 0) return problem();
  }
  // Equal crashes within a second are files of their own.
  const auto stem = name.substr(0, name.size() - std::string_view{".txt"}.size());
  for (int number = 1; number < most_equal; ++number) {
    const auto end = number == 1 ? std::string{} : fmt::format(".{}", number);
    const auto path = fmt::format("{}/{}{}.txt", directory_, stem, end);
    if (give_name(hidden, path)) {
      if (const auto failed = sync_directory(directory_))
        say("netcon: cannot sync {}: {}\n", directory_, failed.message());
      return true;
    }
    if (errno != EEXIST) break;
  }
  return problem();
}

}  // namespace tool
