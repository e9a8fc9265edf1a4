// SPDX-License-Identifier: MIT
// netcon decode: what kernels sent, from captures and text logs, as netcon listen would have shown it.
#include "commands/command.hpp"
#include "input/any_log.hpp"
#include "input/capture.hpp"
#include "input/interruption.hpp"
#include "input/log_records.hpp"
#include "listen/record_filter.hpp"
#include "options/address_filter.hpp"
#include "options/color_option.hpp"
#include "options/value_check.hpp"
#include "output/context_window.hpp"
#include "output/log_lines.hpp"
#include "output/output.hpp"

#include <netcon/core/endpoint.hpp>
#include <netcon/core/level.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/os/local_time.hpp>
#include <netcon/os/random_key.hpp>
#include <netcon/output/human_line.hpp>
#include <netcon/output/json_line.hpp>
#include <netcon/receive/collector.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace tool {
namespace {

struct decode_options {
  std::vector<std::string> files;
  std::vector<std::uint16_t> to_ports;
  std::vector<std::string> sender;
  std::string min_level, match;
  std::size_t before = 0, after = 0, context = 0;
  bool json = false;
  color_option color;
};

/// Which records and lines are shown.
struct entry_filter {
  record_filter records;
  std::vector<std::string> hosts;  // that --sender names

  bool has_senders() const { return records.sender.has_value(); }

  /// A host is a name, an address, an endpoint, or NAME@ENDPOINT.
  bool is_from(std::string_view host) const {
    const auto at = host.rfind('@');
    const auto name = host.substr(0, at), place = host.substr(at == host.npos ? 0 : at + 1);
    if (std::ranges::count(hosts, name) + std::ranges::count(hosts, host) != 0) return true;
    if (!records.sender) return false;
    if (const auto sender = netcon::endpoint::parse(place)) return records.sender->admits(sender->address);
    const auto address = netcon::ip_address::parse(place);
    return address && records.sender->admits(*address);
  }

  bool shows_line(const netcon::log_line& line) const {
    if (has_senders() && !is_from(line.host)) return false;
    // A line without a level may be urgent.
    if (records.min_level && line.priority && (*line.priority & 7) > *records.min_level) return false;
    return !records.match || records.match->is_in(line.text);
  }
};

/// Who the host of a line is, as --sender takes it: a name, or an address without the port.
std::string sender_of(std::string_view host) {
  if (const auto at = host.rfind('@'); at != host.npos && at != 0) return std::string{host.substr(0, at)};
  if (const auto sender = netcon::endpoint::parse(host)) return to_string(sender->address);
  return std::string{host};
}

/// Whether anything came of the senders that --sender names, and who else sent: the first few.
class sender_watch {
 public:
  void see(bool is_chosen, std::string_view name) {
    is_found_ = is_found_ || is_chosen;
    if (is_found_ || others_.size() > most || std::ranges::count(others_, name) != 0) return;
    others_.emplace_back(name);
  }

  /// A line for somebody who may have mistyped the name; empty where something came, or nothing at all.
  std::string nothing_found(const std::vector<std::string>& wanted) const {
    if (is_found_ || others_.empty()) return {};
    std::string list;
    for (std::size_t i = 0; i < std::min(others_.size(), most); ++i)
      list += (i == 0 ? "" : ", ") + (others_[i].empty() ? "no host" : netcon::printable(others_[i]));
    return fmt::format("nothing is of {}; what was read is of {}{}", fmt::join(wanted, " or "), list,
                       others_.size() > most ? ", ..." : "");
  }

 private:
  static constexpr std::size_t most = 5;

