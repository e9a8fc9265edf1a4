// SPDX-License-Identifier: MIT
#include "listen/listen_options.hpp"

#include "listen/same_place.hpp"
#include "options/address.hpp"
#include "options/config_file.hpp"
#include "options/duration.hpp"
#include "options/value_check.hpp"
#include "output/log_names.hpp"

#include <netcon/os/passed_sockets.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace tool {

using namespace std::chrono_literals;

namespace {

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

/// Reads the file among the sources, if there is one.
std::expected<listed_names, std::string> read_names(const std::vector<host_source>& sources) {
  for (const auto& one : sources) {
    if (one.what != host_source::kind::file) continue;
    auto names = read_inventory(one.text);
    if (!names) return std::unexpected{"--hosts-from file:" + names.error()};
    for (auto& line : names->left_out) line.insert(0, "--hosts-from file:");
    return names;
  }
  return listed_names{};
}

std::expected<std::vector<host_source>, std::string> read_sources(const listen_options& options) {
  if (options.hosts_from.empty()) return std::vector<host_source>{};
  auto sources = parse_host_sources(options.hosts_from);
  if (!sources) return std::unexpected{"--hosts-from " + sources.error()};
  return sources;
}

/// One that has no effect, as the outputs show packets and nothing else; null without such. Crashes are made
/// of records too.
const char* useless_option(const listen_options& options, const std::vector<output_spec>& outputs) {
  const bool are_raw =
      std::ranges::all_of(outputs, [](const output_spec& one) { return one.format == output_format::raw; });
  if (!are_raw) return nullptr;
  if (options.hide_probes) return "--hide-probes";
  if (options.silent_after.count() != 0) return "--silent-after";
  if (options.crashes.any()) return nullptr;
  if (!options.require.empty()) return "--require";
  if (options.reorder.count() != 0) return "--reorder";
  if (!options.hosts_from.empty()) return "--hosts-from";
  return nullptr;
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
  out.hide_probes = options.hide_probes;
  out.silent_after = std::chrono::ceil<std::chrono::seconds>(options.silent_after);
  if (const auto* const useless = useless_option(options, outputs))
    return std::unexpected{
        fmt::format("{} is for records, and raw outputs have none: add another --to", useless)};
  return out;
}

/// Reads arguments into new options; more: those of a file.
std::expected<void, std::string> parse(CLI::App& command, listen_options& options,
                                       std::vector<std::string> arguments,
                                       const std::vector<std::string>& more) {
  define_listen_options(command, options);
  arguments.insert(arguments.end(), more.begin(), more.end());
  std::ranges::reverse(arguments);  // the parser takes them from the back
  try {
    command.parse(std::move(arguments));
  } catch (const CLI::ParseError& problem) {
    return std::unexpected{problem.what()};
  }
  return {};
}

std::expected<void, std::string> read_values(listen_plan& plan, const std::vector<std::string>& arguments) {
  std::vector<std::string> more;
  std::string file;
  {
    CLI::App command{"", "listen"};
    listen_options given;
    if (auto read = parse(command, given, arguments, {}); !read) return read;
    if (!given.config.empty()) {
      auto added = config_arguments(given.config, command);
      if (!added) return std::unexpected{"--config " + added.error()};
      more = *std::move(added);
      file = given.config;
    }
  }
  CLI::App command{"", "listen"};
  if (auto read = parse(command, plan.options, arguments, more); !read)
    return std::unexpected{more.empty() ? read.error() : fmt::format("--config {}: {}", file, read.error())};
  for (const CLI::Option* option : command.get_options())
    if (option->count() != 0) plan.values[option->get_name()] = option->results();
  return {};
}

}  // namespace

bool listen_options::uses_passed_sockets() const {
  return addresses.empty() && ports.empty() && netcon::passed_sockets::from_environment().count != 0;
}

std::vector<std::string> listen_options::all_addresses() const {
  auto out = addresses;
  for (const auto& port : ports) out.push_back("[::]:" + port);
  if (out.empty()) out.push_back(fmt::format("[::]:{}", default_port.value()));
  return out;
}

