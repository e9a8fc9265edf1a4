// netcon suggest: the configuration that makes this machine send to a receiver, found and written out.
#include "commands/change_target.hpp"
#include "commands/command.hpp"
#include "options/address.hpp"
#include "options/duration.hpp"
#include "options/kernel_option.hpp"
#include "options/value_check.hpp"
#include "output/output.hpp"

#include <netcon/configfs/boot.hpp>
#include <netcon/configfs/shell.hpp>
#include <netcon/core/error_texts.hpp>
#include <netcon/lint/lint.hpp>
#include <netcon/lint/render.hpp>
#include <netcon/os/mounted_tree.hpp>
#include <netcon/os/random_key.hpp>
#include <netcon/os/route.hpp>
#include <netcon/parameter/write.hpp>

#include <fmt/format.h>
#include <net/if.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tool {
namespace {

namespace configfs = netcon::configfs;
using namespace std::chrono_literals;

struct suggest_options {
  std::string destination;
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
  bool apply = false;
  std::string root{default_root};
  std::chrono::milliseconds wait{2000};
};

int fail(std::string_view problem) {
  say("netcon suggest: {}\n", problem);
  return exit_usage;
}

std::expected<netcon::target, std::string> find_target(const suggest_options& options,
                                                       const netcon::endpoint& to) {
  netcon::target t{
      .extended = options.extended || options.release || !options.userdata.empty() || options.token,
      .release = options.release};
  t.remote_ip = to.address;
  t.remote_port = to.port;
  if (options.from_port) t.local_port = netcon::port{*options.from_port};
  auto device = options.device;
  std::array<char, IF_NAMESIZE> zone{};
  if (device.empty() && to.scope != 0 && ::if_indextoname(to.scope, zone.data()) != nullptr)
    device = zone.data();
  if (!device.empty()) {
    const auto name = netcon::interface_name::parse(device);
    if (!name) return std::unexpected{fmt::format("'{}': {}", device, message(name.error().code))};
    t.local_device = *name;
  }
  if (!options.mac.empty()) {
    const auto mac = netcon::mac_address::parse(options.mac);
    if (!mac) return std::unexpected{fmt::format("--mac '{}': {}", options.mac, hint(mac.error().code))};
    t.remote_mac = *mac;
  }
  netcon::route_options how;
  how.neighbour_timeout = options.wait;
  const auto done = netcon::complete(t, how);
  if (done) return *done;
  auto problem = fmt::format("{}: {}", to_string(to.address), done.error().message());
  if (done.error().category() == netcon::route_category())
    problem += fmt::format("; {}", hint(static_cast<netcon::route_errc>(done.error().value())));
  return std::unexpected{problem};
}

/// The way of the records, for the reader to check.
std::string describe_way(const netcon::target& t) {
  const auto device = t.local_device.name().view();
  auto text = fmt::format("from {} through {} to {}", to_string(*t.local_ip), device, to_string(t.remote_ip));
  const auto way = netcon::find_route(t.remote_ip, t.local_ip, ::if_nametoindex(std::string{device}.c_str()));
  if (way && way->via_gateway) text += fmt::format(", next hop {}", to_string(way->next_hop));
  return text + fmt::format(" at {}", to_string(*t.remote_mac));
}

void print_findings(const netcon::target& t, const netcon::kernel_profile& kernel) {
  const auto text = to_string(t);
  for (const auto& finding : netcon::lint(text, kernel)) say("{}\n", netcon::render(text, finding));
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

int apply(const suggest_options& options, const configfs::state& want, const netcon::kernel_profile& kernel) {
  configfs::mounted_tree tree{options.root};
  if (::access(options.root.c_str(), F_OK) != 0) load_module();
  if (const auto obstacle = tree.find_obstacle(true)) return fail(*obstacle);
  const auto existed = live_state(tree, options.name, kernel);
  const auto done = change_target(tree, options.name, want, kernel, {});
  if (!done) return fail(done.error().text);
  say("netcon: target {} {}\n", options.name,
      done->empty()         ? "already configured"
      : existed && *existed ? "changed"
                            : "created");
  return exit_ok;
}

int run(const suggest_options& options) {
  const auto to = parse_destination(options.destination);
  if (!to) return fail(to.error());
  const auto kernel = options.kernel.profile();
  if (!kernel) return fail(kernel.error());
  configfs::state want;
  for (const auto& text : options.userdata) {
    auto entry = parse_userdata(text);
    if (!entry) return fail(entry.error());
    want.userdata.push_back(*std::move(entry));
  }
  if (options.token) {
    const auto secret = make_token();
    want.userdata.push_back({"token", secret});
    say("netcon: the receiver tells this machine's records from forged ones with\n"
        "  netcon listen --require token={}\n",
        secret);
  }
  const auto t = find_target(options, *to);
  if (!t) return fail(t.error());
  if (const auto problem = check(*t, *kernel))
    return fail(
        fmt::format("Linux {}: {}; {}", to_string(kernel->version()), message(*problem), hint(*problem)));
  print_findings(*t, *kernel);
  want.settings = resolve(*t, *kernel);
  if (options.apply) return apply(options, want, *kernel);

  const auto plan = configfs::create(options.name, want, *kernel);
  if (!plan) return fail(message(plan.error()));
  struct form {
    std::string_view name, heading;
    configfs::boot_text text;
  };
  const form forms[] = {
      {"cmdline", "Boot parameter, to add to the kernel command line", configfs::to_cmdline(*plan)},
      {"modprobe", "Module option, for /etc/modprobe.d/netconsole.conf", configfs::to_modprobe(*plan)},
      {"shell", "Until the next boot: a script to run as root", configfs::to_shell(*plan)},
      {"systemd", "At every boot: /etc/systemd/system/netconsole.service", configfs::to_systemd_unit(*plan)},
  };
  std::string out;
  if (options.as.empty()) out = fmt::format("# {}\n", describe_way(*t));
  for (const auto& [form_name, heading, text] : forms) {
    if (!options.as.empty() && options.as != form_name) continue;
    if (!options.as.empty() && !text) return fail(fmt::format("{}: {}", form_name, text.error()));
    if (options.as.empty()) out += fmt::format("\n# {}\n", heading);
    out += text ? *text : fmt::format("# not possible: {}", text.error());
    if (!out.ends_with('\n')) out += '\n';
  }
  put("{}", out);
  return exit_ok;
}

}  // namespace

CLI::App* add_suggest(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("suggest", "Write the configuration that sends to a receiver");
  const auto options = std::make_shared<suggest_options>();
  command->add_option("destination", options->destination, "The receiver; its port is 6666 by default")
      ->required()
      ->option_text("HOST[:PORT]");
  command->add_flag("--extended", options->extended, "Send headers with level, sequence and time");
  command->add_flag("--release", options->release, "Send the kernel release too; implies --extended");
  command
      ->add_option("--userdata", options->userdata,
                   "Append a line to every record; may be repeated; implies --extended")
      ->option_text("KEY=VALUE")
      ->expected(1)
      ->take_all();
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
  command->add_option("--name", options->name, "Name the target in configfs")
      ->option_text("NAME")
      ->capture_default_str();
  auto* as =
      command->add_option("--as", options->as, "Print one form only: cmdline, modprobe, shell or systemd")
          ->option_text("FORM")
          ->check(CLI::IsMember({"cmdline", "modprobe", "shell", "systemd"}));
  auto* apply =
      command->add_flag("--apply", options->apply, "Create or change the target now, through configfs")
          ->excludes(as);
  command->add_option("--root", options->root, "Use this netconsole directory for --apply")
      ->option_text("DIR")
      ->transform(not_empty())
      ->capture_default_str()
      ->needs(apply);
  command->footer(
      R"help(Names are looked up. Device, source address and the MAC address of the next hop come from this
machine's routing and neighbour tables; one datagram to its discard port asks an unknown next hop to answer.
Findings about the result go to standard error. Only the kernel knows for sure whether the device's driver can
send: try it with --apply. TIME is a number and a unit: 50ms, 30s, 5m, 24h or 7d.

Examples:
  netcon suggest loghost.example
  netcon suggest 10.0.0.2:6666 --extended --as cmdline
  netcon suggest fe80::1%eth0 --as modprobe | sudo tee /etc/modprobe.d/netconsole.conf
  sudo netcon suggest loghost.example --release --userdata host="$(hostname)" --apply

Exit code: 0 done; 2 when it cannot be done, with the reason in one line.)help");
  command->callback([options, &exit_code] { exit_code = run(*options); });
  return command;
}

}  // namespace tool
