// SPDX-License-Identifier: MIT
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
#include <netcon/os/icmp_error.hpp>
#include <netcon/os/route.hpp>
#include <netcon/os/udp_sender.hpp>
#include <netcon/wire/encode.hpp>
#include <netcon/wire/printk_format.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <functional>
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
  std::vector<std::uint16_t> to_ports;
  bool original_timing = false;
  bool basic = false;
  std::optional<std::string> release;
  std::vector<std::string> userdata;
  std::string level = "info";
  unsigned facility = 1;
  unsigned rate = 5000;
  std::optional<std::uint16_t> from_port;
};

/// One destination, any number of source ports, one pace.
class paced_sender {
 public:
  paced_sender(const netcon::endpoint& to, std::optional<netcon::port> from, unsigned packets_per_second,
               int stop_fd)
      : to_{to},
        from_{from},
        gap_{packets_per_second == 0
                 ? clock::duration{}
                 : std::chrono::duration_cast<clock::duration>(std::chrono::seconds{1}) / packets_per_second},
        next_{clock::now()},
        stop_fd_{stop_fd} {}

  /// Opens the socket of a new flow. The error is one line.
  std::expected<void, std::string> open(const std::string& flow) {
    if (sockets_.contains(flow)) return {};
    netcon::send_options how;
    const netcon::ip_address any =
        to_.address.is_v6() ? netcon::ip_address{netcon::ipv6_address{}} : netcon::ip_address{};
    if (from_) how.local = {any, *from_};
    auto socket = netcon::udp_sender::connect(to_, how);
    if (!socket) return std::unexpected{explain(socket.error())};
    // Without them a refusal is told by its code alone.
    static_cast<void>(netcon::keep_icmp_errors(socket->native_handle()));
    sockets_.emplace(flow, std::move(*socket));
    return {};
  }

  /// Sends one packet of an opened flow at its time, not before not_before. Counts failures.
  void send(const std::string& flow, std::string_view packet,
            std::chrono::steady_clock::time_point not_before = {}) {
    if (not_before > next_) next_ = not_before;
    wait();
    if (stopped_) return;
    auto& socket = sockets_.at(flow);
    auto done = socket.send(packet);
    // The network's answer to an earlier packet makes a call fail once, which says nothing of this one.
    for (int tries = 0; !done && tries < 3 && collect_errors(socket); ++tries) done = socket.send(packet);
    if (done) {
      ++packets_;
      bytes_ += packet.size();
    } else {
      ++failed_;
      problem_ = done.error();
    }
  }

  bool stopped() const { return stopped_; }
  std::uint64_t packets() const { return packets_; }
  std::uint64_t failed() const { return failed_; }

  /// The last lines, and what the program should return.
  int finish(std::string_view what) {
    await_reactions();
    std::uint64_t refused = 0;
    for (const auto& [flow, socket] : sockets_) refused += socket.stats().refused;
    const bool by_receiver =
        std::ranges::any_of(errors_, [&](const auto& error) { return is_refusal(error); });
    if (by_receiver)
      refused = std::max<std::uint64_t>(refused, 1);
    else if (is_told_)
      refused = 0;
    const bool is_quiet = packets_ != 0 && !answered_ && refused == 0 && failed_ == 0 && errors_.empty();
    const bool is_stuck = is_quiet && !is_neighbour_known();
    say("netcon: sent {} packets, {} bytes{} to {}{}\n", packets_, bytes_, what, to_string(to_),
        answered_               ? "; answered"
        : is_quiet && !is_stuck ? "; nothing came back, which over UDP proves nothing"
                                : "");
    if (is_stuck)
      say("netcon send: the next hop on the way to {} does not answer, so nothing arrived: is it on and "
          "connected?\n",
          to_string(to_.address));
    if (refused != 0)
      say("netcon send: {} refused {} packets: no program listens there; start netcon listen {}\n",
          to_string(to_), refused, to_.port.value());
    for (const auto& error : errors_)
      if (!is_refusal(error))
        say("netcon send: {} refuses: {} says \"{}\"\n",
            error.offender == error.remote.address ? "the receiver" : "a router on the way",
            to_string(error.offender),
            netcon::describe_icmp(error.type, error.icmp_code, error.offender.is_v6()));
    if (failed_ != 0)
      say("netcon send: {} packets were not sent: {}{}\n", failed_, problem_.message(),
          problem_ == std::errc::operation_not_permitted
              ? "; a firewall of this machine does not let them out: nft list ruleset"
              : "");
    return is_stuck || refused != 0 || failed_ != 0 || !errors_.empty() ? exit_findings : exit_ok;
  }

 private:
  using clock = std::chrono::steady_clock;

  std::string explain(const std::error_code& code) const {
    auto text = fmt::format("cannot send to {}: {}", to_string(to_), code.message());
    if (to_.address.is_v6() && to_.address.is_link_local() && to_.scope == 0)
      text += "; a link-local address takes its device, as in fe80::1%eth0";
    else if (from_ && code == std::errc::address_in_use)
      text += fmt::format("; 'ss -uapn sport = :{}' shows who has the port", from_->value());
    else if (from_ && code == std::errc::permission_denied)
      text += "; ports below 1024 are for root: use sudo";
    return text;
  }

