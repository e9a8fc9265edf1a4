// SPDX-License-Identifier: MIT
// The thread that writes what receiving threads queue, and may be slow.
#pragma once

#include "output/destination.hpp"
#include "output/output_queue.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <vector>

namespace tool {

/// A bounded queue and the thread that empties it. Slow output never blocks reception; lines it cannot take
/// are dropped and counted. Pushed = written + no_room + not_taken, once finished.
class output_writer {
  using clock = std::chrono::steady_clock;

 public:
  struct counters {
    line_counts written;
    line_counts no_room;             // lost because the output was too slow
    line_counts not_taken;           // lost because the output refused them
    refusal problem;                 // of the last write
    refusal last_problem;            // of the last write that had one
    std::uint64_t queued_bytes = 0;  // now
    destination::counters output;
  };

  /// The key is one that senders must not know.
  output_writer(std::unique_ptr<destination> to, std::size_t most_bytes, const netcon::hash_key& key);
  ~output_writer();

  /// Queues the batch and leaves it empty. False when the reader of the output has gone.
  bool push(outgoing& batch);
  /// Closes the files; the next write opens them again.
  void reopen();
  /// Writes what is queued; gives up when for so long nothing could be written. False when even that does not
  /// end, because the system holds the write: the process can only exit.
  bool finish(std::chrono::milliseconds patience) { return finish(std::span{this, 1}, patience); }
  /// The same of several, a range of them, whose readers are waited for at the same time. Never allocates.
  static bool finish(auto&& all, std::chrono::milliseconds patience) {
    for (output_writer& one : all) one.begin_finish();
    const auto begun = clock::now();
    for (output_writer& one : all) one.wait_for_reader(begun, patience);
    const auto until = clock::now() + patience;
    bool ended = true;
    for (output_writer& one : all) ended &= one.end_finish(until);
    return ended;
  }
  counters stats() const;
  /// The reader of the output has gone: nothing more can be written.
  bool broken() const { return broken_; }

 private:
  struct pending {
    std::string text;
    line_counts lines;
  };

  void begin_finish();
  void wait_for_reader(clock::time_point begun, std::chrono::milliseconds patience);
  bool end_finish(clock::time_point until);
  void run();
  void write(const std::vector<outgoing>& chunks);
  void write_pending(const std::string& place, pending& one);
  void write_text(const std::string& place, std::string_view text, const line_counts& lines) noexcept;
  void count(destination::result done, std::string_view text, const line_counts& lines) noexcept;

  std::unique_ptr<destination> to_;
  netcon::keyed_hash hash_;
  mutable std::mutex mutex_;
  std::condition_variable wake_, ended_;
  output_queue queue_;
  bool reopen_ = false, finish_ = false, idle_ = true, is_done_ = false;
  std::uint64_t writes_before_end_ = 0;
  counters counters_;
  std::atomic<bool> broken_ = false;
  std::unordered_map<std::string, pending, netcon::keyed_hash> by_place_;
  std::thread thread_;
};

}  // namespace tool
