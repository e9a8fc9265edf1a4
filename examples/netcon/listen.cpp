// netcon listen: what kernels send to a UDP port, decoded, one line a record.
#include "address.hpp"
#include "command.hpp"
#include "event_printer.hpp"
#include "stop_signals.hpp"

#include <netcon/collector.hpp>
#include <netcon/udp.hpp>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace tool {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

struct listen_options {
  std::string address;
  bool json = false;
  bool no_color = false;
  std::uint64_t count = 0;
  double seconds = 0;
};

int fail(std::string_view problem) {
  fmt::print(stderr, "netcon listen: {}\n", problem);
  return exit_usage;
}

std::string explain(const netcon::endpoint& local, const std::error_code& code) {
  const auto port = local.port.value();
  const auto what = fmt::format("cannot listen on {}: {}", to_string(local), code.message());
  if (code == std::errc::address_in_use)
    return fmt::format(
        "{}; 'ss -ulpn sport = :{}' shows who has the port: end that program or take another port", what,
        port);
  if (code == std::errc::permission_denied)
    return what + "; ports below 1024 are for root: use sudo or a higher port";
  if (code == std::errc::address_not_available)
    return what + "; no interface of this machine has that address: 'ip addr' lists them";
  return what;
}

/// Where nothing but the port was asked for, IPv4 alone will do on a machine without IPv6.
std::expected<netcon::udp_receiver, std::string> open(const netcon::endpoint& wanted) {
  auto socket = netcon::udp_receiver::bind(wanted);
  if (socket) return std::move(*socket);
  const bool no_ipv6 = socket.error() == std::errc::address_family_not_supported ||
                       socket.error() == std::errc::address_not_available;
  if (no_ipv6 && wanted.address == netcon::ip_address{netcon::ipv6_address{}}) {
    const netcon::endpoint any{netcon::ipv4_address{}, wanted.port};
    socket = netcon::udp_receiver::bind(any);
    if (socket) {
      fmt::print(stderr, "netcon: no IPv6 on this machine: IPv4 only\n");
      return std::move(*socket);
    }
    return std::unexpected{explain(any, socket.error())};
  }
  return std::unexpected{explain(wanted, socket.error())};
}

class listener {
 public:
  listener(netcon::udp_receiver socket, event_printer printer)
      : socket_{std::move(socket)}, printer_{std::move(printer)} {}

  /// Until a signal, the limit of messages, the end of the time, or the end of the output's reader.
  std::expected<void, std::string> run(const stop_signals& signals, std::optional<clock::time_point> end) {
    bool go_on = true;
    while (go_on && !printer_.limit_reached()) {
      const auto got = take();
      if (!got) return std::unexpected{got.error()};
      collect_overdue();
      auto written = write_out(STDOUT_FILENO, printer_.text());
      if (!written) return std::unexpected{written.error()};
      go_on = *written && !(end && clock::now() >= *end);
      if (go_on) go_on = wait(signals.fd(), *got != 0 ? std::optional{clock::now()} : end);
    }
    return finish();
  }

  void print_summary() const {
    const auto& stats = collector_.stats();
    std::string line =
        fmt::format("netcon: received {} records, {} packets, {} bytes, {} lost, {} socket drops",
                    printer_.messages(), stats.packets, stats.bytes, stats.lost, socket_.dropped());
    const auto add = [&](std::uint64_t count, std::string_view what) {
      if (count != 0) line += fmt::format(", {} {}", count, what);
    };
    add(stats.partial, "incomplete");
    add(stats.restarted, "restarts");
    add(stats.duplicate, "duplicates");
    add(stats.late, "late");
    add(stats.junk, "junk");
    add(cut_short_, "cut short");
    add(stats.forgotten, "senders forgotten");
    fmt::print(stderr, "{}\n", line);
  }

 private:
  std::expected<std::size_t, std::string> take() {
    const auto got = socket_.receive_batch(batch_, 0ms);
    if (!got) return std::unexpected{fmt::format("cannot receive: {}", got.error().message())};
    const auto now = clock::now();
    for (const auto& datagram : batch_) {
      if (printer_.limit_reached()) break;
      const bool stamped = datagram.received != wall_time{};
      printer_.set_time(stamped ? datagram.received : std::chrono::system_clock::now());
      if (datagram.truncated) ++cut_short_;
      collector_.push(datagram.from, datagram.bytes, now, printer_);
    }
    return *got;
  }

