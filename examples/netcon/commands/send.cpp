// netcon send: records to a receiver, as a kernel's netconsole sends them.
#include "commands/command.hpp"
#include "input/capture.hpp"
#include "input/kmsg.hpp"
#include "input/text_records.hpp"
#include "listen/stop_signals.hpp"
#include "options/address.hpp"
#include "options/value_check.hpp"
#include "output/output.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/os/udp_receiver.hpp>
#include <netcon/os/udp_sender.hpp>
#include <netcon/wire/encode.hpp>
#include <netcon/wire/printk_format.hpp>

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tool {
namespace {

struct send_options {
  std::string destination;
  std::optional<std::string> kmsg;
  bool follow = false;
  std::optional<std::string> replay;
  bool original_timing = false;
  bool extended = false;
  bool basic = false;
  std::optional<std::string> release;
  std::vector<std::string> userdata;
  std::string level = "info";
  unsigned facility = 1;
  unsigned rate = 5000;
};

int usage_error(std::string_view problem) {
  say("netcon send: {}\n", problem);
  return exit_usage;
}

/// One destination, any number of source ports, one pace.
class paced_sender {
 public:
  paced_sender(const netcon::endpoint& to, unsigned packets_per_second, int stop_fd)
      : to_{to},
        gap_{packets_per_second == 0
                 ? clock::duration{}
                 : std::chrono::duration_cast<clock::duration>(std::chrono::seconds{1}) / packets_per_second},
        next_{clock::now()},
        stop_fd_{stop_fd} {}

  /// Opens the socket of a new flow. The error is one line.
  std::expected<void, std::string> open(const std::string& flow) {
    if (sockets_.contains(flow)) return {};
    auto socket = netcon::udp_sender::connect(to_);
    if (!socket) {
      const bool no_device = to_.address.is_v6() && to_.address.is_link_local() && to_.scope == 0;
      return std::unexpected{
          fmt::format("cannot send to {}: {}{}", to_string(to_), socket.error().message(),
                      no_device ? "; a link-local address takes its device, as in fe80::1%eth0" : "")};
    }
    sockets_.emplace(flow, std::move(*socket));
    return {};
  }

  /// Sends one packet of an opened flow at its time, not before not_before. Counts failures.
  void send(const std::string& flow, std::string_view packet,
            std::chrono::steady_clock::time_point not_before = {}) {
    if (not_before > next_) next_ = not_before;
    wait();
    if (stopped_) return;
    if (const auto done = sockets_.at(flow).send(packet)) {
      ++packets_;
      bytes_ += packet.size();
    } else {
      ++failed_;
      problem_ = done.error();
    }
  }

  bool stopped() const { return stopped_; }
  std::uint64_t packets() const { return packets_; }

  /// The last line, and what the program should return.
  int finish(std::string_view what) {
    await_refusal();
    say("netcon: sent {} packets, {} bytes{} to {}\n", packets_, bytes_, what, to_string(to_));
    auto refused = refused_late_;
    for (const auto& [flow, socket] : sockets_) refused += socket.stats().refused;
    if (refused != 0)
      say("netcon send: {} refused {} packets: no program listens there; start netcon listen {}\n",
          to_string(to_), refused, to_.port.value());
    if (failed_ != 0) say("netcon send: {} packets were not sent: {}\n", failed_, problem_.message());
    return refused != 0 || failed_ != 0 ? exit_findings : exit_ok;
  }

 private:
  using clock = std::chrono::steady_clock;

  void wait() {
    const auto now = clock::now();
    if (next_ > now) {
      pollfd stop{stop_fd_, POLLIN, 0};
      const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(next_ - now).count();
      const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
      if (::ppoll(&stop, 1, &timeout, nullptr) > 0) stopped_ = true;
    } else {
      next_ = now;  // a pause is not followed by a burst
    }
    next_ += gap_;
  }

  /// The refusal of the last packets comes a moment after they were sent.
  void await_refusal() {
    std::vector<pollfd> wanted;
    wanted.reserve(sockets_.size());
    for (const auto& [flow, socket] : sockets_) wanted.push_back({socket.native_handle(), 0, 0});
    constexpr int patience_ms = 100;
    if (::poll(wanted.data(), wanted.size(), patience_ms) <= 0) return;
    for (const auto& one : wanted) {
      int code = 0;
      socklen_t size = sizeof code;
      if (::getsockopt(one.fd, SOL_SOCKET, SO_ERROR, &code, &size) == 0 && code == ECONNREFUSED)
        ++refused_late_;
    }
  }

  netcon::endpoint to_;
  clock::duration gap_;
  clock::time_point next_;
  int stop_fd_;
  bool stopped_ = false;
  std::map<std::string, netcon::udp_sender> sockets_;
  std::uint64_t packets_ = 0, bytes_ = 0, failed_ = 0, refused_late_ = 0;
  std::error_code problem_;
};

/// A target: what it adds to records, and how it sends them.
class target_output {
 public:
  target_output(const send_options& options, std::vector<netcon::dictionary_entry> userdata,
                paced_sender& sender)
      : options_{options}, userdata_{std::move(userdata)}, sender_{sender} {}

  /// A record in the extended form that the kernel gave it.
  void send_formatted(const netcon::record_view& record) {
    if (options_.basic) {
      const auto text = netcon::unescape(record.text());
      send_basic({.priority = record.priority(),
                  .sequence = record.sequence(),
                  .timestamp_us = record.timestamp_us(),
                  .flag = record.flag(),
                  .caller = record.caller(),
                  .text = text});
    } else {
      send_extended(record.header(), record.body());
    }
  }

  /// A record not formatted yet.
  void send_raw(const netcon::log_record& record) {
    if (options_.basic) {
      send_basic(record);
    } else {
      count(netcon::encode(record, added(), kernel_,
                           [this](std::string_view packet) { sender_.send("", packet); }));
    }
  }

  std::uint64_t records() const { return records_; }

  /// False, with a line on standard error, when no kernel could have sent some of the records.
  bool report_refused() const {
    if (refused_ != 0)
      say("netcon send: {} records were not sent: {}; {}\n", refused_, message(refusal_), hint(refusal_));
    return refused_ == 0;
  }

 private:
  void send_extended(std::string_view header, std::string_view body) {
    auto whole = added();
    whole.header = header;
    whole.body = body;
    count(netcon::encode(whole, kernel_, [this](std::string_view packet) { sender_.send("", packet); }));
  }

  netcon::extended_record added() const {
    netcon::extended_record lines{.userdata = userdata_};
    if (options_.release) lines.release = *options_.release;
    return lines;
  }

  void count(const std::expected<std::size_t, netcon::encode_error>& encoded) {
    if (!encoded) {
      ++refused_;
      refusal_ = encoded.error().code;
    } else if (!sender_.stopped()) {
      ++records_;
    }
  }

  void send_basic(const netcon::log_record& record) {
    basic_.clear();
    netcon::format_basic(record, {.caller = !record.caller.empty()}, basic_);
    netcon::encode_basic(basic_, [this](std::string_view packet) { sender_.send("", packet); });
    if (!sender_.stopped()) ++records_;
  }

  const send_options& options_;
  std::vector<netcon::dictionary_entry> userdata_;
  paced_sender& sender_;
  netcon::kernel_profile kernel_ = netcon::kernel_profile::latest();
  std::string basic_;
  std::uint64_t records_ = 0, refused_ = 0;
  netcon::errc refusal_{};
};

std::uint64_t microseconds_since_boot() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

int send_lines(const send_options& options, std::uint8_t level, target_output& output, paced_sender& sender,
               int stop_fd) {
  std::uint64_t sequence = 0;
  const auto done = read_lines(STDIN_FILENO, stop_fd, [&](std::string_view line) {
    auto [priority, text] = read_priority(line, static_cast<std::uint8_t>(options.facility), level);
    do {
      const auto part = text.substr(0, record_length(text));
      output.send_raw({.priority = priority,
                       .sequence = sequence++,
                       .timestamp_us = microseconds_since_boot(),
                       .text = part});
      text.remove_prefix(part.size());
    } while (!text.empty());
  });
  if (!done) return usage_error(done.error());
  const int code = sender.finish(fmt::format(" ({} records)", output.records()));
  return output.report_refused() ? code : exit_findings;
}

int send_kmsg(const send_options& options, target_output& output, paced_sender& sender, int stop_fd) {
  std::uint64_t unreadable = 0;
  const auto done = read_kmsg(*options.kmsg, options.follow, stop_fd, [&](std::string_view raw) {
    if (const auto record = netcon::decode(raw); record && record->is_extended()) {
      output.send_formatted(*record);
    } else {
      ++unreadable;
    }
    return !sender.stopped();
  });
  if (!done) return usage_error(done.error());
  const int code = sender.finish(fmt::format(" ({} records)", output.records()));
  if (done->overruns != 0)
    say("netcon send: the kernel overwrote records {} times before they were read\n", done->overruns);
  if (unreadable != 0) say("netcon send: {} of {} are not kernel log records\n", unreadable, *options.kmsg);
  return output.report_refused() && unreadable == 0 ? code : exit_findings;
}

/// Each pair of sender and destination port has its own socket, which keeps the flows apart.
int send_capture(const send_options& options, paced_sender& sender) {
  const auto start = std::chrono::steady_clock::now();
  std::optional<netcon::capture_time> first;
  std::string problem;
  const auto done = read_capture(*options.replay, [&](const netcon::captured_datagram& datagram) {
    if (sender.stopped() || !problem.empty()) return;
    const auto flow =
        fmt::format("{} {}", to_string(datagram.udp.sender), datagram.udp.receiver.port.value());
    if (const auto opened = sender.open(flow); !opened) {
      problem = opened.error();
      return;
    }
    if (!first) first = datagram.time;
    sender.send(flow, datagram.udp.payload,
                options.original_timing ? start + (datagram.time - *first) : start);
  });
  if (!problem.empty()) return usage_error(problem);
  if (!done) {
    if (sender.packets() != 0) sender.finish(" before the damage");
    return usage_error(done.error());
  }
  return sender.finish("");
}

int run(const send_options& options) {
  const auto to = parse_destination(options.destination);
  if (!to) return usage_error(to.error());
  const auto level = read_level(options.level);
  if (!level) return usage_error(level.error());
  // A comma or semicolon would make the packets undecodable; no kernel release has one.
  if (options.release &&
      (options.release->empty() || options.release->find_first_of(",;\n") != std::string::npos))
    return usage_error(
        fmt::format("'{}' is not a kernel release: write it as uname -r does", *options.release));
  std::vector<netcon::dictionary_entry> userdata;
  for (const std::string_view entry : options.userdata) {
    const auto equals = entry.find('=');
    if (equals == 0 || equals == entry.npos || equals + 1 == entry.size())
      return usage_error(fmt::format("--userdata '{}': write KEY=VALUE, neither of them empty", entry));
    userdata.push_back({entry.substr(0, equals), entry.substr(equals + 1)});
  }

  const stop_signals signals;
  paced_sender sender{*to, options.rate, signals.fd()};
  if (options.replay) return send_capture(options, sender);
  if (const auto opened = sender.open(""); !opened) return usage_error(opened.error());
  target_output output{options, std::move(userdata), sender};
  if (options.kmsg) return send_kmsg(options, output, sender, signals.fd());
  return send_lines(options, static_cast<std::uint8_t>(*level), output, sender, signals.fd());
}

}  // namespace

CLI::App* add_send(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("send", "Send records to a receiver as a kernel does");
  const auto options = std::make_shared<send_options>();
  command->add_option("destination", options->destination, "The receiver; its port is 6666 by default")
      ->required()
      ->option_text("HOST[:PORT]");
  auto* kmsg =
      command->add_option("--kmsg", options->kmsg, "Send the kernel log: /dev/kmsg, or a file of its records")
          ->expected(0, 1)
          ->default_str("/dev/kmsg")
          ->option_text("[FILE]");
  command->add_flag("--follow", options->follow, "Continue with new records of /dev/kmsg until stopped")
      ->needs(kmsg);
  auto* replay = command
                     ->add_option("--replay", options->replay,
                                  "Send the UDP payloads of a pcap or pcapng file again, byte for byte; - is "
                                  "standard input")
                     ->option_text("FILE")
                     ->excludes(kmsg);
  command->add_flag("--timed", options->original_timing, "Keep the pauses of the capture")->needs(replay);
  auto* extended =
      command->add_flag("--extended", options->extended, "Send headers with level and sequence (the default)")
          ->excludes(replay);
  auto* basic =
      command->add_flag("--basic", options->basic, "Send text only, as a target that is not extended")
          ->excludes(replay)
          ->excludes(extended);
  command
      ->add_option("--release", options->release, "Add this kernel release to each record, as release=1 does")
      ->option_text("STRING")
      ->excludes(basic)
      ->excludes(replay);
  command->add_option("--userdata", options->userdata, "Append a line to every record; may be repeated")
      ->option_text("KEY=VALUE")
      ->expected(1)
      ->take_all()
      ->excludes(basic)
      ->excludes(replay);
  command
      ->add_option("--level", options->level,
                   "Set the level of lines that do not begin with <N>: emerg to debug, or 0 to 7")
      ->option_text("LEVEL")
      ->capture_default_str();
  command->add_option("--facility", options->facility, "Set the facility of such lines")
      ->option_text("N")
      ->transform(whole_number(0, 255))
      ->capture_default_str();
  command->add_option("--rate", options->rate, "Send at most N packets a second; 0 means no limit")
      ->option_text("N")
      ->transform(whole_number(0, 1'000'000'000))
      ->capture_default_str();
  command->footer(
      R"help(Without --kmsg and --replay each line of standard input becomes a record. A <N> at its beginning is its
facility x 8 + level, as in writes to /dev/kmsg. A line too long for one record becomes several.

Examples:
  echo hello | netcon send 10.0.0.2
  echo '<3>disk failure' | netcon send 10.0.0.2:6666 --release "$(uname -r)"
  netcon send 10.0.0.2:6666 --kmsg --follow --release "$(uname -r)" --userdata host=web17
  tcpdump -i any -c 100 -w crash.pcap udp port 6666
  netcon send 127.0.0.1 --replay crash.pcap

Exit code: 0 all sent; 1 some packets could not be sent; 2 bad arguments or input.)help");
  command->callback([options, &exit_code] { exit_code = run(*options); });
  return command;
}

}  // namespace tool
