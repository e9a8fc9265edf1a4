// SPDX-License-Identifier: MIT
// netcon listen: receives what kernels send to UDP ports, and shows a line for each record.
#include "commands/command.hpp"
#include "listen/check_places.hpp"
#include "listen/crash_keeper.hpp"
#include "listen/host_names.hpp"
#include "listen/listen_options.hpp"
#include "listen/listen_sockets.hpp"
#include "listen/listener.hpp"
#include "listen/open_output.hpp"
#include "listen/privileges.hpp"
#include "listen/proven_machines.hpp"
#include "listen/stop_signals.hpp"
#include "metrics/metrics_exporter.hpp"
#include "options/config_file.hpp"
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

std::expected<std::vector<opened_output>, std::string> open_outputs(std::vector<output_spec> specs,
                                                                    const log_names::settings& names) {
  std::vector<opened_output> out;
  const auto directories = std::ranges::count(specs, output_spec::kind::directory, &output_spec::what);
  for (auto& spec : specs) {
    auto to = open_output(spec, names, static_cast<std::size_t>(directories));
    if (!to) return std::unexpected{to.error()};
    out.push_back({std::move(spec), *std::move(to)});
  }
  return out;
}

/// Whether what is written there goes to the journal (systemd.exec(5), $JOURNAL_STREAM).
bool is_journal(int fd) {
  const char* const stream = std::getenv("JOURNAL_STREAM");
  struct stat status{};
  return stream != nullptr && ::fstat(fd, &status) == 0 &&
         stream == fmt::format("{}:{}", status.st_dev, status.st_ino);
}

