// SPDX-License-Identifier: MIT
// netcon decode: what kernels sent, from captures, as netcon listen would have shown it.
#include "commands/command.hpp"
#include "input/capture.hpp"
#include "options/color_option.hpp"
#include "options/value_check.hpp"
#include "output/output.hpp"

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
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace tool {
namespace {

struct decode_options {
  std::vector<std::string> files;
  std::vector<std::uint16_t> to_ports;
  bool json = false;
  color_option color;
};

/// The collector's clock is the capture's; only differences count for it.
netcon::time_point as_steady(netcon::wall_time time) {
  return netcon::time_point{
      std::chrono::duration_cast<netcon::time_point::duration>(time.time_since_epoch())};
}

/// Events of a collector as text.
class event_printer {
 public:
  explicit event_printer(const decode_options& options) {
    if (!options.json)
      format_ = netcon::human_lines{options.color.wanted(STDOUT_FILENO), netcon::local_utc_offset};
  }

  /// The arrival of what comes next.
  void set_time(netcon::wall_time time) { time_ = time; }

  template <class Event>
  void operator()(const Event& event) {
    std::visit([&](auto& format) { format.append(text_, time_, event); }, format_);
  }

  /// Writes the text once there is enough of it. False once writing has failed.
  bool flush(std::size_t enough) {
    if (problem_ || text_.size() < enough) return !problem_;
    problem_ = write_all(STDOUT_FILENO, text_);
    text_.clear();
    return !problem_;
  }

  std::error_code problem() const { return problem_; }

 private:
  std::variant<netcon::json_lines, netcon::human_lines> format_;
  netcon::wall_time time_{};
  std::string text_;
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
  event_printer printer{options};
  const auto key = netcon::random_key();
  std::map<netcon::port, netcon::collector> collectors;  // one for each port, like listeners
  std::map<std::uint16_t, std::size_t> elsewhere;        // datagrams to other ports than --to-port
  std::size_t other_frames = 0;
  int code = exit_ok;
  for (const auto& file : options.files) {
    const auto counts = read_capture(file, [&](const netcon::captured_datagram& datagram) {
      if (printer.problem()) return;
      if (!options.to_ports.empty() &&
          std::ranges::count(options.to_ports, datagram.udp.receiver.port.value()) == 0) {
        ++elsewhere[datagram.udp.receiver.port.value()];
        return;
      }
      const netcon::wall_time time{
          std::chrono::duration_cast<netcon::wall_time::duration>(datagram.time.time_since_epoch())};
      const auto now = as_steady(time);
      printer.set_time(time);
      auto& collector =
          collectors.try_emplace(datagram.udp.receiver.port, netcon::collector::limits{}, key).first->second;
      collector.expire(now, printer);
      collector.push(datagram.udp.sender, datagram.udp.payload, now, printer);
      constexpr std::size_t block = 64 * 1024;
      printer.flush(block);
    });
    for (auto& [port, collector] : collectors) collector.flush(printer);
    if (!printer.flush(1)) break;
    if (!counts) {
      say("netcon decode: {}\n", counts.error());
      code = exit_usage;
      continue;
    }
    other_frames += counts->other_frames;
    if (counts->truncated != 0)
      say("netcon decode: {}: {} datagrams were truncated by the capture\n", file, counts->truncated);
    if (counts->invalid != 0)
      say("netcon decode: {}: {} datagrams were dropped: their IP fragments overlap\n", file,
          counts->invalid);
  }
  if (printer.problem() && printer.problem() != std::errc::broken_pipe) {
    say("netcon decode: cannot write the output: {}\n", printer.problem().message());
    return exit_usage;
  }
  std::uint64_t records = 0, packets = 0, bytes = 0, lost = 0;
  for (const auto& [port, collector] : collectors) {
    const auto& stats = collector.stats();
    records += stats.records + stats.partial + stats.late + stats.basic;
    packets += stats.packets;
    bytes += stats.bytes;
    lost += stats.lost;
  }
  if (packets == 0 && code == exit_ok)
    say("netcon decode: {}\n", nothing_decoded(options, elsewhere, other_frames));
  say("netcon: decoded {} records, {} packets, {} bytes, {} lost\n", records, packets, bytes, lost);
  return code;
}

}  // namespace

CLI::App* add_decode(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("decode", "Decode what kernels sent from captures");
  const auto options = std::make_shared<decode_options>();
  command->add_option("files", options->files, "pcap or pcapng files; - is standard input")
      ->required()
      ->option_text("FILE...");
  command->add_option("--to-port", options->to_ports, "Decode only datagrams to this port; may be repeated")
      ->option_text("PORT")
      ->transform(whole_number(0, 65535))
      ->expected(1)
      ->take_all();
  command->add_flag("--json", options->json, "Print one JSON object a line, as in docs/json.md");
  options->color.add_to(*command);
  command->footer(
      R"help(Without --to-port every UDP datagram of the capture is decoded. The times shown are those of the capture.

Examples:
  tcpdump -i any -c 100 -w crash.pcap udp port 6666
  netcon decode crash.pcap --to-port 6666
  tcpdump -i any -U -w - udp port 6666 | netcon decode - --json

Exit code: 0 decoded; 2 a file is missing or damaged (everything before the damage is shown).)help");
  command->callback([options, &exit_code] { exit_code = run(*options); });
  return command;
}

}  // namespace tool
