// netcon listen: receives what kernels send to UDP ports, and shows a line for each record.
#include "commands/command.hpp"
#include "listen/crash_keeper.hpp"
#include "listen/listen_sockets.hpp"
#include "listen/listener.hpp"
#include "listen/privileges.hpp"
#include "listen/stop_signals.hpp"
#include "options/address.hpp"
#include "options/duration.hpp"
#include "options/value_check.hpp"
#include "output/file_destination.hpp"
#include "output/output.hpp"
#include "output/stream_destination.hpp"
#include "output/syslog_destination.hpp"

#include <netcon/os/passed_sockets.hpp>
#include <netcon/os/random_key.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tool {
namespace {

using namespace std::chrono_literals;

struct listen_options {
  std::vector<std::string> addresses;
  bool json = false;
  bool raw = false;
  bool no_color = false;
  std::uint64_t count = 0;
  std::chrono::milliseconds duration{0};  // 0: no end
  unsigned threads = 1;
  std::vector<std::string> allow, deny, sender;
  std::string min_level, match;
  std::uint64_t rate_limit = 0;
  std::chrono::milliseconds reorder{0};
  std::chrono::milliseconds stats{0};  // 0: none
  std::string directory;
  std::string name_by;
  std::string names;
  std::uint64_t rotate_size = 100 * 1024 * 1024;
  std::uint64_t dir_size = directory_limits{}.bytes;
  std::optional<std::uint64_t> keep_free;
  std::chrono::milliseconds sync{0};        // 0: never
  std::chrono::milliseconds rotate_age{0};  // 0: any age
  unsigned keep = 5;
  std::string syslog;
  crash_options crashes;
  std::uint64_t queue = 64 * 1024 * 1024;
  std::string user;
  std::string interface;
  int min_ttl = 0;
  std::string require;

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

std::expected<std::vector<netcon::address_range>, std::string> read_ranges(
    const std::vector<std::string>& texts) {
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
  out.passed_sockets = options.uses_passed_sockets();
  out.colour = options.directory.empty() && wants_colour(STDOUT_FILENO, options.no_color);
  if (!options.name_by.empty()) out.name_by = options.name_by;
  out.min_hops = options.min_ttl > 1 ? options.min_ttl : -1;
  if (!options.require.empty()) {
    const auto equals = options.require.find('=');
    if (equals == 0 || equals == options.require.npos)
      return std::unexpected{fmt::format("--require '{}': write KEY=VALUE", options.require)};
    out.required.emplace(options.require.substr(0, equals), options.require.substr(equals + 1));
  }
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
  out.reorder = options.reorder;
  return out;
}

/// Why no files can be created there.
std::error_code check_directory(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode))
    return std::make_error_code(std::errc::not_a_directory);
  return ::access(path.c_str(), W_OK | X_OK) == 0 ? std::error_code{}
                                                  : std::error_code{errno, std::generic_category()};
}

std::expected<std::unique_ptr<destination>, std::string> open_files(const listen_options& options) {
  file_settings files{
      .directory = options.directory,
      .when = {.bytes = options.rotate_size, .age = options.rotate_age, .keep = options.keep},
      .limits = {.bytes = options.dir_size, .keep_free = options.keep_free},
      .names = {},
      .sync = {},
  };
  files.names.by_name = !options.name_by.empty();
  files.names.key = netcon::random_key();
  if (!options.names.empty()) {
    auto names = read_inventory(options.names);
    if (!names) return std::unexpected{"--names " + names.error()};
    files.names.names = *std::move(names);
  }
  if (options.sync.count() != 0) files.sync = options.sync;
  if (const auto problem = check_directory(options.directory))
    return std::unexpected{fmt::format("--dir {}: {}", options.directory, problem.message())};
  auto out = std::make_unique<file_destination>(std::move(files));
  if (const auto locked = out->lock(); !locked) return std::unexpected{"--dir " + locked.error()};
  return out;
}

std::expected<std::unique_ptr<destination>, std::string> open_destination(const listen_options& options) {
  if (!options.directory.empty()) return open_files(options);
  if (!options.syslog.empty()) {
    auto to = parse_syslog_address(options.syslog);
    if (!to) return std::unexpected{to.error()};
    return std::make_unique<syslog_destination>(*std::move(to));
  }
  return std::make_unique<stream_destination>(STDOUT_FILENO);
}

