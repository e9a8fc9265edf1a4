// SPDX-License-Identifier: MIT
// One file of lines: grows, is rotated, and is created again when it was removed or moved away.
#pragma once

#include "output/destination.hpp"

#include <netcon/os/descriptor.hpp>

#include <sys/stat.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace tool {

struct rotation {
  std::uint64_t bytes = 0;           // of one file; 0: any size
  std::chrono::milliseconds age{0};  // of one file; 0: any age
  unsigned keep = 5;                 // FILE.1 to FILE.keep
};

class log_file {
 public:
  using clock = std::chrono::steady_clock;  // setting the wall clock must not age files

  /// plain: no links, FIFOs or devices, for names that come from senders. any: what the administrator named.
  enum class kind : std::uint8_t { plain, any };

  log_file(std::string path, kind what) : path_{std::move(path)}, kind_{what} {}

  /// A file, whatever its name is.
  struct identity {
    dev_t device = 0;
    ino_t inode = 0;

    static identity of(const struct stat& status) { return {status.st_dev, status.st_ino}; }
    friend bool operator==(const identity&, const identity&) = default;
  };

  const std::string& path() const { return path_; }
  bool is_open() const { return static_cast<bool>(fd_); }
  /// The file that has text which the disk may not have, if any.
  const std::optional<identity>& unsynced() const { return unsynced_; }
  std::uint64_t size() const { return size_; }

  /// Opens or creates the file, unless it is open and still has its name.
  std::error_code open();
  /// What is not synced yet is forgotten.
  void close();

  /// Whether so much more would make it larger than most, or its age has come.
  bool is_due(const rotation&, std::uint64_t more, std::uint64_t most) const;
  /// Renames or removes the file, and closes it. Returns the bytes on disk of the files that this removed.
  /// After a failure, which names the file, it goes on as it is, and is not due for a minute.
  std::expected<std::uint64_t, refusal> rotate(unsigned keep);

  /// Writes all of the text; in a plain file, none of it after a failure. taken: what was written.
  std::error_code write(std::string_view text, const std::atomic<bool>& stop,
                        std::atomic<std::uint64_t>& progress, std::size_t& taken);
  /// Has the disk store what was written since the last call, also when the file was closed meanwhile. One
  /// that has gone is no failure, but see below.
  std::error_code sync();
  /// What another object wrote to that file is not synced yet.
  void mark_unsynced(const identity& file) { unsynced_ = file; }
  /// The files with such text that have gone from their name since the last call: another program may have
  /// renamed them while they were closed.
  std::vector<identity> take_moved() { return std::exchange(moved_, {}); }
  /// Whether the file may have got its name since the last call: the disk has to store the directory too.
  bool take_new_name() { return std::exchange(has_new_name_, false); }

 private:
  std::string path_;
  kind kind_;
  netcon::descriptor fd_;
  std::uint64_t size_ = 0;
  identity opened_;  // the file opened last, whose age is known
  std::optional<identity> unsynced_;
  std::vector<identity> moved_;
  clock::time_point since_{};
  clock::time_point next_rotation_{};  // after one that failed
  bool is_plain_ = true;
  bool has_new_name_ = false;
};

}  // namespace tool
