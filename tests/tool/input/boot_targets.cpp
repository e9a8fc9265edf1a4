// SPDX-License-Identifier: MIT
#include "input/boot_targets.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <netcon/parameter/write.hpp>

#include <filesystem>
#include <string>
#include <vector>

using test::put, test::temporary_directory;

namespace {

using lines = std::vector<std::string>;
constexpr netcon::kernel_profile kernel{6, 12, 117};

/// "cmdline0 @/,@10.0.0.2/ /proc/cmdline" of a machine with these files.
lines targets_of(const std::vector<std::pair<std::string, std::string>>& files) {
  const temporary_directory where;
  for (const auto& [path, text] : files) {
    const auto file = where.path() / path;
    std::filesystem::create_directories(file.parent_path());
    put(file, text);
  }
  lines out;
  const auto root = where.path().string();
  for (const auto& one : tool::read_boot_targets(kernel, root))
    out.push_back(one.name + ' ' + to_string(one.target) + ' ' + one.source.substr(root.size()));
  return out;
}

}  // namespace

TEST_CASE("a built-in netconsole has the targets of netconsole=, the last one") {
  CHECK(targets_of({{"proc/cmdline",
                     "quiet netconsole=@/,@10.0.0.9/ netconsole=@/,@10.0.0.2/;x;@/,@10.0.0.3/\n"}}) ==
        lines{"cmdline0 @/,@10.0.0.2/ /proc/cmdline", "cmdline1 @/,@10.0.0.3/ /proc/cmdline"});
  CHECK(targets_of({{"proc/cmdline", "quiet netconsole.netconsole=@/,@10.0.0.2/\n"}}).empty());
}

TEST_CASE("a module has those of modprobe.d, and of the command line before them") {
  const std::pair<std::string, std::string> loaded{"sys/module/netconsole/initstate", "live\n"};
  const std::string option = "options netconsole netconsole=@/,@10.0.0.2/\n";
  CHECK(targets_of({loaded, {"proc/cmdline", "quiet\n"}, {"etc/modprobe.d/netconsole.conf", option}}) ==
        lines{"cmdline0 @/,@10.0.0.2/ /etc/modprobe.d/netconsole.conf"});
  CHECK(targets_of({loaded,
                    {"proc/cmdline", "netconsole.netconsole=@/,@10.0.0.3/\n"},
                    {"etc/modprobe.d/netconsole.conf", option}}) ==
        lines{"cmdline0 @/,@10.0.0.3/ /proc/cmdline"});
  // The same name in /etc hides the file in /usr/lib; other endings do not count.
  CHECK(targets_of({loaded,
                    {"usr/lib/modprobe.d/netconsole.conf", option},
                    {"etc/modprobe.d/netconsole.conf", "# nothing\n"},
                    {"etc/modprobe.d/other.bak", option}})
            .empty());
  CHECK(targets_of({{"etc/modprobe.d/netconsole.conf", option}}).empty());  // not loaded
}

TEST_CASE("what the kernel cannot read makes no target") {
  CHECK(targets_of({{"proc/cmdline", "netconsole=@/,@nowhere/\n"}}).empty());
  CHECK(targets_of({}).empty());
}
