// SPDX-License-Identifier: MIT
#include <netcon/os/mounted_tree.hpp>

#include <netcon/configfs/apply.hpp>
#include <netcon/configfs/model/memory_tree.hpp>
#include <netcon/configfs/tree.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace netcon;
namespace cfs = netcon::configfs;
namespace fs = std::filesystem;
using test::contents, test::put, test::temporary_directory;

namespace {

// Copies what a modelled target shows to a directory, file by file.
void copy_to_disk(const cfs::memory_tree& tree, const std::string& path, const fs::path& to) {
  if (const auto content = tree.read(path)) {
    put(to / path, *content);
    return;
  }
  fs::create_directories(to / path);
  const auto names = tree.entries(path);
  REQUIRE(names);
  for (const auto& name : *names) copy_to_disk(tree, path.empty() ? name : path + '/' + name, to);
}

cfs::memory_tree one_target(const cfs::state& want) {
  cfs::memory_tree tree{kernel_profile::latest(), {{.name = "eth0", .ipv4 = {{10, 0, 2, 15}}}}};
  REQUIRE(cfs::apply(tree, cfs::create("box1", want).value()));
  return tree;
}

}  // namespace

static_assert(cfs::tree<cfs::mounted_tree>);

TEST_CASE("a mounted tree reads what the model shows, and keeps files it does not know") {
  const auto tree = one_target({.settings = {.remote_ip = ipv4_address{10, 0, 2, 2}},
                                .userdata = {{"two words", "a\nb"}, {"none", ""}}});
  const temporary_directory where;
  copy_to_disk(tree, "", where.path());
  put(where.path() / "box1" / "from_the_future", "42\n");
  put(where.path() / "box1" / "userdata" / "weekday_enabled", "1\n");
  const cfs::mounted_tree live{where.path().string()};
  auto got = cfs::read(live, "box1");
  REQUIRE(got);
  // An ordinary file system lists names in an order of its own.
  auto want = cfs::read(tree, "box1").value();
  want.unknown = {{"from_the_future", "42\n"}, {"userdata/weekday_enabled", "1\n"}};
  std::ranges::sort(got->userdata);
  std::ranges::sort(want.userdata);
  std::ranges::sort(got->unknown);
  CHECK(*got == want);
  CHECK(live.read("box1/enabled") == "1\n");
  CHECK(cfs::read(live, "none").error().code == std::errc::no_such_file_or_directory);
  put(where.path() / "box1" / "local_port", "many\n");
  CHECK(cfs::read(live, "box1").error().file == "box1/local_port");
}

TEST_CASE("a mounted tree carries out a plan") {
  const temporary_directory where;
  const cfs::state now{.settings = {.remote_ip = ipv4_address{10, 0, 2, 2}}, .enabled = false};
  cfs::memory_tree model{kernel_profile::latest(), {}};
  REQUIRE(cfs::apply(model, cfs::create("box1", now).value()));
  copy_to_disk(model, "", where.path());
  cfs::mounted_tree live{where.path().string()};
  auto want = now;
  want.settings.remote_port = port{5140};
  REQUIRE(cfs::apply(live, cfs::update("box1", cfs::read(live, "box1").value(), want).value()));
  CHECK(contents(where.path() / "box1/remote_port") == "5140\n");

  // (Ordinary files are not cut by a write, so the numbers here have four digits.)
  // A later step fails: what was written is written back.
  auto more = want;
  more.settings.remote_port = port{5150};
  more.userdata = {{"key", "value"}};  // this directory makes no file value
  const auto failed = cfs::apply(live, cfs::update("box1", cfs::read(live, "box1").value(), more).value());
  REQUIRE(!failed);
  CHECK(failed.error().failed.path == "box1/userdata/key/value");
  CHECK(failed.error().rolled_back);
  CHECK(cfs::satisfies(cfs::read(live, "box1").value(), want));
}

TEST_CASE("paths never leave a mounted tree") {
  const temporary_directory where;
  put(where.path() / "secret", "s\n");
  put(where.path() / "root" / "t" / "enabled", "0\n");
  fs::create_symlink(where.path() / "secret", where.path() / "root" / "t" / "link");
  fs::create_directory_symlink(where.path(), where.path() / "root" / "out");
  cfs::mounted_tree live{(where.path() / "root").string()};
  for (const auto* path :
       {"../secret", "/etc/hostname", "t/../../secret", "", ".", "..", "t//enabled", "t/", "./t/enabled"})
    CHECK(live.read(path).error() == std::errc::invalid_argument);
  CHECK(live.read(std::string_view{"t/enabled\0x", 11}).error() == std::errc::invalid_argument);
  CHECK(!live.read("t/link"));
  CHECK(!live.write("t/link", "x"));
  CHECK(!live.read("out/secret"));
  CHECK(!live.mkdir("../made"));
  CHECK(!live.rmdir(".."));
  CHECK(live.write("t/new", "x").error() == std::errc::no_such_file_or_directory);
  CHECK(live.read(std::string(256, 'n')).error() == std::errc::filename_too_long);
  CHECK(live.read("t").error() == std::errc::is_a_directory);
  CHECK(contents(where.path() / "secret") == "s\n");
}

TEST_CASE("what stands in the way is said with the command that mends it") {
  const temporary_directory where;
  const auto obstacle = [&](const fs::path& root) {
    return cfs::mounted_tree{(where.path() / root).string()}.find_obstacle(true).value_or("none");
  };
  CHECK(obstacle("config/netconsole") ==
        (where.path() / "config/").string() + " does not exist: modprobe configfs");
  fs::create_directories(where.path() / "config");
  CHECK(obstacle("config/netconsole") ==
        "configfs is not mounted: mount -t configfs configfs " + (where.path() / "config/").string());
  fs::create_directories(where.path() / "config" / "usb_gadget");
  CHECK(obstacle("config/netconsole").find("modprobe netconsole") != std::string::npos);
  fs::create_directories(where.path() / "config" / "netconsole");
  CHECK(obstacle("config/netconsole") == "none");
}
