// netcon listen: receives what kernels send to UDP ports, and shows a line for each record.
#include "commands/command.hpp"
#include "listen/crash_keeper.hpp"
#include "listen/host_sources.hpp"
#include "listen/listen_sockets.hpp"
#include "listen/listener.hpp"
#include "listen/open_output.hpp"
#include "listen/output_spec.hpp"
#include "listen/privileges.hpp"
#include "listen/stop_signals.hpp"
#include "options/address.hpp"
#include "options/color_option.hpp"
#include "options/duration.hpp"
#include "options/value_check.hpp"
#include "output/log_names.hpp"
#include "output/output.hpp"

#include <netcon/os/passed_sockets.hpp>
#include <netcon/os/random_key.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
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
  std::vector<std::string> addresses, ports;
  std::vector<std::string> to;
  bool json = false;
  color_option color;
  std::uint64_t count = 0;
  std::chrono::milliseconds duration{0};  // 0: no end
  unsigned threads = 1;
  std::vector<std::string> allow, deny;
  std::chrono::milliseconds reorder{0};
  std::chrono::milliseconds stats{0};  // 0: none
  std::string hosts_from;
  crash_options crashes;
  std::string user;
  std::string interface;
  int min_ttl = 0;
  std::string require;

  bool uses_passed_sockets() const {
    return addresses.empty() && ports.empty() && netcon::passed_sockets::from_environment().count != 0;
  }
  std::vector<std::string> all_addresses() const {
    auto out = addresses;
    for (const auto& port : ports) out.push_back("[::]:" + port);
    if (out.empty()) out.push_back(fmt::format("[::]:{}", default_port.value()));
    return out;
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

/// What --hosts-from says, read.
struct host_names {
  std::optional<std::string> key;
  inventory names;
};

std::expected<host_names, std::string> read_hosts(const listen_options& options) {
  host_names out;
  if (options.hosts_from.empty()) return out;
  const auto sources = parse_host_sources(options.hosts_from);
  if (!sources) return std::unexpected{"--hosts-from " + sources.error()};
  for (const auto& one : *sources) {
    if (one.what == host_source::kind::key) {
      out.key = one.text;
      continue;
    }
    auto names = read_inventory(one.text);
    if (!names) return std::unexpected{"--hosts-from file:" + names.error()};
    out.names = *std::move(names);
  }
  return out;
}

std::expected<listen_settings, std::string> read_settings(const listen_options& options,
                                                          const std::vector<output_spec>& outputs) {
  listen_settings out;
  out.passed_sockets = options.uses_passed_sockets();
  out.min_hops = options.min_ttl > 1 ? options.min_ttl : -1;
  if (!options.require.empty()) {
    const auto equals = options.require.find('=');
    if (equals == 0 || equals == options.require.npos)
      return std::unexpected{fmt::format("--require '{}': write KEY=VALUE", options.require)};
    out.required.emplace(options.require.substr(0, equals), options.require.substr(equals + 1));
  }
  auto allowed = read_ranges(options.allow), denied = read_ranges(options.deny);
  for (const auto* ranges : {&allowed, &denied})
    if (!*ranges) return std::unexpected{ranges->error()};
  out.allowed = {*std::move(allowed), *std::move(denied)};
  out.reorder = options.reorder;
  const bool are_raw =
      std::ranges::all_of(outputs, [](const output_spec& one) { return one.format == output_format::raw; });
  if (are_raw && (out.required || out.reorder.count() != 0))
    return std::unexpected{
        "--require and --reorder are for records, and raw outputs have none: add another --to"};
  return out;
}

std::expected<std::vector<opened_output>, std::string> open_outputs(std::vector<output_spec> specs,
                                                                    const log_names::settings& names) {
  std::vector<opened_output> out;
  for (auto& spec : specs) {
    auto to = open_output(spec, names);
    if (!to) return std::unexpected{to.error()};
    out.push_back({std::move(spec), *std::move(to)});
  }
  return out;
}

/// Says that memory has run out: afterwards the process ends, and there may be none left to say so with.
void report_out_of_memory() {
  std::set_new_handler(nullptr);
  constexpr std::string_view line =
      "netcon listen: out of memory; see queue= of --to, and MemoryMax of the service\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

int run(const listen_options& options) {
  std::set_new_handler(report_out_of_memory);
  const auto start = std::chrono::steady_clock::now();
  auto specs = parse_outputs(options.to, options.json);
  if (!specs) return fail(specs.error());
  auto settings = read_settings(options, *specs);
  if (!settings) return fail(settings.error());
  auto hosts = read_hosts(options);
  if (!hosts) return fail(hosts.error());
  const socket_settings how_sockets{.interface = options.interface, .hops = options.min_ttl > 1};
  auto all = options.uses_passed_sockets()
                 ? adopt_sockets(netcon::passed_sockets::from_environment(), how_sockets)
                 : open_sockets(options.all_addresses(), options.threads, how_sockets);
  if (!all) return fail(all.error());
  for (const auto& spec : *specs)
    if (const auto created = create_directory(spec, options.user); !created) return fail(created.error());
  if (!options.user.empty())
    if (const auto dropped = become_user(options.user); !dropped) return fail(dropped.error());
  if (!options.crashes.directory.empty())
    if (const auto problem = check_directory(options.crashes.directory))
      return fail(fmt::format("--crash-dir {}: {}", options.crashes.directory, problem.message()));
  const bool has_hang_up = std::ranges::any_of(
      *specs, [](const output_spec& one) { return one.what != output_spec::kind::standard_output; });
  auto outputs = open_outputs(*std::move(specs), {.directory = {},
                                                  .by_name = hosts->key.has_value(),
                                                  .names = std::move(hosts->names),
                                                  .key = netcon::random_key()});
  if (!outputs) return fail(outputs.error());
  std::signal(SIGPIPE, SIG_IGN);
  // Before any thread starts: threads inherit the blocked signals.
  std::optional<stop_signals> signals{std::in_place, has_hang_up};
  announce(*all);
  crash_keeper keeper{options.crashes};
  settings->name_by = std::move(hosts->key);
  if (options.crashes.any()) settings->keeper = &keeper;

  listener_options how{
      .most_records = {}, .end = {}, .stats = options.stats, .colour = options.color.wanted(STDOUT_FILENO)};
  if (options.count != 0) how.most_records = options.count;
  if (options.duration.count() > 0) how.end = start + options.duration;
  listener listening{*std::move(all), *settings, *std::move(outputs), how};
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
  command->add_option("-p", options->ports, "Listen on this port of any address; may be repeated")
      ->option_text("PORT")
      ->transform(whole_number(0, 65535))
      ->expected(1)
      ->take_all();
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
  command
      ->add_option("--require", options->require,
                   "Show extended records without this userdata apart, and count them")
      ->option_text("KEY=VALUE")
      ->transform(not_empty())
      ->group(choice);
  add_duration(*command, "--reorder", options->reorder,
               "Hold records at most so long to deliver them in order", 0ms, 60s)
      ->group(choice);

  constexpr auto output = "Output";
  command->add_option("--to", options->to, "Write to PLACE in FORMAT; may be repeated, see below")
      ->option_text("[FORMAT@]PLACE[,KEY=VALUE...]")
      ->expected(1)
      ->take_all()
      ->transform(not_empty())
      ->default_str("-")
      ->group(output);
  command->add_flag("--json", options->json, "Use the format json for outputs that have none of their own")
      ->group(output);
  options->color.add_to(*command)->group(output);
  command
      ->add_option(
          "--hosts-from", options->hosts_from,
          "Name machines by a userdata key, and by a file with lines of an address and a name: key:NAME, "
          "file:PATH, or both with a comma")
      ->option_text("SOURCE[,SOURCE...]")
      ->transform(not_empty())
      ->group(output);
  command
      ->add_option("--crash-dir", options->crashes.directory,
                   "Write a file for each crash of a sender to DIR")
      ->option_text("DIR")
      ->transform(not_empty())
      ->group(output);
  command
      ->add_option("--on-crash", options->crashes.command,
                   "Run COMMAND with sh after a crash: report on standard input, facts in NETCON_*")
      ->option_text("COMMAND")
      ->transform(not_empty())
      ->group(output);
  command->footer(fmt::format(
      R"help(An output is written as [FORMAT@]PLACE[,KEY=VALUE...]. A slow one costs no other, and reception never waits:
lines that an output cannot take are dropped and counted.

Places:
  -                        Standard output
  FILE                     A file; SIGHUP opens it again
  dir:DIR                  DIR/SENDER.log for each sender; SIGHUP opens the files again
  syslog:udp:HOST[:PORT]   RFC 5424 syslog over UDP; also syslog:tcp:HOST[:PORT] and syslog:unix:PATH

Formats:
  full                     A line of text for each event, with all that is known [the usual one]
  json                     A JSON object for each event, as in docs/json.md
  raw                      The bytes of the packets and nothing else, as nc does

Keys of an output:
{}
A comma in a name or value is written \,. Everything else goes to standard error. SIGINT and SIGTERM end
it; the last line counts records, bytes, losses on the way, and packets that this machine's socket dropped.

TIME is a number and a unit: 50ms, 30s, 5m, 24h or 7d. BYTES takes K, M, G or T.

Examples:
  netcon listen
  netcon listen 127.0.0.1:6666 --json
  netcon listen -p 6666 --count 10 --for 60s
  netcon listen --to -,min-level=warning,match='I/O error|hung task' --deny 10.9.0.0/16
  sudo netcon listen 514 --user netcon --threads 4 --to dir:/var/log/netconsole,rotate-age=24h --stats 1m
  netcon listen --to json@dir:/var/log/netconsole --to syslog:unix:/dev/log --to -,min-level=err

Exit code: 0 when ended as asked; 1 when records could not be written; 2 when it cannot listen.)help",
      output_keys_help()));
  command->callback([options, &exit_code] { exit_code = run(*options); });
  return command;
}

}  // namespace tool