void define_listen_options(CLI::App& command, listen_options& options) {
  command.add_option("address", options.addresses, "Where to listen; port 0 takes a free one")
      ->option_text("[[ADDRESS:]PORT ...]")
      ->default_str("[::]:6666, or the sockets that systemd passes");
  command.add_option("-p,--port", options.ports, "Listen on this port of any address; may be repeated")
      ->option_text("PORT")
      ->transform(whole_number(0, 65535))
      ->allow_extra_args(false);
  command
      .add_option("--threads", options.threads,
                  "Receive with N threads and sockets at each address; a sender stays with one")
      ->option_text("N")
      ->transform(whole_number(1, 64))
      ->capture_default_str();
  command.add_option("--count", options.count, "End after N records")
      ->option_text("N")
      ->transform(whole_number(1));
  constexpr auto longest = 24h * 10000;
  add_duration(command, "--for", options.duration, "End after this time", 1ms, longest);
  add_duration(command, "--stats", options.stats, "Print statistics to standard error every TIME", 100ms,
               longest);
  command.add_option("--user", options.user, "Become this user once the sockets are open")
      ->option_text("NAME")
      ->transform(not_empty());

  command
      .add_option("--config", options.config,
                  "Read options from a TOML file, a key for each; the command line decides over it")
      ->option_text("FILE")
      ->transform(not_empty());
  command.add_flag("--check-config", options.check_config,
                   "Check the options and the files they name, and end");

  constexpr auto choice = "Choice of senders and records";
  const auto senders = [&](const char* name, std::vector<std::string>& to, const char* what) {
    return command.add_option(name, to, what)
        ->option_text("ADDRESS[/BITS]")
        ->allow_extra_args(false)
        ->group(choice);
  };
  auto* allow = senders("--allow", options.allow, "Accept packets of these senders only; may be repeated");
  senders("--deny", options.deny, "Discard packets of these senders; may be repeated");
  command.add_option("--interface", options.interface, "Accept packets that come by this interface only")
      ->option_text("NAME")
      ->transform(not_empty())
      ->group(choice);
  command
      .add_option("--min-ttl", options.min_ttl,
                  "Discard packets with a lower TTL or hop limit: 64 or 32 is a sender's own network")
      ->option_text("N")
      ->transform(whole_number(0, 255))
      ->group(choice);
  command
      .add_option("--require", options.require,
                  "Show extended records without this userdata apart, count them, and take them for no crash")
      ->option_text("KEY=VALUE")
      ->transform(not_empty())
      ->group(choice);
  add_duration(command, "--reorder", options.reorder, "Hold records at most so long to deliver them in order",
               0ms, 60s)
      ->group(choice);

  constexpr auto tests = "Tests by netcon test";
  auto* answer =
      command.add_flag("--answer", options.answer, "Answer probes of the senders that --allow names")
          ->needs(allow)
          ->group(tests);
  const auto limit = [&](const char* name, std::uint32_t& to, const char* what) {
    command.add_option(name, to, what)
        ->option_text("N")
        ->transform(whole_number(1, 1'000'000))
        ->capture_default_str()
        ->needs(answer)
        ->group(tests);
  };
  limit("--answers-each", options.answer_limits.each, "Answer one address at most N times in 10 s");
  limit("--answers-all", options.answer_limits.all, "Answer all addresses together at most N times in 10 s");
  command.add_flag("--hide-probes", options.hide_probes, "Leave out probes; otherwise they are marked")
      ->group(tests);
  add_duration(command, "--silent-after", options.silent_after,
               "Report senders of regular probes that send nothing for TIME, and their return", 1s, longest)
      ->group(tests);

  constexpr auto output = "Output";
  command.add_option("--to", options.to, "Write to PLACE in FORMAT; may be repeated, see below")
      ->option_text("[FORMAT@]PLACE[,KEY=VALUE...]")
      ->allow_extra_args(false)
      ->transform(not_empty())
      ->default_str("-")
      ->group(output);
  command.add_flag("--json", options.json, "Use the format json for outputs that have none of their own")
      ->group(output);
  options.color.add_to(command)->group(output);
  command
      .add_option(
          "--hosts-from", options.hosts_from,
          "Name machines by the first of these that has a name: key:NAME is userdata, file:PATH has lines of "
          "an address and a name as /etc/hosts, dns asks for the name of the address")
      ->option_text("SOURCE[,SOURCE...]")
      ->transform(not_empty())
      ->group(output);
  command
      .add_option("--crash-dir", options.crashes.directory, "Write a file for each crash of a sender to DIR")
      ->option_text("DIR")
      ->transform(not_empty())
      ->group(output);
  command
      .add_option("--on-crash", options.crashes.command,
                  "Run COMMAND with sh after a crash: report on standard input, facts in NETCON_*")
      ->option_text("COMMAND")
      ->transform(not_empty())
      ->group(output);
  command
      .add_option("--metrics", options.metrics,
                  "Serve metrics for Prometheus at ADDRESS:PORT, or write them to a file whose path has a "
                  "slash; may be repeated")
      ->option_text("ADDRESS:PORT|FILE")
      ->transform(not_empty())
      ->allow_extra_args(false)
      ->group(output);
  command.footer(fmt::format(
      R"help(An output is written as [FORMAT@]PLACE[,KEY=VALUE...]. Each has a place of its own. A slow one costs no other,
and reception never waits. What an output cannot take is dropped and counted.

Places:
  -                        Standard output
  FILE                     A file; SIGHUP opens it again
  dir:DIR                  DIR/SENDER.log for each sender; SIGHUP opens the files again
  syslog:udp:HOST[:PORT]   RFC 5424 syslog over UDP; also syslog:tcp:HOST[:PORT]
  syslog:unix:PATH         The syslog socket of this machine, such as /dev/log
  journal                  The journal of systemd, with fields; journal:PATH is another socket

Formats:
  short                    Time of day, host and text; level and host are colours [on a terminal]
  full                     A line of text for each event, with all that is known [elsewhere]
  json                     A JSON object for each event, as in docs/json.md
  raw                      The bytes of the packets and nothing else, as nc does

Keys of an output:
{}
A comma in a name or value is written \,. Everything else goes to standard error. SIGINT and SIGTERM end it; the
last line counts records, bytes, losses on the way, and packets that this machine's socket dropped.

SIGHUP opens files again, and reads --config and the file of --hosts-from again, without the loss of a packet. Names,
--allow and --deny change, and of outputs {}. What else has changed
needs a restart, and is named on standard error.

TIME is a number and a unit: 50ms, 30s, 5m, 24h or 7d. BYTES takes K, M, G or T.

Examples:
  netcon listen
  netcon listen 127.0.0.1:6666 --json
  netcon listen -p 6666 --count 10 --for 60s
  netcon listen --to -,min-level=warning,match='I/O error|hung task' --deny 10.9.0.0/16
  sudo netcon listen 514 --user netcon --threads 4 --to dir:/var/log/netconsole,rotate-age=24h --stats 1m
  netcon listen --to json@dir:/var/log/netconsole --to journal --to -,min-level=err
  netcon listen --config /etc/netcon/listen.toml --check-config
  netcon listen --answer --allow 10.0.0.0/8

Exit code: 0 when ended as asked; 1 when records or reports of crashes could not be written;
2 when it cannot listen; 3 when fewer than --count records came within --for.)help",
      output_keys_help(), fmt::join(reloaded_keys(), ", ")));
}

