// SPDX-License-Identifier: MIT
// SIGINT and SIGTERM as the end of what is read.
#pragma once

#include <netcon/os/descriptor.hpp>

#include <csignal>

namespace tool {

/// During its life the first of the two signals makes fd() readable. The second one ends the program, which
/// may wait for its output. A signal that is ignored stays ignored. One at a time.
class interruption {
 public:
  interruption();
  interruption(const interruption&) = delete;
  interruption& operator=(const interruption&) = delete;
  ~interruption();

  int fd() const { return event_.get(); }

  /// Ends the program by the signal that came: only so does a shell stop its script. Returns where none did.
  void resume();

 private:
  netcon::descriptor event_;
  struct sigaction int_before_{}, term_before_{};
};

}  // namespace tool
