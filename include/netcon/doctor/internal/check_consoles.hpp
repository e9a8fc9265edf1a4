// SPDX-License-Identifier: MIT
// What reaches netconsole at all: consoles and their level, and what the kernel keeps back of a crash.
#pragma once

#include <netcon/core/level.hpp>
#include <netcon/core/number.hpp>
#include <netcon/doctor/internal/examination.hpp>
#include <netcon/doctor/internal/repair.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::doctor::internal {

/// Enabling a target registers the console of its kind, the basic one since Linux 6.17 only. One that is
/// there without its flag needs the module loaded anew.
inline std::string command_to_register(const examination& e, bool extended, bool is_there) {
  const bool registers = extended || e.kernel.supports(feature::needed_consoles_only);
  if (!is_there && registers && e.known.targets)
    for (const auto& one : e.targets())
      if (one.state.enabled && one.state.settings.extended == extended)
        return command_to_restart(e, one.name);
  return command_to_reload(e);
}

inline void check_console(examination& e, bool extended) {
  const std::string_view name = extended ? "netcon_ext0" : "netcon0";
  if (!e.known.printk.consoles) return e.unknown(check::console, name, e.known.printk.consoles.reason());
  const auto& consoles = *e.known.printk.consoles;
  const auto at = std::ranges::find(consoles, name, &console::name);
  if (at != consoles.end() && at->is_enabled()) return e.ok(check::console, name, "registered and enabled");
  e.bad(check::console, name,
        at == consoles.end() ? "not registered: no record goes to targets of its kind"
                             : "registered, but not enabled: no record goes to targets of its kind",
        command_to_register(e, extended, at != consoles.end()));
}

/// "emerg to err": the levels below a console level.
inline std::string levels_below(int console_level) {
  const int last = std::clamp(console_level, 1, 8) - 1;
  const auto most = name(static_cast<level>(last));
  return last == 0 ? std::string{most} : "emerg to " + std::string{most};
}

inline void check_console_level(examination& e) {
  const auto& printk = e.known.printk;
  const auto wanted = std::string{name(e.wanted)};
  if (printk.ignores_level.is(true))
    return e.ok(check::console_level, "", "ignore_loglevel is on: every record reaches the consoles");
  if (!printk.console_level) return e.unknown(check::console_level, "", printk.console_level.reason());
  const int now = *printk.console_level, needed = static_cast<int>(e.wanted) + 1;
  auto evidence = "console level " + std::to_string(now) + ": " + levels_below(now) + " reach the consoles";
  if (now >= needed) return e.ok(check::console_level, "", std::move(evidence));
  e.bad(check::console_level, "", std::move(evidence) + ", " + wanted + " does not",
        "echo " + std::to_string(needed) + " > /proc/sys/kernel/printk");
}

inline std::optional<int> number_of(std::string_view text) {
  int value = 0;
  const auto [at, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || at == text.data()) return std::nullopt;
  return value;
}

/// The value of a line of sysctl.d, "kernel.printk = 4 4 1 7": its first number. key: with dots, for which a
/// line may have slashes (sysctl.d(5)).
inline std::optional<int> sysctl_number(std::string_view line, std::string_view key) {
  const auto words = words_of(line);
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : " ") + word;
  std::string_view rest = all;
  if (rest.starts_with('-')) rest.remove_prefix(1);
  const auto is_same = [](char c, char wanted) { return c == wanted || (c == '/' && wanted == '.'); };
  if (rest.size() < key.size() || !std::ranges::equal(rest.substr(0, key.size()), key, is_same))
    return std::nullopt;
  rest.remove_prefix(key.size());
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '=')) rest.remove_prefix(1);
  return number_of(rest);
}

/// What the next boot makes of the console level: the command line, then sysctl.d.
inline void check_boot_level(examination& e) {
  const auto& boot = e.known.boot;
  const int needed = static_cast<int>(e.wanted) + 1;
  const auto remedy =
      "echo 'kernel.printk = " + std::to_string(needed) + "' > /etc/sysctl.d/99-netconsole.conf";
  if (boot.sysctls) {
    std::optional<int> set;
    std::string file;
    for (const auto& line : *boot.sysctls)
      if (const auto value = sysctl_number(line.text, "kernel.printk")) {
        set = value;
        file = line.file;
      }
    if (set && *set < needed)
      return e.warn(check::boot_level, file,
                    "kernel.printk sets the console level to " + std::to_string(*set) + ": " +
                        levels_below(*set) + " reach the consoles after the next boot",
                    remedy);
    if (set)
      return e.ok(check::boot_level, file, "kernel.printk sets the console level to " + std::to_string(*set));
  }
  if (!boot.command_line) return e.unknown(check::boot_level, "", boot.command_line.reason());
  const auto words = words_of(*boot.command_line);
  if (value_of_last(words, "ignore_loglevel"))
    return e.ok(check::boot_level, "", "ignore_loglevel is on the kernel command line");
  std::optional<int> set;
  std::string by;
  for (const auto& word : words) {
    if (word == "quiet" || word == "debug") {
      set = word == "quiet" ? 4 : 10;
      by = word;
    } else if (word.starts_with("loglevel=")) {
      if (const auto value = number_of(std::string_view{word}.substr(9))) {
        set = value;
        by = word;
      }
    }
  }
  if (!set) return;
  if (*set >= needed)
    return e.ok(check::boot_level, "", "'" + printable(by) + "' on the kernel command line");
  e.warn(check::boot_level, "",
         "'" + printable(by) + "' on the kernel command line: only " + levels_below(*set) +
             " reach the consoles after the next boot",
         remedy);
}

inline void check_oops_only(examination& e) {
  const auto& oops_only = e.known.crash.oops_only;
  if (!oops_only) return e.unknown(check::oops_only, "", oops_only.reason());
  if (!*oops_only) return e.ok(check::oops_only, "", "off: every record is sent");
  e.bad(check::oops_only, "",
        e.kernel.supports(feature::threaded_console)
            ? "oops_only is on: from Linux 7.0 on nothing at all is sent, not even an oops"
            : "oops_only is on: nothing is sent but the text of an oops",
        "echo N > /sys/module/netconsole/parameters/oops_only");
}

inline void check_panic(examination& e) {
  const auto& crash = e.known.crash;
  const auto& panic = crash.panic;
  if (!panic) return e.unknown(check::panic, "", panic.reason());
  const auto value = "panic=" + std::to_string(*panic);
  if (!e.kernel.supports(feature::threaded_console))
    return e.ok(check::panic, "", value + ": this kernel sends the text of a panic at once");
  if (*panic == 0)
    return e.ok(check::panic, "", value + ": the machine halts after a panic and sends its text");
  e.bad(check::panic, "",
        value + ": from Linux 7.0 on the machine reboots before a thread has sent any of the panic" +
            (crash.panic_on_oops.is(true) ? "; panic_on_oops is on, so that of an oops is lost too" : ""),
        "echo 0 > /proc/sys/kernel/panic");
}

inline void check_crash_kernel(examination& e) {
  const auto& loaded = e.known.crash.has_crash_kernel;
  if (!e.kernel.supports(feature::threaded_console)) return;
  if (!loaded) return e.unknown(check::crash_kernel, "", loaded.reason());
  if (!*loaded) return e.ok(check::crash_kernel, "", "none is loaded");
  e.warn(check::crash_kernel, "",
         "a crash kernel is loaded: from Linux 7.0 on nothing of a panic is sent; the dump has it",
         "kexec -p -u");
}

}  // namespace netcon::inline v0_1::doctor::internal
