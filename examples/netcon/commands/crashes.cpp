// SPDX-License-Identifier: MIT
// netcon crashes: the crashes in captures and text logs, one line for each.
#include "commands/command.hpp"
#include "input/any_log.hpp"
#include "input/capture.hpp"
#include "input/interruption.hpp"
#include "options/value_check.hpp"
#include "output/output.hpp"

#include <netcon/core/printable.hpp>
#include <netcon/crash.hpp>
#include <netcon/os/local_time.hpp>
#include <netcon/os/random_key.hpp>
#include <netcon/output/crash_json.hpp>
#include <netcon/output/crash_text.hpp>
#include <netcon/output/wall_time.hpp>
#include <netcon/receive/collector.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tool {
namespace {

struct crashes_options {
  std::vector<std::string> files;
  std::uint64_t show = 0;  // 0: the list
  bool group = false;
  bool json = false;
};

netcon::wall_time wall_time_of(netcon::log_time time) {
  return netcon::wall_time{std::chrono::duration_cast<netcon::wall_time::duration>(time.time_since_epoch())};
}

/// In the zone of this machine.
std::string time_text(netcon::crash::optional_time time) {
  if (!time) return {};
  std::string out;
  netcon::wall_time_writer{netcon::local_utc_offset}.append(out, wall_time_of(*time));
  return out.substr(0, out.find('.'));
}

/// What the list needs of a report: the reports of a year need not fit into memory.
struct group_entry {
  std::string title;
  netcon::crash::optional_time first, last;
  std::uint64_t count = 0;
  std::map<std::string, std::uint64_t> hosts;
};

/// Takes the reports one after another and prints them as the options say.
class crash_printer {
 public:
  explicit crash_printer(const crashes_options& options) : options_{options} {}

  void operator()(std::string_view host, const netcon::crash::report& report) {
    ++count_;
    if (options_.show != 0) {
      if (count_ == options_.show) show(host, report);
    } else if (options_.group) {
      add_to_group(host, report);
    } else if (options_.json) {
      netcon::append_crash_json(text_, host, report);
      flush(block);
    } else {
      list(host, report);
      flush(block);
    }
  }

  /// Prints what is left. False when there is no report of the number that was asked for.
  bool finish() {
    if (options_.group) print_groups();
    flush(1);
    return options_.show == 0 || count_ >= options_.show;
  }

  /// Writes the text once there is enough of it. False once writing has failed.
  bool flush(std::size_t enough) {
    if (problem_ || text_.size() < enough) return !problem_;
    problem_ = write_all(STDOUT_FILENO, text_);
    text_.clear();
    return !problem_;
  }

  std::uint64_t count() const { return count_; }
  std::error_code problem() const { return problem_; }

 private:
  static constexpr std::size_t block = 16 * 1024;
  static constexpr std::size_t most_groups = 100000;

  void show(std::string_view host, const netcon::crash::report& report) {
    if (options_.json) {
      netcon::append_crash_json(text_, host, report);
    } else {
      netcon::append_crash_text(text_, host, time_text(report.time), report);
    }
  }

  std::uint64_t& times(std::string_view host, const netcon::crash::report& report) {
    if (seen_.size() > most_groups) seen_.clear();
    return seen_[fmt::format("{:016x} {}", report.signature, host)];
  }

  void list(std::string_view host, const netcon::crash::report& report) {
    const auto often = ++times(host, report);
    const auto time = time_text(report.time);
    text_ += fmt::format("{:>4}  {:<19}  {:<15}  {}  ({}{}{})\n", count_, time.empty() ? "-" : time,
                         host.empty() ? "-" : netcon::printable(host), netcon::printable(report.title),
                         report.panicked ? "went down, " : "", netcon::crash_state(report),
                         often > 1 ? fmt::format(", {} times", often) : "");
  }

  void add_to_group(std::string_view host, const netcon::crash::report& report) {
    if (groups_.size() >= most_groups && !groups_.contains(report.signature)) return;
    auto& group = groups_[report.signature];
    if (++group.count == 1) group.title = report.title;
    if (report.time) {
      group.first = std::min(group.first.value_or(*report.time), *report.time);
      group.last = std::max(group.last.value_or(*report.time), *report.time);
    }
    if (group.hosts.size() < most_groups) ++group.hosts[std::string{host}];
  }

  void print_groups() {
    std::vector<const group_entry*> order;
    for (const auto& [signature, group] : groups_) order.push_back(&group);
    std::ranges::stable_sort(order, std::greater{}, &group_entry::count);
    if (!options_.json) {
      for (const auto* one : order)
        text_ +=
            fmt::format("{:>5} times  {:>4} {}  {:<19}  {:<19}  {}\n", one->count, one->hosts.size(),
                        one->hosts.size() == 1 ? "host " : "hosts", one->first ? time_text(one->first) : "-",
                        one->last ? time_text(one->last) : "-", netcon::printable(one->title));
      return;
    }
    for (const auto& [signature, group] : groups_) {
      text_ += fmt::format(R"({{"signature":"{:016x}","count":{},"hosts":{},"title":)", signature,
                           group.count, group.hosts.size());
      netcon::append_json_string(text_, group.title);
      const auto add_time = [&](std::string_view key, netcon::crash::optional_time time) {
        if (!time) return;
        text_ += fmt::format(R"(,"{}":")", key);
        netcon::wall_time_writer{}.append(text_, wall_time_of(*time));
        text_ += '"';
      };
      add_time("first", group.first);
      add_time("last", group.last);
      text_ += "}\n";
    }
  }

