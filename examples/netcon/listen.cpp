// netcon listen: what kernels send to UDP ports, decoded, one line a record.
#include "address.hpp"
#include "command.hpp"
#include "event_printer.hpp"
#include "file_destination.hpp"
#include "listen_worker.hpp"
#include "privileges.hpp"
#include "stop_signals.hpp"
#include "stream_destination.hpp"
#include "syslog_destination.hpp"

#include <netcon/udp.hpp>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tool {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

struct listen_options {
  std::vector<std::string> addresses;
  bool json = false;
  bool raw = false;
  bool no_color = false;
  std::uint64_t count = 0;
  double seconds = 0;
  unsigned threads = 1;
  std::vector<std::string> allow, deny, sender;
  std::string min_level, match;
  std::uint64_t rate_limit = 0;
  double order_ms = 0;
  double stats = 0;
  std::string directory;
  std::string name_by;
  std::uint64_t rotate_size = 100 * 1024 * 1024;
  double rotate_hours = 0;
  unsigned keep = 5;
  std::string syslog;
  std::uint64_t queue = 64 * 1024 * 1024;
  std::string user;
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
std::expected<netcon::udp_receiver, std::string> open(const netcon::endpoint& wanted,
                                                      const netcon::receive_options& how) {
  auto socket = netcon::udp_receiver::bind(wanted, how);
  if (socket) return std::move(*socket);
  const bool no_ipv6 = socket.error() == std::errc::address_family_not_supported ||
                       socket.error() == std::errc::address_not_available;
  if (no_ipv6 && wanted.address == netcon::ip_address{netcon::ipv6_address{}}) {
    const netcon::endpoint any{netcon::ipv4_address{}, wanted.port};
    socket = netcon::udp_receiver::bind(any, how);
    if (socket) {
      fmt::print(stderr, "netcon: no IPv6 on this machine: IPv4 only\n");
      return std::move(*socket);
    }
    return std::unexpected{explain(any, socket.error())};
  }
  return std::unexpected{explain(wanted, socket.error())};
}

/// Nobody reads log lines quicker.
constexpr auto gathering = 250us;

using sockets = std::vector<netcon::udp_receiver>;

std::expected<sockets, std::string> adopt_passed(const netcon::passed_sockets& passed) {
  sockets out;
  for (int i = 0; i < passed.count; ++i) {
    netcon::receive_options how;
    how.gather = gathering;
    auto socket = netcon::udp_receiver::adopt(passed.first + i, how);
    if (!socket)
      return std::unexpected{
          fmt::format("socket {} from the service manager: {}", i + 1, socket.error().message())};
    out.push_back(std::move(*socket));
  }
  return out;
}

bool uses_passed(const listen_options& options) {
  return options.addresses.empty() && netcon::passed_sockets::from_environment().count != 0;
}

std::expected<sockets, std::string> open_all(const listen_options& options) {
  if (uses_passed(options)) return adopt_passed(netcon::passed_sockets::from_environment());
  auto addresses = options.addresses;
  if (addresses.empty()) addresses.push_back(fmt::format("[::]:{}", default_port.value()));
  sockets out;
  for (const auto& text : addresses) {
    auto wanted = parse_listen_address(text);
    if (!wanted) return std::unexpected{wanted.error()};
    netcon::receive_options how;
    how.reuse_port = options.threads > 1;
    how.gather = gathering;
    for (unsigned i = 0; i < options.threads; ++i) {
      auto socket = open(*wanted, how);
      if (!socket) return std::unexpected{socket.error()};
      // A free port was taken by the first: the others share that one.
      if (const auto local = socket->local()) wanted = *local;
      out.push_back(std::move(*socket));
    }
  }
  return out;
}

void announce(const sockets& all) {
  std::optional<netcon::endpoint> last;
  for (const auto& socket : all) {
    const auto local = socket.local();
    if (!local || *local == last) continue;
    last = *local;
    // The kernel doubles what it is asked for, to have room for its own bookkeeping.
    const netcon::receive_options wanted;
    if (socket.receive_buffer() / 2 < wanted.buffer_bytes)
      fmt::print(
          stderr,
          "netcon: the socket buffer has {} KiB, not {}: run as root, or sysctl -w net.core.rmem_max={}\n",
          socket.receive_buffer() / 2048, wanted.buffer_bytes / 1024, wanted.buffer_bytes);
    fmt::print(stderr, "netcon: listening on {}\n", to_string(*local));
  }
}

std::expected<std::vector<address_range>, std::string> read_ranges(const std::vector<std::string>& texts) {
  std::vector<address_range> out;
  for (const auto& text : texts) {
    const auto range = parse_address_range(text);
    if (!range) return std::unexpected{range.error()};
    out.push_back(*range);
  }
  return out;
}

std::expected<listen_settings, std::string> read_settings(const listen_options& options) {
  using form = listen_settings::form;
  listen_settings out;
  if (options.json) out.format = form::json;
  if (options.raw) out.format = form::raw;
  if (!options.syslog.empty()) out.format = form::syslog;
  out.file_per_sender = !options.directory.empty();
  out.passed_sockets = uses_passed(options);
  out.colour = !out.file_per_sender && wants_colour(STDOUT_FILENO, options.no_color);
  if (!options.name_by.empty()) out.name_by = options.name_by;
  auto allowed = read_ranges(options.allow), denied = read_ranges(options.deny),
       shown = read_ranges(options.sender);
  for (const auto* ranges : {&allowed, &denied, &shown})
    if (!*ranges) return std::unexpected{ranges->error()};
  out.allowed = {*std::move(allowed), *std::move(denied)};
  if (!shown->empty()) out.filter.sender = address_filter{*std::move(shown), {}};
  if (!options.min_level.empty()) {
    out.filter.min_level = parse_level(options.min_level);
    if (!out.filter.min_level)
      return std::unexpected{
          fmt::format("'{}' is no level: 0 to 7, or emerg, alert, crit, err, warning, notice, info, debug",
                      options.min_level)};
  }
  if (!options.match.empty()) {
    auto compiled = pattern::compile(options.match);
    if (!compiled) return std::unexpected{compiled.error()};
    out.filter.match = *std::move(compiled);
  }
  out.rate_limit = options.rate_limit;
  out.hold = std::chrono::milliseconds{static_cast<long>(options.order_ms)};
  return out;
}

std::expected<std::unique_ptr<destination>, std::string> open_destination(const listen_options& options) {
  if (!options.directory.empty()) {
    const rotation when{.bytes = options.rotate_size,
                        .age = std::chrono::seconds{static_cast<long>(options.rotate_hours * 3600)},
                        .keep = options.keep};
    return std::make_unique<file_destination>(options.directory, when);
  }
  if (!options.syslog.empty()) {
    auto to = parse_syslog_address(options.syslog);
    if (!to) return std::unexpected{to.error()};
    return std::make_unique<syslog_destination>(*std::move(to));
  }
  return std::make_unique<stream_destination>(STDOUT_FILENO);
}

class listener {
 public:
  listener(sockets all, const listen_settings& settings, std::unique_ptr<destination> to,
           const listen_options& options)
      : options_{options},
        run_{options.count != 0 ? std::optional{options.count} : std::nullopt},
        writer_{std::move(to), options.queue} {
    for (auto& socket : all) workers_.emplace_back(std::move(socket), settings, run_, writer_);
  }

