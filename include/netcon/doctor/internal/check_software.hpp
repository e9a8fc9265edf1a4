// SPDX-License-Identifier: MIT
// The kernel, the module, the parameter, the kernel's own verdict, the next boot.
#pragma once

#include <netcon/core/error_texts.hpp>
#include <netcon/doctor/internal/examination.hpp>
#include <netcon/doctor/internal/repair.hpp>
#include <netcon/doctor/log_meaning.hpp>
#include <netcon/lint/lint.hpp>
#include <netcon/parameter/parse.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::doctor::internal {

inline void check_kernel(examination& e) {
  const auto& kernel = e.known.kernel;
  if (!kernel.version) return e.unknown(check::kernel, "", kernel.version.reason());
  std::string text = "Linux " + to_string(*kernel.version);
  if (kernel.release && *kernel.release != to_string(*kernel.version)) text += " (" + *kernel.release + ")";
  e.ok(check::kernel, "", std::move(text));
}

inline void check_module(examination& e) {
  const auto& kernel = e.known.kernel;
  if (kernel.is_built_in.is(true)) return e.ok(check::module, "", "netconsole is built in");
  if (!kernel.is_loaded) return e.unknown(check::module, "", kernel.is_loaded.reason());
  if (*kernel.is_loaded) return e.ok(check::module, "", "the module netconsole is loaded");
  if (kernel.has_module.is(false))
    return e.bad(check::module, "",
                 "this kernel has no module netconsole; Ubuntu has it in another package, cloud kernels may "
                 "be built without",
                 "apt-get install linux-modules-extra-$(uname -r)");
  e.bad(check::module, "", "the module netconsole is not loaded", "modprobe netconsole");
}

inline void check_dynamic(examination& e) {
  const auto& known = e.known;
  if (known.targets) return e.ok(check::dynamic, "", "targets are in " + known.configfs_root);
  if (known.kernel.is_loaded.is(false)) return;  // the module's finding says it
  if (!e.kernel.supports(feature::dynamic))
    return e.warn(check::dynamic, "",
                  "this kernel is built without CONFIG_NETCONSOLE_DYNAMIC: targets exist only by parameter",
                  "netcon suggest RECEIVER --as modprobe > /etc/modprobe.d/netconsole.conf");
  if (known.has_configfs.is(false))
    return e.bad(check::dynamic, "", "configfs is not mounted",
                 "mount -t configfs configfs /sys/kernel/config");
  e.unknown(check::dynamic, "", known.targets.reason());
}

/// A command that gives the module this parameter, now and at the next boot.
inline std::string command_to_load(const examination& e, std::string_view parameter) {
  return "echo " + shell_word("options netconsole netconsole=" + std::string{parameter}) +
         " > /etc/modprobe.d/netconsole.conf; " + command_to_reload(e);
}

/// A command that repairs the text where it is written.
inline std::string command_to_fix(const examination& e, const given_parameter& given) {
  if (given.is_file)
    return "netcon lint --fix --file " + shell_word(given.place) + "; " + command_to_reload(e);
  return "netcon lint --fix --file /etc/default/grub; update-grub; reboot";
}

inline void check_one_parameter(examination& e, const given_parameter& given) {
  const auto parsed = parse_parameter(given.value, e.kernel);
  const bool is_whole = parsed && parsed->skipped().empty();
  if (is_whole && !given.is_read)
    return e.bad(check::parameter, given.place,
                 "only a netconsole that is built in reads netconsole= there; this one is a module",
                 command_to_load(e, given.value));
  if (is_whole && parsed->empty())
    return e.warn(check::parameter, given.place, "netconsole= is empty: it makes no target",
                  std::string{suggest_command});
  if (is_whole)
    return e.ok(check::parameter, given.place,
                std::to_string(parsed->size()) + (parsed->size() == 1 ? " target" : " targets"));
  const auto& why = parsed ? *parsed->skipped().begin() : parsed.error();
  std::string evidence = parsed ? "the kernel leaves a target out: " : "the kernel refuses it whole: ";
  evidence += message(why.code);
  if (const auto at = why.where.in(given.value); !at.empty()) evidence += ", at '" + printable(at) + "'";
  const auto better = fixed(given.value, e.kernel);
  const auto read = parse_parameter(better, e.kernel);
  const bool repaired = read && read->skipped().empty() && !read->empty();
  e.bad(check::parameter, given.place, std::move(evidence),
        repaired
            ? command_to_fix(e, given)
            : command_to_write(e, "netcon suggest RECEIVER", given.is_file ? given.place : std::string{}));
}

inline void check_parameter(examination& e) {
  const auto given = given_parameters(e.known, e.kernel);
  for (const auto& one : given) check_one_parameter(e, one);
  if (std::ranges::count(given, true, &given_parameter::is_read) > 1)
    e.warn(check::parameter, "", "netconsole= is given in several places: one of them replaces the others",
           "grep -rs netconsole= /etc/modprobe.d /run/modprobe.d /usr/lib/modprobe.d /proc/cmdline");
}

