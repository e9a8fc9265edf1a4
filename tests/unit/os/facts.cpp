// SPDX-License-Identifier: MIT
// Trees of files stand for machines; what the kernel's tables answer is tested in network namespaces by
// tests/tool.
#include <netcon/os/facts.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <linux/netlink.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

using namespace netcon;

namespace {

/// A machine that a test builds file by file.
class machine {
 public:
  machine& write(std::string_view path, std::string_view content) {
    test::put(folder_.path() / path.substr(1), std::string{content});
    return *this;
  }
  void link(std::string_view path) {
    const auto place = folder_.path() / path.substr(1);
    std::filesystem::create_directories(place.parent_path());
    std::filesystem::create_symlink("/etc/systemd/system/a.unit", place);
  }
  doctor::facts look() const { return gather_facts({.root = folder_.path().string()}); }

 private:
  test::temporary_directory folder_{};
};

/// Dumps of the kernel's tables to call interrupted, as those are that change meanwhile.
int interrupted_dumps = 0;

}  // namespace

extern "C" ssize_t recv(int fd, void* to, std::size_t size, int flags) {
  const auto got = ::syscall(SYS_recvfrom, fd, to, size, flags, nullptr, nullptr);
  nlmsghdr head{};
  if (interrupted_dumps == 0 || got < static_cast<long>(sizeof head)) return got;
  std::memcpy(&head, to, sizeof head);
  if (head.nlmsg_type == NLMSG_DONE) --interrupted_dumps;
  head.nlmsg_flags |= NLM_F_DUMP_INTR;
  std::memcpy(to, &head, sizeof head);
  return got;
}

TEST_CASE("what a dump of the kernel's tables had when it was interrupted counts no more") {
  const auto devices = [] { return gather_facts({.sends = false}).devices; };
  if (!devices()) return;  // this machine has no such tables
  interrupted_dumps = 3;
  const auto found = devices();
  CHECK(interrupted_dumps == 0);
  REQUIRE(found);
  std::set<interface_name> names;
  for (const auto& one : *found) CHECK(names.insert(one.name).second);
}

TEST_CASE("of an empty directory nothing is known, with the reason") {
  const auto known = machine{}.look();
  CHECK(known.kernel.version.reason() == "there is no /proc/sys/kernel/osrelease");
  CHECK(known.printk.console_level.reason() == "there is no /proc/sys/kernel/printk");
  CHECK(known.log.reason() == "there is no /dev/kmsg");
  CHECK(known.devices.reason() == "files do not say it");
  CHECK_FALSE(known.targets);
  // Directories that are not there hold no line.
  CHECK(known.boot.modprobe.is({}));
}

TEST_CASE("the stable level of a distribution's kernel") {
  machine debian;
  debian.write("/proc/sys/kernel/osrelease", "6.1.0-42-amd64\n")
      .write("/proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-11-01)\n");
  CHECK(debian.look().kernel.version.is({6, 1, 176}));
  machine ubuntu;
  ubuntu.write("/proc/sys/kernel/osrelease", "6.8.0-45-generic\n")
      .write("/proc/version_signature", "Ubuntu 6.8.0-45.45-generic 6.8.12\n");
  CHECK(ubuntu.look().kernel.version.is({6, 8, 12}));
}

TEST_CASE("netconsole as a module, built in, or not there") {
  machine one;
  one.write("/proc/sys/kernel/osrelease", "6.12.1\n")
      .write("/proc/modules", "netconsole_other 1 0 - Live 0x0\n")
      .write("/lib/modules/6.12.1/modules.builtin", "kernel/fs/ext4.ko\n")
      .write("/lib/modules/6.12.1/modules.dep", "kernel/fs/a.ko:\nnetconsole.ko: configfs.ko\n");
  CHECK(one.look().kernel.has_module.is(true));
  CHECK(one.look().kernel.is_loaded.is(false));
  CHECK(one.write("/proc/modules", "a 1 0\nnetconsole 1 0 - Live 0x0\n").look().kernel.is_loaded.is(true));
  one.write("/lib/modules/6.12.1/modules.builtin", "kernel/drivers/net/netconsole.ko\n")
      .write("/proc/modules", "");
  CHECK(one.look().kernel.is_built_in.is(true));
  CHECK(one.look().kernel.is_loaded.is(true));

  machine without_modules;
  without_modules.write("/proc/sys/kernel/osrelease", "6.12.1\n");
  CHECK(without_modules.look().kernel.is_loaded.is(false));
  CHECK(without_modules.look().kernel.has_module.is(false));
}

