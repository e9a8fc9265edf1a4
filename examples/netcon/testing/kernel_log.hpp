// SPDX-License-Identifier: MIT
// Probes into the kernel's own log, through /dev/kmsg.
#pragma once

#include <netcon/os/descriptor.hpp>
#include <netcon/wire/probe.hpp>

#include <cstdint>
#include <expected>
#include <string>

namespace tool {

class kernel_log {
 public:
  enum class taken : std::uint8_t {
    yes,
    no,       // the record is not in the log, though the write was accepted
    unknown,  // this process may not read the log
  };

  explicit kernel_log(std::string path) : path_{std::move(path)} {}

  /// Writes the probe as one record at its level, with the facility of user programs, and looks for it in the
  /// log. The error is one line that says what to do.
  std::expected<taken, std::string> write(const netcon::probe&) const;

 private:
  std::string path_;
};

}  // namespace tool
