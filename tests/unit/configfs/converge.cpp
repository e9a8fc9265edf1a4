// SPDX-License-Identifier: MIT
// One call brings a target to a wanted state, on the model and on a directory.
#include <netcon/configfs/converge.hpp>
#include <netcon/configfs/model/memory_tree.hpp>
#include <netcon/os/mounted_tree.hpp>
#include <netcon/parameter/parse.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <filesystem>
#include <fstream>

using namespace netcon;
namespace cfs = netcon::configfs;

namespace {

cfs::memory_tree machine(const kernel_profile& kernel) {
  return cfs::memory_tree{
      kernel, {{.name = "eth0", .mac = mac_address{0x52, 0x54, 0, 0, 0, 1}, .ipv4 = {{10, 0, 0, 1}}}}};
}

cfs::state wanted(std::string_view receiver) {
  cfs::state s;
  s.settings.remote_ip = ip_address::parse(receiver).value();
  s.settings.extended = true;
  s.userdata = {{"host", "web17"}};
  return s;
}

}  // namespace

TEST_CASE("converge makes a target, changes it, and then has nothing to do") {
  const kernel_profile kernel{7, 3, 4};
  auto tree = machine(kernel);
  const auto made = cfs::converge(tree, "box1", wanted("10.0.0.2"), kernel);
  REQUIRE(made.has_value());
  CHECK(made->steps.front().what == cfs::operation::mkdir);
  CHECK(tree.read("box1/remote_ip") == "10.0.0.2\n");
  CHECK(tree.read("box1/enabled") == "1\n");

  CHECK(cfs::converge(tree, "box1", wanted("10.0.0.2"), kernel)->empty());

  const auto changed = cfs::converge(tree, "box1", wanted("10.0.0.3"), kernel);
  REQUIRE(changed.has_value());
  CHECK(describe(changed->steps.front()) == "write '0' to box1/enabled");
  CHECK(describe(changed->steps.back()) == "write '1' to box1/enabled");
  CHECK(tree.read("box1/remote_ip") == "10.0.0.3\n");
  CHECK(tree.read("box1/userdata/host/value") == "web17\n");
}

TEST_CASE("what cannot be is refused before anything is done") {
  const kernel_profile old{6, 1, 0};
  auto tree = machine(old);
  const auto refused = cfs::converge(tree, "box1", wanted("10.0.0.2"), old);  // userdata is of 6.9
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().problem);
  CHECK(refused.error().rolled_back);
  CHECK(tree.entries("")->empty());
}

TEST_CASE("a step that the kernel refuses leaves the target as it was") {
  const kernel_profile kernel{7, 3, 4};
  auto tree = machine(kernel);
  REQUIRE(cfs::converge(tree, "box1", wanted("10.0.0.2"), kernel));
  auto elsewhere = wanted("10.0.0.9");
  elsewhere.settings.dev_name = interface_name::truncated("eth9");
  const auto failed = cfs::converge(tree, "box1", elsewhere, kernel);
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().failed->path == "box1/enabled");
  CHECK(failed.error().rolled_back);
  CHECK_FALSE(failed.error().reason.empty());
  CHECK(tree.read("box1/remote_ip") == "10.0.0.2\n");
  CHECK(tree.read("box1/enabled") == "1\n");
}

TEST_CASE("a shorter value leaves nothing of a longer one in a plain directory") {
  const test::temporary_directory directory;
  std::filesystem::create_directory(directory.path() / "box1");
  std::ofstream{directory.path() / "box1/remote_ip"} << "192.0.200.200\n";
  cfs::mounted_tree tree{directory.path().string()};
  REQUIRE(tree.write("box1/remote_ip", "192.0.2.2"));
  CHECK(tree.read("box1/remote_ip") == "192.0.2.2");
}

TEST_CASE("a target of the parameter is attached to and changed, not doubled") {
  const kernel_profile kernel{7, 3, 4};
  auto tree = machine(kernel);
  REQUIRE(tree.add_boot_target(resolve(parse_target("@/eth0,@10.0.0.7/", kernel).value(), kernel)));
  const auto done = cfs::converge(tree, "cmdline0", wanted("10.0.0.2"), kernel);
  REQUIRE(done.has_value());
  CHECK(tree.read("cmdline0/remote_ip") == "10.0.0.2\n");
  CHECK(tree.read("cmdline0/enabled") == "1\n");
  CHECK(tree.entries("")->size() == 1);
}

TEST_CASE("what cannot be wanted of a target of the parameter is refused before it gets a directory") {
  const kernel_profile kernel{7, 3, 4};
  auto tree = machine(kernel);
  REQUIRE(tree.add_boot_target(resolve(parse_target("@/eth0,@10.0.0.7/", kernel).value(), kernel)));
  auto by_mac = wanted("10.0.0.2");
  by_mac.settings.dev_mac = mac_address{0x52, 0x54, 0, 0, 0, 1};
  for (const auto* name : {"cmdline0", "cmdline5"}) {
    const auto refused = cfs::converge(tree, name, by_mac, kernel);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().problem);
    CHECK(refused.error().rolled_back);
    CHECK(tree.entries("")->empty());
  }
}

