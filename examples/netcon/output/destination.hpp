// SPDX-License-Identifier: MIT
// Where text goes: a stream, files, a syslog server. Used by one thread.
#pragma once

#include "output/outgoing.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>

namespace tool {

/// Why text was not written, and where that was; the place is empty for the whole output.
struct refusal {
  std::error_code code;
  std::string place;

  explicit operator bool() const { return static_cast<bool>(code); }
  friend bool operator==(const refusal&, const refusal&) = default;
};

class destination {
 public:
  /// taken: bytes of the text that were written; all of them without a problem.
  struct result {
    std::size_t taken = 0;
    refusal problem{};
  };

  struct counters {
    std::uint64_t cut = 0;              // lines that were too long for the medium, and end with a mark
    std::uint64_t rotation_errors = 0;  // old files not renamed or removed, and what could not be synced
    std::uint64_t removed = 0;          // old files, to keep the directory within its size
    std::uint64_t refused = 0;          // messages that a server over UDP refused after they were sent
    std::uint64_t crowded_out = 0;      // texts that other files leave no place for, on the same file system
    refusal problem{};                  // the last of the errors
  };

  destination() = default;
  destination(const destination&) = delete;
  destination& operator=(const destination&) = delete;
  virtual ~destination() = default;

  /// Called with a place that is about to be moved: what is held for it has to be written now.
  using before_move = std::function<void(const std::string& place)>;

  /// Whether there are more places than one.
  virtual bool has_places() const { return false; }
  /// Where the part goes, for write(): text of parts of one place may be joined.
  virtual std::string place_of(const outgoing_part&, const before_move&) { return {}; }
  /// Writes lines whole or not at all, as far as the medium permits.
  virtual result write(const std::string& place, std::string_view text) = 0;
  /// Closes files, which another program may have moved; the next write opens them again.
  virtual void reopen() {}
  /// Called after some writes. Returns in what time it has to be called again, at most longest_rest.
  virtual std::chrono::milliseconds rest() { return longest_rest; }
  static constexpr std::chrono::milliseconds longest_rest{1000};
  /// Called after the last write.
  virtual void finish() {}
  /// Whether one text may hold many events; otherwise each is written by itself.
  virtual bool takes_many() const { return true; }
  virtual counters stats() const { return {}; }

  /// From another thread: a write that waits, and each later one, fails with timed_out.
  void abandon() { abandoned_ = true; }
  /// Rises whenever bytes are written or a file is synced; for other threads.
  std::uint64_t writes() const { return progress_.load(std::memory_order_relaxed); }

 protected:
  const std::atomic<bool>& abandoned() const { return abandoned_; }
  std::atomic<std::uint64_t>& progress() { return progress_; }

 private:
  std::atomic<bool> abandoned_ = false;
  std::atomic<std::uint64_t> progress_ = 0;
};

}  // namespace tool