  /// Until a signal, the limit of records, the end of the time, or the end of the output's reader.
  std::optional<std::string> run(stop_signals& signals, std::optional<clock::time_point> end) {
    for (auto& worker : workers_) worker.start();
    auto next_stats = clock::now() + interval();
    while (!run_.ended() && !(end && clock::now() >= *end)) {
      auto until = clock::now() + 1s;
      if (end) until = std::min(until, *end);
      if (options_.stats > 0) until = std::min(until, next_stats);
      wait(signals.fd(), until);
      if (const int signal = signals.take(); signal == SIGHUP) {
        writer_.reopen();
      } else if (signal != 0) {
        break;
      }
      report_output();
      if (options_.stats > 0 && clock::now() >= next_stats) {
        report_stats();
        next_stats += interval();
      }
    }
    for (auto& worker : workers_) worker.stop();
    for (auto& worker : workers_) worker.finish();
    return run_.problem();
  }

  /// Writes what is left and says what there was; true when nothing of it was lost here.
  bool finish() {
    writer_.finish();
    report_output();
    const auto all = totals();
    const auto& stats = all.collected;
    std::string line =
        fmt::format("netcon: received {} records, {} packets, {} bytes, {} lost, {} socket drops",
                    all.records, all.packets, all.bytes, stats.lost, all.dropped);
    const auto add = [&](std::uint64_t count, std::string_view what) {
      if (count != 0) line += fmt::format(", {} {}", count, what);
    };
    add(stats.partial, "incomplete");
    add(stats.restarted, "restarts");
    add(stats.duplicate, "duplicates");
    add(stats.late, "late");
    add(stats.junk, "junk");
    add(all.cut_short, "cut short");
    add(stats.forgotten, "senders forgotten");
    add(all.denied, "packets not allowed");
    add(all.filtered, "records not shown");
    add(all.suppressed, "records over the rate limit");
    const auto written = writer_.stats();
    const auto unwritten = written.no_room + written.not_taken;
    add(unwritten, "records not written");
    fmt::print(stderr, "{}\n", line);
    return unwritten == 0 || writer_.broken();
  }

