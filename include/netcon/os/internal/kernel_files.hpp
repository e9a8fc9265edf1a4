// SPDX-License-Identifier: MIT
// The kernel, its consoles and its crash settings, from /proc and /sys. Linux.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/core/stable_level.hpp>
#include <netcon/doctor/facts.hpp>
#include <netcon/os/internal/machine_files.hpp>

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1::detail {

/// The first number of a file.
inline doctor::fact<int> read_number(const machine_files& files, std::string_view path) {
  const auto text = files.read_line(path);
  if (!text) return doctor::fact<int>::unknown(text.reason());
  int value = 0;
  const auto [at, code] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (code != std::errc{}) return doctor::fact<int>::unknown(std::string{path} + " holds no number");
  return value;
}

/// A file that a module's parameter of type bool has, "Y" or "N", or one of 0 and 1.
inline doctor::fact<bool> read_switch(const machine_files& files, std::string_view path) {
  const auto text = files.read_line(path);
  if (!text) return doctor::fact<bool>::unknown(text.reason());
  return *text == "Y" || *text == "1";
}

inline doctor::fact<std::vector<std::string>> read_build_options(const machine_files& files,
                                                                 const std::string& release) {
  constexpr auto wanted = std::to_array<std::string_view>(
      {"CONFIG_NETCONSOLE", "CONFIG_NETCONSOLE_DYNAMIC", "CONFIG_NETCONSOLE_EXTENDED_LOG",
       "CONFIG_NETCONSOLE_PREPEND_RELEASE", "CONFIG_IPV6", "CONFIG_PRINTK_CALLER"});
  const auto first = "/boot/config-" + release;
  auto text = files.read(first);
  if (!text) text = files.read("/lib/modules/" + release + "/config");
  if (!text) return doctor::fact<std::vector<std::string>>::unknown("there is no " + first);
  std::vector<std::string> lines;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : line.size());
    for (const auto name : wanted)
      if ((line.starts_with(name) && line.substr(name.size()).starts_with('=')) ||
          line == "# " + std::string{name} + " is not set")
        lines.emplace_back(line);
  }
  return lines;
}

inline doctor::kernel_facts read_kernel(const machine_files& files) {
  doctor::kernel_facts out;
  out.release = files.read_line("/proc/sys/kernel/osrelease");
  if (!out.release) {
    out.version = doctor::fact<kernel_version>::unknown(out.release.reason());
    return out;
  }
  const auto& release = *out.release;
  const auto build = files.read_line("/proc/sys/kernel/version");
  const auto signature = files.read_line("/proc/version_signature");
  if (const auto version = read_kernel_version(release, *build, *signature))
    out.version = *version;
  else
    out.version = doctor::fact<kernel_version>::unknown("no version can be read from '" + release + "'");
  out.build_options = read_build_options(files, release);
  const auto folder = "/lib/modules/" + release;
  const auto lists = [&](std::string_view name) -> doctor::fact<bool> {
    const auto text = files.read(folder + '/' + std::string{name});
    if (!text) return doctor::fact<bool>::unknown(text.reason());
    for (const std::string_view before : {"/", "\n"})
      if (text->find(std::string{before} + "netconsole.ko") != std::string::npos) return true;
    return text->starts_with("netconsole.ko");
  };
  out.is_built_in = lists("modules.builtin");
  out.has_module = lists("modules.dep");
  if (out.is_built_in.is(true)) {
    out.is_loaded = true;
  } else if (const auto modules = files.read("/proc/modules"); modules) {
    out.is_loaded =
        modules->starts_with("netconsole ") || modules->find("\nnetconsole ") != std::string::npos;
    // A kernel without a list of what is built in: its directory in /sys says that it is there.
    if (!*out.is_loaded && !out.is_built_in && files.exists("/sys/module/netconsole")) {
      out.is_built_in = true;
      out.is_loaded = true;
    }
  } else if (files.exists("/proc/modules")) {
    out.is_loaded = doctor::fact<bool>::unknown(modules.reason());
  } else {
    // A kernel that takes no modules.
    out.is_built_in = out.is_loaded = files.exists("/sys/module/netconsole");
    out.has_module = false;
  }
  return out;
}

inline doctor::printk_facts read_printk(const machine_files& files) {
  doctor::printk_facts out;
  out.console_level = read_number(files, "/proc/sys/kernel/printk");
  out.ignores_level = read_switch(files, "/sys/module/printk/parameters/ignore_loglevel");
  const auto text = files.read("/proc/consoles");
  if (!text) {
    out.consoles = doctor::fact<std::vector<doctor::console>>::unknown(text.reason());
    return out;
  }
  std::vector<doctor::console> consoles;
  each_line(*text, [&](std::string_view line) {
    const auto open = line.find('('), close = line.find(')');
    if (open == line.npos || close == line.npos || close < open) return;
    consoles.push_back(
        {std::string{line.substr(0, line.find(' '))}, std::string{line.substr(open + 1, close - open - 1)}});
  });
  out.consoles = std::move(consoles);
  return out;
}

inline doctor::crash_facts read_crash(const machine_files& files) {
  doctor::crash_facts out;
  out.panic = read_number(files, "/proc/sys/kernel/panic");
  out.panic_on_oops = read_switch(files, "/proc/sys/kernel/panic_on_oops");
  out.has_crash_kernel = read_switch(files, "/sys/kernel/kexec_crash_loaded");
  // A kernel without kexec has no such file.
  if (!out.has_crash_kernel && files.exists("/sys/kernel") && !files.exists("/sys/kernel/kexec_crash_loaded"))
    out.has_crash_kernel = false;
  out.oops_only = read_switch(files, "/sys/module/netconsole/parameters/oops_only");
  return out;
}

}  // namespace netcon::inline v0_1::detail
