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

namespace netcon::crash {

/// Why a title is not to be trusted.
enum class doubt : std::uint8_t {
  none,
  no_function,  // the function to blame was not found
  no_trace,     // the stack trace did not come
  mixed,        // the lines of another crash are between those of this one
  no_cause,     // only the panic came, not what led to it
  lost,         // the sender says that it dropped lines in it
};

constexpr std::string_view name(doubt value) noexcept {
  constexpr std::string_view names[] = {"none", "no-function", "no-trace", "mixed", "no-cause", "lost"};
  return names[static_cast<unsigned>(value) % 6];
}

constexpr std::optional<doubt> parse_doubt(std::string_view text) noexcept {
  for (unsigned i = 0; i < 6; ++i)
    if (text == name(static_cast<doubt>(i))) return static_cast<doubt>(i);
  return std::nullopt;
}

/// Whether every record of the crash came. Only numbered records tell; the text of a basic target or of a
/// file without numbers is unknown.
enum class completeness : std::uint8_t { unknown, complete, incomplete };

constexpr std::string_view name(completeness value) noexcept {
  constexpr std::string_view names[] = {"unknown", "complete", "incomplete"};
  return names[static_cast<unsigned>(value) % 3];
}

constexpr std::optional<completeness> parse_completeness(std::string_view text) noexcept {
  for (unsigned i = 0; i < 3; ++i)
    if (text == name(static_cast<completeness>(i))) return static_cast<completeness>(i);
  return std::nullopt;
}

/// Record numbers that did not come: [begin, end).
struct missing_range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  friend constexpr bool operator==(const missing_range&, const missing_range&) noexcept = default;
};

struct register_value {
  std::string name;
  std::string value;

  friend bool operator==(const register_value&, const register_value&) = default;
};

/// One crash. What its lines do not say is empty.
struct report {
  crash::kind kind{};
  std::string title;                // as syzbot names it
  std::vector<std::string> titles;  // other names that are as good
  std::string function;             // to blame
  std::string module;               // of that function; empty: the kernel itself
  std::vector<frame> frames;        // of the first trace, the innermost first
  std::vector<register_value> registers;
  std::optional<std::uint32_t> cpu;
  std::optional<std::uint32_t> pid;
  std::string task;
  std::string taint;  // the letters
  std::string release;
  std::string hardware;
  std::vector<std::string> chain;  // the titles of what followed from it, such as a panic
  bool panicked = false;           // the machine went down with it
  crash::doubt doubt = doubt::none;
  completeness complete = completeness::unknown;
  std::vector<missing_range> missing;
  std::uint64_t cut_lines = 0;  // that came, and are over a limit
  /// Equal for equal crashes: of the kind and the functions, without offsets and versions.
  std::uint64_t signature = 0;
  std::optional<std::uint64_t> first_sequence, last_sequence;
  std::optional<std::uint64_t> first_us, last_us;  // since the boot of the sender
  optional_time time;                              // of its first line, on the clock of who received it
  std::vector<std::string> before;                 // the last lines before it
  std::vector<std::string> text;  // its lines, with the kernel's time stamps where there are any

  /// The title is not to be trusted.
  bool corrupted() const noexcept { return doubt != doubt::none; }
};

}  // namespace netcon::crash
