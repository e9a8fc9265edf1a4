// Plans as POSIX shell, safe for names and values of any bytes.
#pragma once

#include <netcon/configfs/plan.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/detail/digits.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace netcon::configfs {

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

/// The format that makes printf write these bytes.
inline std::string printf_format(std::string_view bytes) {
  std::string format = "'";
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
inline std::string shell_command(const step& step, std::string_view root) {
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

/// A script that carries out the plan, stops at the first step that fails and says which. The directory is
/// $NETCONSOLE, by default /sys/kernel/config/netconsole.
inline std::string to_shell(const plan& p) {
  const auto total = std::to_string(p.steps.size());
  std::string script = "#!/bin/sh\n# netconsole target " + netcon::printable(p.name) + ", for Linux " +
                       to_string(p.kernel.version()) + "\n";
  if (p.empty()) return script + "# Nothing to do.\n";
  script +=
      "set -u\n"
      "netconsole=${NETCONSOLE:-/sys/kernel/config/netconsole}\n"
      "failed() {\n"
      "  printf 'step %s of " +
      total +
      " failed: %s\\n' \"$1\" \"$2\" >&2\n"
      "  exit 1\n"
      "}\n"
      "if ! [ -d \"$netconsole\" ]; then\n"
      "  echo \"$netconsole does not exist: modprobe netconsole, with configfs mounted\" >&2\n"
      "  exit 1\n"
      "fi\n";
  std::size_t number = 0;
  for (const auto& step : p.steps) {
    script += shell_command(step, "\"$netconsole\"") + " || failed " + std::to_string(++number) + ' ' +
              internal::shell_word(netcon::printable(describe(step))) + '\n';
  }
  return script;
}

}  // namespace netcon::configfs
