#include "listen/listener.hpp"
#include "options/duration.hpp"
#include "output/output.hpp"

#include <netcon/os/random_key.hpp>

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string_view>
#include <utility>

namespace tool {

using namespace std::chrono_literals;

listener::listener(sockets all, const listen_settings& settings, std::unique_ptr<destination> to,
                   const listener_options& options)
    : options_{options},
      run_{options.most_records},
      writer_{std::move(to), options.queue_bytes, netcon::random_key()} {
  for (auto& socket : all) workers_.emplace_back(std::move(socket), settings, run_, writer_);
}

std::optional<std::string> listener::run(stop_signals& signals) {
  for (auto& worker : workers_) worker.start();
  const auto interval = options_.stats;
  const bool with_stats = interval.count() > 0;
  auto next_stats = clock::now() + interval;
  while (!run_.ended() && !(options_.end && clock::now() >= *options_.end)) {
    auto until = clock::now() + 1s;
    if (options_.end) until = std::min(until, *options_.end);
    if (with_stats) until = std::min(until, next_stats);
    wait(signals.fd(), until);
    if (const int signal = signals.take(); signal == SIGHUP) {
      writer_.reopen();
    } else if (signal != 0) {
      break;
    }
    report_output(false);
    if (with_stats && clock::now() >= next_stats) {
      report_stats();
      next_stats += interval;
    }
  }
  for (auto& worker : workers_) worker.stop();
  for (auto& worker : workers_) worker.finish();
  return run_.problem();
}

listener::ending listener::finish() {
  // Only a reader that takes nothing at all for so long is given up.
  constexpr auto patience = 5s;
  const bool ended = writer_.finish(patience);
  report_output(true);
  const auto all = totals();
  const auto& stats = all.collected;
  const auto output = writer_.stats();
  // What the writer did not come to, when the system holds its last write, is not written either.
  const auto unwritten = [](std::uint64_t events, std::uint64_t filtered, std::uint64_t suppressed,
                            std::uint64_t written) {
    return events - std::min(events, filtered + suppressed + written);
  };
  const auto records =
      unwritten(all.records, all.filtered.records, all.suppressed.records, output.written.records);
  const auto remarks =
      unwritten(all.remarks, all.filtered.remarks, all.suppressed.remarks, output.written.remarks);
  std::string line;
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count != 0) line += fmt::format(", {} {}", count, what);
  };
  add(stats.lost_inferred, "lost inferred");
  add(stats.lost_counted, "lost counted");
  add(stats.lost_announced, "lost announced");
  add(stats.impossible, "impossible jumps");
  add(stats.folded, "empty lines left out");
  add(all.remarks, "remarks");
  add(all.filtered.remarks, "remarks not shown");
  add(all.suppressed.remarks, "remarks over the rate limit");
  if (!line.empty()) say("netcon: in detail: {}\n", line.substr(2));

  line = fmt::format("netcon: received {} records, {} packets, {} bytes, {} lost, {} socket drops",
                     all.records, all.packets, all.bytes, stats.lost, all.dropped);
  add(stats.partial, "partial");
  add(stats.rebooted, "reboots");
  add(stats.duplicate, "duplicates");
  add(stats.late, "late");
  add(stats.junk, "junk");
  add(all.truncated, "packets truncated");
  add(stats.forgotten, "senders forgotten");
  add(all.denied, "packets denied");
  add(all.far, "packets below the lowest TTL");
  add(all.unproven, "records unproven");
  add(all.filtered.records, "records not shown");
  add(all.suppressed.records, "records over the rate limit");
  add(records, "records not written");
  add(remarks, "remarks not written");
  add(output.output.cut, "lines cut");
  add(output.output.removed, "old files removed");
  add(output.output.rotation_errors, "errors of rotation");
  say("{}\n", line);
  if (!ended) return ending::stuck;
  return (records == 0 && remarks == 0) || writer_.broken() ? ending::whole : ending::lines_lost;
}

void listener::wait(int signal_fd, clock::time_point until) const {
  std::array<pollfd, 2> wanted{{{signal_fd, POLLIN, 0}, {run_.fd(), POLLIN, 0}}};
  const auto left = std::max<std::chrono::nanoseconds>(until - clock::now(), 0ns).count();
  const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
  ::ppoll(wanted.data(), wanted.size(), &timeout, nullptr);
}

listen_worker::counters listener::totals() const {
  listen_worker::counters all;
  for (const auto& worker : workers_) all += worker.stats();
  return all;
}

/// Reports loss on the way out when it begins, when its reason changes, and when the output has recovered;
/// how much it is, at most once a minute.
void listener::report_output(bool at_the_end) {
  const auto now = writer_.stats();
  if (writer_.broken()) return;
  report_rotation(now.output);
  constexpr auto between_reports = 60s, settled = 2s;
  const auto time = clock::now();
  const auto where = options_.output_name.empty() ? "" : " to " + options_.output_name;
  if (now.no_room == reported_.no_room) {
    if (time >= next_slow_report_) is_slow_ = false;
  } else if (!std::exchange(is_slow_, true) || time >= next_slow_report_) {
    say("netcon: the output is too slow: {} records and {} remarks not written so far\n", now.no_room.records,
        now.no_room.remarks);
    next_slow_report_ = time + between_reports;
  }
  const auto& problem = now.last_problem;
  if (now.not_taken != reported_.not_taken) {
    last_failure_ = time;
    if (!std::exchange(has_failed_, true) || problem != reported_.last_problem ||
        time >= next_failure_report_) {
      say("netcon: cannot write{}: {}: {} records and {} remarks not written so far\n",
          problem.place.empty() ? where : " to " + problem.place, problem.code.message(),
          now.not_taken.records, now.not_taken.remarks);
      next_failure_report_ = time + between_reports;
    }
  }
  // An output that fails now and then has not recovered.
  if (has_failed_ && !now.problem && (at_the_end || time - last_failure_ >= settled)) {
    say("netcon: output{} recovered\n", where);
    has_failed_ = false;
  }
  reported_ = now;
}

void listener::report_rotation(const destination::counters& now) const {
  const auto& before = reported_.output;
  if (now.rotation_errors != before.rotation_errors && now.problem != before.problem)
    say("netcon: cannot rotate {}: {}\n", now.problem.place, now.problem.code.message());
  if (now.removed != 0 && before.removed == 0)
    say("netcon: old files are removed to keep within --dir-size and --keep-free\n");
}

void listener::report_stats() {
  const auto all = totals();
  const auto written = writer_.stats();
  say("netcon: {} records and {} bytes in {}; in all {} records, {} packets, {} lost, {} socket drops, "
      "{} records not written\n",
      all.records - before_.records, all.bytes - before_.bytes, to_text(options_.stats), all.records,
      all.packets, all.collected.lost, all.dropped, written.no_room.records + written.not_taken.records);
  before_ = all;
}

}  // namespace tool
