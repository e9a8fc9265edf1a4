// SPDX-License-Identifier: MIT
#include <netcon/doctor/boot_targets.hpp>

#include "support/catch.hpp"

#include <string>
#include <utility>
#include <vector>

namespace netcon::doctor {
namespace {

using lines = std::vector<std::string>;

/// A machine whose netconsole is loaded; its log has nothing of it.
facts machine(bool is_built_in, std::string command_line, file_lines modprobe = {}) {
  facts known;
  known.kernel.version = kernel_version{6, 12, 117};
  known.kernel.is_built_in = is_built_in;
  known.kernel.is_loaded = true;
  known.boot.command_line = std::move(command_line);
  known.boot.modprobe = std::move(modprobe);
  known.log = lines{};
  return known;
}

/// "cmdline0 10.0.0.2:6666 PLACE".
lines shown(const std::vector<boot_target>& targets) {
  lines out;
  for (const auto& one : targets)
    out.push_back(one.name + ' ' + to_string(endpoint{one.wanted.remote_ip, one.wanted.remote_port}) + ' ' +
                  one.place);
  return out;
}

file_lines option(const std::string& file, const std::string& value) {
  return {{file, "options netconsole netconsole=" + value}};
}

}  // namespace

TEST_CASE("a built-in netconsole has the targets of netconsole=, the last one") {
  CHECK(shown(boot_targets(
            machine(true, "quiet netconsole=@/,@10.0.0.9/ netconsole=@/,@10.0.0.2/;x;@/,@10.0.0.3/"))) ==
        lines{"cmdline0 10.0.0.2:6666 the kernel command line",
              "cmdline1 10.0.0.3:6666 the kernel command line"});
}

TEST_CASE("a module has those of modprobe.d, and of the command line before them") {
  const std::string first = "/etc/modprobe.d/a.conf", second = "/etc/modprobe.d/b.conf";
  CHECK(shown(boot_targets(machine(false, "quiet", option(first, "@/,@10.0.0.2/")))) ==
        lines{"cmdline0 10.0.0.2:6666 " + first});
  CHECK(shown(boot_targets(
            machine(false, "netconsole.netconsole=@/,@10.0.0.3/", option(first, "@/,@10.0.0.2/")))) ==
        lines{"cmdline0 10.0.0.3:6666 the kernel command line"});
  auto both = option(first, "@/,@10.0.0.2/");
  both.push_back(option(second, "@/,@10.0.0.4/").front());
  CHECK(shown(boot_targets(machine(false, "", both))) == lines{"cmdline0 10.0.0.4:6666 " + second});
  // Only a netconsole that is built in reads it there.
  CHECK(boot_targets(machine(false, "netconsole=@/,@10.0.0.2/")).empty());
}

TEST_CASE("what the kernel cannot read makes no target, nor does what was not loaded") {
  CHECK(boot_targets(machine(true, "netconsole=@/,@nowhere/")).empty());
  auto known = machine(false, "", option("/etc/modprobe.d/a.conf", "@/,@10.0.0.2/"));
  known.kernel.is_loaded = false;
  CHECK(boot_targets(known).empty());
  CHECK(boot_targets(facts{}).empty());
}

TEST_CASE("the kernel's log decides, and the file says which form they have") {
  auto known = machine(false, "", option("/etc/modprobe.d/a.conf", "+@/,@10.0.0.2/"));
  known.log = lines{"netpoll: netconsole: local port 6665",
                    "netpoll: netconsole: remote port 6666",
                    "netpoll: netconsole: remote IPv4 address 10.0.0.2",
                    "netpoll: netconsole: local port 6665",
                    "netpoll: netconsole: remote port 6667",
                    "netpoll: netconsole: remote IPv4 address 10.0.0.8",
                    "printk: legacy console [netcon_ext0] enabled",
                    "printk: legacy console [netcon0] enabled",
                    "netconsole: network logging started"};
  const auto both = boot_targets(known);
  CHECK(shown(both) == lines{"cmdline0 10.0.0.2:6666 /etc/modprobe.d/a.conf", "cmdline1 10.0.0.8:6667 "});
  CHECK(both[0].is_logged);
  CHECK(both[0].is_form_known);
  CHECK(both[0].wanted.extended);
  CHECK_FALSE(both[1].is_form_known);
}

TEST_CASE("hidden are those without a directory") {
  auto known = machine(true, "netconsole=@/,@10.0.0.2/;@/,@10.0.0.3/");
  CHECK(hidden_targets(known).size() == 2);  // configfs shows nothing
  known.targets = std::vector<target_facts>{{"cmdline0", {}}, {"web", {}}};
  CHECK(shown(hidden_targets(known)) == lines{"cmdline1 10.0.0.3:6666 the kernel command line"});
}

}  // namespace netcon::doctor
