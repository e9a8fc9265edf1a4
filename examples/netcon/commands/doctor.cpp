// SPDX-License-Identifier: MIT
// netcon doctor: why nothing arrives, found on the machine that sends or on the one that receives.
#include "commands/command.hpp"
#include "input/text_file.hpp"
#include "options/duration.hpp"
#include "options/value_check.hpp"
#include "output/configfs_json.hpp"
#include "output/findings.hpp"
#include "output/output.hpp"

#include <netcon/core/ip_address.hpp>
#include <netcon/core/level.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/doctor.hpp>
#include <netcon/os/facts.hpp>
#include <netcon/os/receiver_facts.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tool {
namespace {

namespace doctor = netcon::doctor;
using namespace std::chrono_literals;
using doctor::finding;
using doctor::severity;

struct doctor_options {
  std::vector<std::string> targets;
  std::string level = "info";
  bool json = false;
  bool facts = false;
  std::string from;
  bool no_send = false;
  std::uint16_t receiver = 6666;  // the port
  netcon::facts_options look{};
};

/// The facts in a file, as Parse reads them.
template <class Facts, class Parse>
std::expected<Facts, std::string> facts_in(const std::string& path, Parse parse) {
  const auto text = read_text_file(path);
  if (!text) return std::unexpected{fmt::format("{}: {}", path, text.error())};
  auto known = parse(*text);
  if (known) return *std::move(known);
  const auto& [line, wrong] = known.error();
  return std::unexpected{
      line == 0 ? fmt::format("{}: the value of '{}' is not of its form", path, netcon::printable(wrong))
                : fmt::format("{}:{}: not a line that 'netcon doctor --facts' writes", path, line)};
}

/// Names of targets; a receiver's address stands for the targets that send there.
std::expected<std::vector<std::string>, std::string> names_of(const std::vector<std::string>& asked,
                                                              const doctor::facts& known) {
  std::vector<std::string> names;
  const auto hidden = hidden_targets(known);
  for (const auto& text : asked) {
    const auto before = names.size();
    const auto address = netcon::ip_address::parse(text);
    const auto take = [&](const std::string& name, const netcon::settings& s) {
      if (name == text || (address && s.remote_ip == *address)) names.push_back(name);
    };
    if (known.targets)
      for (const auto& target : *known.targets) take(target.name, target.state.settings);
    for (const auto& target : hidden) take(target.name, target.wanted);
    if (names.size() == before && known.targets)
      return std::unexpected{fmt::format(
          "'{}' is neither a target nor the address that one sends to; netcon configfs show lists them",
          text)};
  }
  return names;
}

/// What could not be looked up, each reason once.
std::vector<std::string> missing_of(const std::vector<finding>& found) {
  std::vector<std::string> missing;
  for (const auto& one : found)
    if (one.severity == severity::unknown && one.code != doctor::check::receiver &&
        std::ranges::find(missing, one.evidence) == missing.end())
      missing.push_back(one.evidence);
  return missing;
}

std::string json_of(const std::vector<finding>& found) {
  using nlohmann::ordered_json;
  ordered_json document{{"severity", name(doctor::worst(found))}};
  document["findings"] = findings_json(found);
  auto missing = ordered_json::array();
  for (const auto& reason : missing_of(found)) missing.push_back(json_of_bytes(reason));
  document["missing"] = std::move(missing);
  return document.dump(2) + "\n";
}

void print_table(const std::vector<finding>& found) {
  std::vector<std::string> printed;
  for (const auto& one : found) {
    put("{:<7}  {:<15}  {}{}\n", name(one.severity), name(one.code),
        one.subject.empty() ? std::string{} : netcon::printable(one.subject) + ": ",
        netcon::printable(one.evidence));
    if (one.remedy.empty() || std::ranges::find(printed, one.remedy) != printed.end()) continue;
    put("{:26}# {}\n", "", netcon::printable(one.remedy));
    printed.push_back(one.remedy);
  }
  const auto count = [&](severity what) { return std::ranges::count(found, what, &finding::severity); };
  put("\n{} bad, {} warnings, {} unknown, {} ok\n", count(severity::bad), count(severity::warning),
      count(severity::unknown), count(severity::ok));
}

int report(const std::vector<finding>& found, bool as_json, bool was_seen) {
  if (as_json) {
    put("{}", json_of(found));
  } else {
    print_table(found);
  }
  if (doctor::worst(found) == severity::bad) return exit_findings;
  if (was_seen) return exit_ok;
  const auto missing = missing_of(found);
  return fail("doctor", fmt::format("not everything can be looked at: {}", fmt::join(missing, "; ")));
}

int run_receiver(const doctor_options& options) {
  using known_or_problem = std::expected<doctor::receiver_facts, std::string>;
  if (!options.targets.empty())
    return fail("doctor", "--receiver takes no TARGET: those are of the machine that sends");
  const auto known = options.from.empty()
                         ? known_or_problem{netcon::gather_receiver_facts(
                               {.port = netcon::port{options.receiver}, .root = options.look.root})}
                         : facts_in<doctor::receiver_facts>(options.from, doctor::parse_receiver_facts);
  if (!known) return fail("doctor", known.error());
  if (options.facts) {
    put("{}", to_text(*known));
    return exit_ok;
  }
  return report(doctor::diagnose(*known), options.json, known->holders.is_known());
}

int run(doctor_options options) {
  using known_or_problem = std::expected<doctor::facts, std::string>;
  const auto level = read_level(options.level);
  if (!level) return fail("doctor", fmt::format("--level: {}", level.error()));
  options.look.sends = !options.no_send;
  const auto known = options.from.empty() ? known_or_problem{netcon::gather_facts(options.look)}
                                          : facts_in<doctor::facts>(options.from, doctor::parse_facts);
  if (!known) return fail("doctor", known.error());
  if (options.facts) {
    put("{}", to_text(*known));
    return exit_ok;
  }
  auto names = names_of(options.targets, *known);
  if (!names) return fail("doctor", names.error());
  const auto found = doctor::diagnose(*known, {.wanted = *level, .targets = *std::move(names)});
  const bool was_seen = known->targets || known->kernel.is_loaded.is(false);
  return report(found, options.json, was_seen);
}

}  // namespace