  const crashes_options& options_;
  std::uint64_t count_ = 0;
  std::string text_;
  std::error_code problem_;
  std::map<std::string, std::uint64_t> seen_;
  std::map<std::uint64_t, group_entry> groups_;
};

/// How far a large file has been read, on a terminal.
class progress_line {
 public:
  explicit progress_line(const std::string& path) {
    struct stat status{};
    if (::isatty(STDERR_FILENO) == 1 && path != "-" && ::stat(path.c_str(), &status) == 0)
      size_ = static_cast<std::uint64_t>(status.st_size);
  }
  ~progress_line() {
    if (shown_) say("\r\x1b[K");
  }
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  void at(std::uint64_t position) {
    constexpr std::uint64_t large = 64 * 1024 * 1024;
    const auto now = std::chrono::steady_clock::now();
    if (size_ < large || now < next_) return;
    next_ = now + std::chrono::milliseconds{200};
    shown_ = true;
    say("\rnetcon crashes: {} %", position * 100 / size_);
  }

 private:
  std::uint64_t size_ = 0;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_{};
};

/// Of a capture: the port that received, and who sent.
using captured_sender = std::pair<netcon::port, netcon::endpoint>;

/// A machine with two targets sends each of its crashes to two ports: one crash, reported from the target
/// that numbers its records.
class twin_filter {
 public:
  explicit twin_filter(crash_printer& to) : to_{to} {}

  void add(const captured_sender& from, const netcon::crash::report& report) {
    const auto at = from.first;
    auto host = to_string(from.second.address);
    for (auto& one : waiting_) {
      if (one.at == at || one.twin == at || one.host != host || !same(one.report, report)) continue;
      if (!one.report.first_sequence && report.first_sequence) one.report = report;
      one.twin = at;
      return;
    }
    if (waiting_.size() == most_waiting) print_first();
    waiting_.push_back({std::move(host), report, at, {}});
  }

  /// Prints those whose twin would have come by now.
  void release(netcon::log_time now) {
    while (!waiting_.empty() && waiting_.front().report.time.value_or(now) + patience <= now) print_first();
  }

  void finish() {
    while (!waiting_.empty()) print_first();
  }

 private:
  struct entry {
    std::string host;
    netcon::crash::report report;
    netcon::port at;
    std::optional<netcon::port> twin;
  };
  // A crash that has no end yet ends after seconds of silence, and may have lasted for longer.
  static constexpr auto patience = std::chrono::minutes{1};
  // However many crashes a capture holds; of more the first is printed without its twin.
  static constexpr std::size_t most_waiting = 256;

  static bool same(const netcon::crash::report& a, const netcon::crash::report& b) {
    return a.signature == b.signature && a.time && b.time &&
           std::chrono::abs(*a.time - *b.time) <= std::chrono::seconds{1};
  }

  void print_first() {
    to_(waiting_.front().host, waiting_.front().report);
    waiting_.pop_front();
  }

  crash_printer& to_;
  std::deque<entry> waiting_;
};

/// Whether a text log has its newest line first, as journalctl -r writes it.
class line_order {
 public:
  void add(const netcon::log_line& line) {
    std::optional<std::int64_t> now;
    if (line.time)
      now = line.time->time_since_epoch().count();
    else if (line.timestamp_us)
      now = static_cast<std::int64_t>(*line.timestamp_us & 0x7fffffffffffffff);
    if (!now) return;
    if (last_ && *now != *last_) ++(*now < *last_ ? back_ : on_);
    last_ = now;
  }
  /// A few steps back are boots, or hosts whose lines alternate.
  bool is_reversed() const noexcept { return back_ >= 5 && back_ / 4 > on_; }

