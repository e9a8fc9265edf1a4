// SPDX-License-Identifier: MIT
// What happens with a crash once it has ended: a file, a command. One thread does it, never one that
// receives.
#pragma once

#include <netcon/crash/report.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace tool {

struct crash_options {
  std::string directory;  // empty: no files
  std::string command;    // empty: none

  bool any() const { return !directory.empty() || !command.empty(); }
};

/// Writes DIRECTORY/HOST-TIME-KIND-FUNCTION.txt, whole and synced before its name is there, and runs the
/// command with the report on its standard input and its facts in NETCON_*. What comes faster than that is
/// counted.
class crash_keeper {
 public:
  static constexpr std::size_t most_waiting = 64;
  static constexpr std::uint64_t most_files_an_hour = 1000;
  /// A command runs once for equal crashes of a host in this time, and not longer than its limit.
  static constexpr std::chrono::minutes quiet{10};
  static constexpr std::chrono::seconds longest_run{60};

  struct counters {
    std::uint64_t files = 0;
    std::uint64_t commands = 0;
    std::uint64_t left_out = 0;  // crashes that came too fast, or whose file could not be written
  };

  explicit crash_keeper(crash_options options);
  ~crash_keeper() { finish(); }
  crash_keeper(const crash_keeper&) = delete;
  crash_keeper& operator=(const crash_keeper&) = delete;

  /// host: as files are named by.
  void add(std::string host, const netcon::crash::report& report);
  /// Waits until all is done.
  void finish();
  counters stats() const;

 private:
  using clock = std::chrono::steady_clock;
  struct job {
    std::string host;
    netcon::crash::report report;
  };

  void run();
  void keep(const job&);
  bool write_file(const job&, std::string_view text) const;
  void run_command(const job&, std::string_view text);

  crash_options options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<job> jobs_;
  bool finish_ = false;
  counters counters_;
  clock::time_point hour_{};
  std::uint64_t files_this_hour_ = 0;
  std::map<std::string, clock::time_point> last_run_;
  std::thread thread_;
};

/// The name of a report's file, of safe characters: "web17-20261128T074032Z-null-dereference-foo.txt".
std::string crash_file_name(std::string_view host, const netcon::crash::report& report);

}  // namespace tool
