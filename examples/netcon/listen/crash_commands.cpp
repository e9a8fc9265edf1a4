// SPDX-License-Identifier: MIT
#include "listen/crash_commands.hpp"

#include "output/output.hpp"

#include <netcon/core/printable.hpp>
#include <netcon/os/descriptor.hpp>
#include <netcon/output/crash_text.hpp>
#include <netcon/output/wall_time.hpp>

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
#include <utility>
#include <vector>

namespace tool {
namespace {

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
  set("TIME", utc_time(report));
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
  sigaddset(&usual, SIGXFSZ);
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

}  // namespace

std::string utc_time(const netcon::crash::report& report) {
  if (!report.time) return {};
  std::string out;
  netcon::wall_time_writer{}.append(
      out, netcon::wall_time{
               std::chrono::duration_cast<netcon::wall_time::duration>(report.time->time_since_epoch())});
  return out;
}

std::string text_of(const kept_crash& one) {
  std::string out;
  netcon::append_crash_text(out, one.host.text, utc_time(one.report), one.report);
  return out;
}

crash_commands::crash_commands(std::string command, std::chrono::milliseconds longest)
    : command_{std::move(command)}, longest_{longest} {
  if (!command_.empty()) thread_ = std::thread{[this] { run(); }};
}

void crash_commands::add(std::shared_ptr<const kept_crash> one) {
  if (command_.empty()) return;
  {
    const std::lock_guard lock{mutex_};
    const auto now = clock::now();
    auto key = fmt::format("{:016x} {}", one->report.signature, one->host.text);
    const auto before = last_run_.find(key);
    if (before != last_run_.end() && now - before->second < quiet) return;
    const auto of_one =
        std::ranges::count_if(jobs_, [&](const auto& job) { return job->host.address == one->host.address; });
    if (jobs_.size() >= most_waiting || static_cast<std::size_t>(of_one) >= most_waiting_of_one) {
      ++left_out_;
      return;
    }
    jobs_.push_back(std::move(one));
    // Forged hosts may be any number.
    constexpr std::size_t most = 1000;
    if (last_run_.size() > most) last_run_.clear();
    last_run_[std::move(key)] = now;
  }
  wake_.notify_one();
}

void crash_commands::finish() {
  {
    const std::lock_guard lock{mutex_};
    if (!end_) end_ = clock::now() + longest_;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::uint64_t crash_commands::left_out() const {
  const std::lock_guard lock{mutex_};
  return left_out_;
}

bool crash_commands::is_over() const {
  const std::lock_guard lock{mutex_};
  return end_ && clock::now() >= *end_;
}

void crash_commands::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    wake_.wait(lock, [&] { return end_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const auto next = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    bool is_run = false;
    try {
      is_run = !is_over() && run_command(*next);
    } catch (const std::bad_alloc&) {
      say("netcon: --on-crash: out of memory\n");
    }
    lock.lock();
    left_out_ += is_run ? 0 : 1;
  }
}

/// What a sender wrote reaches the command as data only: on its standard input and in its environment.
bool crash_commands::run_command(const kept_crash& one) const {
  const netcon::descriptor input{::memfd_create("netcon-crash", MFD_CLOEXEC)};
  if (!input || write_all(input.get(), text_of(one)) || ::lseek(input.get(), 0, SEEK_SET) != 0) {
    say("netcon: --on-crash: cannot hand over the report: {}\n", std::strerror(errno));
    return false;
  }
  const auto child = start_command(command_, input.get(), environment_of(one.host.text, one.report));
  if (child < 0) {
    say("netcon: --on-crash: {}\n", std::strerror(errno));
    return false;
  }
  const auto begun = clock::now();
  int status = 0;
  bool is_ended = false;  // by this program, which has said so
  while (::waitpid(child, &status, WNOHANG) == 0) {
    const auto taken = clock::now() - begun;
    if (taken >= longest_ || is_over()) {
      say("netcon: --on-crash: the command took {} s and was ended\n",
          std::chrono::round<std::chrono::seconds>(taken).count());
      is_ended = true;
      ::kill(-child, SIGKILL);
      ::waitpid(child, &status, 0);
      break;
    }
    constexpr std::chrono::milliseconds between{20};
    std::this_thread::sleep_for(between);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
    say("netcon: --on-crash: the command ended with {}\n", WEXITSTATUS(status));
  else if (WIFSIGNALED(status) && !is_ended)
    say("netcon: --on-crash: signal {} ended the command ({})\n", WTERMSIG(status),
        ::strsignal(WTERMSIG(status)));
  return true;
}

}  // namespace tool
