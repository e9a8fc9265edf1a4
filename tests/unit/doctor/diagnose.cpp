// SPDX-License-Identifier: MIT
// The facts of a machine that works were recorded in a booted guest; each test changes what it is about.
// recorded.cpp has machines that are dead as a whole.
#include <netcon/doctor/diagnose.hpp>
#include <netcon/doctor/facts_text.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::doctor {
namespace {

const auto eth0 = interface_name::truncated("eth0");
const auto bridge = interface_name::truncated("br0");
const ip_address receiver = ipv4_address{10, 0, 2, 2};
const ip_address source = ipv4_address{10, 0, 2, 15};
const mac_address other_mac{2, 0, 0, 0, 0, 9};

/// A machine whose one target works, as a booted guest recorded it. Another version stands for a kernel
/// without a recording.
facts working(kernel_version version = {6, 12, 0}) {
  const std::string folder = version < kernel_version{7, 0, 0} ? "/doctor/6.12" : "/doctor/7.3";
  auto known = parse_facts(test::contents(TEST_DATA_DIR + folder + "/ready.facts"));
  REQUIRE(known);
  known->kernel.version = version;
  return *std::move(known);
}

/// The facts with their one target changed.
facts with_target(facts known, const std::function<void(target_facts&)>& change) {
  auto all = *known.targets;
  change(all.front());
  known.targets = std::move(all);
  return known;
}

facts with_device(facts known, const std::function<void(device_facts&)>& change) {
  auto all = *known.devices;
  const auto at = std::ranges::find(all, eth0, &device_facts::name);
  REQUIRE(at != all.end());
  change(*at);
  known.devices = std::move(all);
  return known;
}

/// The findings that are not ok, as "CHECK SEVERITY".
std::vector<std::string> remarks(const facts& known, const diagnose_options& options = {}) {
  std::vector<std::string> out;
  for (const auto& one : diagnose(known, options))
    if (one.severity != doctor::severity::ok && one.code != check::receiver)
      out.push_back(std::string{name(one.code)} + ' ' + std::string{name(one.severity)});
  return out;
}

std::optional<finding> find(const facts& known, check code) {
  for (auto& one : diagnose(known))
    if (one.code == code && one.severity != doctor::severity::ok) return one;
  return std::nullopt;
}

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("there is nothing to say against a machine that works") {
  for (const kernel_version version : {kernel_version{5, 10, 223}, {6, 12, 0}, {7, 3, 4}})
    CHECK(remarks(working(version)) == lines{});
  CHECK(worst(diagnose(working())) == doctor::severity::unknown);  // UDP proves nothing
}

TEST_CASE("without facts everything is unknown and nothing is bad") {
  for (const auto& one : diagnose(facts{})) {
    INFO(name(one.code));
    CHECK(one.severity == doctor::severity::unknown);
    CHECK(one.evidence == "not looked up");
  }
}

TEST_CASE("the MAC address is compared with that of the way") {
  const auto wrong = find(with_target(working(), [](auto& t) { t.state.settings.remote_mac = other_mac; }),
                          check::remote_mac);
  REQUIRE(wrong);
  CHECK(wrong->severity == doctor::severity::bad);
  CHECK(wrong->subject == "web");
  CHECK(wrong->evidence == "02:00:00:00:00:09 is not that of 10.0.2.2, which is at 52:55:0a:00:02:02");
  CHECK(wrong->remedy ==
        "printf '%s\\n' 0 > /sys/kernel/config/netconsole/web/enabled && "
        "printf '%s\\n' 52:55:0a:00:02:02 > /sys/kernel/config/netconsole/web/remote_mac && "
        "printf '%s\\n' 1 > /sys/kernel/config/netconsole/web/enabled");

  auto broadcast =
      with_target(working(), [](auto& t) { t.state.settings.remote_mac = mac_address::broadcast(); });
  CHECK(remarks(broadcast) == lines{"remote-mac warning"});
  for (auto& one : broadcast.ways) {
    auto by = *one.found;
    by.via_gateway = true;
    one.found = by;
  }
  CHECK(remarks(broadcast) == lines{"remote-mac bad"});

  auto silent = working();
  for (auto& one : silent.ways) one.mac = fact<mac_address>::unknown("the next hop does not answer");
  CHECK(remarks(silent) == lines{"remote-mac unknown"});
}

TEST_CASE("a port of a bridge is left for the bridge") {
  auto known = with_device(working(), [](auto& d) {
    d.master = bridge;
    d.master_kind = "bridge";
    d.addresses.clear();
  });
  auto devices = *known.devices;
  devices.push_back({.name = bridge,
                     .kind = "bridge",
                     .is_up = true,
                     .has_carrier = true,
                     .is_ethernet = true,
                     .addresses = {source}});
  known.devices = devices;
  known.ways[0].found = way{.dev_name = bridge, .source = source, .next_hop = receiver};
  known.ways[1].found = fact<way>::unknown("the device belongs to a bridge, bond or other master");
  known = with_target(known, [](auto& t) { t.state.enabled = false; });
  known.log = lines{"netconsole: network logging started",
                    "netconsole: network logging stopped on interface eth0 as it is joining a master device"};
  CHECK(remarks(known) == lines{"log bad", "enabled bad", "master bad", "source warning", "route warning"});
  const auto why = find(known, check::enabled);
  CHECK(why->evidence.find("became a port of a bridge") != std::string::npos);
  CHECK(why->remedy ==
        "printf '%s\\n' br0 > /sys/kernel/config/netconsole/web/dev_name && "
        "printf '%s\\n' 1 > /sys/kernel/config/netconsole/web/enabled");
  CHECK(find(known, check::master)->remedy == why->remedy);
}

TEST_CASE("the device") {
  auto gone = working();
  gone.devices = std::vector<device_facts>{};
  CHECK(remarks(gone) == lines{"device bad"});
  CHECK(remarks(with_device(working(), [](auto& d) { d.is_up = false; })) == lines{"link bad"});
  CHECK(find(with_device(working(), [](auto& d) { d.is_up = false; }), check::link)->remedy ==
        "ip link set eth0 up");
  CHECK(remarks(with_device(working(), [](auto& d) { d.has_carrier = false; })) == lines{"link bad"});
  CHECK(remarks(with_device(working(), [](auto& d) { d.is_wireless = true; })) == lines{"netpoll warning"});
  CHECK(find(with_device(working(), [](auto& d) { d.is_wireless = true; }), check::netpoll)->evidence ==
        "eth0 is wireless: nothing is sent while it is not associated, and perhaps nothing in a crash");
  CHECK(remarks(with_device(working(), [](auto& d) { d.is_ethernet = false; })) == lines{"netpoll bad"});
  CHECK(remarks(with_device(working(), [](auto& d) { d.addresses = {ipv4_address{10, 0, 0, 9}}; })) ==
        lines{"source bad"});
}

TEST_CASE("a source of another device is right where the routing tables choose it") {
  auto known = with_device(working(), [](auto& d) { d.addresses.clear(); });
  auto devices = *known.devices;
  devices.push_back({.name = interface_name::truncated("lo1"), .addresses = {source}});
  known.devices = devices;
  CHECK(remarks(known) == lines{});
  for (auto& one : known.ways) one.found = way{.dev_name = eth0, .source = {}, .next_hop = receiver};
  CHECK(remarks(known) == lines{"source warning"});
}

TEST_CASE("of two routers on one link either is right") {
  auto known = with_target(working(), [](auto& t) { t.state.settings.remote_mac = other_mac; });
  known.ways[0].mac = other_mac;
  CHECK(remarks(known) == lines{});
  known.ways[0].found = way{.dev_name = bridge, .source = source, .next_hop = receiver};
  CHECK(remarks(known) == lines{"remote-mac bad"});
}

TEST_CASE("a receiver that is this machine itself gets nothing") {
  for (const ip_address& itself : {source, ip_address{ipv4_address{127, 0, 0, 1}}}) {
    const auto known = with_target(working(), [&](auto& t) { t.state.settings.remote_ip = itself; });
    const auto found = find(known, check::route);
    REQUIRE(found);
    CHECK(found->severity == severity::bad);
    CHECK(found->evidence.find("this machine itself") != std::string::npos);
  }
}

TEST_CASE("the console level is compared with what shall arrive") {
  for (int level = 1; level <= 8; ++level)
    for (int wanted = 0; wanted < 8; ++wanted) {
      auto known = working();
      known.boot.command_line = "ro";
      known.printk.console_level = level;
      const auto said = remarks(known, {.wanted = static_cast<netcon::level>(wanted)});
      INFO(level << ' ' << wanted);
      CHECK(said == (wanted < level ? lines{} : lines{"console-level bad"}));
    }
  auto quiet = working();
  quiet.printk.console_level = 4;
  CHECK(find(quiet, check::console_level)->remedy == "echo 7 > /proc/sys/kernel/printk");
  CHECK(find(quiet, check::console_level)->evidence ==
        "console level 4: emerg to err reach the consoles, info does not");
  quiet.printk.ignores_level = true;
  CHECK(remarks(quiet) == lines{});
}

TEST_CASE("the command line and sysctl.d decide about the level after the next boot") {
  auto known = working();
  known.boot.command_line = "ro quiet";
  CHECK(remarks(known) == lines{"boot-level warning"});
  known.boot.sysctls = file_lines{{"/etc/sysctl.d/99-netconsole.conf", "kernel.printk = 7"}};
  CHECK(remarks(known) == lines{});
  known.boot.sysctls = file_lines{{"/etc/sysctl.conf", "kernel.printk=3 4 1 3"}};
  CHECK(remarks(known) == lines{"boot-level warning"});
  known.boot.sysctls = file_lines{{"/etc/sysctl.conf", "kernel.printk_ratelimit=3"}};
  known.boot.command_line = "quiet loglevel=7";
  CHECK(remarks(known) == lines{});
  known.boot.command_line = "quiet ignore_loglevel";
  CHECK(remarks(known) == lines{});
}

TEST_CASE("a line of sysctl.d has dots or slashes in its key") {
  auto known = working();
  for (const auto* line : {"kernel.printk = 4 4 1 7", "kernel/printk = 4", "-kernel/printk=4"}) {
    INFO(line);
    known.boot.sysctls = file_lines{{"/etc/sysctl.d/a.conf", line}};
    CHECK(remarks(known) == lines{"boot-level warning"});
  }
  known.boot.sysctls = file_lines{{"/etc/sysctl.d/a.conf", "kernel.printk = 4"},
                                  {"/etc/sysctl.d/b.conf", "kernel/printk = 7"}};
  CHECK(remarks(known) == lines{});
  known.boot.sysctls = file_lines{{"/etc/sysctl.d/a.conf", "kernel/panic = 4"}};
  CHECK(remarks(known) == lines{});
}

TEST_CASE("what keeps the text of a crash back depends on the kernel") {
  const auto old = kernel_version{6, 12, 0}, threaded = kernel_version{7, 3, 4};
  for (const auto version : {old, threaded}) {
    auto known = working(version);
    known.crash.panic = 10;
    CHECK(remarks(known) == (version == old ? lines{} : lines{"panic bad"}));
    known = working(version);
    known.crash.has_crash_kernel = true;
    CHECK(remarks(known) == (version == old ? lines{} : lines{"crash-kernel warning"}));
    known = working(version);
    known.crash.oops_only = true;
    CHECK(remarks(known) == lines{"oops-only bad"});
  }
}

TEST_CASE("each text of netconsole= is read as this kernel reads it") {
  struct row {
    kernel_version version;
    std::string command_line, modprobe;
    lines said;
  };
  const kernel_version older{6, 1, 0}, newer{6, 12, 0};
  for (const auto& [version, command_line, modprobe, said] : {
           row{newer, "netconsole.netconsole=@/,@10.0.2.2/", "", {}},
           row{newer, "netconsole=@/,@10.0.2.2/", "", {"parameter bad"}},
           row{newer, "", "options netconsole netconsole=@/,@10.0.2.2/", {}},
           row{newer, "", "options netconsole netconsole=bad;@/,@10.0.2.2/", {"parameter bad"}},
           row{older, "", "options netconsole netconsole=bad", {"parameter bad"}},
           row{newer, "", "options netconsole netconsole=", {}},
           row{newer,
               "netconsole.netconsole=@/,@10.0.2.2/",
               "options netconsole netconsole=@/,@10.0.0.3/",
               {"parameter warning"}},
       }) {
    auto known = working(version);
    known.boot.command_line = command_line;
    if (!modprobe.empty()) known.boot.modprobe = file_lines{{"/etc/modprobe.d/n.conf", modprobe}};
    INFO(command_line << ' ' << modprobe);
    lines about;
    for (const auto& one : remarks(known))
      if (one.starts_with("parameter")) about.push_back(one);
    CHECK(about == said);
  }
  auto known = working();
  known.boot.modprobe = file_lines{{"/etc/modprobe.d/n.conf", "options netconsole netconsole=@/,@10.0.2.2"}};
  const auto refused = find(known, check::parameter);
  CHECK(refused->subject == "/etc/modprobe.d/n.conf");
  CHECK(refused->evidence.find("no '/' follows the remote address") != std::string::npos);
  CHECK(refused->remedy ==
        "netcon lint --fix --file /etc/modprobe.d/n.conf; netcon configfs remove --all; "
        "modprobe -r netconsole; modprobe netconsole");
}

TEST_CASE("a target of the parameter without a directory is hidden, and may repeat another") {
  auto known = working();
  known.log = lines{"netpoll: netconsole: local port 6665",
                    "netpoll: netconsole: interface name 'eth0'",
                    "netpoll: netconsole: remote port 6666",
                    "netpoll: netconsole: remote IPv4 address 10.0.2.2",
                    "netpoll: netconsole: remote ethernet address 52:55:0a:00:02:02",
                    "printk: legacy console [netcon0] enabled",
                    "netconsole: network logging started"};
  CHECK(remarks(known) == lines{"hidden-target warning", "duplicate bad"});
  CHECK(find(known, check::hidden_target)->remedy == "mkdir /sys/kernel/config/netconsole/cmdline0");
  const std::string toggled =
      "netcon configfs remove web; mkdir /sys/kernel/config/netconsole/cmdline0; "
      "echo 0 > /sys/kernel/config/netconsole/cmdline0/enabled; "
      "echo 1 > /sys/kernel/config/netconsole/cmdline0/enabled";
  CHECK(find(known, check::duplicate)->remedy == toggled);
  // Before 6.7 it has no directory: only a load brings back what the removal silences.
  known.kernel.version = kernel_version{5, 10, 223};
  CHECK(find(known, check::duplicate)->remedy ==
        "netcon configfs remove web; modprobe -r netconsole; modprobe netconsole "
        "'netconsole=@/,@10.0.2.2/52:55:0a:00:02:02'");
  known.boot.modprobe =
      file_lines{{"/etc/modprobe.d/n.conf", "options netconsole netconsole=@/eth0,@10.0.2.2/"}};
  CHECK(find(known, check::duplicate)->remedy ==
        "netcon configfs remove web; modprobe -r netconsole; modprobe netconsole");
  // Another directory keeps the module loaded.
  auto several = known;
  auto all = *known.targets;
  all.push_back(all.front());
  all.back().name = "elsewhere";
  all.back().state.settings.remote_port = port{7000};
  several.targets = all;
  CHECK(find(several, check::duplicate)->remedy == "netcon configfs remove web");
  known.boot.modprobe = file_lines{};
  known.kernel.version = kernel_version{6, 12, 0};
  known = with_target(known, [](auto& t) { t.state.settings.remote_port = port{6667}; });
  CHECK(remarks(known) == lines{"hidden-target warning"});

  // The consoles of the load say which form it has.
  known.kernel.version = kernel_version{7, 3, 4};
  auto changed = *known.log;
  changed[5] = "printk: console [netcon_ext0] enabled";
  known.log = changed;
  known.printk.consoles = std::vector<console>{{"netcon0", "E"}};
  CHECK(remarks(known) == lines{"hidden-target warning", "console bad"});
  known.printk.consoles = std::vector<console>{{"netcon0", "E"}, {"netcon_ext0", "E"}};
  CHECK(remarks(known) == lines{"hidden-target warning"});
  known.kernel.version = kernel_version{6, 12, 0};

  // A target that was enabled through configfs is none of the parameter: its console came first.
  known.log =
      lines{"printk: legacy console [netcon0] enabled", "netpoll: netconsole: local port 6665",
            "netpoll: netconsole: remote IPv4 address 10.0.2.2", "netconsole: network logging started"};
  CHECK(remarks(known) == lines{});

  // Without the lines of the load what is written down counts.
  known.log = lines{};
  known.boot.command_line = "netconsole.netconsole=@/,@10.0.2.2/";
  known.kernel.version = kernel_version{6, 1, 0};
  CHECK(remarks(known) == lines{"hidden-target warning", "remote-mac warning"});
  CHECK(find(known, check::hidden_target)->remedy.empty());
}

TEST_CASE("a target of the parameter is looked at though configfs does not show it") {
  auto known = working();
  known.targets = std::vector<target_facts>{};
  known.log = lines{};
  known.boot.modprobe =
      file_lines{{"/etc/modprobe.d/n.conf",
                  "options netconsole netconsole=+6665@10.0.2.15/eth0,6666@10.0.2.2/02:00:00:00:00:09"}};
  known.printk.consoles = std::vector<console>{{"netcon_ext0", "E"}};
  struct row {
    kernel_version version;
    std::string_view build, remedy;
  };
  for (const auto& [version, build, remedy] : {
           row{{6, 12, 0}, "CONFIG_NETCONSOLE=m", "netcon suggest 10.0.2.2:6666 --extended --apply"},
           row{{6, 1, 0},
               "CONFIG_NETCONSOLE=m",
               "netcon suggest 10.0.2.2:6666 --extended --as modprobe > /etc/modprobe.d/n.conf; "
               "modprobe -r netconsole; modprobe netconsole"},
           row{{6, 12, 0},
               "# CONFIG_NETCONSOLE_DYNAMIC is not set",
               "netcon suggest 10.0.2.2:6666 --extended --as modprobe > /etc/modprobe.d/n.conf; "
               "modprobe -r netconsole; modprobe netconsole"},
       }) {
    known.kernel.version = version;
    known.kernel.build_options = lines{std::string{build}};
    const auto wrong = find(known, check::remote_mac);
    REQUIRE(wrong);
    CHECK(wrong->severity == doctor::severity::bad);
    CHECK(wrong->subject == "cmdline0");
    CHECK(wrong->remedy == remedy);
    CHECK_FALSE(find(known, check::enabled));
  }
  // Without configfs there is no other target.
  known.targets = fact<std::vector<target_facts>>::unknown("no directory");
  CHECK(remarks(known) == lines{"dynamic warning", "remote-mac bad"});
  known.kernel.is_loaded = false;
  CHECK_FALSE(find(known, check::remote_mac));
}

TEST_CASE("a target that was typed is looked at as one that sends") {
  auto known = working();
  auto typed = known.targets->front();
  typed.name = "6665@10.0.2.15/eth0,6666@10.0.2.2/02:00:00:00:00:09";
  typed.state.settings.remote_mac = other_mac;
  for (const auto& one : diagnose(known, {.targets = {typed.name}, .typed = {typed}})) {
    if (one.code != check::remote_mac) continue;
    CHECK(one.subject == typed.name);
    CHECK(one.severity == doctor::severity::bad);
    CHECK(one.remedy == "netcon suggest 10.0.2.2:6666 --apply");
  }
}

TEST_CASE("what came back from the receiver says who sent it") {
  struct row {
    contact_facts came;
    std::string_view evidence;
  };
  const endpoint to{receiver, port{6666}};
  for (const auto& [came, evidence] : {
           row{{to, contact::refused, receiver, "port unreachable"},
               "10.0.2.2:6666 refuses (ICMP): nothing listens on the port there"},
           row{{to, contact::unreachable, ipv4_address{10, 0, 2, 254}, "administratively prohibited"},
               "10.0.2.254, a router on the way to 10.0.2.2:6666, says \"administratively prohibited\""},
           row{{to, contact::unreachable, receiver, "administratively prohibited"},
               "the receiver 10.0.2.2 refuses: \"administratively prohibited\""},
           row{{to, contact::unreachable, {}, {}},
               "10.0.2.2:6666 is unreachable, says a router or this machine"},
           row{{to, contact::unresolved, source, {}},
               "the next hop on the way to 10.0.2.2, 10.0.2.2, does not answer: it is off or not connected"},
       }) {
    auto known = working();
    known.contacts = {came};
    const auto found = find(known, check::receiver);
    REQUIRE(found);
    CHECK(found->severity == doctor::severity::bad);
    CHECK(found->evidence == evidence);
    CHECK_FALSE(found->remedy.empty());
  }
}

TEST_CASE("a receiver that answers is well") {
  auto known = working();
  known.contacts = {{.receiver = {receiver, port{6666}}, .came = contact::answered}};
  CHECK(worst(diagnose(known)) == doctor::severity::ok);
}

TEST_CASE("two targets to one receiver") {
  auto known = working();
  auto all = *known.targets;
  all.push_back(all.front());
  all.back().name = "again";
  known.targets = all;
  CHECK(remarks(known) == lines{"duplicate bad"});
  CHECK(find(known, check::duplicate)->remedy ==
        "netcon configfs remove again; echo 0 > /sys/kernel/config/netconsole/web/enabled; "
        "echo 1 > /sys/kernel/config/netconsole/web/enabled");
  all.back().state.enabled = false;
  known.targets = all;
  CHECK(remarks(known) == lines{"enabled bad"});
  CHECK(remarks(known, {.targets = {"web"}}) == lines{});
}

TEST_CASE("no netconsole, no target, no receiver") {
  auto known = working();
  known.kernel.is_loaded = false;
  known.targets = fact<std::vector<target_facts>>::unknown("no directory");
  CHECK(remarks(known) == lines{"module bad"});
  known.kernel.has_module = false;
  CHECK(find(known, check::module)->remedy.find("linux-modules-extra") != std::string::npos);

  known = working();
  known.targets = std::vector<target_facts>{};
  CHECK(remarks(known) == lines{"target bad"});
  known.has_configfs = false;
  known.targets = fact<std::vector<target_facts>>::unknown("no directory");
  CHECK(remarks(known) == lines{"dynamic bad", "target unknown"});

  CHECK(remarks(with_target(working(), [](auto& t) { t.state.settings.remote_ip = ipv4_address{}; })) ==
        lines{"target bad"});
}

TEST_CASE("whether a target is there after the next boot") {
  auto known = working();
  known.boot.units = std::vector<unit_facts>{};
  CHECK(find(known, check::next_boot)->remedy ==
        "netcon suggest RECEIVER --as systemd --unit-dir /etc/systemd/system && systemctl daemon-reload && "
        "systemctl enable --now netconsole.service netconsole.timer");
  known.boot.units = std::vector<unit_facts>{{"/etc/systemd/system/netconsole.service", false}};
  CHECK(remarks(known) == lines{"next-boot warning"});
  CHECK(find(known, check::next_boot)->remedy == "systemctl enable netconsole.service");
  known.boot.module_loads = file_lines{{"/etc/modules-load.d/netconsole.conf", "netconsole"}};
  CHECK(remarks(known) == lines{"next-boot warning"});
  known.boot.modprobe = file_lines{{"/etc/modprobe.d/n.conf", "options netconsole netconsole=@/,@10.0.2.2/"}};
  CHECK(remarks(known) == lines{});
  known.boot.module_loads = file_lines{};
  CHECK(find(known, check::next_boot)->remedy == "echo netconsole > /etc/modules-load.d/netconsole.conf");
  known.boot.module_loads = file_lines{{"/etc/modules", "netconsole"}};
  known.boot.modprobe = file_lines{{"/etc/modprobe.d/n.conf", "options netconsole netconsole=@/,@10.0.2.2/"},
                                   {"/etc/modprobe.d/b.conf", "blacklist netconsole"}};
  CHECK(find(known, check::next_boot)->subject == "/etc/modprobe.d/b.conf");
}

TEST_CASE("a list on the kernel command line keeps the module from being loaded at boot") {
  auto known = working();
  known.boot.units = std::vector<unit_facts>{};
  known.boot.module_loads = file_lines{{"/etc/modules", "netconsole"}};
  known.boot.modprobe = file_lines{{"/etc/modprobe.d/n.conf", "options netconsole netconsole=@/,@10.0.2.2/"}};
  const auto says = [&](std::string command_line) {
    known.boot.command_line = std::move(command_line);
    const auto found = find(known, check::next_boot);
    return found ? found->evidence.substr(0, found->evidence.find(' ')) : "";
  };
  CHECK(says("ro") == "");
  CHECK(says("ro module_blacklist=pcspkr,netconsole") == "module_blacklist=netconsole");
  CHECK(says("module_blacklist=netconsole module_blacklist=pcspkr") == "");  // the kernel keeps the last
  CHECK(says("modprobe.blacklist=netconsole modprobe.blacklist=pcspkr") == "modprobe.blacklist=netconsole");
  CHECK(says("modprobe.blacklist=netconsole_other module_blacklist=mynetconsole") == "");
  // A unit loads the module by its name: only the kernel's own list stops that.
  known.boot.units = std::vector<unit_facts>{{"/etc/systemd/system/netconsole.service", true}};
  CHECK(says("modprobe.blacklist=netconsole") == "");
  CHECK(says("module_blacklist=netconsole") == "module_blacklist=netconsole");
  known.boot.units = std::vector<unit_facts>{};
  known.boot.module_loads = file_lines{};
  CHECK(says("modprobe.blacklist=netconsole") == "a");  // nothing loads it anyway
}

TEST_CASE("the console of a kind that targets are of") {
  auto known = with_target(working(), [](auto& t) { t.state.settings.extended = true; });
  known.printk.consoles = std::vector<console>{{"netcon0", "E"}};
  CHECK(remarks(known) == lines{"console bad"});
  const auto remedy = [&] { return find(known, check::console)->remedy; };
  const std::string restarted =
                        "echo 0 > /sys/kernel/config/netconsole/web/enabled; "
                        "echo 1 > /sys/kernel/config/netconsole/web/enabled",
                    loaded = "modprobe -r netconsole; modprobe netconsole";
  CHECK(remedy() == restarted);
  known.printk.consoles = std::vector<console>{{"netcon_ext0", "N"}};
  CHECK(remarks(known) == lines{"console bad"});
  CHECK(remedy() == "netcon configfs remove --all; " + loaded);
  known.printk.consoles = std::vector<console>{{"netcon_ext0", "EN"}};
  CHECK(remarks(known) == lines{});

  // The basic one comes with the module, since 6.17 with its first target.
  known = working({6, 12, 0});
  known.printk.consoles = std::vector<console>{};
  CHECK(remedy() == "netcon configfs remove --all; " + loaded);
  known = working({7, 3, 4});
  known.printk.consoles = std::vector<console>{};
  CHECK(remedy() == restarted);
}

TEST_CASE("a module that directories keep loaded is loaded anew without them") {
  auto known = working();
  known.boot.command_line = "netconsole=@/,@10.0.2.2/";
  const std::string loaded = "; modprobe -r netconsole; modprobe netconsole";
  CHECK(find(known, check::parameter)->remedy.ends_with("; netcon configfs remove --all" + loaded));
  known.targets = std::vector<target_facts>{};
  CHECK(find(known, check::parameter)->remedy.ends_with("/etc/modprobe.d/netconsole.conf" + loaded));

  known = working();
  known.log = lines{"netconsole: unknown parameter 'netconsol' ignored"};
  CHECK(
      find(known, check::log)->remedy.starts_with("netcon configfs remove --all; modprobe -r netconsole; "));
  known.targets = std::vector<target_facts>{};
  CHECK(find(known, check::log)->remedy.starts_with("modprobe -r netconsole; "));
}

TEST_CASE("the receiver, its port and what the kernel failed to send") {
  auto known = working();
  known.contacts[0].came = contact::refused;
  CHECK(find(known, check::receiver)->severity == doctor::severity::bad);
  known.contacts[0].came = contact::unreachable;
  CHECK(find(known, check::receiver)->severity == doctor::severity::bad);
  CHECK(remarks(with_target(working(), [](auto& t) { t.state.transmit_errors = 3; })) ==
        lines{"transmit-errors warning"});
  CHECK(remarks(with_target(working(), [](auto& t) { t.state.settings.remote_port = port{514}; })) ==
        lines{"format warning"});
}

TEST_CASE("a basic target does not send its userdata and sysdata") {
  const auto with = [](const std::function<void(configfs::state&)>& change) {
    return with_target(working({7, 3, 4}), [&](auto& t) {
      t.state.settings.extended = t.state.settings.release = false;
      change(t.state);
    });
  };
  const auto userdata = with([](auto& s) { s.userdata = {{"host", "web17"}}; });
  const auto found = find(userdata, check::format);
  REQUIRE(found);
  CHECK(found->severity == doctor::severity::warning);
  CHECK(found->remedy.find("printf '%s\\n' 1 > /sys/kernel/config/netconsole/") != std::string::npos);
  CHECK(found->remedy.find("/extended") != std::string::npos);
  CHECK(find(with([](auto& s) { s.sysdata.cpu_nr = true; }), check::format));
  CHECK_FALSE(find(with([](auto&) {}), check::format));
  CHECK_FALSE(find(with([](auto& s) {
                     s.userdata = {{"host", "web17"}};
                     s.settings.extended = true;
                   }),
                   check::format));
  CHECK_FALSE(find(with([](auto& s) {
                     s.userdata = {{"host", "web17"}};
                     s.enabled = false;
                   }),
                   check::format));
}

}  // namespace netcon::doctor
