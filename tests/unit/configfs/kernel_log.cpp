// SPDX-License-Identifier: MIT
#include <netcon/configfs/model/memory_tree.hpp>
#include <netcon/parameter/parse.hpp>

#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace netcon;
namespace cfs = netcon::configfs;

namespace {

using lines = std::vector<std::string>;

const kernel_profile k61{6, 1, 192}, k612{6, 12, 117}, k618{6, 18, 15}, k73{7, 3, 4};

lines taken(cfs::memory_tree& tree) {
  lines all;
  for (const auto& [severity, text] : tree.take_log())
    all.push_back(std::to_string(static_cast<int>(severity)) + ' ' + text);
  return all;
}

/// The last line, without the prefix that moved from netpoll to netconsole.
std::string last(cfs::memory_tree& tree) {
  const auto all = taken(tree);
  return all.empty() ? "" : all.back();
}

std::vector<cfs::interface> interfaces() {
  return {{.name = "eth0", .mac = {2, 0, 0, 0, 0, 1}, .ipv4 = {{10, 0, 2, 15}}},
          {.name = "bare", .mac = {2, 0, 0, 0, 0, 2}, .up = false},
          {.name = "port", .mac = {2, 0, 0, 0, 0, 3}, .ipv4 = {{10, 0, 3, 15}}, .master = "br0"},
          {.name = "tun0", .mac = {2, 0, 0, 0, 0, 4}, .ipv4 = {{10, 0, 4, 15}}, .netpoll = false},
          {.name = "br0", .mac = {2, 0, 0, 0, 0, 5}, .ipv4 = {{10, 0, 5, 15}}, .bridge = true}};
}

cfs::memory_tree one_target(const kernel_profile& kernel) {
  cfs::memory_tree tree{kernel, interfaces()};
  REQUIRE(tree.mkdir("t"));
  return tree;
}

}  // namespace

TEST_CASE("enabling says what is set up, in the words of each release") {
  const auto said = [](const kernel_profile& kernel) {
    auto tree = one_target(kernel);
    REQUIRE(tree.write("t/extended", "1"));
    REQUIRE(tree.write("t/enabled", "1"));
    return taken(tree);
  };
  CHECK(said(k61) ==
        lines{"6 printk: console [netcon_ext0] enabled", "6 netpoll: netconsole: local port 6665",
              "6 netpoll: netconsole: local IPv4 address 0.0.0.0", "6 netpoll: netconsole: interface 'eth0'",
              "6 netpoll: netconsole: remote port 6666", "6 netpoll: netconsole: remote IPv4 address 0.0.0.0",
              "6 netpoll: netconsole: remote ethernet address ff:ff:ff:ff:ff:ff",
              "6 netpoll: netconsole: local IP 10.0.2.15", "6 netconsole: network logging started"});
  const auto middle = said(k618);
  CHECK(middle[0] == "6 printk: legacy console [netcon_ext0] enabled");
  CHECK(middle[3] == "6 netconsole: netconsole: interface name 'eth0'");
  CHECK(middle[4] == "6 netconsole: netconsole: local ethernet address '00:00:00:00:00:00'");
  CHECK(middle[8] == "6 netpoll: netconsole: local IP 10.0.2.15");
  const auto late = said(k73);
  CHECK(late[0] == "6 printk: console [netcon_ext0] enabled");
  CHECK(late[8] == "6 netconsole: netconsole: local IP 10.0.2.15");
}

TEST_CASE("refusals say why") {
  for (const auto& kernel : {k61, k612, k73}) {
    auto tree = one_target(kernel);
    const std::string setup = kernel == k73 ? "netconsole: netconsole: " : "netpoll: netconsole: ";
    const auto enabling = [&](std::string_view device) {
      REQUIRE(tree.write("t/dev_name", device));
      CHECK(!tree.write("t/enabled", "1"));
      return last(tree);
    };
    CHECK(enabling("none") == "3 " + setup + "none doesn't exist, aborting");
    CHECK(enabling("port") == "3 " + setup + "port is a slave device, aborting");
    CHECK(enabling("bare") == "3 " + setup + "no IP address for bare, aborting");
    CHECK(enabling("tun0") == "3 " + setup + "tun0 doesn't support polling, aborting");
    CHECK(!tree.write("t/enabled", "0"));
    CHECK(last(tree) == "6 netconsole: network logging has already stopped");
    REQUIRE(tree.write("t/dev_name", "eth0"));
    REQUIRE(tree.write("t/enabled", "1"));
    CHECK(!tree.write("t/enabled", "1"));
    CHECK(last(tree) == "6 netconsole: network logging has already started");
    CHECK(!tree.write("t/local_port", "1"));
    CHECK(last(tree) == "3 netconsole: target (t) is enabled, disable to update parameters");
    REQUIRE(tree.write("t/enabled", "0"));
    (void)taken(tree);
    CHECK(!tree.write("t/remote_ip", "fe80::2%eth0"));
    CHECK(last(tree) == (kernel == k73 ? "" : "3 netconsole: invalid IPv6 address at: <%>"));
  }
}