  bool is_refusal(const netcon::icmp_error& error) const {
    return error.code == std::errc::connection_refused && error.offender == error.remote.address;
  }

  /// False when the network has said nothing. Each kind of message is kept once.
  bool collect_errors(const netcon::udp_sender& socket) {
    bool any = false;
    while (const auto error = netcon::take_icmp_error(socket.native_handle())) {
      any = is_told_ = true;
      const auto is_same = [&](const netcon::icmp_error& known) {
        return known.offender == error->offender && known.type == error->type &&
               known.icmp_code == error->icmp_code;
      };
      const auto local = socket.local();
      // What this machine says of its own neighbour is asked at the end. What its firewall rejects was not
      // sent.
      if (local && error->offender == local->address && error->offender != error->remote.address) continue;
      if (std::ranges::none_of(errors_, is_same)) errors_.push_back(*error);
    }
    return any;
  }

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

  /// Answers and refusals of the last packets come a moment after they were sent.
  void await_reactions() {
    std::vector<pollfd> wanted;
    wanted.reserve(sockets_.size());
    for (const auto& [flow, socket] : sockets_) wanted.push_back({socket.native_handle(), POLLIN, 0});
    constexpr int patience_ms = 100;
    ::poll(wanted.data(), wanted.size(), patience_ms);
    for (const auto& [flow, socket] : sockets_) {
      collect_errors(socket);
      std::array<char, 1> first{};
      for (int tries = 0; tries < 2; ++tries)  // the first call may report an error instead
        if (::recv(socket.native_handle(), first.data(), first.size(), MSG_DONTWAIT | MSG_TRUNC) >= 0)
          answered_ = true;
      collect_errors(socket);
    }
  }

  /// Waits until it is known; on loopback and where no Ethernet is in between there is none to know.
  bool is_neighbour_known() const {
    netcon::target way;
    way.remote_ip = to_.address;
    std::array<char, IF_NAMESIZE> zone{};
    if (to_.scope != 0 && ::if_indextoname(to_.scope, zone.data()) != nullptr)
      way.local_device = netcon::interface_name::truncated(zone.data());
    const auto found = netcon::complete(way);
    return found || found.error() != netcon::make_error_code(netcon::route_errc::no_neighbour);
  }

  netcon::endpoint to_;
  std::optional<netcon::port> from_;
  clock::duration gap_;
  clock::time_point next_;
  int stop_fd_;
  bool stopped_ = false, answered_ = false, is_told_ = false;  // who refuses
  std::map<std::string, netcon::udp_sender> sockets_;
  std::uint64_t packets_ = 0, bytes_ = 0, failed_ = 0;
  std::vector<netcon::icmp_error> errors_;
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
      count(netcon::encode(record, added(), kernel_, packet_sink()));
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
    count(netcon::encode(whole, kernel_, packet_sink()));
  }

  netcon::extended_record added() const {
    netcon::extended_record lines{.userdata = userdata_};
    if (options_.release) lines.release = *options_.release;
    return lines;
  }

  /// Of one record, which counts where all of its packets are sent.
  std::function<void(std::string_view)> packet_sink() {
    failed_before_ = sender_.failed();
    return [this](std::string_view packet) { sender_.send("", packet); };
  }

  void count(const std::expected<std::size_t, netcon::encode_error>& encoded) {
    if (!encoded) {
      ++refused_;
      refusal_ = encoded.error().code;
    } else if (!sender_.stopped() && sender_.failed() == failed_before_) {
      ++records_;
    }
  }

  void send_basic(const netcon::log_record& record) {
    basic_.clear();
    netcon::format_basic(record, {.caller = !record.caller.empty()}, basic_);
    count(netcon::encode_basic(basic_, packet_sink()));
  }

  const send_options& options_;
  std::vector<netcon::dictionary_entry> userdata_;
  paced_sender& sender_;
  netcon::kernel_profile kernel_ = netcon::kernel_profile::latest();
  std::string basic_;
  std::uint64_t records_ = 0, refused_ = 0, failed_before_ = 0;
  netcon::text_errc refusal_{};
};

std::uint64_t microseconds_since_boot() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

