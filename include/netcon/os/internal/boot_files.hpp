// SPDX-License-Identifier: MIT
// What decides about netconsole at the next boot: the command line, modprobe.d, modules-load.d, units,
// sysctl.d. Linux.
#pragma once

#include <netcon/doctor/facts.hpp>
#include <netcon/os/internal/machine_files.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

/// The word of a line at that place, counted from 0.
inline std::string_view word_at(std::string_view line, std::size_t index) {
  for (std::size_t at = 0;; --index) {
    at = line.find_first_not_of(" \t", at);
    if (at == line.npos) return {};
    const auto end = std::min(line.find_first_of(" \t", at), line.size());
    if (index == 0) return line.substr(at, end - at);
    at = end;
  }
}

/// The lines of these files that a condition holds for. Files that are not there have none.
template <class Condition>
doctor::file_lines lines_of(const machine_files& files, const std::vector<std::string>& paths,
                            Condition condition) {
  doctor::file_lines found;
  for (const auto& path : paths)
    if (const auto text = files.read(path))
      each_line(*text, [&](std::string_view line) {
        if (condition(line)) found.push_back({path, std::string{line}});
      });
  return found;
}

inline doctor::file_lines read_module_loads(const machine_files& files, std::string_view command_line) {
  auto paths = files.merged(
      {"/etc/modules-load.d", "/run/modules-load.d", "/usr/lib/modules-load.d", "/lib/modules-load.d"},
      ".conf");
  paths.insert(paths.end(), {"/etc/modules", "/etc/initramfs-tools/modules"});
  auto found = lines_of(files, paths, [](std::string_view line) { return word_at(line, 0) == "netconsole"; });
  for (std::size_t i = 0;; ++i) {
    const auto word = word_at(command_line, i);
    if (word.empty()) return found;
    for (const std::string_view name :
         {"modules_load=", "modules-load=", "rd.modules_load=", "rd.modules-load=", "rd.driver.pre="})
      if (word.starts_with(name) &&
          (',' + std::string{word.substr(name.size())} + ',').find(",netconsole,") != std::string::npos)
        found.push_back({"/proc/cmdline", std::string{word}});
  }
}

/// The units that an administrator wrote: those of a distribution that name netconsole set nothing up.
inline std::vector<doctor::unit_facts> read_units(const machine_files& files) {
  constexpr std::string_view folder = "/etc/systemd/system";
  std::vector<doctor::unit_facts> found;
  const auto names = files.entries(folder);
  for (const auto& name : names) {
    if (!name.ends_with(".service")) continue;
    const auto path = std::string{folder} + '/' + name;
    const auto text = files.read(path);
    if (!text ||
        (text->find("netconsole") == std::string::npos && text->find("netcon ") == std::string::npos))
      continue;
    const auto is_wanted = [&](const std::string& other) {
      return (other.ends_with(".wants") || other.ends_with(".requires")) &&
             files.exists(std::string{folder} + '/' + other + '/' + name);
    };
    found.push_back({path, std::ranges::any_of(names, is_wanted)});
  }
  return found;
}

inline doctor::boot_facts read_boot(const machine_files& files) {
  doctor::boot_facts out;
  out.command_line = files.read_line("/proc/cmdline");
  out.module_loads = read_module_loads(files, *out.command_line);
  out.modprobe =
      lines_of(files,
               files.merged({"/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d",
                             "/usr/lib/modprobe.d", "/lib/modprobe.d"},
                            ".conf"),
               [](std::string_view line) {
                 const auto first = word_at(line, 0);
                 return word_at(line, 1) == "netconsole" && (first == "options" || first == "blacklist" ||
                                                             first == "install" || first == "softdep");
               });
  out.units = read_units(files);
  auto paths = files.merged(
      {"/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"},
      ".conf");
  paths.emplace_back("/etc/sysctl.conf");
  out.sysctls = lines_of(files, paths, [](std::string_view line) {
    if (line.starts_with('-')) line.remove_prefix(1);
    const auto key = line.substr(0, line.find_first_of(" \t="));
    return key == "kernel.printk" || key == "kernel/printk" || key == "kernel.panic" || key == "kernel/panic";
  });
  return out;
}

}  // namespace netcon::inline v0_1::detail
