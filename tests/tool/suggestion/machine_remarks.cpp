// SPDX-License-Identifier: MIT
#include "suggestion/machine_remarks.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <netcon/os/facts.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

using test::put, test::temporary_directory;

namespace {

/// A machine with these files.
class machine {
 public:
  explicit machine(const std::vector<std::pair<std::string, std::string>>& files) {
    for (const auto& [path, text] : files) {
      const auto file = where.path() / path;
      std::filesystem::create_directories(file.parent_path());
      put(file, text);
    }
  }
  std::string root() const { return where.path().string(); }
  netcon::doctor::facts facts(std::string_view release) const {
    put(where.path() / "proc/sys/kernel/osrelease", std::string{release});
    return netcon::gather_facts({.root = root()});
  }
  temporary_directory where;
};

bool says(const std::vector<std::string>& remarks, std::string_view words) {
  for (const auto& one : remarks)
    if (one.find(words) != one.npos) return true;
  return false;
}

constexpr netcon::kernel_profile kernel{6, 12, 117};

}  // namespace

TEST_CASE("what keeps a crash from being sent is said for the kernels that it holds for") {
  const machine dead{{{"proc/modules", "netconsole 1 0 - Live 0x0\n"},
                      {"proc/sys/kernel/panic", "10\n"},
                      {"sys/kernel/kexec_crash_loaded", "1\n"},
                      {"sys/module/netconsole/parameters/oops_only", "Y\n"}}};
  const auto on_new = tool::crash_remarks(dead.facts("7.3.4")),
             on_old = tool::crash_remarks(dead.facts("6.12.117"));
  CHECK(on_new.size() == 3);
  CHECK(says(on_new, "panic=10"));
  CHECK(says(on_new, "echo 0 > /proc/sys/kernel/panic"));
  CHECK(says(on_new, "crash kernel"));
  CHECK(says(on_new, "not even an oops"));
  CHECK(on_old.size() == 1);
  CHECK(says(on_old, "nothing is sent but the text of an oops"));

  const machine well{{{"proc/modules", "netconsole 1 0 - Live 0x0\n"},
                      {"proc/sys/kernel/panic", "0\n"},
                      {"sys/kernel/kexec_crash_loaded", "0\n"},
                      {"sys/module/netconsole/parameters/oops_only", "N\n"}}};
  CHECK(tool::crash_remarks(well.facts("7.3.4")).empty());
  CHECK(tool::crash_remarks({}).empty());
}

TEST_CASE("what a configuration needs besides itself") {
  const machine quiet{{{"proc/sys/kernel/printk", "4\t4\t1\t7\n"},
                       {"proc/cmdline", "ro quiet\n"},
                       {"etc/initramfs-tools/modules", ""}}};
  const auto known = quiet.facts("6.12.117");
  const auto remarks = tool::boot_remarks(known, kernel, quiet.root());
  CHECK(says(remarks, "console level 4"));
  CHECK(says(remarks, "'quiet' on the kernel command line"));
  CHECK(says(remarks, "/etc/modules-load.d/netconsole.conf"));
  CHECK(says(remarks, "update-initramfs"));
  const auto built_in = tool::boot_remarks(known, kernel.without(netcon::feature::module), quiet.root());
  CHECK(built_in.size() == 2);
  const machine loud{{{"proc/sys/kernel/printk", "7\t4\t1\t7\n"}, {"etc/dracut.conf.d/x.conf", ""}}};
  const auto of_loud = tool::boot_remarks(loud.facts("6.12.117"), kernel, loud.root());
  CHECK_FALSE(says(of_loud, "console level"));
  CHECK(says(of_loud, "dracut -f"));
}