  bool is_found_ = false;
  std::vector<std::string> others_;
};

std::expected<entry_filter, std::string> filter_of(const decode_options& options) {
  entry_filter out;
  if (!options.min_level.empty()) {
    const auto level = read_level(options.min_level);
    if (!level) return std::unexpected{level.error()};
    out.records.min_level = static_cast<std::uint8_t>(*level);
  }
  if (!options.match.empty()) {
    auto compiled = pattern::compile(options.match);
    if (!compiled) return std::unexpected{compiled.error()};
    out.records.match = *std::move(compiled);
  }
  std::vector<netcon::address_range> ranges;
  for (const auto& one : options.sender) {
    if (const auto range = read_address_range(one)) {
      ranges.push_back(*range);
    } else if (one.find_first_of("/:") == one.npos) {
      out.hosts.push_back(one);  // the name of a host, as a log has it
    } else {
      return std::unexpected{"--sender: " + range.error()};
    }
  }
  if (!ranges.empty() || !out.hosts.empty()) {
    // Of a capture, where senders have no names, nothing is shown when only names are wanted.
    if (ranges.empty()) ranges.push_back(*read_address_range("255.255.255.255"));
    out.records.sender = address_filter{std::move(ranges), {}};
  }
  return out;
}

/// The collector's clock is the capture's; only differences count for it.
netcon::time_point as_steady(netcon::wall_time time) {
  return netcon::time_point{
      std::chrono::duration_cast<netcon::time_point::duration>(time.time_since_epoch())};
}

/// Events of a collector and lines of logs as text.
class event_printer {
 public:
  event_printer(const decode_options& options, entry_filter filter)
      : filter_{std::move(filter)},
        lines_{options.json},
        window_{std::max(options.before, options.context), std::max(options.after, options.context),
                !options.json},
        keeps_neighbours_{options.before + options.after + options.context != 0} {
    if (!options.json)
      format_ = netcon::human_lines{options.color.wanted(STDOUT_FILENO), netcon::local_utc_offset};
  }

  /// The arrival of what comes next.
  void set_time(netcon::wall_time time) { time_ = time; }

  template <class Event>
  void operator()(const Event& event) {
    if (filter_.has_senders()) {
      const auto& address = event.sender.address;
      senders_.see(filter_.records.sender->admits(address), to_string(address));
    }
    const bool shown = filter_.records.shows(event);
    if (!shown && !keeps_neighbours_) return window_.add({}, false, text_);
    entry_.clear();
    std::visit([&](auto& format) { format.append(entry_, time_, event); }, format_);
    if (!entry_.empty()) window_.add(entry_, shown, text_);
  }

  /// A line, or a loss in the place of one.
  void add(const netcon::log_line& line, const netcon::event::lost* loss = nullptr) {
    if (filter_.has_senders()) senders_.see(filter_.is_from(line.host), sender_of(line.host));
    const bool shown = filter_.shows_line(line);
    if (!shown && !keeps_neighbours_) return window_.add({}, false, text_);
    entry_.clear();
    lines_.append(entry_, line, loss);
    window_.add(entry_, shown, text_);
  }

  /// Writes the text once there is enough of it. False once writing has failed.
  bool flush(std::size_t enough) {
    if (problem_ || text_.size() < enough) return !problem_;
    problem_ = write_all(STDOUT_FILENO, text_);
    text_.clear();
    return !problem_;
  }

  std::error_code problem() const { return problem_; }
  const sender_watch& senders() const { return senders_; }

