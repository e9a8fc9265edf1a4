// SPDX-License-Identifier: MIT
#include <netcon/configfs/shell.hpp>

#include <netcon/configfs/boot.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <sys/wait.h>

#include <cstdlib>
#include <vector>

using namespace netcon;
namespace cfs = netcon::configfs;
namespace fs = std::filesystem;
using test::contents, test::put, test::temporary_directory;

namespace {

struct ran {
  int status;
  std::string error;
};

ran run_script(const std::string& script, const std::string& shell, const temporary_directory& where) {
  put(where.path() / "script", script);
  const auto errors = where.path() / "errors";
  const auto command = "NETCONSOLE='" + (where.path() / "netconsole").string() + "' " + shell + " '" +
                       (where.path() / "script").string() + "' 2> '" + errors.string() + "'";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(errors)};
}

// What is here beyond the POSIX shell.
std::vector<std::string> shells() {
  std::vector<std::string> found;
  for (const auto* shell : {"sh", "bash", "dash", "busybox sh"})
    if (std::system((std::string{shell} + " -c : > /dev/null 2>&1").c_str()) == 0) found.emplace_back(shell);
  return found;
}

const cfs::state hostile{.settings = {.remote_ip = ipv4_address{10, 0, 2, 2}},
                         .userdata = {{"$(touch pwned)", "`touch pwned` $HOME"},
                                      {"it's", "100% \\n 'quoted' \"twice\""},
                                      {"line\nbreak\n", "two\nlines\n"},
                                      {"-n", "-e"},
                                      {"high\xff", "\x01\x7f\x80"},
                                      {"none", ""}}};

}  // namespace

TEST_CASE("a script writes the bytes of the plan, in every shell that is here") {
  const auto made = cfs::create("box 1", hostile).value();
  const auto script = cfs::to_shell(made);
  for (const char c : script) CHECK((c == '\n' || (c >= ' ' && c <= '~')));
  for (const auto& shell : shells()) {
    INFO(shell);
    const temporary_directory where;
    fs::create_directories(where.path() / "netconsole");
    // An ordinary directory makes no userdata/ by itself.
    auto on_disk = made;
    on_disk.steps.insert(on_disk.steps.begin() + 1, {cfs::operation::mkdir, "box 1/userdata", ""});
    const auto result = run_script(cfs::to_shell(on_disk), shell, where);
    CHECK(result.error == "");
    CHECK(result.status == 0);
    for (const auto& step : made.steps) {
      const auto path = where.path() / "netconsole" / step.path;
      if (step.what == cfs::operation::mkdir) CHECK(fs::is_directory(path));
      if (step.what == cfs::operation::write) CHECK(contents(path) == step.data);
    }
    CHECK(!fs::exists(where.path() / "pwned"));
  }
}

TEST_CASE("a value of several lines is one write, whatever the shell does with its own printf") {
  const cfs::step step{cfs::operation::write, "t/userdata/k/value", "two\nlines\n"};
  CHECK(cfs::shell_command(step, "/d") == "env printf 'two\\012lines\\012' > /d/t/userdata/k/value");
}

TEST_CASE("a name of bytes that no word has may begin with a dash") {
  const auto made = cfs::create("-\xc3\xa9", settings{.remote_ip = ipv4_address{10, 0, 2, 2}}).value();
  for (const auto& shell : shells()) {
    INFO(shell);
    const temporary_directory where;
    fs::create_directories(where.path() / "netconsole");
    const auto result = run_script(cfs::to_shell(made), shell, where);
    CHECK(result.error == "");
    CHECK(contents(where.path() / "netconsole" / "-\xc3\xa9" / "remote_ip") == "10.0.2.2\n");
  }
}

