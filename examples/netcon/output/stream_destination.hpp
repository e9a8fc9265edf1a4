// SPDX-License-Identifier: MIT
// Standard output, or another descriptor that is open already.
#pragma once

#include "output/destination.hpp"

#include <netcon/os/descriptor.hpp>

namespace tool {

/// A pipe is written without blocking, so that abandon() ends a write that has no reader. In a file no line
/// stays in part, where the disk had no room for the rest.
class stream_destination : public destination {
 public:
  explicit stream_destination(int fd);
  result write(const std::string& place, std::string_view text) override;

 private:
  int fd_;
  netcon::descriptor own_;  // of the same pipe
  bool is_file_ = false;
};

}  // namespace tool
