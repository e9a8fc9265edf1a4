// SPDX-License-Identifier: MIT
// The run of netcon listen: its workers, its output, and what standard error reports about them.
#pragma once

#include "listen/drop_report.hpp"
#include "listen/listen_sockets.hpp"
#include "listen/listen_worker.hpp"
#include "listen/output_report.hpp"
#include "listen/output_spec.hpp"
#include "listen/stop_signals.hpp"
#include "metrics/metrics_snapshot.hpp"
#include "output/output_writer.hpp"

#include <netcon/os/random_key.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tool {

struct listener_options {
  std::optional<std::uint64_t> most_records;
  std::optional<std::chrono::steady_clock::time_point> end;
  std::chrono::milliseconds stats{0};      // between two reports; 0: none
  bool colour = false;                     // on standard output
  bool to_journal = false;                 // standard output is the journal
  const probe_replies* replies = nullptr;  // for the last line
  std::string silence_hint{};              // for who waits at a terminal and gets nothing; empty: none
};

/// An output that is open.
struct opened_output {
  output_spec spec;
  std::unique_ptr<destination> to;
};

class listener {
 public:
  listener(sockets, const listen_settings&, std::vector<opened_output>, const listener_options&);

  /// Runs until a signal, the limit of records, the end of the time, or the end of the output's reader.
  /// Returns the problem that ended it, if one did.
  /// reload is called after SIGHUP, before the outputs are opened again.
  std::optional<std::string> run(stop_signals&, const std::function<void()>& reload);

  /// Takes the allowed senders, and the filters and limits of the same outputs, described again, without
  /// losing a packet. Returns the places of which something else changed.
  std::vector<std::string> update(const std::vector<output_spec>&, const address_filter& allowed);

  /// Whether as many records came as the limit allows.
  bool has_all_records() const { return run_.is_full(); }

  enum class ending { whole, lines_lost, stuck };

  /// Writes the rest of the output and the last line. Stuck: the system holds a write for ever, and the
  /// process can only exit.
  ending finish();

  /// From any thread.
  metrics_snapshot snapshot() const;

 private:
  using clock = std::chrono::steady_clock;
  struct output {
    output(output_spec described, std::unique_ptr<destination> to)
        : spec{std::move(described)},
          writer{std::move(to), spec.queue_bytes, netcon::random_key()},
          report{std::string{spec.name()}} {}

    output_spec spec;
    output_writer writer;
    output_report report;
  };

  static output_counts counts_of(const listen_worker::counters& all, std::size_t output);
  static line_counts unwritten(const output&, const output_counts&);
  static std::string not_written(const output&, const output_counts&, bool with_remarks);

  std::vector<output_group_settings> output_groups();
  void wait(int signal_fd, clock::time_point until) const;
  listen_worker::counters totals() const;
  void look_at_terminal();
  void report_outputs(bool at_the_end);
  void report_drops();
  void report_stats();
  void report_silence();
  void report_interfaces();

  static constexpr std::chrono::seconds silence_until_hint{10};

  listener_options options_;
  address_filter allowed_;
  std::atomic<std::size_t> columns_ = 0;  // of the terminal
  listen_run run_;
  std::deque<output> outputs_;
  std::deque<listen_worker> workers_;
  drop_report socket_drops_, backlog_drops_;
  listen_worker::counters before_;
  clock::time_point begun_ = clock::now();
  bool has_hinted_ = false;
  bool has_passed_sockets_;
  std::ptrdiff_t deaf_sockets_ = 0;
};

}  // namespace tool
