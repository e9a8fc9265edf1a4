// SPDX-License-Identifier: MIT
// netcon suggest: the configuration that makes this machine send to a receiver, found and written out.
#include "commands/change_target.hpp"
#include "commands/command.hpp"
#include "options/address.hpp"
#include "options/duration.hpp"
#include "options/kernel_option.hpp"
#include "options/value_check.hpp"
#include "output/findings.hpp"
#include "output/output.hpp"
#include "suggestion/apply_target.hpp"
#include "suggestion/find_way.hpp"
#include "suggestion/machine_remarks.hpp"
#include "suggestion/systemd_units.hpp"
#include "suggestion/wanted_target.hpp"

#include <netcon/configfs/boot.hpp>
#include <netcon/configfs/shell.hpp>
#include <netcon/core/error_texts.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/doctor/diagnose.hpp>
#include <netcon/lint/lint.hpp>
#include <netcon/lint/render.hpp>
#include <netcon/os/facts.hpp>
#include <netcon/os/mounted_tree.hpp>
#include <netcon/os/random_key.hpp>
#include <netcon/os/route.hpp>
#include <netcon/parameter/write.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <net/if.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace tool {
namespace {

namespace configfs = netcon::configfs;
using namespace std::chrono_literals;

struct suggest_options {
  std::vector<std::string> destinations;
  bool extended = false;
  bool release = false;
  std::vector<std::string> userdata;
  bool token = false;
  std::optional<std::uint16_t> from_port;
  std::string device;
  std::string mac;
  kernel_option kernel{.version = "running", .with = {}, .without = {}};
  std::string name = "netcon";
  std::string as;
  std::string unit_directory;
  bool apply = false;
  bool force = false;
  std::string root{default_root};
  std::chrono::milliseconds wait{2000};