TEST_CASE("a script stops at the first step that fails and says which") {
  for (const auto& shell : shells()) {
    INFO(shell);
    const temporary_directory where;
    const auto script = cfs::to_shell(cfs::create("box1", settings{}).value());
    const auto missing = run_script(script, shell, where);
    CHECK(missing.status == 1);
    CHECK(missing.error.ends_with("netconsole does not exist: modprobe netconsole, with configfs mounted\n"));

    fs::create_directories(where.path() / "netconsole" / "box1" /
                           "enabled");  // a directory: cannot be written
    const cfs::plan p{
        .name = "box1",
        .steps = {{cfs::operation::write, "box1/enabled", "1\n"}, {cfs::operation::mkdir, "later", ""}}};
    const auto refused = run_script(cfs::to_shell(p), shell, where);
    CHECK(refused.status == 1);
    CHECK(refused.error.ends_with("step 1 of 2 failed: write '1' to box1/enabled\n"));
    CHECK(!fs::exists(where.path() / "netconsole" / "later"));

    // The kernel refuses the bytes, not the open: /dev/full stands in for it.
    fs::remove(where.path() / "netconsole" / "box1" / "enabled");
    fs::create_symlink("/dev/full", where.path() / "netconsole" / "box1" / "enabled");
    CHECK(run_script(cfs::to_shell(p), shell, where).status == 1);
    CHECK(!fs::exists(where.path() / "netconsole" / "later"));
  }
}

TEST_CASE("a script that may be run again leaves what is as wanted, and makes the rest again") {
  const cfs::state want{
      .settings = {.local_ip = ipv4_address{10, 0, 2, 15}, .remote_ip = ipv4_address{10, 0, 2, 2}},
      .userdata = {{"host", "web 17"}, {".hidden", "1"}, {"..more", "2"}},
      .sysdata = {.cpu_nr = true}};
  const auto made = cfs::create("box 1", want).value();
  const auto script = cfs::to_repeatable_shell(made);
  // Directories that behave as configfs does: a target has its files at once, and they go with it.
  const auto commands = [](const temporary_directory& where) {
    const auto bin = where.path() / "bin";
    fs::create_directories(bin);
    put(bin / "mkdir",
        "#!/bin/sh\n/bin/mkdir \"$1\" || exit 1\ncase $1 in */userdata/*) echo > \"$1/value\" ;; *)\n"
        "/bin/mkdir \"$1/userdata\"; cd \"$1\"; echo 0 > enabled; echo 0 > extended; echo 0 > release\n"
        "echo eth0 > dev_name; echo 6665 > local_port; echo 6666 > remote_port; echo 0.0.0.0 > local_ip\n"
        "echo 0.0.0.0 > remote_ip; echo ff:ff:ff:ff:ff:ff > remote_mac; echo $$ > made\n"
        "for file in cpu_nr taskname release msgid; do echo 0 > userdata/${file}_enabled; done ;; esac\n");
    put(bin / "rmdir",
        "#!/bin/sh\ncase $1 in */userdata/*) ;;\n"
        "*) [ -z \"$(find \"$1/userdata\" -mindepth 1 -type d)\" ] || exit 1 ;; esac\nexec rm -r \"$1\"\n");
    for (const auto* name : {"mkdir", "rmdir"}) fs::permissions(bin / name, fs::perms::owner_all);
    return "PATH='" + bin.string() + "':$PATH ";
  };
  for (const auto& shell : shells()) {
    if (shell.starts_with("busybox")) continue;  // its mkdir is its own
    INFO(shell);
    const temporary_directory where;
    const auto run = [&](const std::string& text) {
      return run_script(text, commands(where) + shell, where);
    };
    const auto target = where.path() / "netconsole" / "box 1";
    fs::create_directories(where.path() / "netconsole");
    CHECK(run(script).error == "");
    const auto first = contents(target / "made");
    CHECK(contents(target / "remote_ip") == "10.0.2.2\n");
    CHECK(contents(target / "userdata/host/value") == "web 17\n");
    CHECK(run(script).status == 0);
    CHECK(contents(target / "made") == first);  // left alone
    for (const auto* file : {"remote_mac", "enabled", "userdata/host/value", "userdata/.hidden/value",
                             "userdata/cpu_nr_enabled", "userdata/msgid_enabled"}) {
      const auto before = contents(target / "made");
      put(target / file, contents(target / file) == "0\n" ? "1\n" : "0\n");
      CHECK(run(script).status == 0);
      CHECK(contents(target / "made") != before);
      CHECK(contents(target / "userdata/host/value") == "web 17\n");
      CHECK(contents(target / "enabled") == "1\n");
    }
    const auto before = contents(target / "made");
    fs::create_directories(target / "userdata/more");
    CHECK(run(script).status == 0);
    CHECK(contents(target / "made") != before);
    CHECK_FALSE(fs::exists(target / "userdata/more"));
  }
  CHECK(cfs::to_repeatable_shell(cfs::remove("box1", want)) == cfs::to_shell(cfs::remove("box1", want)));
}

