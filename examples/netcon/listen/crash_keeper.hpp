// SPDX-License-Identifier: MIT
// What happens with a crash once it has ended: a file at once, and a command. Threads of their own do it,
// never one that receives.
#pragma once

#include "listen/crash_commands.hpp"

#include <netcon/crash/report.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
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

/// Writes DIRECTORY/HOST-TIME-KIND-FUNCTION.txt, whole and synced before its name is there, and has the
/// command run. A file never waits for a command. What comes too fast is counted.
class crash_keeper {
 public:
  static constexpr std::uint64_t most_files_an_hour = 1000;
  /// Of one address: a machine that warns without end leaves files for the others.
  static constexpr std::uint64_t most_files_of_one = 100;
  /// Of all machines of a room at once; forged reports may be long.
  static constexpr std::size_t most_waiting = most_files_an_hour, most_waiting_bytes = 64 << 20;

  /// Crashes that came too fast, or for which it failed.
  struct counters {
    std::uint64_t files = 0;
    std::uint64_t failed_files = 0;  // of these, the ones that could not be written
    std::uint64_t commands = 0;
  };

  explicit crash_keeper(crash_options options);
  ~crash_keeper() { finish(); }
  crash_keeper(const crash_keeper&) = delete;
  crash_keeper& operator=(const crash_keeper&) = delete;

  void add(crash_host host, const netcon::crash::report& report);
  /// Waits for all files, then for the commands as long as they may take.
  void finish();
  counters left_out() const;

 private:
  using clock = std::chrono::steady_clock;

  void run();
  void remove_unfinished() const;
  bool admit(const netcon::endpoint& machine);
  void give_back(const netcon::endpoint& machine);
  bool write_file(const kept_crash&, std::string_view text) const;

  std::string directory_;
  crash_commands commands_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<const kept_crash>> jobs_;
  std::size_t waiting_bytes_ = 0;
  bool finish_ = false;
  std::uint64_t left_out_ = 0, failed_ = 0;
  clock::time_point hour_{};
  std::uint64_t files_this_hour_ = 0;                   // and those that wait
  std::map<netcon::endpoint, std::uint64_t> files_of_;  // the same, by address
  std::thread thread_;
};

/// The name of a report's file: "web17-20261128T074032Z-null-dereference-foo.txt". What is too long for a
/// file system loses the function, then the host.
std::string crash_file_name(const crash_host& host, const netcon::crash::report& report);

}  // namespace tool