TEST_CASE("how the kernel was built") {
  machine one;
  one.write("/proc/sys/kernel/osrelease", "6.12.1\n")
      .write("/boot/config-6.12.1",
             "CONFIG_NETCONSOLE=m\n# CONFIG_NETCONSOLE_DYNAMIC is not "
             "set\nCONFIG_NETCONSOLE_X=y\nCONFIG_IPV6=y");
  CHECK(one.look().kernel.build_options.is(
      {"CONFIG_NETCONSOLE=m", "# CONFIG_NETCONSOLE_DYNAMIC is not set", "CONFIG_IPV6=y"}));
}

TEST_CASE("what the next boot reads") {
  machine one;
  one.write("/proc/cmdline", "ro modules_load=a,netconsole quiet\n")
      .write("/etc/modprobe.d/a.conf",
             "# options netconsole x\noptions netconsole \\\n  netconsole=@/,@10.0.0.2/\n")
      .write("/usr/lib/modprobe.d/a.conf", "blacklist netconsole\n")  // that of /etc replaces it
      .write("/lib/modprobe.d/b.conf", "install netconsole /bin/true\nblacklist netconsole_other\n")
      .write("/etc/modprobe.d/c.txt", "blacklist netconsole\n")
      .write("/etc/modules-load.d/n.conf", "  netconsole\nnetconsole_other\n")
      .write("/etc/modules", "loop\nnetconsole\n")
      .write("/etc/sysctl.d/10.conf", "kernel.printk = 3 4 1 3\nkernel.printk_delay = 1\n")
      .write("/etc/sysctl.conf", "-kernel/panic=5\n")
      .write("/etc/systemd/system/n.service", "ExecStart=modprobe netconsole\n")
      .write("/etc/systemd/system/off.service", "ExecStart=netcon suggest a --apply\n")
      .write("/etc/systemd/system/other.service", "ExecStart=true\n");
  one.link("/etc/systemd/system/multi-user.target.wants/n.service");
  const auto boot = one.look().boot;
  CHECK(boot.command_line.is("ro modules_load=a,netconsole quiet"));
  CHECK(boot.modprobe.is({{"/etc/modprobe.d/a.conf", "options netconsole   netconsole=@/,@10.0.0.2/"},
                          {"/lib/modprobe.d/b.conf", "install netconsole /bin/true"}}));
  CHECK(boot.module_loads.is({{"/etc/modules-load.d/n.conf", "netconsole"},
                              {"/etc/modules", "netconsole"},
                              {"/proc/cmdline", "modules_load=a,netconsole"}}));
  CHECK(boot.sysctls.is(
      {{"/etc/sysctl.d/10.conf", "kernel.printk = 3 4 1 3"}, {"/etc/sysctl.conf", "-kernel/panic=5"}}));
  CHECK(boot.units.is({{"/etc/systemd/system/n.service", true}, {"/etc/systemd/system/off.service", false}}));
}

TEST_CASE("consoles, levels and crash settings") {
  machine one;
  one.write("/proc/sys/kernel/printk", "4\t4\t1\t7\n")
      .write("/proc/consoles",
             "ttyS0                -W- (EC  p a)    4:64\nnetcon0              -W- (  N   )\n")
      .write("/proc/sys/kernel/panic", "-1\n")
      .write("/sys/kernel/kexec_crash_loaded", "1\n")
      .write("/sys/module/netconsole/parameters/oops_only", "Y\n");
  const auto known = one.look();
  CHECK(known.printk.console_level.is(4));
  REQUIRE(known.printk.consoles);
  CHECK(known.printk.consoles->at(0) == doctor::console{"ttyS0", "EC  p a"});
  CHECK(known.printk.consoles->at(0).is_enabled());
  CHECK_FALSE(known.printk.consoles->at(1).is_enabled());
  CHECK(known.crash.panic.is(-1));
  CHECK(known.crash.has_crash_kernel.is(true));
  CHECK(known.crash.oops_only.is(true));
  CHECK(known.crash.panic_on_oops.reason() == "there is no /proc/sys/kernel/panic_on_oops");
}

TEST_CASE("the newest lines of the log that are the kernel's own and about netconsole") {
  machine one;
  std::string log = "6,1,1,-;usb 1-1: new device\n12,2,2,-;netconsole: written by a program\nnonsense\n";
  for (int i = 0; i < 401; ++i)
    log += "6,3,3,-,caller=T1;netconsole: line\\x20" + std::to_string(i) + "\n SUBSYSTEM=x\n";
  const auto known = one.write("/dev/kmsg", log).look();
  REQUIRE(known.log);
  CHECK(known.log->size() == doctor::most_log_lines);
  CHECK(known.log->front() == "netconsole: line 1");
  CHECK(known.log->back() == "netconsole: line 400");
}