 private:
  std::optional<std::int64_t> last_;
  std::uint64_t on_ = 0, back_ = 0;
};

/// The crashes of one file, whatever it holds.
std::expected<log_counts, std::string> scan_file(const log_source& source, crash_printer& printer,
                                                 int stop_fd) {
  const auto& path = source.path;
  const auto key = netcon::random_key();
  netcon::crash::log_scanner scanner{netcon::crash::log_scanner::patient_limits(), key};
  netcon::crash::basic_detector<captured_sender> detector;
  std::map<netcon::port, netcon::collector> collectors;
  twin_filter captured{printer};
  netcon::time_point now{};
  netcon::crash::optional_time time;
  std::string room;
  const auto keep = [&](const auto& event) {
    if constexpr (requires { event.report; }) printer(event.sender, event.report);
  };
  const auto keep_captured = [&](const auto& event) {
    if constexpr (requires { event.report; }) captured.add(event.sender, event.report);
  };
  const auto observe_at = [&](netcon::port at) {
    return
        [&, at](const auto& event) { detector.observe({at, event.sender}, event, now, time, keep_captured); };
  };
  progress_line progress{path};
  line_order order;
  const auto counts = read_any_log(
      source,
      {.datagram =
           [&](const netcon::captured_datagram& datagram) {
             const auto since = datagram.time.time_since_epoch();
             now = netcon::time_point{std::chrono::duration_cast<netcon::time_point::duration>(since)};
             time = netcon::log_time{std::chrono::duration_cast<std::chrono::microseconds>(since)};
             const auto at = datagram.udp.receiver.port;
             auto& collector = collectors.try_emplace(at, netcon::collector::limits{}, key).first->second;
             collector.expire(now, observe_at(at));
             detector.expire(now, keep_captured);
             const captured_sender from{at, datagram.udp.sender};
             const auto note_cut = [&] {
               if (datagram.udp.truncated && detector.is_crashing(from)) detector.lost(from);
             };
             note_cut();
             collector.push(from.second, payload_for_collector(datagram.udp, room), now, observe_at(at));
             note_cut();
             captured.release(*time);
           },
       .line =
           [&](const netcon::log_line& line) {
             order.add(line);
             scanner.push(line, keep);
           },
       .progress = [&](std::uint64_t position) { progress.at(position); },
       .wait = {.begins = [&] { return printer.flush(1); }, .lasts = {}, .stop_fd = stop_fd}});
  for (auto& [at, collector] : collectors) collector.flush(observe_at(at));
  detector.flush(keep_captured);
  captured.finish();
  scanner.finish(keep);
  const auto name = path == "-" ? "standard input" : path;
  if (counts)
    for (const auto& remark : what_is_missing(name, counts->capture)) say("netcon crashes: {}\n", remark);
  if (order.is_reversed())
    say("netcon crashes: {} has its newest line first, so that crashes are not read whole; "
        "turn it round: tac FILE | netcon crashes -\n",
        name);
  return counts;
}

int run(const crashes_options& options) {
  std::signal(SIGPIPE, SIG_IGN);
  interruption interrupted;
  crash_printer printer{options};
  int code = exit_ok;
  std::uint64_t files = 0;
  bool stopped = false;
  for (const auto& path : options.files)
    for (const auto& file : log_files(path)) {
      if (stopped) break;
      files += 1 + file.more.size();
      const auto counts = scan_file(file, printer, interrupted.fd());
      if (!counts) code = fail("crashes", counts.error());
      stopped = counts && counts->stopped;
    }
  const bool found = printer.finish();
  if (printer.problem() && printer.problem() != std::errc::broken_pipe) {
    say("netcon crashes: cannot write the output: {}\n", printer.problem().message());
    return exit_usage;
  }
  if (!found && !stopped) {
    say("netcon crashes: there is no crash {}: the files hold {}\n", options.show, printer.count());
    return exit_usage;
  }
  say("netcon: {} crash{} in {} file{}\n", printer.count(), printer.count() == 1 ? "" : "es", files,
      files == 1 ? "" : "s");
  interrupted.resume();
  return code;
}

}  // namespace

CLI::App* add_crashes(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("crashes", "List the crashes in logs and captures");
  const auto options = std::make_shared<crashes_options>();
  command->add_option("files", options->files, "Logs, captures or directories of them; - is standard input")
      ->required()
      ->option_text("FILE|DIR ...");
  auto* show =
      command->add_option("--show", options->show, "Print all that is known about crash N of the list")
          ->option_text("N")
          ->transform(whole_number(1));
  command
      ->add_flag("--group", options->group,
                 "Print equal crashes once: how often, on how many hosts, first, last")
      ->excludes(show);
  command->add_flag("--json", options->json, "Print one JSON object a line, as in docs/json.md");
  command->footer(
      R"help(Reads pcap and pcapng, the output of netcon listen, and text logs as nc, rsyslog, journalctl (also -o json and
-o export), dmesg, serial consoles and pstore leave them; also packed with gzip or zstd. docs/crashes.md
says what is recognised, and what complete means. A crash in a pipe is listed when it has ended, which a later line of
the log shows. SIGINT and SIGTERM end it once what was read is listed.

Examples:
  netcon crashes /var/log/netconsole.log
  netcon crashes --group /var/log/netconsole/
  netcon crashes --show 3 /var/log/netconsole.log | scripts/decode_stacktrace.sh vmlinux
  journalctl -k -o export | netcon crashes -

Exit code: 0 read; 2 a file is missing or damaged, or N is not in the list.)help");
  command->callback([options, &exit_code] { exit_code = run(*options); });
  return command;
}

}  // namespace tool
