// netcon suggest: the configuration that makes this machine send to a receiver, found and written out.
#include "options/address.hpp"
#include "commands/command.hpp"
#include "options/kernel_option.hpp"
#include "output/output.hpp"
#include "options/value_check.hpp"

#include <netcon/configfs/boot.hpp>
#include <netcon/configfs/shell.hpp>
#include <netcon/configfs/tree.hpp>
#include <netcon/core/error_texts.hpp>
#include <netcon/lint/lint.hpp>
#include <netcon/lint/render.hpp>
#include <netcon/os/mounted_tree.hpp>
#include <netcon/os/route.hpp>
#include <netcon/parameter/write.hpp>

#include <fmt/format.h>
#include <net/if.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tool {
namespace {

namespace configfs = netcon::configfs;

struct suggest_options {
  std::string destination;
  bool extended = false;
  bool release = false;
  std::vector<std::string> userdata;
  std::optional<std::uint16_t> port;
  std::string device;
  std::string mac;
  kernel_option kernel{.version = "running", .with = {}, .without = {}};
  std::string name = "netcon";
  std::string as;
  bool apply = false;
  std::string tree = "/sys/kernel/config/netconsole";
  double seconds = 2;
};

int fail(std::string_view problem) {
  say("netcon suggest: {}\n", problem);
  return exit_usage;
}

std::expected<netcon::target, std::string> find_target(const suggest_options& options,
                                                       const netcon::endpoint& to) {
  netcon::target t{.extended = options.extended || options.release || !options.userdata.empty(),
                   .release = options.release};
  t.remote_ip = to.address;
  t.remote_port = to.port;
  if (options.port) t.local_port = netcon::port{*options.port};
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
  how.neighbour_timeout = std::chrono::milliseconds{static_cast<int>(options.seconds * 1000)};
  const auto done = netcon::complete(t, how);
  if (done) return *done;
  auto problem = fmt::format("{}: {}", to_string(to.address), done.error().message());
  if (done.error().category() == netcon::route_category())
    problem += fmt::format("; {}", hint(static_cast<netcon::route_errc>(done.error().value())));
  return std::unexpected{problem};
}

/// How the records will travel, for the reader to check against what he knows.
std::string describe_way(const netcon::target& t) {
  const auto device = t.local_device.name().view();
  auto text = fmt::format("from {} through {} to {}", to_string(*t.local_ip), device, to_string(t.remote_ip));
  const auto way = netcon::find_route(t.remote_ip, t.local_ip, ::if_nametoindex(std::string{device}.c_str()));
  if (way && way->via_gateway) text += fmt::format(", next hop {}", to_string(way->next_hop));
  return text + fmt::format(" at {}", to_string(*t.remote_mac));
}

void print_diagnostics(const netcon::target& t, const netcon::kernel_profile& kernel) {
  const auto text = to_string(t);
  for (const auto& d : netcon::lint(text, kernel)) say("{}\n", netcon::render(text, d));
}

/// Loads the module when its directory is not there: as root that is one command, and the user asked for it.
bool load_module() {
  const char* const arguments[] = {"modprobe", "netconsole", nullptr};
  pid_t child = 0;
  int status = 1;
  if (::posix_spawnp(&child, "modprobe", nullptr, nullptr, const_cast<char* const*>(arguments), environ) != 0)
    return false;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

int apply(const suggest_options& options, const configfs::state& want, const netcon::kernel_profile& kernel) {
  struct stat folder{};
  if (::stat(options.tree.c_str(), &folder) != 0 &&
      (!load_module() || ::stat(options.tree.c_str(), &folder) != 0))
    return fail(
        fmt::format("{} does not exist: as root, modprobe netconsole and mount configfs at "
                    "/sys/kernel/config; the kernel needs CONFIG_NETCONSOLE_DYNAMIC",
                    options.tree));
  configfs::mounted_tree tree{options.tree};
  const auto now = configfs::read(std::as_const(tree), options.name, kernel);
  if (!now && now.error().code != std::errc::no_such_file_or_directory)
    return fail(fmt::format("{}/{}: {}", options.tree, now.error().file, now.error().code.message()));
  const auto plan =
      now ? configfs::update(options.name, *now, want, kernel) : configfs::create(options.name, want, kernel);
  if (!plan) return fail(message(plan.error()));
  if (const auto done = configfs::apply(tree, *plan); !done) {
    const auto& problem = done.error();
    return fail(fmt::format("step {} of {}, {}: {}{}", problem.step + 1, plan->steps.size(),
                            problem.failed.path, problem.reason,
                            problem.rolled_back ? "; nothing is changed" : "; what was done before stays"));
  }
  say("netcon: target {} {}\n", options.name,
      plan->empty() ? "is as wanted already"
      : now         ? "changed"
                    : "made");
  return exit_ok;
}

int run(const suggest_options& options) {
  const auto to = parse_destination(options.destination);
  if (!to) return fail(to.error());
  const auto kernel = options.kernel.profile();
  if (!kernel) return fail(kernel.error());
  configfs::state want;
  for (const std::string_view entry : options.userdata) {
    const auto equals = entry.find('=');
    if (equals == 0 || equals == entry.npos)
      return fail(fmt::format("--userdata '{}': write KEY=VALUE", entry));
    want.userdata.push_back({std::string{entry.substr(0, equals)}, std::string{entry.substr(equals + 1)}});
  }
  const auto t = find_target(options, *to);
  if (!t) return fail(t.error());
  if (const auto problem = check(*t, *kernel))
    return fail(
        fmt::format("Linux {}: {}; {}", to_string(kernel->version()), message(*problem), hint(*problem)));
  print_diagnostics(*t, *kernel);
  want.settings = resolve(*t, *kernel);
  if (options.apply) return apply(options, want, *kernel);

  const auto plan = configfs::create(options.name, want, *kernel);
  if (!plan) return fail(message(plan.error()));
  const auto script = [](const configfs::plan& p) -> configfs::boot_text { return configfs::to_shell(p); };
  struct form {
    std::string_view name, heading;
    configfs::boot_text text;
  };
  const form forms[] = {
      {"cmdline", "Boot parameter, to add to the kernel command line", configfs::to_cmdline(*plan)},
      {"modprobe", "Module option, for /etc/modprobe.d/netconsole.conf", configfs::to_modprobe(*plan)},
      {"configfs", "Until the next boot: a script to run as root", script(*plan)},
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

void add_suggest(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("suggest", "Write the configuration that sends to a receiver");
  const auto options = std::make_shared<suggest_options>();
  command->add_option("destination", options->destination, "The receiver; its port is 6666 unless said")
      ->required()
      ->option_text("HOST[:PORT]");
  command->add_flag("--extended", options->extended, "Send headers with level, sequence and time");
  command->add_flag("--release", options->release, "Send the kernel release too; implies --extended");
  command
      ->add_option("--userdata", options->userdata,
                   "A line behind every record; may be repeated; implies --extended")
      ->option_text("KEY=VALUE")
      ->expected(1)
      ->take_all();
  command->add_option("--port", options->port, "The port to send from")
      ->option_text("N")
      ->transform(whole_number(0, 65535))
      ->default_str("6665");
  command->add_option("--device", options->device, "The device to send through, when it is not to be chosen")
      ->option_text("NAME")
      ->transform(not_empty());
  command->add_option("--mac", options->mac, "The MAC address of the next hop, when it does not answer")
      ->option_text("MAC")
      ->transform(not_empty());
  options->kernel.add_to(*command);
  command->add_option("--name", options->name, "The target's name in configfs")
      ->option_text("NAME")
      ->capture_default_str();
  auto* as =
      command->add_option("--as", options->as, "Only that form: cmdline, modprobe, configfs or systemd")
          ->option_text("FORM")
          ->check(CLI::IsMember({"cmdline", "modprobe", "configfs", "systemd"}));
  auto* apply =
      command->add_flag("--apply", options->apply, "Make or change the target now, through configfs")
          ->excludes(as);
  command->add_option("--tree", options->tree, "Where the netconsole directory of configfs is")
      ->option_text("DIR")
      ->capture_default_str()
      ->needs(apply);
  command->add_option("--wait", options->seconds, "How long an unknown next hop may take to answer")
      ->option_text("SECONDS")
      ->transform(number(0, 3600))
      ->capture_default_str();
  command->footer(
      R"help(Names are looked up. Device, source address and the MAC address of the next hop come from this
machine's routing and neighbour tables; an unknown next hop is asked by one datagram to its discard port.
Remarks about the result go to standard error. Whether the device's driver can send at all is known for sure only
once the kernel has taken the target: try it with --apply.

Examples:
  netcon suggest loghost.example
  netcon suggest 10.0.0.2:6666 --extended --as cmdline
  netcon suggest fe80::1%eth0 --as modprobe | sudo tee /etc/modprobe.d/netconsole.conf
  sudo netcon suggest loghost.example --release --userdata host="$(hostname)" --apply

Exit code: 0 done; 2 when it cannot be done, with the reason in one line.)help");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace tool