 private:
  clock::duration interval() const {
    return std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>{options_.stats});
  }

  void wait(int signal_fd, clock::time_point until) const {
    std::array<pollfd, 2> wanted{{{signal_fd, POLLIN, 0}, {run_.fd(), POLLIN, 0}}};
    const auto left = std::max<std::chrono::nanoseconds>(until - clock::now(), 0ns).count();
    const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
    ::ppoll(wanted.data(), wanted.size(), &timeout, nullptr);
  }

  listen_worker::counters totals() const {
    listen_worker::counters all;
    for (const auto& worker : workers_) all += worker.stats();
    return all;
  }

  /// Loss on the way out is said when it begins to grow and when it is over.
  void report_output() {
    const auto now = writer_.stats();
    if (writer_.broken()) return;
    if (now.no_room != said_.no_room)
      fmt::print(stderr, "netcon: the output is too slow: {} records not written so far\n", now.no_room);
    if (now.not_taken != said_.not_taken)
      fmt::print(stderr, "netcon: cannot write{}: {}: {} records not written so far\n", where(),
                 now.problem ? now.problem.message() : said_.problem.message(), now.not_taken);
    if (said_.problem && !now.problem) fmt::print(stderr, "netcon: writing{} again\n", where());
    said_ = now;
  }

  std::string where() const {
    if (!options_.directory.empty()) return " to " + options_.directory;
    if (!options_.syslog.empty()) return " to " + options_.syslog;
    return "";
  }

  void report_stats() {
    const auto all = totals();
    const auto written = writer_.stats();
    fmt::print(
        stderr,
        "netcon: {} records and {} bytes in {} s; in all {} records, {} packets, {} lost, {} socket drops, "
        "{} records not written\n",
        all.records - before_.records, all.bytes - before_.bytes, options_.stats, all.records, all.packets,
        all.collected.lost, all.dropped, written.no_room + written.not_taken);
    before_ = all;
  }

  const listen_options& options_;
  listen_run run_;
  output_writer writer_;
  std::deque<listen_worker> workers_;
  output_writer::counters said_;
  listen_worker::counters before_;
};

int run(const listen_options& options) {
  const auto start = clock::now();
  const auto settings = read_settings(options);
  if (!settings) return fail(settings.error());
  auto to = open_destination(options);
  if (!to) return fail(to.error());
  auto all = open_all(options);
  if (!all) return fail(all.error());
  if (!options.user.empty())
    if (const auto dropped = become_user(options.user); !dropped) return fail(dropped.error());
  if (!options.directory.empty() && ::access(options.directory.c_str(), W_OK | X_OK) != 0)
    return fail(fmt::format("--dir {}: {}", options.directory, std::generic_category().message(errno)));
  std::signal(SIGPIPE, SIG_IGN);
  // Before any thread: they all leave the signals to this one.
  std::optional<stop_signals> signals{std::in_place, !options.directory.empty() || !options.syslog.empty()};
  announce(*all);

  std::optional<clock::time_point> end;
  if (options.seconds > 0)
    end = start + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>{options.seconds});
  listener listening{*std::move(all), *settings, *std::move(to), options};
  const auto problem = listening.run(*signals, end);
  // From here on a second signal ends the program, should the output take for ever.
  signals.reset();
  const bool whole = listening.finish();
  if (problem) return fail(*problem);
  return whole ? exit_ok : exit_findings;
}

}  // namespace

