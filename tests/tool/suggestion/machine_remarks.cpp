// SPDX-License-Identifier: MIT
#include "suggestion/machine_remarks.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

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
  temporary_directory where;
};

bool says(const std::vector<std::string>& remarks, std::string_view words) {
  for (const auto& one : remarks)
    if (one.find(words) != one.npos) return true;
  return false;
}

constexpr netcon::kernel_profile old{6, 12, 117}, threaded{7, 3, 4};

}  // namespace

TEST_CASE("what keeps a crash from being sent is said for the kernels that it holds for") {
  const machine dead{{{"proc/sys/kernel/panic", "10\n"},
                      {"sys/kernel/kexec_crash_loaded", "1\n"},
                      {"sys/module/netconsole/parameters/oops_only", "Y\n"}}};
  const auto on_new = tool::crash_remarks(threaded, dead.root()),
             on_old = tool::crash_remarks(old, dead.root());
  CHECK(on_new.size() == 3);
  CHECK(says(on_new, "kernel.panic=10"));
  CHECK(says(on_new, "crash kernel"));
  CHECK(says(on_new, "not even an oops"));
  CHECK(on_old.size() == 1);
  CHECK(says(on_old, "only an oops is sent"));

  const machine well{{{"proc/sys/kernel/panic", "0\n"},
                      {"sys/kernel/kexec_crash_loaded", "0\n"},
                      {"sys/module/netconsole/parameters/oops_only", "N\n"}}};
  CHECK(tool::crash_remarks(threaded, well.root()).empty());
  CHECK(tool::crash_remarks(threaded, "/nonexistent").empty());
}

TEST_CASE("what a configuration needs besides itself") {
  const machine quiet{{{"proc/sys/kernel/printk", "4\t4\t1\t7\n"}, {"etc/initramfs-tools/modules", ""}}};
  const auto remarks = tool::boot_remarks(old, quiet.root());
  CHECK(says(remarks, "The console level is 4"));
  CHECK(says(remarks, "/etc/modules-load.d/netconsole.conf"));
  CHECK(says(remarks, "update-initramfs"));
  const auto built_in = tool::boot_remarks(old.without(netcon::feature::module), quiet.root());
  CHECK(built_in.size() == 1);
  const machine loud{{{"proc/sys/kernel/printk", "7\t4\t1\t7\n"}, {"etc/dracut.conf.d/x.conf", ""}}};
  CHECK_FALSE(says(tool::boot_remarks(old, loud.root()), "console level"));
  CHECK(says(tool::boot_remarks(old, loud.root()), "dracut -f"));
}
