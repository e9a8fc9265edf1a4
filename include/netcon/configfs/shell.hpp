// SPDX-License-Identifier: MIT
// Plans as POSIX shell, safe for names and values of any bytes.
#pragma once

#include <netcon/configfs/attribute.hpp>
#include <netcon/configfs/plan.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/detail/digits.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::configfs {

namespace internal {

constexpr bool is_printable(char c) noexcept {
  return c >= ' ' && c <= '~';
}

inline bool is_printable(std::string_view text) noexcept {
  for (const char c : text)
    if (!is_printable(c)) return false;
  return true;
}

inline void append_octal(std::string& to, char c) {
  const auto byte = static_cast<unsigned char>(c);
  to += '\\';
  for (const int shift : {6, 3, 0}) to += static_cast<char>('0' + (byte >> shift & 7));
}

/// One word of printable text, quoted where the shell would change it.
inline std::string shell_word(std::string_view text) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@+,-";
  if (!text.empty() && text.find_first_not_of(plain) == text.npos) return std::string{text};
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word += '\'';
}

/// The format that makes printf write these bytes. A '-' in front would be read as an option.
inline std::string printf_format(std::string_view bytes) {
  std::string format = "'";
  if (bytes.starts_with('-')) {
    append_octal(format, '-');
    bytes.remove_prefix(1);
  }
  for (const char c : bytes) {
    if (c == '\\' || c == '%') {
      (format += c) += c;
    } else if (is_printable(c) && c != '\'') {
      format += c;
    } else {
      append_octal(format, c);
    }
  }
  return format += '\'';
}

inline std::string shell_printf(std::string_view data) {
  auto line = data;
  const bool ends = line.ends_with('\n');
  if (ends) line.remove_suffix(1);
  if (is_printable(line)) return std::string{ends ? "printf '%s\\n' " : "printf %s "} + shell_word(line);
  // Some shells' own printf writes line by line, and each write(2) is a value of its own to the kernel.
  return "env printf " + printf_format(data);
}

}  // namespace internal

/// One step as one line. root is put before the path as it is: a quoted variable or a plain path.
[[nodiscard]] inline std::string shell_command(const step& step, std::string_view root) {
  std::string before, path{root};
  if (internal::is_printable(step.path)) {
    path += '/' + internal::shell_word(step.path);
  } else {
    // The dot keeps a newline at the end, which $() would drop.
    before = "odd=$(printf " + internal::printf_format(step.path + '.') + "); odd=${odd%.}; ";
    path += "/\"$odd\"";
  }
  switch (step.what) {
    case operation::mkdir:
      return before + "mkdir " + path;
    case operation::rmdir:
      return before + "rmdir " + path;
    case operation::write:
      break;
  }
  return before + internal::shell_printf(step.data) + " > " + path;
}