  void collect_overdue() {
    const auto deadline = collector_.deadline();
    if (!deadline || *deadline > clock::now()) return;
    printer_.set_time(std::chrono::system_clock::now());
    collector_.expire(clock::now(), printer_);
  }

  /// For a packet, the collector's next deadline, or that time; false when a signal asks to stop.
  bool wait(int stop_fd, std::optional<clock::time_point> until) {
    if (const auto deadline = collector_.deadline(); deadline && (!until || *deadline < *until))
      until = deadline;
    std::array<pollfd, 2> wanted{{{stop_fd, POLLIN, 0}, {socket_.native_handle(), POLLIN, 0}}};
    timespec timeout{};
    if (until) {
      const auto left = std::max<std::chrono::nanoseconds>(*until - clock::now(), 0ns).count();
      timeout = {left / 1'000'000'000, left % 1'000'000'000};
    }
    ::ppoll(wanted.data(), wanted.size(), until ? &timeout : nullptr, nullptr);
    return wanted[0].revents == 0;
  }

  /// What came before the end is still delivered: the socket's buffer first, then what waited for more.
  std::expected<void, std::string> finish() {
    const auto limit = clock::now() + 1s;
    for (;;) {
      const auto got = printer_.limit_reached() ? 0 : take();
      if (!got) return std::unexpected{got.error()};
      if (*got == 0 || clock::now() > limit) break;
    }
    printer_.set_time(std::chrono::system_clock::now());
    collector_.flush(printer_);
    if (const auto written = write_out(STDOUT_FILENO, printer_.text()); !written)
      return std::unexpected{written.error()};
    return {};
  }

  netcon::udp_receiver socket_;
  netcon::datagram_batch batch_;
  netcon::collector collector_;
  event_printer printer_;
  std::uint64_t cut_short_ = 0;
};

int run(const listen_options& options) {
  const auto start = clock::now();
  const auto address = parse_listen_address(options.address);
  if (!address) return fail(address.error());
  auto socket = open(*address);
  if (!socket) return fail(socket.error());
  const stop_signals signals;  // from here on: whoever reads the next line may stop us
  std::signal(SIGPIPE, SIG_IGN);
  if (const auto local = socket->local()) fmt::print(stderr, "netcon: listening on {}\n", to_string(*local));

  const auto format = options.json ? std::variant<human_lines, json_lines>{json_lines{}}
                                   : human_lines{wants_colour(STDOUT_FILENO, options.no_color)};
  listener listening{std::move(*socket),
                     event_printer{format, options.count != 0 ? options.count : event_printer::no_limit}};
  std::optional<clock::time_point> end;
  if (options.seconds > 0)
    end = start + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>{options.seconds});
  const auto done = listening.run(signals, end);
  listening.print_summary();
  return done ? exit_ok : fail(done.error());
}

}  // namespace

void add_listen(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("listen", "Show what kernels send to a UDP port, decoded");
  const auto options = std::make_shared<listen_options>();
  options->address = fmt::format("[::]:{}", default_port.value());
  command
      ->add_option("address", options->address,
                   "Where to listen: PORT or ADDRESS:PORT; port 0 takes a free one")
      ->option_text("[ADDRESS:]PORT")
      ->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object a line; docs/json.md says what is in it");
  command->add_flag("--no-color", options->no_color, "No colours on a terminal, as with NO_COLOR set");
  command->add_option("--count", options->count, "End after N records")
      ->option_text("N")
      ->check(CLI::PositiveNumber);
  command->add_option("--for", options->seconds, "End after that time")
      ->option_text("SECONDS")
      ->check(CLI::Range(0.001, 1e9));
  command->footer(
      R"(Lines go to standard output, everything else to standard error. SIGINT and SIGTERM end it; the last line
counts records, bytes, what was lost on the way, and what this machine's socket had to drop.

Examples:
  netcon listen
  netcon listen 10.0.0.2:6666 --json
  netcon listen 6666 --count 10 --for 60

Exit code: 0 when ended as asked; 2 when it cannot listen or write.)");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace tool