TEST_CASE("a script that may be run again writes the switch that a kernel does not show") {
  cfs::state want{.settings = {.remote_ip = ipv4_address{10, 0, 2, 2}}};
  want.settings.extended = true;
  want.sysdata.release = true;
  const auto script = [&](const kernel_profile& kernel) {
    return cfs::to_repeatable_shell(cfs::create("box1", want, kernel).value());
  };
  const std::string compared = "[ \"$(cat \"$target\"/userdata/release_enabled)\" = 1 ]",
                    written = "printf '%s\\n' 1 > \"$target\"/userdata/release_enabled; exit 0";
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
  };
  CHECK(has(script({7, 3, 4}), compared));
  CHECK_FALSE(has(script({7, 3, 4}), written));
  CHECK_FALSE(has(script({6, 16, 0}), compared));
  CHECK(has(script({6, 16, 0}), written));
}

TEST_CASE("at boot: several targets in one parameter") {
  const auto to = [](std::uint8_t last) {
    return cfs::create("box", settings{.remote_ip = ipv4_address{10, 0, 2, last}}).value();
  };
  const std::vector plans{to(2), to(3)};
  CHECK(cfs::to_cmdline(plans) == "netconsole.netconsole=@/,@10.0.2.2/;@/,@10.0.2.3/");
  CHECK(cfs::to_modprobe(plans) == "options netconsole netconsole=@/,@10.0.2.2/;@/,@10.0.2.3/\n");
  const std::vector<cfs::plan> many(30, to(2));
  CHECK(cfs::to_modprobe(many).error().ends_with("use the systemd unit"));
}

TEST_CASE("nothing to do is a script that does nothing") {
  const cfs::state same{.settings = {.remote_ip = ipv4_address{10, 0, 2, 2}}};
  CHECK(cfs::to_shell(cfs::update("box1", same, same).value()) ==
        "#!/bin/sh\n# netconsole target box1, for Linux 7.3.4\n# Nothing to do.\n");
}

TEST_CASE("at boot: modprobe, command line") {
  const auto plan_of = [](cfs::state s, const kernel_profile& p = kernel_profile::latest()) {
    return cfs::plan{.name = "box1", .kernel = p, .after = std::move(s)};
  };
  cfs::state s{.settings = {.extended = true, .remote_ip = ipv4_address{10, 0, 2, 2}}};
  CHECK(cfs::to_modprobe(plan_of(s)) == "options netconsole netconsole=+@/,@10.0.2.2/\n");
  CHECK(cfs::to_cmdline(plan_of(s)) == "netconsole.netconsole=+@/,@10.0.2.2/");
  const auto built_in = kernel_profile::latest().without(feature::module);
  CHECK(cfs::to_cmdline(plan_of(s, built_in)) == "netconsole=+@/,@10.0.2.2/");
  CHECK(!cfs::to_modprobe(plan_of(s, built_in)));
  s.settings.dev_name = interface_name::truncated("my eth");
  CHECK(cfs::to_cmdline(plan_of(s)) == "netconsole.netconsole=\"+@/my eth,@10.0.2.2/\"");
  s.settings.dev_name = interface_name::truncated("my\\eth");
  CHECK(cfs::to_modprobe(plan_of(s)) == "options netconsole netconsole=+@/my\\\\eth,@10.0.2.2/\n");
  CHECK(cfs::to_cmdline(plan_of(s)) == "netconsole.netconsole=+@/my\\eth,@10.0.2.2/");
  s.settings.dev_name = interface_name::truncated("my\"eth");
  CHECK(cfs::to_cmdline(plan_of(s)).error() == "the device name holds bytes that cannot be quoted there");
  s.settings.dev_name = interface_name::truncated("eth0");
  s.settings.dev_name = {};
  s.settings.dev_mac = mac_address{2, 0, 0, 0, 0, 1};
  CHECK(cfs::to_cmdline(plan_of(s)) == "netconsole.netconsole=+@/02:00:00:00:00:01,@10.0.2.2/");
  CHECK(!cfs::to_systemd_unit(plan_of(s)));

  cfs::state plain{.settings = {.remote_ip = ipv4_address{10, 0, 2, 2}}};
  CHECK(
      cfs::to_modprobe(plan_of(plain, kernel_profile::latest().with(feature::extended_by_default))).error() ==
      "this kernel's build turns on what the target has off, and the parameter cannot turn it off");
  auto off = plain;
  off.enabled = false;
  CHECK(cfs::to_modprobe(plan_of(off)).error() == "the parameter has no form for a disabled target");
  auto user = plain;
  user.userdata = {{"k", "v"}};
  CHECK(cfs::to_modprobe(plan_of(user)).error() ==
        "the parameter has no form for userdata: use the systemd unit");
  auto system = plain;
  system.sysdata.cpu_nr = true;
  CHECK(!cfs::to_cmdline(plan_of(system)));
  CHECK(!cfs::to_cmdline(cfs::remove("box1", plain)));
  CHECK(!cfs::to_systemd_unit(cfs::remove("box1", plain)));
}

