// Text on its way out: queued by the receiving threads, written by one thread that may be slow.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <vector>

namespace tool {

/// Where text goes. Used by one thread.
class destination {
 public:
  virtual ~destination() = default;
  /// Writes records whole or not at all, as far as the medium permits. name: of the file, where there are
  /// several.
  virtual std::error_code write(std::string_view name, std::string_view text) = 0;
  virtual void reopen() {}
  /// Whether one text may hold many records; otherwise each is written by itself.
  virtual bool takes_many() const { return true; }
};

/// Lines of one or more records, and where they go.
struct outgoing {
  struct part {
    std::string name;
    std::size_t size = 0;
    std::uint64_t records = 0;
  };

  std::string text;
  std::vector<part> parts;
  std::size_t closed = 0;  // of text, by parts

  /// Gives the text appended since the last call to that name; joins it to a last part of the same name.
  void close(std::string_view name, std::uint64_t records, bool join = true);
  std::uint64_t records() const;
  void clear();
};

/// A bounded queue and the thread that empties it. Slow output never blocks reception; records it cannot take
/// are dropped and counted.
class output_writer {
 public:
  struct counters {
    std::uint64_t written = 0;    // records
    std::uint64_t no_room = 0;    // records lost because the output was too slow
    std::uint64_t not_taken = 0;  // records lost because the output refused them
    std::error_code problem;      // the last refusal, until a write succeeds
  };

  output_writer(std::unique_ptr<destination> to, std::size_t most_bytes);
  ~output_writer() { finish(); }

  /// Queues the batch and leaves it empty. False when the reader of the output has gone.
  bool push(outgoing& batch);
  /// Closes the files; the next write opens them again.
  void reopen();
  /// Waits until everything is written.
  void finish();
  counters stats() const;
  /// The reader of the output has gone: nothing more can be written.
  bool broken() const { return broken_; }

 private:
  void run();
  void write(std::vector<outgoing>& batches);
  void write_part(std::string_view name, std::string_view text, std::uint64_t records);

  struct pending {
    std::string text;
    std::uint64_t records = 0;
  };

  std::unique_ptr<destination> to_;
  std::size_t most_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<outgoing> queue_, spare_;
  std::size_t queued_bytes_ = 0;
  bool reopen_ = false, finish_ = false, idle_ = true;
  counters counters_;
  std::atomic<bool> broken_ = false;
  std::unordered_map<std::string, pending> by_name_;
  std::thread thread_;
};

}  // namespace tool
