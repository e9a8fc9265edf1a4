// SPDX-License-Identifier: MIT
// The directory of log files: one writer, bounded in size.
#pragma once

#include <netcon/os/descriptor.hpp>

#include <algorithm>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace tool {

struct directory_limits {
  std::uint64_t bytes = 10ull * 1024 * 1024 * 1024;  // of all log files together; 0: any size
  /// To leave free on the file system; without a number 5 % of it, at most 1 GiB. Where this and the size are
  /// 0, nothing is removed, and a full disk refuses.
  std::optional<std::uint64_t> keep_free;
};

/// Counts what is written and removes old files when there is too much: of the machine that has most, the
/// oldest first. Nothing is removed in vain: where all of them would not do, all of them stay.
class log_directory {
 public:
  /// have_senders: as of file_group().
  log_directory(std::string path, const directory_limits& limits, bool have_senders);

  /// Of this process alone from now on. The error says in one line which process has it.
  std::expected<void, std::string> lock();
  /// Creates the directory again, with all that lead to it, and locks it.
  std::error_code create();

  const std::string& path() const { return path_; }

  /// What a text finds.
  struct room {
    std::uint64_t bytes = 0;         // for all log files together
    bool is_of_file_system = false;  // keep-free sets it, not dir-size
    /// A file of one machine should be rotated at this size, so that there is something old to remove.
    std::uint64_t largest_file() const;
  };
  room look() const;

  /// Makes place for so many bytes in the room that there is; false when there is none. remove(path) closes
  /// and removes a file; it returns false when the file stays.
  bool make_room(const room&, std::uint64_t bytes, const std::function<bool(const std::string&)>& remove);
  /// So much was written.
  void add(std::uint64_t bytes) { bytes_ += bytes; }
  /// So much was removed.
  void subtract(std::uint64_t bytes) { bytes_ -= std::min(bytes_, bytes); }
  /// What a file of that size takes: whole blocks.
  static std::uint64_t on_disk(std::uint64_t size) { return (size + block - 1) / block * block; }
  /// What a file takes; 0 when there is none.
  static std::uint64_t size_of(const std::string& path);
  /// Counts again, as after files were renamed or removed.
  void recount();

 private:
  static constexpr std::uint64_t block = 4096;

  std::string path_;
  directory_limits limits_;
  bool have_senders_;
  netcon::descriptor fd_;
  std::uint64_t bytes_ = 0;
};

/// The machine's part of NAME.log or NAME.log.NUMBER; nothing for other files.
std::optional<std::string_view> log_file_owner(std::string_view file_name);

}  // namespace tool
