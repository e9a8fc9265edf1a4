// SPDX-License-Identifier: MIT
// What standard error reports about one output: when it begins to lose lines and why, and when it has
// recovered.
#pragma once

#include "output/output_writer.hpp"

#include <chrono>
#include <string>

namespace tool {

class output_report {
 public:
  /// name: "standard output", "dir:/var/log".
  explicit output_report(std::string name) : name_{std::move(name)} {}

  /// Reports what changed since the last call; how much is lost, at most once a minute.
  void update(const output_writer&, bool at_the_end);

 private:
  using clock = std::chrono::steady_clock;

  void report_slow(const output_writer::counters& now, clock::time_point time);
  void report_refusals(const destination::counters& now, clock::time_point time);
  void report_rotation(const destination::counters& now) const;

  std::string name_;
  output_writer::counters reported_;
  std::uint64_t refused_ = 0;  // as it was reported
  bool is_slow_ = false, has_failed_ = false;
  clock::time_point next_slow_report_{}, next_failure_report_{}, next_refusal_report_{}, last_failure_{};
};

}  // namespace tool