namespace internal {

/// What a script begins with: where the directory is, and how it says that a step failed.
inline std::string script_head(const plan& p, std::string_view about) {
  return "#!/bin/sh\n# netconsole target " + netcon::printable(p.name) + ", for Linux " +
         to_string(p.kernel.version()) + std::string{about} + "\n";
}

inline std::string script_checks(const plan& p) {
  return "set -u\n"
         "netconsole=${NETCONSOLE:-/sys/kernel/config/netconsole}\n"
         "failed() {\n"
         "  printf 'step %s of " +
         std::to_string(p.steps.size()) +
         " failed: %s\\n' \"$1\" \"$2\" >&2\n"
         "  exit 1\n"
         "}\n"
         "if ! [ -d \"$netconsole\" ]; then\n"
         "  echo \"$netconsole does not exist: modprobe netconsole, with configfs mounted\" >&2\n"
         "  exit 1\n"
         "fi\n";
}

inline std::string script_steps(const plan& p) {
  std::string script;
  std::size_t number = 0;
  for (const auto& step : p.steps) {
    script += shell_command(step, "\"$netconsole\"") + " || failed " + std::to_string(++number) + ' ' +
              shell_word(netcon::printable(describe(step))) + '\n';
  }
  return script;
}

/// True in the shell when the file shows that text.
inline std::string shell_comparison(std::string_view file, std::string_view text) {
  return "  [ \"$(cat \"$target\"/" + shell_word(file) + ")\" = " + shell_word(text) + " ] &&\n";
}

/// The directories of all userdata of a target, for the shell; its "*" leaves out names that begin with a
/// dot.
inline std::string shell_entries(const std::string& target) {
  std::string all;
  for (const auto* pattern : {"*/", ".[!.]*/", "..?*/"})
    all.append(all.empty() ? "" : " ").append(target).append("/userdata/").append(pattern);
  return all;
}

/// A switch that this kernel has and does not show: its file is that of another one.
inline bool is_hidden_switch(attribute file, const kernel_profile& kernel) noexcept {
  return file == attribute::release_enabled && exists(describe(file), kernel) &&
         !kernel.supports(feature::release_enabled_shown);
}

/// Writes what cannot be compared, whatever it is now.
inline std::string shell_unseen_switch(const plan& p) {
  if (!is_hidden_switch(attribute::release_enabled, p.kernel)) return {};
  return std::string{"printf '%s\\n' "} + (p.after->sysdata.release ? "1" : "0") + " > \"$target\"/" +
         std::string{release_switch_path} + "; ";
}

/// The shell function that says whether the target that is there is what the plan makes. It never is where no
/// printable word has the bytes of its userdata.
inline std::string shell_is_as_wanted(const plan& p) {
  const auto& s = p.after->settings;
  for (const auto& [key, value] : p.after->userdata)
    if (!is_printable(key) || !is_printable(value)) return "is_as_wanted() { false; }\n";
  const auto flag = [](bool on) { return on ? "1" : "0"; };
  std::string all = "is_as_wanted() {\n";
  const auto compare = [&](attribute file, std::string_view text) {
    if (exists(describe(file), p.kernel)) all += shell_comparison(configfs::name(file), text);
  };
  compare(attribute::enabled, flag(p.after->enabled));
  compare(attribute::extended, flag(s.extended));
  compare(attribute::release, flag(s.release));
  compare(attribute::dev_name, s.dev_name.view());
  compare(attribute::local_port, to_string(s.local_port));
  compare(attribute::remote_port, to_string(s.remote_port));
  if (s.local_ip) compare(attribute::local_ip, to_string(*s.local_ip));
  compare(attribute::remote_ip, to_string(s.remote_ip));
  compare(attribute::remote_mac, to_string(s.remote_mac));
  for (const auto& [switch_name, member, file] : sysdata_table)
    if (exists(describe(file), p.kernel) && !is_hidden_switch(file, p.kernel))
      all +=
          shell_comparison("userdata/" + std::string{configfs::name(file)}, flag(p.after->sysdata.*member));
  for (const auto& [key, value] : p.after->userdata)
    all += shell_comparison("userdata/" + key + "/value", value);
  return all + "  [ \"$(ls -d " + shell_entries("\"$target\"") + " 2> /dev/null | wc -l)\" -eq " +
         std::to_string(p.after->userdata.size()) + " ]\n}\n";
}

}  // namespace internal

/// A script that carries out the plan, stops at the first step that fails and says which. The directory is
/// $NETCONSOLE, by default /sys/kernel/config/netconsole.
[[nodiscard]] inline std::string to_shell(const plan& p) {
  auto script = internal::script_head(p, "");
  if (p.empty()) return script + "# Nothing to do.\n";
  return script + internal::script_checks(p) + internal::script_steps(p);
}

/// As to_shell for a plan that makes a target, but it may be run again: a target of that name which is as
/// wanted is left alone, any other one is removed first. Names and values of any bytes that no shell word has
/// make it remove the target each time.
[[nodiscard]] inline std::string to_repeatable_shell(const plan& p) {
  if (!p.after || p.before) return to_shell(p);
  const auto name = internal::is_printable(p.name) ? internal::shell_word(p.name) : std::string{};
  if (name.empty()) return to_shell(p);
  return internal::script_head(p, "; may be run again") + internal::script_checks(p) +
         "target=\"$netconsole\"/" + name + "\n" + internal::shell_is_as_wanted(p) +
         "if [ -d \"$target\" ]; then\n"
         "  if is_as_wanted 2> /dev/null; then " +
         internal::shell_unseen_switch(p) + "exit 0; fi\n" + "  for entry in " +
         internal::shell_entries("\"$target\"") +
         "; do\n"
         "    if [ -d \"$entry\" ]; then rmdir \"$entry\"; fi\n"
         "  done\n"
         "  rmdir \"$target\" || failed 0 'remove the target of that name'\n"
         "fi\n" +
         internal::script_steps(p);
}

}  // namespace netcon::inline v0_1::configfs