TEST_CASE("a new target of a boot target's name is removed when the kernel refuses a step, as any other is") {
  for (const auto kernel : {kernel_profile{6, 12, 117}, kernel_profile{7, 3, 4}}) {
    auto tree = machine(kernel);
    auto elsewhere = wanted("10.0.0.9");
    elsewhere.settings.dev_name = interface_name::truncated("eth9");
    for (const auto* name : {"cmdline5", "box5"}) {
      const auto failed = cfs::converge(tree, name, elsewhere, kernel);
      REQUIRE_FALSE(failed.has_value());
      CHECK(failed.error().code.value() == ENODEV);
      CHECK(failed.error().rolled_back);
      CHECK(tree.entries("")->empty());
    }
    const auto made = cfs::converge(tree, "cmdline5", wanted("10.0.0.2"), kernel);
    REQUIRE(made.has_value());
    CHECK(describe(made->steps.front()) == "mkdir cmdline5");
    CHECK(tree.read("cmdline5/enabled") == "1\n");
  }
}

TEST_CASE("a boot target that cannot be as wanted runs on as before") {
  for (const auto kernel : {kernel_profile{6, 12, 117}, kernel_profile{7, 3, 4}}) {
    auto tree = machine(kernel);
    REQUIRE(tree.add_boot_target(resolve(parse_target("@/eth0,@10.0.0.7/", kernel).value(), kernel)));
    auto elsewhere = wanted("10.0.0.9");
    elsewhere.settings.dev_name = interface_name::truncated("eth9");
    const auto failed = cfs::converge(tree, "cmdline0", elsewhere, kernel);
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().rolled_back);
    CHECK(tree.read("cmdline0/remote_ip") == "10.0.0.7\n");
    CHECK(tree.read("cmdline0/enabled") == "1\n");
  }
}

TEST_CASE("what is to be disabled does not resume when its interface returns") {
  for (const auto kernel : {kernel_profile{7, 0, 3}, kernel_profile{7, 3, 4}}) {
    const cfs::interface card{.name = "eth0", .ipv4 = {{10, 0, 2, 15}}};
    cfs::memory_tree tree{kernel, {card}};
    cfs::state want{.settings = {.remote_ip = ipv4_address{10, 0, 2, 2}}};
    REQUIRE(cfs::converge(tree, "t", want, kernel));
    REQUIRE(tree.unregister_interface("eth0"));
    REQUIRE(tree.state("t") == cfs::target_state::deactivated);
    want.enabled = false;
    want.settings.local_ip = ipv4_address{10, 0, 2, 15};  // the kernel's choice stays
    const auto done = cfs::converge(tree, "t", want, kernel);
    REQUIRE(done);
    CHECK(done->empty());
    REQUIRE(tree.register_interface(card));
    CHECK(tree.state("t") == cfs::target_state::disabled);
  }
}

TEST_CASE("a boot target by MAC is changed on the device that it was given since") {
  // The kernel forgets the name of such a device when it stops the target, and finds the port by its MAC.
  const mac_address mac{2, 0, 0, 0, 0, 1};
  for (const auto kernel : {kernel_profile{6, 15, 3}, kernel_profile{7, 0, 3}, kernel_profile{7, 3, 4}}) {
    cfs::memory_tree tree{kernel,
                          {{.name = "eth0", .mac = mac, .ipv4 = {{10, 0, 2, 15}}},
                           {.name = "bond0", .mac = mac, .ipv4 = {{10, 0, 2, 15}}}}};
    settings boot{.remote_ip = ipv4_address{10, 0, 2, 2}};
    boot.dev_name = {};
    boot.dev_mac = mac;
    REQUIRE(tree.add_boot_target(boot));
    REQUIRE(tree.enslave("eth0", "bond0"));
    cfs::state want{.settings = {.remote_ip = ipv4_address{10, 0, 2, 2}}};
    want.settings.dev_name = interface_name::truncated("bond0");
    REQUIRE(cfs::converge(tree, "cmdline0", want, kernel));
    want.settings.remote_mac = mac_address{2, 0, 0, 0, 0, 9};
    INFO(to_string(kernel.version()));
    const auto done = cfs::converge(tree, "cmdline0", want, kernel);
    CHECK((done ? "" : done.error().reason) == "");
    want.enabled = false;
    want.settings.local_ip = ipv4_address{10, 0, 2, 15};
    REQUIRE(cfs::converge(tree, "cmdline0", want, kernel));
    CHECK(cfs::satisfies(cfs::read(tree, "cmdline0", kernel).value(), want));
  }
}