  bool is_extended() const { return extended || release || !userdata.empty() || token; }
  bool is_for_this_machine() const { return kernel.version == "running"; }
};

std::expected<way_options, std::string> way_of(const suggest_options& options) {
  way_options how{.extended = options.is_extended(),
                  .release = options.release,
                  .from_port = {},
                  .device = options.device,
                  .takes_master = options.apply,
                  .mac = {},
                  .wait = options.wait};
  if (options.from_port) how.from_port = netcon::port{*options.from_port};
  if (!options.mac.empty()) {
    const auto mac = netcon::mac_address::parse(options.mac);
    if (!mac) return std::unexpected{fmt::format("--mac '{}': {}", options.mac, hint(mac.error().code))};
    how.mac = *mac;
  }
  return how;
}

void print_findings(const netcon::target& t, const netcon::kernel_profile& kernel) {
  const auto text = to_string(t);
  for (const auto& finding : netcon::lint(text, kernel))
    if (finding.code != netcon::text_errc::source_network)  // the way to the receiver was asked for
      say("{}\n", netcon::render(text, finding));
}

/// 128 random bits as text.
std::string make_token() {
  const auto key = netcon::random_key();
  return fmt::format("{:016x}{:016x}", key.words[0], key.words[1]);
}

/// Runs modprobe: as root that is all that --apply may lack. Whether it helped shows the directory.
void load_module() {
  const char* const arguments[] = {"modprobe", "netconsole", nullptr};
  pid_t child = 0;
  if (::posix_spawnp(&child, "modprobe", nullptr, nullptr, const_cast<char* const*>(arguments), environ) == 0)
    ::waitpid(child, nullptr, 0);
}

/// NAME, then NAME2 and so on.
std::string nth_name(const std::string& name, std::size_t index) {
  return index == 0 ? name : fmt::format("{}{}", name, index + 1);
}

std::expected<wanted_target, std::string> find_target(const std::string& destination, const way_options& how,
                                                      const netcon::kernel_profile& kernel,
                                                      std::set<netcon::endpoint>& seen) {
  const auto to = parse_destination(destination);
  if (!to) return std::unexpected{to.error()};
  if (!seen.insert(*to).second) return std::unexpected{fmt::format("{} is there twice", to_string(*to))};
  const auto way = find_way(*to, how);
  if (!way) return std::unexpected{way.error()};
  if (const auto problem = check(way->target, kernel))
    return std::unexpected{
        fmt::format("Linux {}: {}; {}", to_string(kernel.version()), message(*problem), hint(*problem))};
  wanted_target out{.name = {},
                    .receiver = {way->target.remote_ip, way->target.remote_port.value_or(default_port)},
                    .target = way->target,
                    .state = {},
                    .way = way->description,
                    .remarks = way->remarks};
  out.state.settings = resolve(way->target, kernel);
  return out;
}

struct found_targets {
  std::vector<wanted_target> targets;
  std::vector<std::string> problems;  // of the other receivers
};

found_targets find_targets(const suggest_options& options, const netcon::kernel_profile& kernel,
                           const configfs::state& extras) {
  found_targets out;
  const auto how = way_of(options);
  if (!how) return {.targets = {}, .problems = {how.error()}};
  std::set<netcon::endpoint> seen;
  for (std::size_t i = 0; i < options.destinations.size(); ++i) {
    auto one = find_target(options.destinations[i], *how, kernel, seen);
    if (!one) {
      out.problems.push_back(std::move(one).error());
      continue;
    }
    // The name does not depend on whether the others are found.
    one->name = nth_name(options.name, i);
    one->has_own_port = options.from_port.has_value();
    one->state.userdata = extras.userdata;
    out.targets.push_back(*std::move(one));
  }
  return out;
}

/// The obstacle, and that this kernel has no netconsole to load where that is so.
std::string explain_obstacle(std::string obstacle, const netcon::doctor::facts& known) {
  for (const auto& one : netcon::doctor::diagnose(known))
    if (one.code == netcon::doctor::check::module && known.kernel.has_module.is(false))
      obstacle += "; " + findings_line(one);
  return obstacle;
}

int apply(const suggest_options& options, const std::vector<wanted_target>& targets,
          const netcon::kernel_profile& kernel, const netcon::doctor::facts& known) {
  configfs::mounted_tree tree{options.root};
  if (::access(options.root.c_str(), F_OK) != 0) load_module();
  if (const auto obstacle = tree.find_obstacle(true))
    return fail("suggest", explain_obstacle(*obstacle, known));
  int code = exit_ok;
  for (const auto& one : targets) {
    const auto done = apply_target(tree, one, kernel, options.force);
    if (!done) {
      code = fail("suggest", done.error().text);
      continue;
    }
    say("netcon: {}\n", done->summary);
    for (const auto& remark : done->remarks) say("netcon: {}\n", remark);
  }
  return code;
}

/// A device on top of others, such as a bridge, bond or VLAN.
bool has_lower_devices(const std::string& device) {
  std::error_code problem;
  for (std::filesystem::directory_iterator at{"/sys/class/net/" + device, problem}, end;
       !problem && at != end; at.increment(problem))
    if (at->path().filename().native().starts_with("lower_")) return true;
  return false;
}

/// Such a device that user space makes. A driver makes others: those of Hyper-V and virtio with a faster one
/// below them, and the ports of a switch.
bool is_made_late(const std::string& device) {
  std::error_code problem;
  return has_lower_devices(device) &&
         !std::filesystem::exists("/sys/class/net/" + device + "/device", problem);
}

/// The text for the command line. A built-in netconsole reads it before user space makes bridges and the
/// like, whose MAC address is that of a port by then.
configfs::boot_text cmdline_of(const std::vector<configfs::plan>& plans,
                               const netcon::kernel_profile& kernel) {
  if (!kernel.supports(netcon::feature::module))
    for (const auto& plan : plans) {
      const std::string device{plan.after->settings.dev_name.view()};
      if (!device.empty() && is_made_late(device))
        return std::unexpected{fmt::format(
            "{} is made after a built-in netconsole has started: --as systemd makes the target then",
            netcon::printable(device))};
    }
  return configfs::to_cmdline(plans);
}

/// A built-in netconsole reads its parameter before udev renames devices, so their names at boot are others.
void name_devices_by_mac(std::vector<configfs::plan>& plans, const netcon::kernel_profile& kernel) {
  if (kernel.supports(netcon::feature::module) || !kernel.supports(netcon::feature::device_by_mac)) return;
  for (auto& plan : plans) {
    auto& s = plan.after->settings;
    const std::string device{s.dev_name.view()};
    if (has_lower_devices(device)) continue;
    const auto way = netcon::find_route(s.remote_ip, s.local_ip, ::if_nametoindex(device.c_str()));
    if (!way) continue;
    say("netcon: {} is named by its MAC address: a built-in netconsole starts before devices have their "
        "names\n",
        device);
    s.dev_mac = way->dev_mac;
    s.dev_name = {};
  }
}

/// This program with the arguments that make the same target again. --kernel is not one: a unit runs under
/// the kernel that booted.
std::vector<std::string> command_of(const suggest_options& options, const configfs::state& extras) {
  std::error_code problem;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", problem);
  std::vector<std::string> out{problem ? "/usr/bin/netcon" : program.string(), "suggest"};
  const auto add = [&](auto... words) { (out.emplace_back(words), ...); };
  for (const auto& to : options.destinations) add(to);
  if (options.extended) add("--extended");
  if (options.release) add("--release");
  for (const auto& [key, value] : extras.userdata) add("--userdata", key + '=' + value);
  if (options.from_port) add("--from-port", std::to_string(*options.from_port));
  if (!options.device.empty()) add("--device", options.device);
  if (!options.mac.empty()) add("--mac", options.mac);
  if (options.name != suggest_options{}.name) add("--name", options.name);
  for (const auto& feature : options.kernel.with) add("--with", feature);
  for (const auto& feature : options.kernel.without) add("--without", feature);
  if (options.wait != suggest_options{}.wait) add("--wait", fmt::format("{}ms", options.wait.count()));
  if (options.force) add("--force");
  add("--apply");
  return out;
}

int write_units(const systemd_units& units, const std::string& directory) {
  for (const auto& [ending, text] : {std::pair{".service", &units.service}, {".timer", &units.timer}}) {
    const auto path = fmt::format("{}/{}{}", directory, units.name, ending);
    std::ofstream file{path};
    file << *text << std::flush;
    if (!file) return fail("suggest", fmt::format("cannot write {}: {}", path, std::strerror(errno)));
    say("netcon: wrote {}\n", path);
  }
  // A backslash of the name is the shell's otherwise.
  const auto* const quote = units.name.find('\\') == units.name.npos ? "" : "'";
  say("netcon: systemctl daemon-reload; systemctl enable --now {1}{0}.service{1} {1}{0}.timer{1}\n",
      units.name, quote);
  return exit_ok;
}

int print_forms(const suggest_options& options, const std::vector<wanted_target>& targets,
                const netcon::kernel_profile& kernel, const configfs::state& extras,
                const netcon::doctor::facts& known) {
  std::vector<configfs::plan> plans;
  std::string script;
  for (const auto& one : targets) {
    auto plan = configfs::create(one.name, one.state, kernel);
    if (!plan) return fail("suggest", message(plan.error()));
    const auto one_script = configfs::to_repeatable_shell(*plan);
    if (targets.size() == 1) {
      script = one_script;
    } else {
      if (script.empty()) script = "#!/bin/sh\n";
      // Each is a script of its own: its variables, functions and exits stay in a subshell.
      script += fmt::format("\n(\n{}) || exit 1\n", one_script.substr(one_script.find('\n') + 1));
    }
    plans.push_back(*std::move(plan));
  }
  const auto units =
      make_units(options.name == "netcon" ? "netconsole" : "netconsole-" + options.name,
                 command_of(options, extras), fmt::format("{}", fmt::join(options.destinations, ", ")));
  const bool has_directory = kernel.supports(netcon::feature::dynamic);
  const std::unexpected no_directory{
      std::string{"this kernel has no netconsole in configfs: use the parameter"}};
  if (!options.unit_directory.empty())
    return has_directory ? write_units(units, options.unit_directory) : fail("suggest", no_directory.error());
  const auto modprobe = configfs::to_modprobe(plans);
  if (options.as.empty() || options.as == "cmdline") name_devices_by_mac(plans, kernel);
  const auto cmdline = cmdline_of(plans, kernel);
  constexpr std::string_view unit_path = "/etc/systemd/system/";
  struct form {
    std::string_view name, heading;
    configfs::boot_text text;
  };
  const form forms[] = {
      {"cmdline", "Boot parameter, to add to the kernel command line", cmdline},
      {"modprobe", "Module option, for /etc/modprobe.d/netconsole.conf", modprobe},
      {"shell", "Until the next boot: a script to run as root",
       has_directory ? configfs::boot_text{script} : no_directory},
      {"systemd", "At every boot and every 15 minutes: two units",
       has_directory ? configfs::boot_text{fmt::format("# {0}{1}.service\n{2}\n# {0}{1}.timer\n{3}",
                                                       unit_path, units.name, units.service, units.timer)}
                     : no_directory},
  };
  std::string out;
  if (options.as.empty())
    for (const auto& one : targets) out += fmt::format("# {}\n", one.way);
  for (const auto& [form_name, heading, text] : forms) {
    if (!options.as.empty() && options.as != form_name) continue;
    if (!options.as.empty() && !text) return fail("suggest", fmt::format("{}: {}", form_name, text.error()));
    if (options.as.empty()) out += fmt::format("\n# {}\n", heading);
    out += text ? *text : fmt::format("# not possible: {}", text.error());
    if (!out.ends_with('\n')) out += '\n';
  }
  if (options.as.empty() && options.is_for_this_machine())
    for (const auto& remark : boot_remarks(known, kernel)) out += fmt::format("\n# {}\n", remark);
  put("{}", out);
  return exit_ok;
}

int run(const suggest_options& options) {
  const auto kernel = options.kernel.profile();
  if (!kernel) return fail("suggest", kernel.error());
  if (!options.unit_directory.empty() && options.as != "systemd")
    return fail("suggest", fmt::format("--unit-dir is for --as systemd, not for --as {}", options.as));
  configfs::state extras;
  for (const auto& text : options.userdata) {
    auto entry = parse_userdata(text);
    if (!entry) return fail("suggest", entry.error());
    extras.userdata.push_back(*std::move(entry));
  }
  if (options.token) {
    const auto secret = make_token();
    extras.userdata.push_back({"token", secret});
    say("netcon: the receiver tells this machine's records from forged ones with\n"
        "  netcon listen --require token={}\n",
        secret);
  }
  const auto [targets, problems] = find_targets(options, *kernel, extras);
  int code = exit_ok;
  for (const auto& problem : problems) code = fail("suggest", problem);
  // One receiver that is off is no reason to leave another one's target as it is.
  if (targets.empty() || (code != exit_ok && !options.apply)) return code;
  for (const auto& one : targets) {
    print_findings(one.target, *kernel);
    for (const auto& remark : one.remarks) say("netcon: {}\n", remark);
  }
  netcon::doctor::facts known;
  if (options.is_for_this_machine()) known = netcon::gather_facts({.has_network = false});
  for (const auto& remark : crash_remarks(known)) say("netcon: {}\n", remark);
  if (!options.apply) return print_forms(options, targets, *kernel, extras, known);
  const int applied = apply(options, targets, *kernel, known);
  return code != exit_ok ? code : applied;
}

}  // namespace