void add_listen(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("listen", "Show what kernels send to UDP ports, decoded");
  const auto options = std::make_shared<listen_options>();
  command
      ->add_option("address", options->addresses,
                   "Where to listen: PORT or ADDRESS:PORT, several of them; port 0 takes a free one "
                   "[[::]:6666, or the sockets that systemd passes]")
      ->option_text("[ADDRESS:]PORT ...");
  const auto senders = [&](const char* name, std::vector<std::string>& to, const char* what) {
    command->add_option(name, to, what)->option_text("ADDRESS[/BITS]")->expected(1)->take_all();
  };
  command
      ->add_option("--threads", options->threads,
                   "Threads and sockets for each address; a sender stays with one")
      ->option_text("N")
      ->check(CLI::Range(1U, 64U))
      ->capture_default_str();

  auto* json =
      command->add_flag("--json", options->json, "One JSON object a line; docs/json.md says what is in it");
  auto* raw =
      command->add_flag("--raw", options->raw, "The bytes of the packets and nothing else, as nc would")
          ->excludes(json);
  command->add_flag("--no-color", options->no_color, "No colours on a terminal, as with NO_COLOR set");
  command
      ->add_option("--order", options->order_ms,
                   "Hold a record back for so long when those before it are missing, and bring them in order")
      ->option_text("MS")
      ->check(CLI::Range(0.0, 60000.0))
      ->excludes(raw);
  command->add_option("--count", options->count, "End after N records")
      ->option_text("N")
      ->check(CLI::PositiveNumber);
  command->add_option("--for", options->seconds, "End after that time")
      ->option_text("SECONDS")
      ->check(CLI::Range(0.001, 1e9));
  command->add_option("--stats", options->stats, "Say so often on standard error how much came")
      ->option_text("SECONDS")
      ->check(CLI::Range(0.1, 1e9));

  senders("--allow", options->allow, "Take packets of these senders only; may be repeated");
  senders("--deny", options->deny, "Take no packets of these senders; may be repeated");
  senders("--sender", options->sender, "Show records of these senders only; may be repeated");
  command
      ->add_option("--min-level", options->min_level, "Show records of that level and more urgent ones only")
      ->option_text("LEVEL")
      ->excludes(raw);
  command
      ->add_option("--match", options->match,
                   "Show records only whose text has a match of that pattern (POSIX, extended)")
      ->option_text("REGEX")
      ->excludes(raw);
  command
      ->add_option("--rate-limit", options->rate_limit,
                   "Show at most N records a second of each sender, and say how many were left out")
      ->option_text("N")
      ->excludes(raw);

  auto* directory =
      command
          ->add_option("--dir", options->directory,
                       "Write to DIR/SENDER.log instead of standard output; SIGHUP opens them anew")
          ->option_text("DIR");
  command
      ->add_option("--name-by", options->name_by,
                   "Name the files by the value of that userdata key, once it came")
      ->option_text("KEY")
      ->needs(directory);
  command->add_option("--rotate-size", options->rotate_size, "Begin a new file at that size; 0: never")
      ->option_text("BYTES")
      ->transform(CLI::AsSizeValue(false))
      ->default_str("100M")
      ->needs(directory);
  command->add_option("--rotate-hours", options->rotate_hours, "Begin a new file at that age; 0: never")
      ->option_text("HOURS")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str()
      ->needs(directory);
  command->add_option("--keep", options->keep, "Old files to keep of each sender, as SENDER.log.1 and so on")
      ->option_text("N")
      ->check(CLI::Range(0U, 1000U))
      ->capture_default_str()
      ->needs(directory);
  command
      ->add_option("--syslog", options->syslog,
                   "Send RFC 5424 messages to udp:HOST[:PORT], tcp:HOST[:PORT] or unix:PATH instead")
      ->option_text("ADDRESS")
      ->excludes(directory)
      ->excludes(json)
      ->excludes(raw);
  command
      ->add_option("--queue", options->queue,
                   "Text that may wait for a slow output; what is beyond that is lost and counted")
      ->option_text("BYTES")
      ->transform(CLI::AsSizeValue(false))
      ->default_str("64M");
  command->add_option("--user", options->user, "Become that user once the sockets are open")
      ->option_text("NAME");
  command->footer(
      R"help(Lines go to standard output, everything else to standard error. SIGINT and SIGTERM end it; the last line
counts records, bytes, what was lost on the way, and what this machine's socket had to drop. A slow or full output
never holds up reception: what it does not take is counted and said.

Examples:
  netcon listen
  netcon listen 10.0.0.2:6666 --json
  netcon listen 6666 --count 10 --for 60
  netcon listen --min-level warning --match 'I/O error|hung task' --deny 10.9.0.0/16
  sudo netcon listen 514 --user nobody --threads 4 --dir /var/log/netconsole --rotate-size 50M --stats 60
  netcon listen --syslog tcp:loghost:601

Exit code: 0 when ended as asked; 1 when records could not be written; 2 when it cannot listen.)help");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace tool
