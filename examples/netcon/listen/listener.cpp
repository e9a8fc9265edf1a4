#include "listen/listener.hpp"
#include "options/duration.hpp"
#include "output/output.hpp"

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
    : options_{options}, run_{options.most_records}, writer_{std::move(to), options.queue_bytes} {
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
    report_output();
    if (with_stats && clock::now() >= next_stats) {
      report_stats();
      next_stats += interval;
    }
  }
  for (auto& worker : workers_) worker.stop();
  for (auto& worker : workers_) worker.finish();
  return run_.problem();
}

bool listener::finish() {
  writer_.finish();
  report_output();
  const auto all = totals();
  const auto& stats = all.collected;
  std::string line =
      fmt::format("netcon: received {} records, {} packets, {} bytes, {} lost, {} socket drops", all.records,
                  all.packets, all.bytes, stats.lost, all.dropped);
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count != 0) line += fmt::format(", {} {}", count, what);
  };
  add(stats.partial, "partial");
  add(stats.rebooted, "reboots");
  add(stats.duplicate, "duplicates");
  add(stats.late, "late");
  add(stats.junk, "junk");
  add(all.truncated, "packets truncated");
  add(stats.forgotten, "senders forgotten");
  add(all.denied, "packets denied");
  add(all.filtered, "records not shown");
  add(all.suppressed, "records over the rate limit");
  const auto written = writer_.stats();
  const auto unwritten = written.no_room + written.not_taken;
  add(unwritten, "records not written");
  say("{}\n", line);
  return unwritten == 0 || writer_.broken();
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

/// Reports loss on the way out when it grows, and when the output has recovered.
void listener::report_output() {
  const auto now = writer_.stats();
  if (writer_.broken()) return;
  const auto where = options_.output_name.empty() ? "" : " to " + options_.output_name;
  if (now.no_room != reported_.no_room)
    say("netcon: the output is too slow: {} records not written so far\n", now.no_room);
  if (now.not_taken != reported_.not_taken)
    say("netcon: cannot write{}: {}: {} records not written so far\n", where,
        now.problem ? now.problem.message() : reported_.problem.message(), now.not_taken);
  if (reported_.problem && !now.problem) say("netcon: output{} recovered\n", where);
  reported_ = now;
}

void listener::report_stats() {
  const auto all = totals();
  const auto written = writer_.stats();
  say("netcon: {} records and {} bytes in {}; in all {} records, {} packets, {} lost, {} socket drops, "
      "{} records not written\n",
      all.records - before_.records, all.bytes - before_.bytes, to_text(options_.stats), all.records,
      all.packets, all.collected.lost, all.dropped, written.no_room + written.not_taken);
  before_ = all;
}

}  // namespace tool
