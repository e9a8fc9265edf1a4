// SPDX-License-Identifier: MIT
#include "suggestion/machine_remarks.hpp"

#include "output/findings.hpp"

#include <netcon/doctor/diagnose.hpp>

#include <filesystem>
#include <initializer_list>
#include <string_view>
#include <system_error>

namespace tool {
namespace {

using netcon::doctor::check;

/// The findings of these checks that are not as they should be.
std::vector<std::string> remarks(const netcon::doctor::facts& known, std::initializer_list<check> wanted) {
  std::vector<std::string> out;
  for (const auto& one : diagnose(known))
    for (const auto code : wanted)
      if (one.code == code && one.severity >= netcon::doctor::severity::warning)
        out.push_back(findings_line(one));
  return out;
}

}  // namespace

std::vector<std::string> crash_remarks(const netcon::doctor::facts& known) {
  return remarks(known, {check::panic, check::crash_kernel, check::oops_only});
}

std::vector<std::string> boot_remarks(const netcon::doctor::facts& known,
                                      const netcon::kernel_profile& kernel, const std::string& root) {
  auto out = remarks(known, {check::console_level, check::boot_level});
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
