// SPDX-License-Identifier: MIT
#include <netcon/doctor/facts_text.hpp>

#include "support/catch.hpp"

#include <string>

using namespace netcon;
using namespace netcon::doctor;

namespace {

/// A machine of which every kind of value is known.
facts known_machine() {
  facts known;
  known.kernel.release = "6.12.94+deb13-cloud-amd64";
  known.kernel.version = kernel_version{6, 12, 91};
  known.kernel.is_loaded = true;
  known.kernel.build_options = std::vector<std::string>{"CONFIG_NETCONSOLE=m"};
  known.boot.command_line = "quiet odd=\\ \t\xff";
  known.boot.modprobe = file_lines{{"/etc/modprobe.d/n.conf", "options netconsole netconsole=@/,@10.0.0.2/"}};
  known.boot.units = std::vector<unit_facts>{{"/etc/systemd/system/n.service", true}};
  known.printk.console_level = 4;
  known.printk.consoles = std::vector<console>{{"netcon0", "EN"}, {"ttyS0", "C"}};
  known.crash.panic = -1;
  target_facts target{.name = "web", .state = {}};
  target.state.settings.local_ip = ip_address{ipv4_address{10, 0, 0, 1}};
  target.state.settings.remote_ip = *ip_address::parse("fd00::2");
  target.state.transmit_errors = 7;
  target.state.userdata = {{"host", "web 17"}, {"empty", ""}};
  target.state.sysdata.taskname = true;
  target.state.unknown = {{"userdata/release_enabled", "1\n"}};
  known.targets = std::vector<target_facts>{target, {.name = "new line\n", .state = {}}};
  known.devices = std::vector<device_facts>{{.name = interface_name::truncated("eth0"),
                                             .kind = "bridge",
                                             .addresses = {ipv4_address{10, 0, 0, 1}}}};
  known.ways = {{.remote = ipv4_address{10, 0, 0, 2},
                 .through = interface_name::truncated("eth0"),
                 .found = way{.dev_name = interface_name::truncated("eth0"), .via_gateway = true},
                 .mac = fact<mac_address>::unknown("the next hop does not answer")}};
  known.contacts = {{.receiver = {ipv4_address{10, 0, 0, 2}, port{6666}}, .came = contact::refused}};
  known.log = std::vector<std::string>{"netconsole: network logging started"};
  return known;
}

}  // namespace

TEST_CASE("facts come back from their text as they were") {
  for (const auto& known : {facts{}, known_machine()}) {
    const auto text = to_text(known);
    INFO(text);
    const auto read = parse_facts(text);
    REQUIRE(read);
    CHECK(*read == known);
    for (const char c : text) CHECK((c == '\n' || (c >= ' ' && c <= '~')));
  }
}

TEST_CASE("facts of a receiver come back from their text as they were") {
  receiver_facts known;
  known.port = port{514};
  known.holders =
      std::vector<port_holder>{{.local = {ipv4_address{}, port{514}}, .program = "rsyslogd", .drops = 3},
                               {.local = {ipv4_address{10, 0, 0, 2}, port{514}},
                                .peer = endpoint{ipv4_address{10, 0, 0, 1}, port{6665}},
                                .program = "nc"}};
  known.filters = std::vector<reverse_path_filter>{{"all", 1}};
  known.filter_drops = std::uint64_t{2};
  known.firewall = fact<std::vector<std::string>>::unknown("no nft");
  const auto read = parse_receiver_facts(to_text(known));
  REQUIRE(read);
  CHECK(*read == known);
}

TEST_CASE("a text says what is known, why something is not, and which kind of machine") {
  const auto text = to_text(known_machine());
  CHECK(text.starts_with("# netcon facts 1: a machine that sends\n"));
  CHECK(text.find("\nkernel.version = 6.12.91\n") != text.npos);
  CHECK(text.find("\nkernel.has_module ? not looked up\n") != text.npos);
  CHECK(text.find("\ntargets.0.remote_ip = fd00::2\n") != text.npos);
  CHECK(text.find("\nways.0.mac ? the next hop does not answer\n") != text.npos);
}

TEST_CASE("what has no line was not looked up, what is not known is skipped") {
  const auto read = parse_facts(
      "# netcon facts 1: a machine that sends\r\n\r\n# a remark\nof.later = 1\ncrash.panic = 10\n");
  REQUIRE(read);
  CHECK(read->crash.panic.is(10));
  CHECK(read->kernel.version.reason() == "not looked up");
}

TEST_CASE("a text that is not of the form says where") {
  const std::string head = "# netcon facts 1: a machine that sends\n";
  CHECK(parse_facts("").error().line == 1);
  CHECK(parse_facts(to_text(receiver_facts{})).error().line == 1);
  CHECK(parse_facts(head + "crash.panic\n").error().line == 2);
  CHECK(parse_facts(head + "crash.panic : 10\n").error().line == 2);
  for (const std::string line :
       {"crash.panic = ten", "crash.panic = 10 ", "kernel.version = x", "kernel.is_loaded = true",
        "ways = -1", "ways = 99999999999", "targets = 1\ntargets.0.remote_mac = ff",
        "contacts = 1\ncontacts.0.came = lost", "ways = 1\nways.0.through = sixteen-letters!"}) {
    INFO(line);
    const auto read = parse_facts(head + line + '\n');
    REQUIRE_FALSE(read);
    CHECK(read.error().line == 0);
    CHECK(line.find(read.error().name + " = ") != line.npos);
  }
}
