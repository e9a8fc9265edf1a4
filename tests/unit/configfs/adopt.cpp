// SPDX-License-Identifier: MIT
// Boot targets are found and shown on the model of each kernel; new targets are not left behind.
#include <netcon/configfs/adopt.hpp>

#include <netcon/configfs/converge.hpp>
#include <netcon/configfs/model/memory_tree.hpp>
#include <netcon/parameter/parse.hpp>

#include "support/catch.hpp"

#include <string>
#include <string_view>
#include <vector>

using namespace netcon;
namespace cfs = netcon::configfs;

namespace {

using names = std::vector<std::string>;

cfs::memory_tree machine(const kernel_profile& kernel, int boot_targets) {
  cfs::memory_tree tree{
      kernel, {{.name = "eth0", .mac = mac_address{0x52, 0x54, 0, 0, 0, 1}, .ipv4 = {{10, 0, 0, 1}}}}};
  for (int i = 0; i < boot_targets; ++i)
    REQUIRE(tree.add_boot_target(
        resolve(parse_target("@/eth0,@10.0.0." + std::to_string(i + 2) + "/", kernel).value(), kernel)));
  return tree;
}

}  // namespace

TEST_CASE("hidden boot targets are shown, as they run, and nothing else is left") {
  for (const auto kernel : {kernel_profile{6, 7}, kernel_profile{6, 12, 117}, kernel_profile{7, 3, 4}}) {
    auto tree = machine(kernel, 2);
    CHECK(tree.entries("").value().empty());
    CHECK(cfs::attach_boot_targets(tree, kernel) == names{"cmdline0", "cmdline1"});
    CHECK(tree.entries("") == names{"cmdline0", "cmdline1"});
    CHECK(tree.read("cmdline1/remote_ip") == "10.0.0.3\n");
    CHECK(tree.read("cmdline1/enabled") == "1\n");
    CHECK(cfs::attach_boot_targets(tree, kernel).value().empty());  // all are shown by now
  }
}

TEST_CASE("without boot targets, and on kernels that cannot show them, nothing changes") {
  for (const auto& [kernel, boot_targets] :
       {std::pair{kernel_profile{7, 3, 4}, 0}, std::pair{kernel_profile{6, 1, 192}, 1}}) {
    auto tree = machine(kernel, boot_targets);
    CHECK(cfs::attach_boot_targets(tree, kernel).value().empty());
    CHECK(tree.entries("").value().empty());
  }
}

TEST_CASE("one target is attached to where it is hidden, and no new one is left") {
  const kernel_profile kernel{7, 3, 4};
  auto tree = machine(kernel, 1);
  CHECK(cfs::attach_boot_target(tree, "cmdline0", kernel) == true);
  CHECK(tree.read("cmdline0/enabled") == "1\n");
  CHECK(cfs::attach_boot_target(tree, "cmdline1", kernel) == false);
  CHECK(cfs::attach_boot_target(tree, "cmdlinefoo", kernel) == false);
  CHECK(tree.entries("") == names{"cmdline0"});
  const auto again = cfs::attach_boot_target(tree, "cmdline0", kernel);
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error().code.value() == EEXIST);
  CHECK(again.error().rolled_back);
  CHECK(tree.read("cmdline0/enabled") == "1\n");
}

TEST_CASE("a boot target that is disabled and has no receiver is no new one") {
  const kernel_profile kernel{7, 3, 4};
  auto tree = machine(kernel, 0);
  auto nowhere = resolve(parse_target("@/eth0,@10.0.0.2/", kernel).value(), kernel);
  nowhere.remote_ip = ipv4_address{};
  nowhere.remote_port = port{7000};
  REQUIRE(tree.add_boot_target(nowhere));
  REQUIRE(tree.mkdir("cmdline0"));
  REQUIRE(tree.write("cmdline0/enabled", "0"));
  const auto now = cfs::read(tree, "cmdline0", kernel).value();
  CHECK_FALSE(cfs::is_fresh(now));
}

TEST_CASE("one that is shown already does not end the search") {
  const kernel_profile kernel{7, 3, 4};
  auto tree = machine(kernel, 3);
  REQUIRE(tree.mkdir("cmdline0"));
  CHECK(cfs::attach_boot_targets(tree, kernel) == names{"cmdline1", "cmdline2"});
}

TEST_CASE("one that was removed does not hide those after it") {
  const kernel_profile kernel{7, 3, 4};
  auto tree = machine(kernel, 3);
  REQUIRE(tree.mkdir("cmdline0"));
  REQUIRE(tree.rmdir("cmdline0"));
  CHECK(cfs::attach_boot_targets(tree, kernel) == names{"cmdline1", "cmdline2"});
  CHECK(tree.entries("") == names{"cmdline1", "cmdline2"});
}

TEST_CASE("who sends to a receiver: by address and port, enabled or not") {
  const kernel_profile kernel{7, 3, 4};
  auto tree = machine(kernel, 1);
  REQUIRE(cfs::attach_boot_targets(tree, kernel));
  cfs::state other;
  other.settings.remote_ip = ipv4_address{10, 0, 0, 2};
  other.enabled = false;
  REQUIRE(cfs::converge(tree, "off", other, kernel));
  other.settings.remote_port = port{7000};
  REQUIRE(cfs::converge(tree, "elsewhere", other, kernel));
  const auto to = [&](std::uint16_t number) {
    return cfs::find_targets_to(tree, ipv4_address{10, 0, 0, 2}, port{number}, kernel).value();
  };
  CHECK(to(6666) == names{"cmdline0", "off"});
  CHECK(to(7000) == names{"elsewhere"});
  CHECK(to(7001).empty());
}