std::expected<listen_plan, std::string> read_listen_plan(const std::vector<std::string>& arguments,
                                                         server_names servers) {
  listen_plan out;
  if (auto read = read_values(out, arguments); !read) return std::unexpected{read.error()};
  auto outputs = parse_outputs(out.options.to, out.options.json);
  if (!outputs) return std::unexpected{outputs.error()};
  out.outputs = *std::move(outputs);
  for (std::size_t i = 0; servers == server_names::looked_up && i < out.options.to.size(); ++i)
    if (auto& server = out.outputs[i].server)
      if (const auto found = look_up_server(*server); !found)
        return std::unexpected{fmt::format("--to '{}': syslog: {}", out.options.to[i], found.error())};
  if (auto taken = find_same_place(out.outputs, out.options.to, out.options.metrics, servers))
    return std::unexpected{*std::move(taken)};
  for (auto& one : out.outputs)
    if (one.what == output_spec::kind::standard_output && !one.format && ::isatty(STDOUT_FILENO) != 0)
      one.format = output_format::brief;
  auto settings = read_settings(out.options, out.outputs);
  if (!settings) return std::unexpected{settings.error()};
  out.settings = *std::move(settings);
  auto sources = read_sources(out.options);
  if (!sources) return std::unexpected{sources.error()};
  out.sources = *std::move(sources);
  auto names = read_names(out.sources);
  if (!names) return std::unexpected{names.error()};
  out.names = *std::move(names);
  return out;
}

std::vector<std::string> changed_options(const listen_plan& before, const listen_plan& now) {
  std::vector<std::string> out;
  const auto add = [&](const listen_plan& one, const listen_plan& other) {
    for (const auto& [name, values] : one.values) {
      const auto same = other.values.find(name);
      const bool is_same = same != other.values.end() && same->second == values;
      // These change, or the listener says which places do not.
      const bool is_reloaded = name == "--to" || name == "--allow" || name == "--deny";
      if (!is_reloaded && !is_same && std::ranges::find(out, name) == out.end()) out.push_back(name);
    }
  };
  add(before, now);
  add(now, before);
  return out;
}

}  // namespace tool