 private:
  entry_filter filter_;
  sender_watch senders_;
  std::variant<netcon::json_lines, netcon::human_lines> format_;
  log_line_writer lines_;
  context_window window_;
  bool keeps_neighbours_;
  netcon::wall_time time_{};
  std::string entry_, text_;
  std::error_code problem_;
};

/// Why nothing was shown: the other ports of datagrams, most frequent first, or that there are none.
std::string nothing_decoded(const decode_options& options,
                            const std::map<std::uint16_t, std::size_t>& elsewhere, std::size_t other_frames) {
  if (elsewhere.empty())
    return fmt::format("no whole UDP datagram in what was read, {} other frames", other_frames);
  std::vector<std::pair<std::uint16_t, std::size_t>> ports{elsewhere.begin(), elsewhere.end()};
  std::ranges::stable_sort(ports, std::greater{}, [](const auto& port) { return port.second; });
  constexpr std::size_t enough = 5;
  const auto more = ports.size() > enough ? ", ..." : "";
  ports.resize(std::min(ports.size(), enough));
  std::vector<std::string> list;
  list.reserve(ports.size());
  for (const auto& [port, datagrams] : ports) list.push_back(fmt::format("{} to port {}", datagrams, port));
  return fmt::format("nothing was sent to port {}; there are datagrams: {}{}",
                     fmt::join(options.to_ports, " or "), fmt::join(list, ", "), more);
}

int run(const decode_options& options) {
  std::signal(SIGPIPE, SIG_IGN);
  interruption interrupted;
  auto filter = filter_of(options);
  if (!filter) return fail("decode", filter.error());
  event_printer printer{options, *std::move(filter)};
  const auto key = netcon::random_key();
  std::map<netcon::port, netcon::collector> collectors;  // one for each port, like listeners
  std::map<std::uint16_t, std::size_t> elsewhere;        // datagrams to other ports than --to-port
  std::map<std::string, log_records> logs;               // each has machines and numbers of its own
  const log_records::sink show_line = [&](const auto& one, const auto* loss) { printer.add(one, loss); };
  std::string room;
  std::size_t other_frames = 0;
  std::uint64_t records = 0, packets = 0, bytes = 0, lost = 0, lines = 0;
  const auto count = [&](const netcon::collector::counters& stats) {
    records += stats.records + stats.partial + stats.late + stats.basic;
    packets += stats.packets;
    bytes += stats.bytes;
    lost += stats.lost;
  };
  const auto end_logs = [&] {
    for (const auto& [name, log] : logs) {
      count(log.stats());
      lines += log.lines();
    }
    logs.clear();
  };
  bool any_log = false, stopped = false;
  int code = exit_ok;
  constexpr std::size_t block = 64 * 1024;
  const auto show_all = [&] { return printer.flush(1); };  // more of a pipe may come in an hour
  for (const auto& path : options.files)
    for (const auto& source : log_files(path)) {
      const auto& file = source.path;
      if (stopped) break;
      const auto datagram = [&](const netcon::captured_datagram& one) {
        if (printer.problem()) return;
        if (!options.to_ports.empty() &&
            std::ranges::count(options.to_ports, one.udp.receiver.port.value()) == 0) {
          ++elsewhere[one.udp.receiver.port.value()];
          return;
        }
        const auto time = std::chrono::time_point_cast<netcon::wall_time::duration>(one.time);
        const auto now = as_steady(time);
        printer.set_time(time);
        auto& collector =
            collectors.try_emplace(one.udp.receiver.port, netcon::collector::limits{}, key).first->second;
        collector.expire(now, printer);
        if (const auto payload = payload_for_collector(one.udp, room); !payload.empty() || !one.udp.truncated)
          collector.push(one.udp.sender, payload, now, printer);
        printer.flush(block);
      };
      log_records* log = nullptr;
      const auto line = [&](const netcon::log_line& one) {
        if (printer.problem()) return;
        if (log == nullptr) {
          auto name = log_of_file(file);
          // A directory may have any number of them, and the files of one stand together there.
          constexpr std::size_t most_logs = 1000;
          if (logs.size() >= most_logs && !logs.contains(name)) end_logs();
          log = &logs.try_emplace(std::move(name), key, show_line).first->second;
        }
        log->push(one);
        printer.flush(block);
      };
      const auto counts =
          read_any_log(source, {.datagram = datagram,
                                .line = line,
                                .progress = {},
                                .wait = {.begins = show_all, .lasts = {}, .stop_fd = interrupted.fd()}});
      for (auto& [port, collector] : collectors) collector.flush(printer);
      if (log != nullptr) log->finish();
      if (!printer.flush(1)) break;
      if (!counts) {
        code = fail("decode", counts.error());
        continue;
      }
      stopped = counts->stopped;
      if (!counts->is_capture) {
        any_log = true;
        if (counts->lines == 0 && file == path && !stopped) {
          say("netcon decode: {}: the file is empty\n", file == "-" ? "standard input" : file);
          code = exit_usage;
        }
      }
      other_frames += counts->capture.other_frames;
      for (const auto& remark : what_is_missing(file, counts->capture)) say("netcon decode: {}\n", remark);
    }
  if (printer.problem() && printer.problem() != std::errc::broken_pipe)
    return fail("decode", fmt::format("cannot write the output: {}", printer.problem().message()));
  for (const auto& [port, collector] : collectors) count(collector.stats());
  end_logs();
  if (packets == 0 && !any_log && !stopped && code == exit_ok)
    say("netcon decode: {}\n", nothing_decoded(options, elsewhere, other_frames));
  if (const auto remark = printer.senders().nothing_found(options.sender); !remark.empty())
    say("netcon decode: {}\n", remark);
  say("netcon: decoded {} records, {} packets, {} bytes, {} lost{}\n", records, packets, bytes, lost,
      any_log ? fmt::format(", {} lines of text", lines) : "");
  interrupted.resume();
  return code;
}

}  // namespace