/// Says that memory has run out: afterwards the process ends, and there may be none left to say so with.
void report_out_of_memory() {
  std::set_new_handler(nullptr);
  constexpr std::string_view line =
      "netcon listen: out of memory; see --queue, and MemoryMax of the service\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

int run(const listen_options& options) {
  std::set_new_handler(report_out_of_memory);
  const auto start = std::chrono::steady_clock::now();
  const auto settings = read_settings(options);
  if (!settings) return fail(settings.error());
  const socket_settings how_sockets{.interface = options.interface, .hops = options.min_ttl > 1};
  auto all = options.uses_passed_sockets()
                 ? adopt_sockets(netcon::passed_sockets::from_environment(), how_sockets)
                 : open_sockets(options.addresses_or_default(), options.threads, how_sockets);
  if (!all) return fail(all.error());
  if (!options.user.empty())
    if (const auto dropped = become_user(options.user); !dropped) return fail(dropped.error());
  if (!options.crashes.directory.empty())
    if (const auto problem = check_directory(options.crashes.directory))
      return fail(fmt::format("--crash-dir {}: {}", options.crashes.directory, problem.message()));
  auto to = open_destination(options);
  if (!to) return fail(to.error());
  std::signal(SIGPIPE, SIG_IGN);
  // Before any thread starts: threads inherit the blocked signals.
  std::optional<stop_signals> signals{std::in_place, !options.directory.empty() || !options.syslog.empty()};
  announce(*all);
  crash_keeper keeper{options.crashes};
  auto shared = *settings;
  if (options.crashes.any()) shared.keeper = &keeper;

  listener_options how{.most_records = {},
                       .end = {},
                       .stats = options.stats,
                       .queue_bytes = options.queue,
                       .output_name = options.directory.empty() ? options.syslog : options.directory};
  if (options.count != 0) how.most_records = options.count;
  if (options.duration.count() > 0) how.end = start + options.duration;
  listener listening{*std::move(all), shared, *std::move(to), how};
  const auto problem = listening.run(*signals);
  // From now on a second signal ends the program, in case the output never finishes.
  signals.reset();
  const auto end = listening.finish();
  keeper.finish();
  if (const auto left_out = keeper.stats().left_out; left_out != 0)
    say("netcon: {} crashes without a file\n", left_out);
  const int code = problem ? fail(*problem) : end == listener::ending::whole ? exit_ok : exit_findings;
  if (end == listener::ending::stuck) std::_Exit(code);
  return code;
}

}  // namespace