int send_lines(const send_options& options, std::uint8_t level, target_output& output, paced_sender& sender,
               int stop_fd) {
  std::uint64_t sequence = 0;
  const auto done = read_lines(STDIN_FILENO, "standard input", stop_fd, [&](std::string_view line) {
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
  if (!done) return fail("send", done.error());
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
  if (!done) return fail("send", done.error());
  const int code = sender.finish(fmt::format(" ({} records)", output.records()));
  if (done->overruns != 0)
    say("netcon send: the kernel overwrote records {} times before they were read\n", done->overruns);
  if (unreadable != 0) say("netcon send: {} of {} are not kernel log records\n", unreadable, *options.kmsg);
  return output.report_refused() && unreadable == 0 ? code : exit_findings;
}

/// Each pair of sender and destination port has its own socket, which keeps the flows apart.
int send_capture(const send_options& options, paced_sender& sender, int stop_fd) {
  auto bytes = byte_source::open(*options.replay, {.begins = {}, .lasts = {}, .stop_fd = stop_fd});
  if (!bytes) return fail("send", bytes.error());
  const std::string name = *options.replay == "-" ? "standard input" : *options.replay;
  const auto start = std::chrono::steady_clock::now();
  std::optional<netcon::capture_time> first;
  std::string problem;
  bool has_others = false;  // datagrams to other ports than --to-port
  const auto done = read_capture(*bytes, name, [&](const netcon::captured_datagram& datagram) {
    if (sender.stopped() || !problem.empty()) return;
    if (!options.to_ports.empty() &&
        std::ranges::count(options.to_ports, datagram.udp.receiver.port.value()) == 0) {
      has_others = true;
      return;
    }
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
  if (!problem.empty()) return fail("send", problem);
  if (!done) {
    if (sender.packets() != 0) sender.finish(" before the damage");
    return fail("send", done.error());
  }
  if (has_others && sender.packets() == 0 && !sender.stopped() && !bytes->stopped())
    return fail(
        "send",
        fmt::format("{}: nothing was sent to port {}; netcon decode --to-port names the ports that are there",
                    name, fmt::join(options.to_ports, " or ")));
  return sender.finish("");
}

int run(const send_options& options) {
  const auto to = parse_destination(options.destination);
  if (!to) return fail("send", to.error());
  const auto level = read_level(options.level);
  if (!level) return fail("send", level.error());
  // A comma or semicolon would make the packets undecodable; no kernel release has one.
  if (options.release &&
      (options.release->empty() || options.release->find_first_of(",;\n") != std::string::npos))
    return fail("send",
                fmt::format("'{}' is not a kernel release: write it as uname -r does", *options.release));
  std::vector<netcon::dictionary_entry> userdata;
  for (const std::string_view entry : options.userdata) {
    const auto equals = entry.find('=');
    if (equals == 0 || equals == entry.npos || equals + 1 == entry.size())
      return fail("send", fmt::format("--userdata '{}': write KEY=VALUE, neither of them empty", entry));
    userdata.push_back({entry.substr(0, equals), entry.substr(equals + 1)});
  }

  const stop_signals signals;
  std::optional<netcon::port> from;
  if (options.from_port) from = netcon::port{*options.from_port};
  paced_sender sender{*to, from, options.rate, signals.fd()};
  if (options.replay) return send_capture(options, sender, signals.fd());
  if (const auto opened = sender.open(""); !opened) return fail("send", opened.error());
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
  command
      ->add_option("--to-port", options->to_ports,
                   "Send only datagrams of the capture to this port; may be repeated")
      ->option_text("PORT")
      ->transform(whole_number(0, 65535))
      ->allow_extra_args(false)
      ->needs(replay);
  auto* basic =
      command->add_flag("--basic", options->basic, "Send text only, as a target that is not extended")
          ->excludes(replay);
  command
      ->add_option("--release", options->release, "Add this kernel release to each record, as release=1 does")
      ->option_text("STRING")
      ->excludes(basic)
      ->excludes(replay);
  command->add_option("--userdata", options->userdata, "Append a line to every record; may be repeated")
      ->option_text("KEY=VALUE")
      ->allow_extra_args(false)
      ->excludes(basic)
      ->excludes(replay);
  command
      ->add_option("--level", options->level,
                   "Set the level of lines that do not begin with <N>: emerg to debug, or 0 to 7")
      ->option_text("LEVEL")
      ->excludes(kmsg)
      ->excludes(replay)
      ->capture_default_str();
  command->add_option("--facility", options->facility, "Set the facility of such lines")
      ->option_text("N")
      ->excludes(kmsg)
      ->excludes(replay)
      ->transform(whole_number(0, 255))
      ->capture_default_str();
  command->add_option("--from-port", options->from_port, "Send from this port (default: a free one)")
      ->option_text("PORT")
      ->transform(whole_number(1, 65535))
      ->excludes(replay);
  command->add_option("--rate", options->rate, "Send at most N packets a second; 0 means no limit")
      ->option_text("N")
      ->transform(whole_number(0, 1'000'000'000))
      ->capture_default_str();
  command->footer(
      R"help(Without --kmsg and --replay each line of standard input becomes a record. A <N> at its beginning is its
facility x 8 + level, as in writes to /dev/kmsg. A line too long for one record becomes several.

At the end it says what it knows: answered, refused and by whom, or that nothing came back, which over UDP proves
nothing.

Examples:
  echo hello | netcon send 10.0.0.2
  echo '<3>disk failure' | netcon send 10.0.0.2:6666 --release "$(uname -r)"
  netcon send 10.0.0.2:6666 --kmsg --follow --release "$(uname -r)" --userdata host=web17
  tcpdump -i any -c 100 -w crash.pcap udp port 6666
  netcon send 127.0.0.1 --replay crash.pcap

Exit code: 0 all sent, and not refused; 1 some could not be sent, were refused, or the next hop does not answer; 2 bad
arguments or input.)help");
  command->callback([options, &exit_code] { exit_code = run(*options); });
  return command;
}

}  // namespace tool
