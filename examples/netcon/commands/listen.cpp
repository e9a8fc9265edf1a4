// netcon listen: what kernels send to UDP ports, decoded, one line a record.
#include "options/address.hpp"
#include "commands/command.hpp"
#include "output/file_destination.hpp"
#include "listen/listen_sockets.hpp"
#include "listen/listener.hpp"
#include "output/output.hpp"
#include "listen/privileges.hpp"
#include "listen/stop_signals.hpp"
#include "output/stream_destination.hpp"
#include "output/syslog_destination.hpp"
#include "options/value_check.hpp"

#include <netcon/os/passed_sockets.hpp>
#include <netcon/os/udp_receiver.hpp>
#include <netcon/os/udp_sender.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tool {
namespace {

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

  bool uses_passed_sockets() const {
    return addresses.empty() && netcon::passed_sockets::from_environment().count != 0;
  }
  std::vector<std::string> addresses_or_default() const {
    return addresses.empty() ? std::vector{fmt::format("[::]:{}", default_port.value())} : addresses;
  }
};

int fail(std::string_view problem) {
  say("netcon listen: {}\n", problem);
  return exit_usage;
}

std::expected<std::vector<netcon::address_range>, std::string> read_ranges(const std::vector<std::string>& texts) {
  std::vector<netcon::address_range> out;
  for (const auto& text : texts) {
    const auto range = read_address_range(text);
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
  out.passed_sockets = options.uses_passed_sockets();
  out.colour = !out.file_per_sender && wants_colour(STDOUT_FILENO, options.no_color);
  if (!options.name_by.empty()) out.name_by = options.name_by;
  auto allowed = read_ranges(options.allow), denied = read_ranges(options.deny),
       shown = read_ranges(options.sender);
  for (const auto* ranges : {&allowed, &denied, &shown})
    if (!*ranges) return std::unexpected{ranges->error()};
  out.allowed = {*std::move(allowed), *std::move(denied)};
  if (!shown->empty()) out.filter.sender = address_filter{*std::move(shown), {}};
  if (!options.min_level.empty()) {
    const auto level = read_level(options.min_level);
    if (!level) return std::unexpected{level.error()};
    out.filter.min_level = static_cast<std::uint8_t>(*level);
  }
  if (!options.match.empty()) {
    auto compiled = pattern::compile(options.match);
    if (!compiled) return std::unexpected{compiled.error()};
    out.filter.match = *std::move(compiled);
  }
  out.rate_limit = options.rate_limit;
  out.hold = std::chrono::milliseconds{static_cast<long>(std::ceil(options.order_ms))};
  return out;
}

std::expected<std::unique_ptr<destination>, std::string> open_destination(const listen_options& options) {
  if (!options.directory.empty()) {
    const rotation when{
        .bytes = options.rotate_size,
        .age = std::chrono::seconds{static_cast<long>(std::ceil(options.rotate_hours * 3600))},
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

/// Why no files can be made there.
std::error_code check_directory(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode))
    return std::make_error_code(std::errc::not_a_directory);
  return ::access(path.c_str(), W_OK | X_OK) == 0 ? std::error_code{}
                                                  : std::error_code{errno, std::generic_category()};
}

int run(const listen_options& options) {
  const auto start = std::chrono::steady_clock::now();
  const auto settings = read_settings(options);
  if (!settings) return fail(settings.error());
  auto to = open_destination(options);
  if (!to) return fail(to.error());
  auto all = options.uses_passed_sockets() ? adopt_sockets(netcon::passed_sockets::from_environment())
                                           : open_sockets(options.addresses_or_default(), options.threads);
  if (!all) return fail(all.error());
  if (!options.user.empty())
    if (const auto dropped = become_user(options.user); !dropped) return fail(dropped.error());
  if (!options.directory.empty())
    if (const auto problem = check_directory(options.directory))
      return fail(fmt::format("--dir {}: {}", options.directory, problem.message()));
  std::signal(SIGPIPE, SIG_IGN);
  // Before any thread: they all leave the signals to this one.
  std::optional<stop_signals> signals{std::in_place, !options.directory.empty() || !options.syslog.empty()};
  announce(*all);

  listener_options how{.most_records = {},
                       .end = {},
                       .stats = std::chrono::duration<double>{options.stats},
                       .queue_bytes = options.queue,
                       .output_name = options.directory.empty() ? options.syslog : options.directory};
  if (options.count != 0) how.most_records = options.count;
  if (options.seconds > 0)
    how.end = start + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                          std::chrono::duration<double>{options.seconds});
  listener listening{*std::move(all), *settings, *std::move(to), how};
  const auto problem = listening.run(*signals);
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
      ->add_option("address", options->addresses, "Where to listen, one or several; port 0 takes a free one")
      ->option_text("[ADDRESS:]PORT ...")
      ->default_str("[::]:6666, or the sockets that systemd passes");
  const auto senders = [&](const char* name, std::vector<std::string>& to, const char* what) {
    command->add_option(name, to, what)->option_text("ADDRESS[/BITS]")->expected(1)->take_all();
  };
  command
      ->add_option("--threads", options->threads,
                   "Threads and sockets for each address; a sender stays with one")
      ->option_text("N")
      ->transform(whole_number(1, 64))
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
      ->transform(number(0, 60000))
      ->excludes(raw);
  command->add_option("--count", options->count, "End after N records")
      ->option_text("N")
      ->transform(whole_number(1));
  command->add_option("--for", options->seconds, "End after that time")
      ->option_text("SECONDS")
      ->transform(number(0.001, 1e9));
  command->add_option("--stats", options->stats, "Say so often on standard error how much came")
      ->option_text("SECONDS")
      ->transform(number(0.1, 1e9));

  senders("--allow", options->allow, "Take packets of these senders only; may be repeated");
  senders("--deny", options->deny, "Take no packets of these senders; may be repeated");
  senders("--sender", options->sender, "Show records of these senders only; may be repeated");
  command
      ->add_option("--min-level", options->min_level,
                   "Show records of that level and more urgent ones only: emerg to debug, or 0 to 7")
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
      ->transform(whole_number(0))
      ->excludes(raw);

  auto* directory =
      command
          ->add_option("--dir", options->directory,
                       "Write to DIR/SENDER.log instead of standard output; SIGHUP opens them anew")
          ->option_text("DIR")
          ->transform(not_empty());
  command
      ->add_option("--name-by", options->name_by,
                   "Name the files by the value of that userdata key, once it came")
      ->option_text("KEY")
      ->transform(not_empty())
      ->needs(directory);
  command->add_option("--rotate-size", options->rotate_size, "Begin a new file at that size; 0: never")
      ->option_text("BYTES")
      ->transform(byte_size())
      ->default_str("100M")
      ->needs(directory);
  command->add_option("--rotate-hours", options->rotate_hours, "Begin a new file at that age; 0: never")
      ->option_text("HOURS")
      ->transform(number(0, 1e6))
      ->capture_default_str()
      ->needs(directory);
  command->add_option("--keep", options->keep, "Old files to keep of each sender, as SENDER.log.1 and so on")
      ->option_text("N")
      ->transform(whole_number(0, 1000))
      ->capture_default_str()
      ->needs(directory);
  command
      ->add_option("--syslog", options->syslog,
                   "Send RFC 5424 messages to udp:HOST[:PORT], tcp:HOST[:PORT] or unix:PATH instead")
      ->option_text("ADDRESS")
      ->transform(not_empty())
      ->excludes(directory)
      ->excludes(json)
      ->excludes(raw);
  command
      ->add_option("--queue", options->queue,
                   "Text that may wait for a slow output; what is beyond that is lost and counted")
      ->option_text("BYTES")
      ->transform(byte_size())
      ->default_str("64M");
  command->add_option("--user", options->user, "Become that user once the sockets are open")
      ->option_text("NAME")
      ->transform(not_empty());
  command->footer(
      R"help(Lines go to standard output, everything else to standard error. SIGINT and SIGTERM end it; the last line
counts records, bytes, what was lost on the way, and what this machine's socket had to drop. A slow or full output
never holds up reception: what it does not take is counted and said.

Examples:
  netcon listen
  netcon listen 127.0.0.1:6666 --json
  netcon listen 6666 --count 10 --for 60
  netcon listen --min-level warning --match 'I/O error|hung task' --deny 10.9.0.0/16
  sudo install -d -o nobody /var/log/netconsole
  sudo netcon listen 514 --user nobody --threads 4 --dir /var/log/netconsole --rotate-size 50M --stats 60
  netcon listen --syslog unix:/dev/log

Exit code: 0 when ended as asked; 1 when records could not be written; 2 when it cannot listen.)help");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace tool