CLI::App* add_listen(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("listen", "Receive and decode what kernels send");
  const auto options = std::make_shared<listen_options>();
  command->add_option("address", options->addresses, "Where to listen; port 0 takes a free one")
      ->option_text("[[ADDRESS:]PORT ...]")
      ->default_str("[::]:6666, or the sockets that systemd passes");
  command
      ->add_option("--threads", options->threads,
                   "Receive with N threads and sockets at each address; a sender stays with one")
      ->option_text("N")
      ->transform(whole_number(1, 64))
      ->capture_default_str();
  command->add_option("--count", options->count, "End after N records")
      ->option_text("N")
      ->transform(whole_number(1));
  constexpr auto longest = 24h * 10000;
  add_duration(*command, "--for", options->duration, "End after this time", 1ms, longest);
  add_duration(*command, "--stats", options->stats, "Print statistics to standard error every TIME", 100ms,
               longest);
  command->add_option("--user", options->user, "Become this user once the sockets are open")
      ->option_text("NAME")
      ->transform(not_empty());

  constexpr auto choice = "Choice of senders and records";
  const auto senders = [&](const char* name, std::vector<std::string>& to, const char* what) {
    command->add_option(name, to, what)
        ->option_text("ADDRESS[/BITS]")
        ->expected(1)
        ->take_all()
        ->group(choice);
  };
  senders("--allow", options->allow, "Accept packets of these senders only; may be repeated");
  senders("--deny", options->deny, "Discard packets of these senders; may be repeated");
  senders("--sender", options->sender, "Show events of these senders only; may be repeated");
  command->add_option("--interface", options->interface, "Accept packets that come by this interface only")
      ->option_text("NAME")
      ->transform(not_empty())
      ->group(choice);
  command
      ->add_option("--min-ttl", options->min_ttl,
                   "Discard packets with a lower TTL or hop limit: 64 or 32 is a sender's own network")
      ->option_text("N")
      ->transform(whole_number(0, 255))
      ->group(choice);
  auto* require = command
                      ->add_option("--require", options->require,
                                   "Show extended records without this userdata apart, and count them")
                      ->option_text("KEY=VALUE")
                      ->transform(not_empty())
                      ->group(choice);
  auto* min_level =
      command
          ->add_option("--min-level", options->min_level,
                       "Show records of this level and more urgent ones only: emerg to debug, or 0 to 7")
          ->option_text("LEVEL")
          ->group(choice);
  auto* match = command
                    ->add_option("--match", options->match,
                                 "Show records only whose text matches this regular expression (RE2)")
                    ->option_text("REGEX")
                    ->group(choice);
  auto* rate_limit =
      command
          ->add_option("--rate-limit", options->rate_limit,
                       "Show at most N lines a second of each sender, and count the rest; 0 means no limit")
          ->option_text("N")
          ->transform(whole_number(0))
          ->group(choice);
  auto* reorder = add_duration(*command, "--reorder", options->reorder,
                               "Hold records at most so long to deliver them in order", 0ms, 60s)
                      ->group(choice);

  constexpr auto output = "Output";
  auto* json = command->add_flag("--json", options->json, "Print one JSON object a line, as in docs/json.md")
                   ->group(output);
  auto* raw =
      command->add_flag("--raw", options->raw, "Print the bytes of the packets and nothing else, as nc does")
          ->excludes(json)
          ->excludes(min_level)
          ->excludes(match)
          ->excludes(rate_limit)
          ->excludes(reorder)
          ->excludes(require)
          ->group(output);
  command->add_flag("--no-color", options->no_color, "Print no colours, as with NO_COLOR set")->group(output);
  auto* directory =
      command
          ->add_option("--dir", options->directory,
                       "Write to DIR/SENDER.log instead of standard output; SIGHUP reopens the files")
          ->option_text("DIR")
          ->transform(not_empty())
          ->group(output);
  command
      ->add_option("--name-by", options->name_by,
                   "Name each file by the value of this userdata key, once a record has it")
      ->option_text("KEY")
      ->transform(not_empty())
      ->needs(directory)
      ->group(output);
  command
      ->add_option("--names", options->names,
                   "Name the files of the addresses in this file, lines of an address and a name")
      ->option_text("FILE")
      ->transform(not_empty())
      ->needs(directory)
      ->group(output);
  command->add_option("--rotate-size", options->rotate_size, "Begin a new file at this size; 0 means never")
      ->option_text("BYTES")
      ->transform(byte_size())
      ->default_str("100M")
      ->needs(directory)
      ->group(output);
  add_duration(*command, "--rotate-age", options->rotate_age, "Begin a new file at this age; 0 means never",
               0ms, longest)
      ->default_str("0")
      ->needs(directory)
      ->group(output);
  command->add_option("--keep", options->keep, "Keep N old files of each sender, as SENDER.log.1 and so on")
      ->option_text("N")
      ->transform(whole_number(0, 1000))
      ->capture_default_str()
      ->needs(directory)
      ->group(output);
  command
      ->add_option("--dir-size", options->dir_size,
                   "Keep all files together below this size: of the sender that has most, the oldest file "
                   "goes first; 0 means any size")
      ->option_text("BYTES")
      ->transform(byte_size())
      ->default_str("10G")
      ->needs(directory)
      ->group(output);
  command
      ->add_option("--keep-free", options->keep_free,
                   "Leave so much of the file system free, in the same way")
      ->option_text("BYTES")
      ->transform(byte_size())
      ->default_str("5 %, at most 1G")
      ->needs(directory)
      ->group(output);
  add_duration(*command, "--sync", options->sync,
               "Write through to the disk at least every TIME; 0 leaves it to the system", 0ms, 24h)
      ->default_str("0")
      ->needs(directory)
      ->group(output);
  command
      ->add_option("--crash-dir", options->crashes.directory,
                   "Write a file for each crash of a sender to DIR")
      ->option_text("DIR")
      ->transform(not_empty())
      ->excludes(raw)
      ->group(output);
  command
      ->add_option("--on-crash", options->crashes.command,
                   "Run COMMAND with sh after a crash: report on standard input, facts in NETCON_*")
      ->option_text("COMMAND")
      ->transform(not_empty())
      ->excludes(raw)
      ->group(output);
  command
      ->add_option("--syslog", options->syslog,
                   "Send RFC 5424 syslog to udp:HOST[:PORT], tcp:HOST[:PORT] or unix:PATH instead")
      ->option_text("ADDRESS")
      ->transform(not_empty())
      ->excludes(directory)
      ->excludes(json)
      ->excludes(raw)
      ->group(output);
  command
      ->add_option("--queue", options->queue,
                   "Queue at most so much text for a slow output; drop and count the records beyond")
      ->option_text("BYTES")
      ->transform(byte_size())
      ->default_str("64M")
      ->group(output);
  command->footer(
      R"help(Lines go to standard output, everything else to standard error. SIGINT and SIGTERM end it; the last line
counts records, bytes, losses on the way, and packets that this machine's socket dropped. Slow output never
blocks reception; records it cannot take are dropped and counted.

TIME is a number and a unit: 50ms, 30s, 5m, 24h or 7d. BYTES takes K, M, G or T.

Examples:
  netcon listen
  netcon listen 127.0.0.1:6666 --json
  netcon listen 6666 --count 10 --for 60s
  netcon listen --min-level warning --match 'I/O error|hung task' --deny 10.9.0.0/16
  sudo useradd --system netcon && sudo install -d -o netcon /var/log/netconsole
  sudo netcon listen 514 --user netcon --threads 4 --dir /var/log/netconsole --rotate-age 24h --stats 1m
  netcon listen --syslog unix:/dev/log

Exit code: 0 when ended as asked; 1 when records could not be written; 2 when it cannot listen.)help");
  command->callback([options, &exit_code] { exit_code = run(*options); });
  return command;
}

}  // namespace tool
