// SPDX-License-Identifier: MIT
#include "listen/listener.hpp"
#include "options/duration.hpp"
#include "output/output.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>

namespace tool {

using namespace std::chrono_literals;

namespace {

/// What gives the sockets more room: where the kernel gave less than was asked for, that first.
std::string more_room(const sockets& all, bool passed) {
  if (passed) return "a larger ReceiveBuffer= in the socket unit helps";
  const netcon::receive_options wanted;
  for (const auto& one : all)
    if (one.receive_buffer() / 2 < wanted.buffer_bytes)
      return fmt::format("sysctl -w net.core.rmem_max={} gives room, --threads more sockets",
                         wanted.buffer_bytes);
  return "--threads N gives more sockets to the machines that send";
}

}  // namespace

listener::listener(sockets all, const listen_settings& settings, std::vector<opened_output> to,
                   const listener_options& options)
    : options_{options},
      allowed_{settings.allowed},
      run_{options.most_records},
      socket_drops_{"socket drops",
                    "the buffer of the socket was full; " + more_room(all, settings.passed_sockets)},
      backlog_drops_{
          "backlog drops",
          fmt::format("packets of the busiest addresses came faster than they are handled; {} the work "
                      "of several machines, --deny leaves an address out",
                      settings.passed_sockets ? "more sockets in the unit share" : "--threads N shares")},
      has_passed_sockets_{settings.passed_sockets} {
  look_at_terminal();
  for (auto& one : to) outputs_.emplace_back(std::move(one.spec), std::move(one.to));
  const auto groups = output_groups();
  for (auto& socket : all) workers_.emplace_back(std::move(socket), settings, run_, groups);
}

/// Outputs that show the same share the work.
std::vector<output_group_settings> listener::output_groups() {
  std::vector<output_group_settings> out;
  std::vector<std::pair<output_format, std::string>> known;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const auto& spec = outputs_[i].spec;
    const bool is_standard = spec.what == output_spec::kind::standard_output;
    const auto format = spec.format.value_or(output_format::full);
    // What goes to standard output may have colours and more, and shares its text with no other.
    const auto key = std::pair{format, spec.selection + (is_standard ? "-" : "")};
    const auto same = static_cast<std::size_t>(std::ranges::find(known, key) - known.begin());
    if (same == known.size()) {
      known.push_back(key);
      out.push_back({.format = format,
                     .colour = is_standard && options_.colour,
                     .level_prefix = is_standard && options_.to_journal && format != output_format::raw,
                     .columns = is_standard ? &columns_ : nullptr,
                     .filter = spec.filter,
                     .rate_limit = spec.rate_limit,
                     .outputs = {},
                     .writers = {}});
    }
    out[same].outputs.push_back(i);
    out[same].writers.push_back(&outputs_[i].writer);
  }
  return out;
}

std::vector<std::string> listener::update(const std::vector<output_spec>& next,
                                          const address_filter& allowed) {
  std::vector<std::string> out;
  bool is_new = allowed != allowed_;
  allowed_ = allowed;
  for (std::size_t i = 0; i < std::max(next.size(), outputs_.size()); ++i) {
    if (i >= next.size() || i >= outputs_.size() || next[i].fixed != outputs_[i].spec.fixed) {
      out.push_back(i < next.size() ? next[i].place : outputs_[i].spec.place);
      continue;
    }
    auto& spec = outputs_[i].spec;
    if (spec.selection == next[i].selection) continue;
    spec.filter = next[i].filter;
    spec.rate_limit = next[i].rate_limit;
    spec.selection = next[i].selection;
    is_new = true;
  }
  if (is_new)
    for (auto& worker : workers_) worker.regroup(output_groups(), allowed_);
  return out;
}

std::optional<std::string> listener::run(stop_signals& signals, const std::function<void()>& reload) {
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
      reload();
      for (auto& one : outputs_) one.writer.reopen();
    } else if (signal != 0) {
      break;
    }
    look_at_terminal();
    report_outputs(false);
    report_drops();
    report_silence();
    report_interfaces();
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
  const bool ended = output_writer::finish(std::views::transform(outputs_, &output::writer), patience);
  report_outputs(true);
  const auto all = totals();
  const auto& stats = all.collected;
  // The numbers of a single output stand in the last line.
  const bool is_single = outputs_.size() == 1;
  const auto of_single = is_single ? counts_of(all, 0) : output_counts{};
  const auto events = is_single ? of_single.offered : all.events;
  std::string line;
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count != 0) line += fmt::format(", {} {}", count, what);
  };
  add(stats.lost_inferred, "lost inferred");
  add(stats.lost_counted, "lost counted");
  add(stats.lost_announced, "lost announced");
  add(stats.impossible, "impossible jumps");
  add(stats.folded, "empty lines left out");
  add(events.remarks, "remarks");
  add(of_single.filtered.remarks, "remarks not shown");
  add(of_single.suppressed.remarks, "remarks over the rate limit");
  if (!line.empty()) say("netcon: in detail: {}\n", line.substr(2));
  if (!is_single)
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      say("netcon: {}: {} records and {} remarks written{}\n", outputs_[i].spec.name(),
          outputs_[i].writer.stats().written.records, outputs_[i].writer.stats().written.remarks,
          not_written(outputs_[i], counts_of(all, i), true));

  line = fmt::format("netcon: received {} records, {} packets, {} bytes, {} lost, {} socket drops",
                     events.records, all.packets, all.bytes, stats.lost, all.dropped);
  add(all.backlog_drops, "backlog drops");
  add(stats.partial, "partial");
  add(stats.rebooted, "reboots");
  add(stats.duplicate, "duplicates");
  add(stats.late, "late");
  add(stats.junk, "junk");
  add(all.truncated, "packets truncated");
  add(stats.forgotten, "senders forgotten");
  add(all.denied, "packets denied");
  add(all.after_end, "packets after the end");
  add(all.far, "packets below the lowest TTL");
  add(all.unproven, "records unproven");
  if (is_single) line += not_written(outputs_.front(), of_single, false);
  const auto replies = options_.replies == nullptr ? probe_replies::counters{} : options_.replies->stats();
  add(replies.answered, "probes answered");
  add(replies.limited, "probes over the limit of answers");
  add(replies.failed, "answers that could not be sent");
  say("{}\n", line);
  if (!ended) return ending::stuck;
  bool is_whole = true;
  for (std::size_t i = 0; i < outputs_.size(); ++i)
    is_whole &= unwritten(outputs_[i], counts_of(all, i)) == line_counts{} || outputs_[i].writer.broken();
  return is_whole ? ending::whole : ending::lines_lost;
}

