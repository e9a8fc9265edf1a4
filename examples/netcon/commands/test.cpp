// SPDX-License-Identifier: MIT
// netcon test: whether what this kernel logs reaches its receivers, tried through the kernel's own path.
#include "commands/change_target.hpp"
#include "commands/command.hpp"
#include "options/address.hpp"
#include "options/duration.hpp"
#include "options/kernel_option.hpp"
#include "options/value_check.hpp"
#include "output/output.hpp"
#include "output/path_report.hpp"
#include "testing/kernel_log.hpp"
#include "testing/path_test.hpp"
#include "testing/silence_reasons.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/doctor/boot_targets.hpp>
#include <netcon/os/facts.hpp>
#include <netcon/os/mounted_tree.hpp>
#include <netcon/os/route.hpp>
#include <netcon/parameter/parse.hpp>

#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tool {
namespace {

namespace configfs = netcon::configfs;
using namespace std::chrono_literals;

struct test_options {
  std::vector<std::string> targets;
  std::vector<std::string> levels{"info"};
  bool socket = false;
  bool as_json = false;
  std::chrono::milliseconds wait{2000};
  std::string kmsg = "/dev/kmsg";
  std::string root{default_root};
};

/// The two ends of a target's packets.
tested_target with_ends(std::string name, const netcon::settings& s) {
  tested_target out{.name = std::move(name), .local = {}, .remote = {s.remote_ip, s.remote_port}};
  out.settings = s;
  auto local_ip = s.local_ip;
  if (!local_ip || local_ip->is_unspecified()) {
    netcon::target way;
    way.remote_ip = s.remote_ip;
    way.remote_mac = s.remote_mac;  // not asked for
    if (!s.dev_name.view().empty()) way.local_device = s.dev_name;
    const auto found = netcon::complete(way);
    const netcon::ip_address any =
        s.remote_ip.is_v6() ? netcon::ip_address{netcon::ipv6_address{}} : netcon::ip_address{};
    local_ip = found ? found->local_ip.value_or(any) : any;
  }
  out.local = {*local_ip, s.local_port};
  const auto device = ::if_nametoindex(std::string{s.dev_name.view()}.c_str());
  if (out.local.address.is_link_local() && out.local.address.is_v6()) out.local.scope = device;
  if (s.remote_ip.is_v6() && s.remote_ip.is_link_local()) out.remote.scope = device;
  if (s.remote_ip.is_multicast() ||
      s.remote_ip == netcon::ip_address{netcon::ipv4_address{255, 255, 255, 255}})
    out.problem = "it sends to many receivers at once, and those do not answer";
  return out;
}

tested_target of_state(std::string name, const configfs::state& state) {
  auto out = with_ends(std::move(name), state.settings);
  if (!state.enabled) out.problem = "the target is disabled";
  return out;
}

/// Those of the boot parameter that configfs does not show.
std::vector<netcon::doctor::boot_target> find_hidden(const test_options& o) {
  return hidden_targets(netcon::gather_facts({.configfs_root = o.root, .has_network = false}));
}

/// All enabled targets of configfs, and those of the boot parameter where it shows none.
std::expected<std::vector<tested_target>, std::string> all_targets(const test_options& o,
                                                                   const netcon::kernel_profile& kernel) {
  std::vector<tested_target> out;
  const configfs::mounted_tree tree{o.root};
  const auto obstacle = tree.find_obstacle(false);
  const auto names =
      obstacle ? std::vector<std::string>{} : tree.entries("").value_or(std::vector<std::string>{});
  for (const auto& name : names) {
    const auto state = live_state(tree, name, kernel);
    if (!state) return std::unexpected{state.error()};
    if (*state && (*state)->enabled) out.push_back(of_state(name, **state));
  }
  for (auto& boot : find_hidden(o)) out.push_back(with_ends(std::move(boot.name), boot.wanted));
  if (!out.empty()) return out;
  const auto why = explain_no_target(o.root);
  if (!obstacle)
    return std::unexpected{"no target is enabled: " +
                           (why.empty() ? "'netcon suggest RECEIVER --apply' makes one" : why)};
  return std::unexpected{fmt::format("{}; {}or name a target as its parameter, or --socket HOST", *obstacle,
                                     why.empty() ? why : why + "; ")};
}

/// A name in configfs, a parameter (it has an '@') or, for a socket, an address.
std::expected<tested_target, std::string> find_target(const std::string& text, const test_options& o,
                                                      const netcon::kernel_profile& kernel) {
  if (text.find('@') != text.npos) {
    const auto parsed = netcon::parse_target(text, kernel);
    if (!parsed)
      return std::unexpected{fmt::format("'{}', byte {}: {}; {}", text, parsed.error().where.begin + 1,
                                         message(parsed.error().code), hint(parsed.error().code))};
    return with_ends(text, resolve(*parsed, kernel));
  }
  const configfs::mounted_tree tree{o.root};
  const auto obstacle = tree.find_obstacle(false);
  if (!obstacle) {
    const auto state = live_state(tree, text, kernel);
    if (!state) return std::unexpected{state.error()};
    if (*state) return of_state(text, **state);
  }
  for (const auto& boot : find_hidden(o))
    if (boot.name == text) return with_ends(text, boot.wanted);
  if (!o.socket)
    return std::unexpected{
        fmt::format("there is no target '{}': {}", text,
                    obstacle ? *obstacle : "'netcon configfs show' lists them; --socket takes a HOST")};
  const auto to = parse_destination(text);
  if (!to) return std::unexpected{to.error()};
  const netcon::ip_address any =
      to->address.is_v6() ? netcon::ip_address{netcon::ipv6_address{}} : netcon::ip_address{};
  return tested_target{.name = text, .local = {any, {}}, .remote = *to};
}

int run(const test_options& o) {
  const auto kernel = kernel_option{.version = "running", .with = {}, .without = {}}.profile();
  if (!kernel) return fail("test", kernel.error());
  path_options how{.levels = {}, .wait = o.wait};
  for (const auto& text : o.levels) {
    const auto level = read_level(text);
    if (!level) return fail("test", level.error());
    how.levels.push_back(*level);
  }
  std::vector<tested_target> targets;
  if (o.targets.empty()) {
    if (o.socket) return fail("test", "--socket needs a TARGET: a HOST, a target's name or its parameter");
    auto all = all_targets(o, *kernel);
    if (!all) return fail("test", all.error());
    targets = *std::move(all);
  }
  for (const auto& text : o.targets) {
    auto found = find_target(text, o, *kernel);
    if (!found) return fail("test", found.error());
    targets.push_back(*std::move(found));
  }
  const kernel_log log{o.kmsg};
  if (!o.socket) how.log = &log;
  auto results = test_paths(std::move(targets), how);
  if (!results) return fail("test", results.error());
  const bool is_good = std::ranges::all_of(*results, &path_result::is_answered);
  if (!is_good) {
    const auto known = gather_silence_facts(*results, o.root);
    for (auto& one : *results) explain_result(one, known, !o.socket);
  }
  put("{}", o.as_json ? path_json(*results).dump(2) + '\n' : path_table(*results));
  return is_good ? exit_ok : exit_findings;
}

}  // namespace

