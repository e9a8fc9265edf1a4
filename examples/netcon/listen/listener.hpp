// The run of netcon listen: its workers, its output, and what standard error reports about them.
#pragma once

#include "listen/listen_sockets.hpp"
#include "listen/listen_worker.hpp"
#include "listen/stop_signals.hpp"
#include "output/output_writer.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace tool {

struct listener_options {
  std::optional<std::uint64_t> most_records;
  std::optional<std::chrono::steady_clock::time_point> end;
  std::chrono::milliseconds stats{0};  // between two reports; 0: none
  std::size_t queue_bytes = 0;
  std::string output_name;  // for messages; empty: standard output
};

class listener {
 public:
  listener(sockets, const listen_settings&, std::unique_ptr<destination>, const listener_options&);

  /// Runs until a signal, the limit of records, the end of the time, or the end of the output's reader.
  /// Returns the problem that ended it, if one did.
  std::optional<std::string> run(stop_signals&);

  enum class ending { whole, lines_lost, stuck };

  /// Writes the rest of the output and the last line. Stuck: the system holds a write for ever, and the
  /// process can only exit.
  ending finish();

 private:
  using clock = std::chrono::steady_clock;

  void wait(int signal_fd, clock::time_point until) const;
  listen_worker::counters totals() const;
  void report_output(bool at_the_end);
  void report_rotation(const destination::counters& now) const;
  void report_stats();

  listener_options options_;
  listen_run run_;
  output_writer writer_;
  std::deque<listen_worker> workers_;
  output_writer::counters reported_;
  bool is_slow_ = false, has_failed_ = false;
  clock::time_point next_slow_report_{}, next_failure_report_{}, last_failure_{};
  listen_worker::counters before_;
};

}  // namespace tool