CLI::App* add_decode(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("decode", "Decode what kernels sent from captures and text logs");
  const auto options = std::make_shared<decode_options>();
  command
      ->add_option("files", options->files, "Captures, text logs or directories of them; - is standard input")
      ->required()
      ->option_text("FILE|DIR ...");
  command->add_option("--to-port", options->to_ports, "Decode only datagrams to this port; may be repeated")
      ->option_text("PORT")
      ->transform(whole_number(0, 65535))
      ->allow_extra_args(false);
  command->add_option("--sender", options->sender, "Show these senders or hosts only; may be repeated")
      ->option_text("ADDRESS[/BITS]|HOST")
      ->transform(not_empty())
      ->allow_extra_args(false);
  command
      ->add_option("--min-level", options->min_level,
                   "Show records of this level and more urgent ones only: emerg to debug, or 0 to 7")
      ->option_text("LEVEL")
      ->transform(not_empty());
  command
      ->add_option("--match", options->match,
                   "Show records only whose text matches this regular expression (RE2)")
      ->option_text("REGEX")
      ->transform(not_empty());
  const auto neighbours = [&](const char* name, std::size_t& to, const char* what) {
    command->add_option(name, to, what)->option_text("N")->transform(whole_number(0, 1000000));
  };
  neighbours("-A,--after-context", options->after, "Show N records after each that is chosen too");
  neighbours("-B,--before-context", options->before, "Show N records before each that is chosen too");
  neighbours("-C,--context", options->context, "Show N records before and after each");
  command->add_flag("--json", options->json, "Print one JSON object a line, as in docs/json.md");
  options->color.add_to(*command);
  command->footer(
      R"help(Without --to-port every UDP datagram of the capture is decoded. The times shown are those of the capture or log.
A text log is what nc, rsyslog, journalctl, dmesg, a serial console or netcon listen wrote, also packed with gzip or
zstd; docs/crashes.md has the list. Lines of other programs than the kernel are left out.

Examples:
  tcpdump -i any -c 100 -w crash.pcap udp port 6666
  netcon decode crash.pcap --to-port 6666
  tcpdump -i any -U -w - udp port 6666 | netcon decode - --json
  netcon decode --match 'I/O error' -C 5 --sender web17 /var/log/netconsole.log

What comes from a pipe is shown as it comes. SIGINT and SIGTERM end it once what was read is shown.

Exit code: 0 decoded; 2 a file is missing or damaged (everything before the damage is shown).)help");
  command->callback([options, &exit_code] { exit_code = run(*options); });
  return command;
}

}  // namespace tool
