// SPDX-License-Identifier: MIT
// What is known about one crash, from its lines.
#pragma once

#include <netcon/crash/frame.hpp>
#include <netcon/crash/kind.hpp>
#include <netcon/crash/line.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1::crash {

/// Why a title is not to be trusted.
enum class doubt : std::uint8_t {
  none,         ///< nothing speaks against it
  no_function,  ///< the function to blame was not found
  no_trace,     ///< the stack trace did not come
  mixed,        ///< the lines of another crash are between those of this one
  no_cause,     ///< only the panic came, not what led to it
  lost,         ///< the sender says that it dropped lines in it
};

/// Kebab-case, as JSON has it.
[[nodiscard]] constexpr std::string_view name(doubt value) noexcept {
  constexpr std::string_view names[] = {"none", "no-function", "no-trace", "mixed", "no-cause", "lost"};
  return names[static_cast<unsigned>(value) % 6];
}

/// The doubt of that name; nothing for any other text.
[[nodiscard]] constexpr std::optional<doubt> parse_doubt(std::string_view text) noexcept {
  for (unsigned i = 0; i < 6; ++i)
    if (text == name(static_cast<doubt>(i))) return static_cast<doubt>(i);
  return std::nullopt;
}

/// Whether every record of the crash came. Only numbered records tell; the text of a basic target or of a
/// file without numbers is unknown.
enum class completeness : std::uint8_t {
  unknown,     ///< without numbers, or nothing shows where it begins and ends
  complete,    ///< every record and an end came
  incomplete,  ///< records are missing, or parts of one
};

/// The enumerator's name.
[[nodiscard]] constexpr std::string_view name(completeness value) noexcept {
  constexpr std::string_view names[] = {"unknown", "complete", "incomplete"};
  return names[static_cast<unsigned>(value) % 3];
}

/// The completeness of that name; nothing for any other text.
[[nodiscard]] constexpr std::optional<completeness> parse_completeness(std::string_view text) noexcept {
  for (unsigned i = 0; i < 3; ++i)
    if (text == name(static_cast<completeness>(i))) return static_cast<completeness>(i);
  return std::nullopt;
}

/// Record numbers that did not come: [begin, end).
struct missing_range {
  std::uint64_t begin = 0;  ///< the first number that is missing
  std::uint64_t end = 0;    ///< the number behind the last one that is missing

  friend constexpr bool operator==(const missing_range&, const missing_range&) noexcept = default;
};

/// A register of the processor, as the report of the kernel has it.
struct register_value {
  std::string name;   ///< "RAX", "x0", "pc" and so on
  std::string value;  ///< hexadecimal digits as they were printed

  friend bool operator==(const register_value&, const register_value&) = default;
};

/// One crash. What its lines do not say is empty.
struct report {
  crash::kind kind{};                             ///< what went wrong
  std::string title;                              ///< as syzbot names it
  std::vector<std::string> titles;                ///< other names that are as good
  std::string function;                           ///< to blame
  std::string module;                             ///< of that function; empty: the kernel itself
  std::vector<frame> frames;                      ///< of the first trace, the innermost first
  std::vector<register_value> registers;          ///< in the order of the lines, at most 64
  std::optional<std::uint32_t> cpu;               ///< processor that it happened on
  std::optional<std::uint32_t> pid;               ///< of the task
  std::string task;                               ///< name of the task that ran, at most 15 bytes
  std::string taint;                              ///< the letters
  std::string release;                            ///< of the kernel, as `uname -r` prints it
  std::string hardware;                           ///< name of the machine
  std::vector<std::string> chain;                 ///< the titles of what followed from it, such as a panic
  bool panicked = false;                          ///< the machine went down with it
  crash::doubt doubt = doubt::none;               ///< why the title is not to be trusted
  completeness complete = completeness::unknown;  ///< whether all of it came
  std::vector<missing_range> missing;             ///< record numbers, in order
  std::uint64_t cut_lines = 0;                    ///< that came, and are over a limit
  /// Equal for equal crashes: of the kind and the functions, without offsets and versions.
  std::uint64_t signature = 0;
  std::optional<std::uint64_t> first_sequence,  ///< number of its first record; absent: not numbered
      last_sequence;                            ///< number of its last record; absent: not numbered
  std::optional<std::uint64_t> first_us,  ///< of its first line: microseconds since the boot of the sender
      last_us;                            ///< of its last line
  optional_time time;                     ///< of its first line, on the clock of who received it
  std::vector<std::string> before;        ///< the last lines before it
  std::vector<std::string> text;          ///< its lines, with the kernel's time stamps where there are any

  /// The title is not to be trusted.
  [[nodiscard]] bool corrupted() const noexcept { return doubt != doubt::none; }
};

}  // namespace netcon::inline v0_1::crash
