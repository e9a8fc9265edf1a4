// SPDX-License-Identifier: MIT
#include "suggestion/machine_remarks.hpp"

#include <netcon/core/number.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

namespace tool {
namespace {

std::optional<std::string> read_word(const std::string& path) {
  std::ifstream file{path};
  std::string word;
  if (!(file >> word)) return std::nullopt;
  return word;
}

}  // namespace

std::vector<std::string> crash_remarks(const netcon::kernel_profile& kernel, const std::string& root) {
  std::vector<std::string> out;
  const bool has_thread = kernel.supports(netcon::feature::threaded_console);
  if (const auto panic = read_word(root + "/proc/sys/kernel/panic"); has_thread && panic && *panic != "0")
    out.push_back(
        fmt::format("this machine reboots after a panic (kernel.panic={}), and Linux {} sends nothing of a "
                    "panic before a reboot: sysctl -w kernel.panic=0, and panic=0 at boot",
                    *panic, to_string(kernel.version())));
  if (const auto loaded = read_word(root + "/sys/kernel/kexec_crash_loaded"); has_thread && loaded == "1")
    out.push_back(
        fmt::format("a crash kernel is loaded, and Linux {} sends nothing of a panic before it starts: kdump "
                    "has the log then",
                    to_string(kernel.version())));
  if (const auto set = read_word(root + "/sys/module/netconsole/parameters/oops_only"); set == "Y")
    out.push_back(fmt::format(
        "oops_only is set: {}; echo N > /sys/module/netconsole/parameters/oops_only",
        has_thread ? "Linux 7.0 and later send nothing then, not even an oops" : "only an oops is sent"));
  return out;
}

std::vector<std::string> boot_remarks(const netcon::kernel_profile& kernel, const std::string& root) {
  std::vector<std::string> out;
  const auto word = read_word(root + "/proc/sys/kernel/printk");
  const auto level = word ? netcon::parse_decimal(*word) : std::nullopt;
  constexpr unsigned all_but_debug = 7;
  if (level && *level < all_but_debug)
    out.push_back(fmt::format(
        "The console level is {}: records of level {} and above are not sent. All but debug: sysctl "
        "-w kernel.printk={}, and loglevel={} instead of quiet at boot",
        *level, *level, all_but_debug, all_but_debug));
  if (!kernel.supports(netcon::feature::module)) return out;
  std::error_code problem;
  const auto exists = [&](const char* path) { return std::filesystem::exists(root + path, problem); };
  out.emplace_back("Load the module at boot: echo netconsole > /etc/modules-load.d/netconsole.conf");
  if (exists("/etc/initramfs-tools")) {
    out.emplace_back(
        "Earlier, from the initramfs: echo netconsole >> /etc/initramfs-tools/modules && update-initramfs "
        "-u");
  } else if (exists("/etc/dracut.conf.d") || exists("/usr/lib/dracut")) {
    out.emplace_back(
        "Earlier, from the initramfs: echo 'force_drivers+=\" netconsole \"' > "
        "/etc/dracut.conf.d/netconsole.conf && dracut -f");
  } else if (exists("/etc/mkinitcpio.conf")) {
    out.emplace_back(
        "Earlier, from the initramfs: add netconsole to MODULES of /etc/mkinitcpio.conf, then mkinitcpio "
        "-P");
  }
  return out;
}

}  // namespace tool