/// The problems of the last time that netconsole was loaded or a target was set up. What went well afterwards
/// has repaired what came before.
inline void check_log(examination& e) {
  if (!e.known.log) return e.unknown(check::log, "", e.known.log.reason());
  std::vector<log_meaning> problems, now;
  std::size_t count = 0;
  for (const auto& text : *e.known.log) {
    const auto line = explain_log_line(text);
    if (!line) continue;
    ++count;
    if (line->severity >= severity::warning && !line->name.ends_with("-console-gone")) now.push_back(*line);
    const auto lasts = [](const log_meaning& one) {
      return one.name != "device-gone" && one.name != "joined-master" && one.name != "released-ports" &&
             one.name != "stopped" && one.name != "locked" && one.name != "bad-address";
    };
    if (line->name == "started") {
      std::erase_if(now, [&](const log_meaning& one) { return !lasts(one); });
      problems = std::exchange(now, {});
    } else if (line->name == "resumed") {
      std::erase_if(now, [](const log_meaning& one) { return one.name == "device-gone"; });
    }
  }
  problems.insert(problems.end(), now.begin(), now.end());
  if (problems.empty())
    return e.ok(check::log, "",
                count == 0 ? "no line about netconsole is left in the kernel's log"
                           : "the kernel reported no problem with the last set-up");
  // One finding for each kind.
  for (std::size_t i = 0; i < problems.size(); ++i) {
    const auto& one = problems[i];
    const auto is_same = [&](const log_meaning& other) {
      return other.name == one.name && other.subject == one.subject;
    };
    if (std::find_if(problems.begin(), problems.begin() + static_cast<std::ptrdiff_t>(i), is_same) !=
        problems.begin() + static_cast<std::ptrdiff_t>(i))
      continue;
    auto remedy = one.remedy;
    if (remedy.starts_with("modprobe -r netconsole")) remedy = command_to_reload(e, remedy);
    e.found.push_back({check::log, one.severity, std::string{one.name}, one.meaning, std::move(remedy)});
  }
}

/// Whether a value of netconsole= makes a target on this kernel.
inline bool makes_target(std::string_view value, const kernel_profile& kernel) {
  const auto parsed = parse_parameter(value, kernel);
  return parsed && !parsed->empty();
}

/// Whether an argument of the kernel command line lists netconsole, between commas. Of one that the kernel
/// reads the last counts; modprobe takes each.
inline bool lists_netconsole(const fact<std::string>& command_line, std::string_view argument,
                             bool only_last) {
  if (!command_line) return false;
  bool is_listed = false;
  for (const auto& word : words_of(*command_line)) {
    if (!word.starts_with(argument)) continue;
    const bool has = (',' + word.substr(argument.size()) + ',').find(",netconsole,") != std::string::npos;
    is_listed = has || (is_listed && !only_last);
  }
  return is_listed;
}

inline void check_next_boot(examination& e) {
  const auto& boot = e.known.boot;
  const auto given = given_parameters(e.known, e.kernel);
  const bool has_target = std::ranges::any_of(
      given, [&](const given_parameter& one) { return one.is_read && makes_target(one.value, e.kernel); });
  if (!e.kernel.supports(feature::module) && has_target)
    return e.ok(check::next_boot, "", "built in, with a target on the kernel command line");
  const auto on_command_line = [&](std::string_view argument, std::string_view what) {
    e.warn(
        check::next_boot, "the kernel command line",
        std::string{argument} + "netconsole " + std::string{what},
        "grep -rs " + std::string{argument} + " /etc/default/grub /etc/default/grub.d /etc/kernel/cmdline");
  };
  if (e.kernel.supports(feature::module) && lists_netconsole(boot.command_line, "module_blacklist=", true))
    return on_command_line("module_blacklist=", "makes the kernel refuse the module, whoever loads it");
  if (boot.units)
    for (const auto& unit : *boot.units)
      if (unit.is_enabled) return e.ok(check::next_boot, unit.file, "this unit is started at boot");
  for (const auto* looked : {&boot.modprobe, &boot.module_loads})
    if (!*looked) return e.unknown(check::next_boot, "", looked->reason());
  const bool is_loaded = !boot.module_loads->empty();
  // 'modprobe netconsole' takes no notice of it; modules-load.d does.
  if (is_loaded && lists_netconsole(boot.command_line, "modprobe.blacklist=", false))
    return on_command_line("modprobe.blacklist=", "keeps modules-load.d from loading it");
  for (const auto& line : *boot.modprobe) {
    const auto words = words_of(line.text);
    if (!words.empty() && words[0] == "install")
      return e.warn(check::next_boot, line.file, "'" + printable(line.text) + "' runs instead of a load",
                    "sed -i '/^install netconsole/d' " + shell_word(line.file));
    if (is_loaded && !words.empty() && words[0] == "blacklist")
      return e.warn(check::next_boot, line.file,
                    "'blacklist netconsole' keeps modules-load.d from loading it",
                    "sed -i '/^blacklist netconsole/d' " + shell_word(line.file));
  }
  if (is_loaded && has_target)
    return e.ok(check::next_boot, boot.module_loads->front().file, "the module is loaded, with a target");
  if (has_target && e.kernel.supports(feature::module))
    return e.warn(check::next_boot, "", "a target is written down, but nothing loads the module at boot",
                  "echo netconsole > /etc/modules-load.d/netconsole.conf");
  if (is_loaded)
    return e.warn(check::next_boot, boot.module_loads->front().file,
                  "the module is loaded at boot, but nothing gives it a target",
                  "netcon suggest RECEIVER --as modprobe > /etc/modprobe.d/netconsole.conf");
  if (boot.units && !boot.units->empty()) {
    const auto& file = boot.units->front().file;
    return e.warn(check::next_boot, file, "this unit is not started at boot",
                  "systemctl enable " + shell_word(file.substr(file.rfind('/') + 1)));
  }
  e.warn(check::next_boot, "", "nothing sets a target up at the next boot",
         "netcon suggest RECEIVER --as systemd --unit-dir /etc/systemd/system && systemctl daemon-reload && "
         "systemctl enable --now netconsole.service netconsole.timer");
}

}  // namespace netcon::inline v0_1::doctor::internal