TEST_CASE("an interface that is down is told of, and brought up") {
  auto tree = one_target(k73);
  REQUIRE(tree.set_addresses("bare", {{10, 0, 6, 15}}, {}));
  REQUIRE(tree.write("t/dev_name", "bare"));
  REQUIRE(tree.write("t/enabled", "1"));
  const auto said = taken(tree);
  CHECK(said[said.size() - 3] == "6 netconsole: netconsole: device bare not up yet, forcing it");
  REQUIRE(tree.write("t/enabled", "0"));
  REQUIRE(tree.write("t/enabled", "1"));
  for (const auto& line : taken(tree)) CHECK(line.find("not up") == line.npos);

  auto old = one_target(k61);
  REQUIRE(old.set_addresses("bare", {{10, 0, 6, 15}}, {}));
  REQUIRE(old.write("t/dev_name", "bare"));
  REQUIRE(old.write("t/enabled", "1"));
  const auto older = taken(old);
  CHECK(older[older.size() - 4] == "6 netpoll: netconsole: device bare not up yet, forcing it");
  CHECK(older[older.size() - 3] ==
        "5 netpoll: netconsole: carrier detect appears untrustworthy, waiting 4 seconds");
}

TEST_CASE("the refusal of release without extended has no newline") {
  auto tree = one_target(k73);
  REQUIRE(tree.write("t/release", "1"));
  CHECK(!tree.write("t/enabled", "1"));
  CHECK(taken(tree).empty());
  const std::string refusal =
      "3 netconsole: Not enabling netconsole. Release feature requires extended log message";
  tree.log_elsewhere();
  CHECK(taken(tree) == lines{refusal});
  CHECK(!tree.write("t/enabled", "1"));
  CHECK(!tree.write("t/enabled", "0"));
  CHECK(taken(tree) == lines{refusal, "6 netconsole: network logging has already stopped"});
}

TEST_CASE("interfaces that go and come") {
  auto tree = one_target(k73);
  REQUIRE(tree.write("t/enabled", "1"));
  (void)taken(tree);
  REQUIRE(tree.unregister_interface("eth0"));
  CHECK(taken(tree) == lines{"6 netconsole: network logging stopped on interface eth0 as it unregistered"});
  REQUIRE(tree.register_interface(interfaces()[0]));
  CHECK(taken(tree) == lines{"6 netconsole: network logging resumed on interface eth0"});
  REQUIRE(tree.enslave("eth0", "br0"));
  CHECK(taken(tree) ==
        lines{"6 netconsole: network logging stopped on interface eth0 as it is joining a master device"});
  REQUIRE(tree.release("eth0"));
  CHECK(taken(tree).empty());

  REQUIRE(tree.write("t/enabled", "1"));
  REQUIRE(tree.unregister_interface("eth0"));
  (void)taken(tree);
  tree.see_interface_elsewhere({.name = "eth1"});
  CHECK(tree.state("t") == cfs::target_state::deactivated);
  tree.see_interface_elsewhere({.name = "eth0"});
  CHECK(tree.state("t") == cfs::target_state::disabled);
  CHECK(taken(tree) == lines{"3 netconsole: netconsole: eth0 doesn't exist, aborting"});
  REQUIRE(tree.register_interface(interfaces()[0]));
  CHECK(taken(tree).empty());
}

TEST_CASE("a device by MAC address is named in full from 7.1 on, and in 6.12.91") {
  for (const auto& [kernel, name] :
       {std::pair{k618, "02:00:00:00:00:0"}, {k612, "02:00:00:00:00:09"}, {k73, "02:00:00:00:00:09"}}) {
    cfs::memory_tree tree{kernel, interfaces()};
    REQUIRE(tree.add_boot_target(
        resolve(parse_target("@/02:00:00:00:00:09,@10.0.2.2/", kernel).value(), kernel)));
    CHECK(last(tree).ends_with(std::string{": "} + name + " doesn't exist, aborting"));
  }
}

TEST_CASE("consoles come with the first target of a kind, and go with the last one from 6.17 on") {
  const auto disabling = [](const kernel_profile& kernel) {
    auto tree = one_target(kernel);
    REQUIRE(tree.mkdir("other"));
    REQUIRE(tree.write("other/extended", "1"));
    for (const auto* on : {"1", "0"}) REQUIRE(tree.write("t/enabled", on));
    return last(tree);
  };
  CHECK(disabling(k612) == "6 netconsole: network logging started");
  CHECK(disabling({6, 16, 12}) == "6 netconsole: network logging started");
  CHECK(disabling(k618) == "6 printk: legacy console [netcon0] disabled");
  CHECK(disabling(k73) == "6 printk: console [netcon0] disabled");

  auto two = one_target(k73);
  REQUIRE(two.mkdir("other"));
  for (const auto* on : {"1", "0"}) REQUIRE(two.write("t/enabled", on));
  CHECK(last(two) ==
        "6 netconsole: network logging started");  // the other one, though disabled, is of its kind
  // Both have become extended: what nobody is of the kind of goes, though the target that is disabled never
  // was.
  for (const auto* name : {"t", "other"}) REQUIRE(two.write(std::string{name} + "/extended", "1"));
  REQUIRE(two.write("t/enabled", "1"));
  (void)taken(two);
  REQUIRE(two.write("t/enabled", "0"));
  CHECK(taken(two) == lines{"6 printk: console [netcon0] disabled"});

  for (const auto& [kernel, count] : {std::pair{k61, 2u}, {k612, 1u}, {k618, 0u}}) {
    cfs::memory_tree tree{kernel};
    REQUIRE(tree.unload());
    CHECK(taken(tree).size() == count);
  }
}

TEST_CASE("the newest thousand lines wait to be taken") {
  auto tree = one_target(k73);
  for (int i = 0; i < 1500; ++i) CHECK(!tree.write("t/enabled", "0"));
  CHECK(tree.take_log().size() == cfs::kernel_log::most);
  CHECK(tree.take_log().empty());
}