output_counts listener::counts_of(const listen_worker::counters& all, std::size_t output) {
  return output < all.outputs.size() ? all.outputs[output] : output_counts{};
}

/// What the writer did not come to, when the system holds its last write, is not written either.
line_counts listener::unwritten(const output& of, const output_counts& counts) {
  const auto written = of.writer.stats().written;
  const auto rest = [](std::uint64_t offered, std::uint64_t done) {
    return offered - std::min(offered, done);
  };
  return {
      rest(counts.offered.records, counts.filtered.records + counts.suppressed.records + written.records),
      rest(counts.offered.remarks, counts.filtered.remarks + counts.suppressed.remarks + written.remarks)};
}

/// What of an output's lines is not written and why, each after a comma.
std::string listener::not_written(const output& of, const output_counts& counts, bool with_remarks) {
  const auto lost = unwritten(of, counts);
  const auto stats = of.writer.stats().output;
  std::string out;
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count != 0) out += fmt::format(", {} {}", count, what);
  };
  add(counts.filtered.records, "records not shown");
  add(counts.suppressed.records, "records over the rate limit");
  if (with_remarks) add(counts.filtered.remarks, "remarks not shown");
  if (with_remarks) add(counts.suppressed.remarks, "remarks over the rate limit");
  add(lost.records, "records not written");
  add(lost.remarks, "remarks not written");
  add(stats.cut, "lines cut");
  add(stats.refused, "messages refused");
  add(stats.removed, "old files removed");
  add(stats.rotation_errors, "errors of rotation");
  return out;
}

metrics_snapshot listener::snapshot() const {
  metrics_snapshot out{.totals = totals(), .outputs = {}, .crashes = {}, .senders = {}};
  for (std::size_t i = 0; i < outputs_.size(); ++i)
    out.outputs.push_back(
        {std::string{outputs_[i].spec.name()}, counts_of(out.totals, i), outputs_[i].writer.stats()});
  sender_activity::by_address senders{0, netcon::keyed_hash{netcon::random_key()}};
  for (const auto& worker : workers_) worker.activity().add_to(senders, out.crashes);
  out.senders = most_active(senders, metrics_snapshot::most_senders);
  return out;
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

void listener::look_at_terminal() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) columns_ = size.ws_col;
}

void listener::report_outputs(bool at_the_end) {
  for (auto& one : outputs_) one.report.update(one.writer, at_the_end);
}

/// At the end the last line has the numbers.
void listener::report_drops() {
  const auto all = totals();
  const auto now = clock::now();
  if (const auto line = socket_drops_.update(all.dropped, now)) say("{}", *line);
  if (const auto line = backlog_drops_.update(all.backlog_drops, now)) say("{}", *line);
}

/// Once, and only if nothing at all has come so far.
void listener::report_silence() {
  if (has_hinted_ || options_.silence_hint.empty() || clock::now() - begun_ < silence_until_hint) return;
  has_hinted_ = true;
  if (totals().packets == 0) say("{}", options_.silence_hint);
}

/// A program that can receive nothing ends, so that whoever watches it knows, and starts it again.
void listener::report_interfaces() {
  const auto deaf = std::ranges::count_if(workers_, &listen_worker::has_lost_interface);
  if (deaf == std::exchange(deaf_sockets_, deaf) || deaf == 0) return;
  const auto all = std::ssize(workers_);
  const auto what = fmt::format("the interface of {} is gone, and another one of its name is not the same",
                                deaf == all ? "the socket" : fmt::format("{} of {} sockets", deaf, all));
  const auto* const again =
      has_passed_sockets_ ? "restart the socket unit to receive again" : "restart to receive again";
  if (deaf == all) return run_.fail(fmt::format("{}: {}", what, again));
  say("netcon: {}: {}\n", what, again);
}

void listener::report_stats() {
  const auto all = totals();
  std::uint64_t lost = 0;
  for (const auto& one : outputs_) {
    const auto written = one.writer.stats();
    lost += written.no_room.records + written.not_taken.records;
  }
  say("netcon: {} records and {} bytes in {}; in all {} records, {} packets, {} lost, {} socket drops, "
      "{} backlog drops, {} records not written\n",
      all.events.records - before_.events.records, all.bytes - before_.bytes, to_text(options_.stats),
      all.events.records, all.packets, all.collected.lost, all.dropped, all.backlog_drops, lost);
  before_ = all;
}

}  // namespace tool