CLI::App* add_test(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("test", "Try whether what this kernel logs reaches its receivers");
  const auto options = std::make_shared<test_options>();
  command
      ->add_option("targets", options->targets,
                   "Targets in configfs, or their parameters; with --socket HOST[:PORT] too")
      ->option_text("[TARGET ...]")
      ->default_str("all that are enabled");
  command
      ->add_option(
          "--level", options->levels,
          "Test at this level: emerg to debug, or 0 to 7; may be repeated. Where the least urgent one "
          "stays silent, warning and err are tried too")
      ->option_text("LEVEL")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->default_str("info");
  command->add_flag("--socket", options->socket,
                    "Send the probe from a socket: tests the way without the kernel, and needs no root");
  add_duration(*command, "--wait", options->wait, "Wait so long for the answers at each level", 1ms, 1h);
  command->add_flag("--json", options->as_json, "Print a JSON document, as in docs/json.md");
  command->add_option("--kmsg", options->kmsg, "Write the probes to this device")
      ->option_text("FILE")
      ->transform(not_empty())
      ->capture_default_str();
  command->add_option("--root", options->root, "Use this netconsole directory")
      ->option_text("DIR")
      ->transform(not_empty())
      ->capture_default_str();
  command->footer(
      R"help(The receiver answers when it runs netcon listen --answer --allow ADDRESS. A probe is one record of the
kernel's log, written through /dev/kmsg: it shows in the logs of this machine too. Its answer comes to the address
and port of the target. crit, alert and emerg are tried only when they are named: syslog daemons write such records
to every terminal. TIME is a number and a unit: 50ms, 30s, 5m, 24h or 7d.

Examples:
  sudo netcon test
  sudo netcon test netcon --level info,err
  sudo netcon test '6665@10.0.0.7/eth0,6666@10.0.0.2/52:54:00:12:34:56'
  netcon test --socket loghost.example:6666

Exit code: 0 every target answered at every level; 1 some did not, with the reason; 2 cannot test, or wrong usage.)help");
  command->callback([options, &exit_code] { exit_code = run(*options); });
  return command;
}

}  // namespace tool
