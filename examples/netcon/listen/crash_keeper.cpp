// SPDX-License-Identifier: MIT
#include "listen/crash_keeper.hpp"

#include "output/log_names.hpp"
#include "output/output.hpp"

#include <netcon/core/printable.hpp>
#include <netcon/os/descriptor.hpp>
#include <netcon/output/crash_text.hpp>
#include <netcon/output/wall_time.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tool {
namespace {

std::string utc(const netcon::crash::report& report) {
  if (!report.time) return {};
  std::string out;
  netcon::wall_time_writer{}.append(
      out, netcon::wall_time{
               std::chrono::duration_cast<netcon::wall_time::duration>(report.time->time_since_epoch())});
  return out;
}

/// NETCON_NAME=VALUE for each fact, after what the environment has.
std::vector<std::string> environment_of(std::string_view host, const netcon::crash::report& report) {
  std::vector<std::string> out;
  for (char** each = environ; *each != nullptr; ++each)
    if (!std::string_view{*each}.starts_with("NETCON_")) out.emplace_back(*each);
  const auto set = [&](std::string_view name, std::string_view value) {
    out.push_back(fmt::format("NETCON_{}={}", name, netcon::printable(value)));
  };
  set("TITLE", report.title);
  set("KIND", name(report.kind));
  set("TYPE", type(report.kind));
  set("HOST", host);
  set("TIME", utc(report));
  set("FUNCTION", report.function);
  set("MODULE", report.module);
  set("RELEASE", report.release);
  set("SIGNATURE", fmt::format("{:016x}", report.signature));
  set("COMPLETE", name(report.complete));
  set("PANICKED", report.panicked ? "yes" : "no");
  set("CORRUPTED", report.corrupted() ? "yes" : "no");
  return out;
}

/// Starts the command in a group of its own; -1 with errno set where that fails.
pid_t start_command(const std::string& command, int input, std::vector<std::string> environment) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  // Its output is none of the listener's, which may be JSON.
  ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  sigset_t none, usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<char*> variables;
  for (auto& each : environment) variables.push_back(each.data());
  variables.push_back(nullptr);
  std::string shell = "sh", option = "-c", text = command;
  char* const arguments[] = {shell.data(), option.data(), text.data(), nullptr};
  pid_t child = -1;
  errno = ::posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, variables.data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  return errno == 0 ? child : -1;
}

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

}  // namespace

std::string crash_file_name(std::string_view host, const netcon::crash::report& report) {
  // 2026-11-28T07:40:32.123456Z as 20261128T074032Z
  std::string time;
  for (const char c : utc(report).substr(0, 19))
    if (c != '-' && c != ':') time += c;
  if (!time.empty()) time += "Z-";
  auto name = fmt::format("{}-{}{}", host, time, netcon::crash::name(report.kind));
  if (!report.function.empty()) name += "-" + name_part(report.function);
  auto safe = safe_file_name(name);
  if (safe.empty()) safe = fmt::format("{}{}", time, netcon::crash::name(report.kind));
  return safe + ".txt";
}

crash_keeper::crash_keeper(crash_options options) : options_{std::move(options)} {
  if (options_.any()) thread_ = std::thread{[this] { run(); }};
}

void crash_keeper::add(std::string host, const netcon::crash::report& report) {
  if (!options_.any()) return;
  {
    const std::lock_guard lock{mutex_};
    if (jobs_.size() >= most_waiting) {
      ++counters_.left_out;
      return;
    }
    jobs_.push_back({std::move(host), report});
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
}

crash_keeper::counters crash_keeper::stats() const {
  const std::lock_guard lock{mutex_};
  return counters_;
}

void crash_keeper::run() {
  for (;;) {
    std::unique_lock lock{mutex_};
    wake_.wait(lock, [&] { return finish_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const auto next = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    try {
      keep(next);
    } catch (const std::bad_alloc&) {
      say("netcon: out of memory: a crash of {} is left out\n", next.host);
      lock.lock();
      ++counters_.left_out;
    }
  }
}

void crash_keeper::keep(const job& one) {
  std::string text;
  netcon::append_crash_text(text, one.host, utc(one.report), one.report);
  const auto now = clock::now();
  if (!options_.directory.empty()) {
    if (hour_ == clock::time_point{} || now - hour_ >= std::chrono::hours{1}) {
      hour_ = now;
      files_this_hour_ = 0;
    }
    const bool written = files_this_hour_ < most_files_an_hour && write_file(one, text);
    files_this_hour_ += written ? 1 : 0;
    const std::lock_guard lock{mutex_};
    ++(written ? counters_.files : counters_.left_out);
  }
  if (options_.command.empty()) return;
  if (last_run_.size() > most_files_an_hour) last_run_.clear();
  const auto key = fmt::format("{:016x} {}", one.report.signature, one.host);
  const auto before = last_run_.find(key);
  if (before != last_run_.end() && now - before->second < quiet) return;
  last_run_[key] = now;
  run_command(one, text);
}

/// Under another name first: who sees the file sees all of it, after a loss of power too.
bool crash_keeper::write_file(const job& one, std::string_view text) const {
  const auto name = crash_file_name(one.host, one.report);
  const auto hidden = fmt::format("{}/.{}.tmp", options_.directory, name);
  const auto problem = [&] {
    say("netcon: cannot write {}/{}: {}\n", options_.directory, name, std::strerror(errno));
    ::unlink(hidden.c_str());
    return false;
  };
  {
    const netcon::descriptor file{
        ::open(hidden.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640)};
    if (!file) return problem();
    if (const auto failed = write_all(file.get(), text)) {
      errno = failed.value();
      return problem();
    }
    if (::fsync(file.get()) != 0) return problem();
  }
  // Equal crashes within a second are files of their own.
  constexpr int most = 1000;
  const auto stem = name.substr(0, name.size() - std::string_view{".txt"}.size());
  for (int number = 1; number < most; ++number) {
    const auto end = number == 1 ? std::string{} : fmt::format(".{}", number);
    const auto path = fmt::format("{}/{}{}.txt", options_.directory, stem, end);
    if (::link(hidden.c_str(), path.c_str()) == 0) {
      ::unlink(hidden.c_str());
      if (const auto failed = sync_directory(options_.directory))
        say("netcon: cannot sync {}: {}\n", options_.directory, failed.message());
      return true;
    }
    if (errno != EEXIST) break;
  }
  return problem();
}

/// What a sender wrote reaches the command as data only: on its standard input and in its environment.
void crash_keeper::run_command(const job& one, std::string_view text) {
  const netcon::descriptor input{::memfd_create("netcon-crash", MFD_CLOEXEC)};
  if (!input || write_all(input.get(), text) || ::lseek(input.get(), 0, SEEK_SET) != 0) {
    say("netcon: --on-crash: cannot hand over the report: {}\n", std::strerror(errno));
    return;
  }
  const auto child = start_command(options_.command, input.get(), environment_of(one.host, one.report));
  if (child < 0) {
    say("netcon: --on-crash: {}\n", std::strerror(errno));
    return;
  }
  const auto until = clock::now() + longest_run;
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (clock::now() >= until) {
      say("netcon: --on-crash: the command took more than {} s and was ended\n", longest_run.count());
      ::kill(-child, SIGKILL);
      ::waitpid(child, &status, 0);
      break;
    }
    constexpr std::chrono::milliseconds between{20};
    std::this_thread::sleep_for(between);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
    say("netcon: --on-crash: the command ended with {}\n", WEXITSTATUS(status));
  const std::lock_guard lock{mutex_};
  ++counters_.commands;
}

}  // namespace tool