CLI::App* add_suggest(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("suggest", "Write the configuration that sends to a receiver");
  const auto options = std::make_shared<suggest_options>();
  command
      ->add_option("destination", options->destinations,
                   "The receivers, a target for each; their port is 6666 by default")
      ->required()
      ->option_text("HOST[:PORT] ...");
  command->add_flag("--extended", options->extended, "Send headers with level, sequence and time");
  command->add_flag("--release", options->release, "Send the kernel release too; implies --extended");
  command
      ->add_option("--userdata", options->userdata,
                   "Append a line to every record; may be repeated; implies --extended")
      ->option_text("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_flag("--token", options->token,
                    "Append a secret to every record, for listen --require; implies --extended");
  command->add_option("--from-port", options->from_port, "Send from this port")
      ->option_text("PORT")
      ->transform(whole_number(0, 65535))
      ->default_str("6665");
  command
      ->add_option("--device", options->device, "Send through this device (default: from the routing table)")
      ->option_text("NAME")
      ->transform(not_empty());
  command
      ->add_option("--mac", options->mac,
                   "Send to this MAC address of the next hop (default: from the neighbour table)")
      ->option_text("MAC")
      ->transform(not_empty());
  add_duration(*command, "--wait", options->wait, "Wait so long for an unknown next hop to answer", 0ms, 1h);
  options->kernel.add_to(*command);
  command->add_option("--name", options->name, "Name the target in configfs; further ones get a number")
      ->option_text("NAME")
      ->capture_default_str();
  auto* as =
      command->add_option("--as", options->as, "Print one form only: cmdline, modprobe, shell or systemd")
          ->option_text("FORM")
          ->check(CLI::IsMember({"cmdline", "modprobe", "shell", "systemd"}));
  command
      ->add_option("--unit-dir", options->unit_directory,
                   "Write the two units of --as systemd to DIR, such as /etc/systemd/system")
      ->option_text("DIR")
      ->transform(not_empty())
      ->needs(as);
  auto* apply =
      command->add_flag("--apply", options->apply, "Create the target now, or correct it, through configfs")
          ->excludes(as);
  command->add_flag("--force", options->force, "Create a target even where another one sends to the receiver")
      ->needs(apply);
  command->add_option("--root", options->root, "Use this netconsole directory for --apply")
      ->option_text("DIR")
      ->transform(not_empty())
      ->capture_default_str()
      ->needs(apply);
  command->footer(
      R"help(Names are looked up. Device, source address and the MAC address of the next hop come from this
machine's routing and neighbour tables; one datagram to its discard port asks an unknown next hop to answer.
Findings about the result go to standard error. Only the kernel knows for sure whether the device's driver can
send: try it with --apply, which may be run again: it adopts a target of the boot parameter that sends to the
receiver (Linux 6.7), corrects what has changed, and leaves other targets alone. TIME is a number and a unit: 50ms,
30s, 5m, 24h or 7d.

Examples:
  netcon suggest loghost.example
  netcon suggest 10.0.0.2:6666 --extended --as cmdline
  netcon suggest fe80::1%eth0 --as modprobe | sudo tee /etc/modprobe.d/netconsole.conf
  sudo netcon suggest loghost.example --release --userdata host="$(hostname)" --apply
  sudo netcon suggest loghost.example --as systemd --unit-dir /etc/systemd/system

Exit code: 0 done; 2 when it cannot be done, with the reason in one line for each receiver.)help");
  command->callback([options, &exit_code] { exit_code = run(*options); });
  return command;
}

}  // namespace tool
