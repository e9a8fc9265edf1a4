// SPDX-License-Identifier: MIT
// A single file, rotated by size and age; also a FIFO or a device.
#pragma once

#include "output/destination.hpp"
#include "output/log_file.hpp"
#include "output/sync_timer.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tool {

/// Creates a file that was removed or moved away again. A FIFO without a reader takes nothing until one
/// comes.
class file_destination : public destination {
 public:
  /// sync: as of sync_timer.
  file_destination(std::string path, const rotation& when, std::optional<std::chrono::milliseconds> sync)
      : file_{std::move(path), log_file::kind::any}, when_{when}, sync_{sync} {}

  result write(const std::string& place, std::string_view text) override;
  void reopen() override;
  std::chrono::milliseconds rest() override;
  void finish() override { reopen(); }
  counters stats() const override { return counters_; }

 private:
  void sync();

  log_file file_;
  rotation when_;
  sync_timer sync_;
  counters counters_;
};

}  // namespace tool
