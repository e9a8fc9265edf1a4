// SPDX-License-Identifier: MIT
#include "listen/output_report.hpp"

#include "output/output.hpp"

#include <utility>

namespace tool {

using namespace std::chrono_literals;

namespace {

constexpr auto between_reports = 60s, settled = 2s;

}  // namespace

void output_report::update(const output_writer& writer, bool at_the_end) {
  if (writer.broken()) return;
  const auto now = writer.stats();
  const auto time = clock::now();
  report_rotation(now.output);
  report_slow(now, time);
  report_refusals(now.output, time);
  const auto& problem = now.last_problem;
  if (now.not_taken != reported_.not_taken) {
    last_failure_ = time;
    if (!std::exchange(has_failed_, true) || problem != reported_.last_problem ||
        time >= next_failure_report_) {
      say("netcon: cannot write to {}: {}: {} records and {} remarks not written so far\n",
          problem.place.empty() ? name_ : problem.place, problem.code.message(), now.not_taken.records,
          now.not_taken.remarks);
      next_failure_report_ = time + between_reports;
    }
  }
  // An output that fails now and then has not recovered.
  if (has_failed_ && !now.problem && (at_the_end || time - last_failure_ >= settled)) {
    say("netcon: output to {} recovered\n", name_);
    has_failed_ = false;
  }
  reported_ = now;
}

void output_report::report_slow(const output_writer::counters& now, clock::time_point time) {
  if (now.no_room == reported_.no_room) {
    if (time >= next_slow_report_) is_slow_ = false;
  } else if (!std::exchange(is_slow_, true) || time >= next_slow_report_) {
    say("netcon: {} is too slow: {} records and {} remarks not written so far\n", name_, now.no_room.records,
        now.no_room.remarks);
    next_slow_report_ = time + between_reports;
  }
}

void output_report::report_refusals(const destination::counters& now, clock::time_point time) {
  if (now.refused == refused_ || time < next_refusal_report_) return;
  say("netcon: {} refuses what is sent: no program listens there; {} refusals so far, and the messages count "
      "as written\n",
      name_, now.refused);
  refused_ = now.refused;
  next_refusal_report_ = time + between_reports;
}

void output_report::report_rotation(const destination::counters& now) const {
  const auto& before = reported_.output;
  if (now.rotation_errors != before.rotation_errors && now.problem != before.problem)
    say("netcon: cannot rotate or sync {}: {}\n", now.problem.place, now.problem.code.message());
  if (now.removed != 0 && before.removed == 0)
    say("netcon: {}: old files are removed to keep within dir-size and keep-free\n", name_);
  if (now.crowded_out != 0 && before.crowded_out == 0)
    say("netcon: {}: other files fill the file system: keep-free would not be left without all log files "
        "either, and none is removed\n",
        name_);
}

}  // namespace tool