/// Says that memory has run out, before lines are lost for that or the process ends: then there may be none
/// left to say so with.
void report_out_of_memory() {
  std::set_new_handler(nullptr);
  constexpr std::string_view line =
      "netcon listen: out of memory; see queue= of --to, and MemoryMax of the service\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

bool can_reopen(const output_spec& one) {
  return one.what != output_spec::kind::standard_output;
}

void say_left_out(const listed_names& names) {
  for (const auto& line : names.left_out) say("netcon: {}; the line is left out\n", line);
}

int run(const std::vector<std::string>& given) {
  std::set_new_handler(report_out_of_memory);
  const auto start = std::chrono::steady_clock::now();
  auto plan = read_listen_plan(given, server_names::looked_up);
  if (!plan) return fail("listen", plan.error());
  const auto& options = plan->options;
  const auto addresses = read_listen_addresses(options.all_addresses());
  if (!addresses) return fail("listen", addresses.error());
  if (const auto good = check_places(*plan); !good) return fail("listen", good.error());
  if (options.check_config) {
    say_left_out(plan->names);
    put("netcon listen: the options are good\n");
    return exit_ok;
  }
  const socket_settings how_sockets{
      .interface = options.interface, .hops = options.min_ttl > 1, .local = options.answer};
  auto all = options.uses_passed_sockets()
                 ? adopt_sockets(netcon::passed_sockets::from_environment(), how_sockets)
                 : open_sockets(*addresses, options.threads, how_sockets);
  if (!all) return fail("listen", all.error());
  for (const auto& spec : plan->outputs)
    if (const auto created = create_directory(spec, options.user); !created)
      return fail("listen", created.error());
  if (!options.user.empty())
    if (const auto dropped = become_user(options.user); !dropped) return fail("listen", dropped.error());
  if (!options.crashes.directory.empty())
    if (const auto problem = check_directory(options.crashes.directory))
      return fail("listen", fmt::format("--crash-dir {}: {}", options.crashes.directory, problem.message()));
  const bool has_hang_up =
      !options.config.empty() || std::ranges::any_of(plan->outputs, &can_reopen) ||
      std::ranges::find(plan->sources, host_source::kind::file, &host_source::what) != plan->sources.end();
  const auto names = std::make_shared<shared_inventory>();
  names->set(plan->names.names);
  say_left_out(plan->names);
  auto outputs = open_outputs(
      plan->outputs,
      {.directory = {}, .by_name = !plan->sources.empty(), .names = names, .key = netcon::random_key()});
  if (!outputs) return fail("listen", outputs.error());
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file at its limit (ulimit -f) refuses, as a full disk does
  limit_wait_for_reports(1s);
  // Before any thread starts: threads inherit the blocked signals.
  std::optional<stop_signals> signals{std::in_place, has_hang_up};
  announce(*all);
  if (options.uses_passed_sockets() && options.threads > 1)
    say("netcon: --threads {} has no effect: each socket that systemd passes has one thread\n",
        options.threads);
  if (!options.uses_passed_sockets() && netcon::passed_sockets::from_environment().count != 0)
    say("netcon: nothing reads the socket that systemd passes: addresses of its own are given\n");
  crash_keeper keeper{options.crashes};
  // After the signals are blocked: it may start threads.
  host_names hosts{plan->sources, names};
  auto settings = plan->settings;
  settings.hosts = &hosts;
  if (options.crashes.any()) settings.keeper = &keeper;
  std::optional<probe_replies> replies;
  if (options.answer) settings.replies = &replies.emplace(options.answer_limits);
  doubled_senders doubled;
  settings.doubled = &doubled;
  proven_machines proven;
  if (settings.required) settings.proven = &proven;
  settings.with_metrics = !options.metrics.empty();

  listener_options how{.most_records = {},
                       .end = {},
                       .stats = options.stats,
                       .colour = options.color.wanted(STDOUT_FILENO),
                       .to_journal = is_journal(STDOUT_FILENO),
                       .replies = settings.replies};
  if (::isatty(STDERR_FILENO) != 0)
    if (const auto local = all->front().local())
      how.silence_hint = fmt::format(
          "netcon: nothing has come yet; netcon doctor --receiver {} looks for the reason on this machine, "
          "netcon doctor on the one that sends\n",
          to_string(local->port));
  if (options.count != 0) how.most_records = options.count;
  if (options.duration.count() > 0) how.end = start + options.duration;
  listener listening{*std::move(all), settings, *std::move(outputs), how};
  const auto metrics = metrics_exporter::start(options.metrics, [&] { return listening.snapshot(); });
  if (!metrics) return fail("listen", metrics.error());
  const auto reload = [&] {
    // Its resolver may hang, and a server with another name or address needs a restart.
    auto next = read_listen_plan(given, server_names::as_written);
    if (!next) return say("netcon: nothing is read again: {}\n", next.error());
    names->set(next->names.names);
    say_left_out(next->names);
    hosts.changed();
    for (const auto& place : listening.update(next->outputs, next->settings.allowed))
      say("netcon: --to {} changed: that needs a restart\n", place);
    for (const auto& name : changed_options(*plan, *next))
      say("netcon: {} changed: that needs a restart\n", name);
  };
  const auto problem = listening.run(*signals, reload);
  // From now on a second signal ends the program, in case the output never finishes.
  signals.reset();
  const auto end = listening.finish();
  keeper.finish();
  const auto left_out = keeper.left_out();
  if (left_out.files != 0) say("netcon: {} crashes without a file\n", left_out.files);
  if (left_out.commands != 0) say("netcon: {} crashes without their command\n", left_out.commands);
  const bool has_fewer = options.count != 0 && options.duration.count() > 0 && !listening.has_all_records();
  const bool is_whole = end == listener::ending::whole && left_out.failed_files == 0;
  const int code = problem     ? fail("listen", *problem)
                   : !is_whole ? exit_findings
                   : has_fewer ? exit_fewer
                               : exit_ok;
  if (end == listener::ending::stuck) std::_Exit(code);
  return code;
}

}  // namespace

CLI::App* add_listen(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("listen", "Receive and decode what kernels send");
  const auto options = std::make_shared<listen_options>();
  define_listen_options(*command, *options);
  command->callback([command, options, &exit_code] { exit_code = run(given_arguments(*command)); });
  return command;
}

}  // namespace tool
