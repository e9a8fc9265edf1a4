// SPDX-License-Identifier: MIT
// The journal of systemd.
#pragma once

#include "output/destination.hpp"

#include <netcon/os/journal_socket.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tool {

/// Connects when there is something to send, and again after a failure, at most once a second; not when files
/// are opened again.
class journal_destination : public destination {
 public:
  explicit journal_destination(std::string path) : path_{std::move(path)} {}

  /// The text is one entry.
  result write(const std::string& place, std::string_view text) override;
  bool takes_many() const override { return false; }

 private:
  std::error_code connect();
  std::error_code deliver(std::string_view entry);

  std::string path_;
  std::optional<netcon::journal_socket> socket_;
  std::chrono::steady_clock::time_point next_try_{};
  std::error_code why_not_;  // there was no connection at the last try
};

}  // namespace tool
