// SPDX-License-Identifier: MIT
// A directory with a file for each machine, rotated by size and age.
#pragma once

#include "output/destination.hpp"
#include "output/log_directory.hpp"
#include "output/log_file.hpp"
#include "output/log_names.hpp"
#include "output/output_format.hpp"
#include "output/sync_timer.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tool {

struct directory_settings {
  std::string directory;
  rotation when{};
  directory_limits limits{};
  log_names::settings names{};  // its directory is set from the one above
  std::size_t most_open = 256;  // files at a time
  /// As of sync_timer.
  std::optional<std::chrono::milliseconds> sync;
  output_format format = output_format::full;
};

/// Writes to DIRECTORY/NAME.log. Creates a file that was removed or moved away again, with its directory.
class directory_destination : public destination {
 public:
  explicit directory_destination(directory_settings settings);

  /// The error is one line.
  std::expected<void, std::string> lock() { return directory_.lock(); }

  bool has_places() const override { return true; }
  std::string place_of(const outgoing_part& part, const before_move& write_held) override;
  result write(const std::string& place, std::string_view text) override;
  void reopen() override;
  std::chrono::milliseconds rest() override;
  void finish() override;
  counters stats() const override { return counters_; }

 private:
  using clock = log_file::clock;
  using files = std::list<std::pair<std::string, log_file>>;  // the most recently written first

  std::string path_of(std::string_view name) const;
  log_file& find(const std::string& name);
  std::error_code open(log_file&);
  void rotate(log_file&);
  void move(const std::string& from, const std::string& to);
  bool remove(const std::string& path);
  bool fail(const std::string& path);
  void fail(refusal problem);
  void close(const std::string& name);
  void close_oldest();
  void sync(log_file&);
  void sync_closed(const std::string& name, const log_file::identity&);
  void look_at(log_file&);
  void sync_moved();
  void sync_all();

  directory_settings settings_;
  log_directory directory_;
  log_names names_;
  files open_;
  std::unordered_map<std::string, files::iterator, netcon::keyed_hash> by_name_;
  std::map<std::string, log_file::identity, std::less<>> unsynced_;  // files that are closed, by name
  sync_timer sync_;
  bool is_synced_ = true;
  std::vector<log_file::identity> moved_;  // of these, the ones that another program renamed
  bool has_new_names_ = false;             // since the disk stored the directory
  counters counters_;
};

}  // namespace tool
