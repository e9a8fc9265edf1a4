// SPDX-License-Identifier: MIT
// The lines that prove a crash, and what each says about it.
#pragma once

#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/kind.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::crash {

/// Where the function to blame is found.
enum class blame : std::uint8_t {
  none,         ///< the title names no function
  stack,        ///< the first function of the trace that is no helper
  any_trace,    ///< the same in the first trace of any kind, such as that of who allocated
  lock,         ///< where the lock was taken, then the trace
  held_lock,    ///< where the first lock that is held was taken
  interrupted,  ///< the way into the part of the kernel that was interrupted and does not end
  entry,        ///< the way into the part of the kernel whose stack it was
};

/// What a line that begins a crash says.
struct opening {
  crash::kind kind{};         ///< what went wrong
  std::string title;          ///< without " in " and the function
  blame rule = blame::stack;  ///< how the function is found when the line names none
  std::string function{};     ///< that the line itself names
  bool follows = false;  ///< usually the second line of a crash: without one before it, it is a crash too
  bool needs_function = true;  ///< without a function the title says "in corrupted"
};

namespace detail {

/// The line without what subsystems put before it; Oops without its number counts as that.
constexpr std::string_view unwrapped(std::string_view line) noexcept {
  line = trim(line);
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view wrapper :
         {"rcu: ", "watchdog: ", "NMI watchdog: ", "workqueue: ", "traps: PANIC"}) {
      if (!line.starts_with(wrapper)) continue;
      if (wrapper.starts_with("traps")) {
        line.remove_prefix(7);
      } else {
        line.remove_prefix(wrapper.size());
        again = true;
      }
    }
  }
  if (line.starts_with("Oops: ") && line.size() > 6 && is_letter(line[6]) &&
      !line.starts_with("Oops: Kernel access"))
    line.remove_prefix(6);
  for (const std::string_view bracket : {"[ BUG: ", "[ INFO: ", "[ WARNING: "})
    if (line.starts_with(bracket)) {
      line.remove_prefix(2);
      if (line.ends_with(']')) line.remove_suffix(1);
      line = trim(line);
    }
  return line;
}

}  // namespace detail

}  // namespace netcon::inline v0_1::crash