TEST_CASE("at boot: a systemd unit") {
  cfs::state s{.settings = {.local_ip = ipv4_address{10, 0, 2, 15},
                            .dev_name = interface_name::truncated("br-lan"),
                            .remote_ip = ipv4_address{10, 0, 2, 2}},
               .userdata = {{"100%", "$x\n"}}};
  const auto unit = cfs::to_systemd_unit(cfs::create("box1", s).value());
  REQUIRE(unit);
  CHECK(*unit == R"([Unit]
Description=netconsole target box1
Wants=sys-subsystem-net-devices-br\x2dlan.device
After=sys-subsystem-net-devices-br\x2dlan.device

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c "mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config"
ExecStart=/bin/sh -c "[ -d /sys/kernel/config/netconsole ] || modprobe netconsole"
ExecStart=/bin/sh -c "if [ -d /sys/kernel/config/netconsole/box1 ]; then for e in /sys/kernel/config/netconsole/box1/userdata/*/ /sys/kernel/config/netconsole/box1/userdata/.[!.]*/ /sys/kernel/config/netconsole/box1/userdata/..?*/; do [ ! -d \"$$e\" ] || rmdir \"$$e\"; done; rmdir /sys/kernel/config/netconsole/box1; fi"
ExecStart=/bin/sh -c "mkdir /sys/kernel/config/netconsole/box1"
ExecStart=/bin/sh -c "printf '%%s\\n' br-lan > /sys/kernel/config/netconsole/box1/dev_name"
ExecStart=/bin/sh -c "printf '%%s\\n' 10.0.2.15 > /sys/kernel/config/netconsole/box1/local_ip"
ExecStart=/bin/sh -c "printf '%%s\\n' 10.0.2.2 > /sys/kernel/config/netconsole/box1/remote_ip"
ExecStart=/bin/sh -c "mkdir /sys/kernel/config/netconsole/'box1/userdata/100%%'"
ExecStart=/bin/sh -c "env printf '$$x\\012\\012' > /sys/kernel/config/netconsole/'box1/userdata/100%%/value'"
ExecStart=/bin/sh -c "printf '%%s\\n' 1 > /sys/kernel/config/netconsole/box1/enabled"
ExecStop=/bin/sh -c "rmdir /sys/kernel/config/netconsole/'box1/userdata/100%%'"
ExecStop=/bin/sh -c "rmdir /sys/kernel/config/netconsole/box1"

[Install]
WantedBy=multi-user.target
)");
  // A backslash at the end of the line would make the next one part of it.
  CHECK(cfs::to_systemd_unit(cfs::create("100%\\", s).value())
            ->starts_with("[Unit]\nDescription=netconsole target 100%%\\x5c\nWants="));
  // A kernel without the directory has the parameter only.
  const auto fixed = cfs::create("box1", settings{.remote_ip = ipv4_address{10, 0, 2, 2}},
                                 kernel_profile{7, 3, 4}.without(feature::dynamic))
                         .value();
  CHECK(cfs::to_systemd_unit(fixed).error() ==
        "this kernel has no netconsole in configfs: use the parameter");
  CHECK(cfs::to_modprobe(fixed) == "options netconsole netconsole=@/,@10.0.2.2/\n");
  s.settings.local_ip.reset();
  CHECK(cfs::to_systemd_unit(cfs::create("box1", s).value())->find("After=network-online.target\n") !=
        std::string::npos);
}
