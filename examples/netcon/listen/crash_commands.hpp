// SPDX-License-Identifier: MIT
// The command that follows a crash. It may take long, so it has a thread and a queue of its own.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/crash/report.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace tool {

/// The machine of a crash, as events have it and as a part of a file's name.
struct crash_host {
  std::string text;
  std::string file;
  netcon::endpoint address{};  // without a port: whose share a crash takes, whatever names it claims
};

/// A crash that has ended.
struct kept_crash {
  crash_host host;
  netcon::crash::report report;
};

/// When it happened, RFC 3339 in UTC; empty where that is not known.
std::string utc_time(const netcon::crash::report&);
/// The report as a page for people.
std::string text_of(const kept_crash&);

/// Runs a command with sh, for one crash at a time: the report on its standard input, its facts in NETCON_*.
class crash_commands {
 public:
  /// Of one address the rest is left out: the crashes of others find their place.
  static constexpr std::size_t most_waiting = 64, most_waiting_of_one = 8;
  /// It runs once for equal crashes of a host in this time, and not longer than its limit.
  static constexpr std::chrono::minutes quiet{10};
  static constexpr std::chrono::seconds longest_run{60};

  /// command: empty for none. longest: of one run, and of all that are left at the end.
  explicit crash_commands(std::string command, std::chrono::milliseconds longest = longest_run);
  ~crash_commands() { finish(); }
  crash_commands(const crash_commands&) = delete;
  crash_commands& operator=(const crash_commands&) = delete;

  void add(std::shared_ptr<const kept_crash>);
  /// Waits until all have run, but not longer than the limit: then what runs is ended, and what waits is left
  /// out.
  void finish();
  /// Crashes without their command: too many waited, the end came, or it could not be started.
  std::uint64_t left_out() const;

 private:
  using clock = std::chrono::steady_clock;

  void run();
  bool is_over() const;
  bool run_command(const kept_crash&) const;

  std::string command_;
  std::chrono::milliseconds longest_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<const kept_crash>> jobs_;
  std::map<std::string, clock::time_point> last_run_;
  std::optional<clock::time_point> end_;  // once finish() was called
  std::uint64_t left_out_ = 0;
  std::thread thread_;
};

}  // namespace tool