CLI::App* add_doctor(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("doctor", "Look for the reason why nothing arrives");
  const auto o = std::make_shared<doctor_options>();
  command
      ->add_option("target", o->targets,
                   "The targets, by name or by the address they send to; all when none is named")
      ->option_text("TARGET ...");
  auto* level = command->add_option("--level", o->level, "Set the highest level of records that shall arrive")
                    ->option_text("LEVEL")
                    ->capture_default_str();
  auto* receiver = command
                       ->add_option("--receiver", o->receiver,
                                    "Use this machine as the one that receives, at this UDP port")
                       ->expected(0, 1)
                       ->default_str("6666")
                       ->option_text("[PORT]")
                       ->transform(whole_number(1, 65535));
  command->add_flag("--json", o->json, "Print one JSON document; docs/json.md has its members");
  auto* no_send = command->add_flag("--no-send", o->no_send,
                                    "Send no datagram to the receivers, of which a silent one takes 2.7 s");
  auto* wait = add_duration(*command, "--wait", o->look.neighbour_timeout,
                            "Wait so long for an unknown next hop to answer", 0ms, 1h);
  command->add_flag("--facts", o->facts, "Print what is known of this machine, one fact a line, instead");
  command->add_option("--from", o->from, "Read the facts from this file, not from this machine")
      ->option_text("FILE")
      ->transform(not_empty());
  auto* root = command->add_option("--root", o->look.configfs_root, "Use this netconsole directory")
                   ->option_text("DIR")
                   ->transform(not_empty())
                   ->capture_default_str();
  command->add_option("--sysroot", o->look.root, "Read /proc, /sys and /etc below this directory")
      ->option_text("DIR")
      ->transform(not_empty())
      ->capture_default_str();
  command->footer(
      R"help(Examples:
  netcon doctor
  netcon doctor 10.0.0.2 --level debug
  netcon doctor --receiver
  netcon doctor --facts > web17.facts      # there
  netcon doctor --from web17.facts         # here

Exit code: 0 nothing bad, 1 something bad, 2 wrong usage, or the targets cannot be looked at.)help");
  // What is of the machine that sends.
  for (auto* const of_sender : {level, no_send, wait, root}) receiver->excludes(of_sender);
  command->callback(
      [o, receiver, &exit_code] { exit_code = receiver->count() != 0 ? run_receiver(*o) : run(*o); });
  return command;
}

}  // namespace tool
