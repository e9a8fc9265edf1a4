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
  none,              ///< the title names no function
  trace,             ///< the first trace
  counter,           ///< the program counter, then the trace
  counter_alone,     ///< the program counter
  check,             ///< the program counter and the frames behind it; without these the line, then the trace
  line,              ///< the first line, then the trace
  line_and_frames,   ///< the first line, then frames without a heading
  frames,            ///< frames without a heading
  object,            ///< the trace of an object that nothing points to
  allocation,        ///< the trace of who allocated the page
  two_locks,         ///< where the lock was taken that others wait for, then where that one was taken
  wanted_lock,       ///< where the lock is taken that the task waits for
  changed_lock,      ///< where the lock was taken whose state changed
  any_lock,          ///< where the first lock that is shown was taken
  kept_lock,         ///< where the first lock was taken that was not released
  unsafe_trace,      ///< the trace that made the lock unsafe
  released_lock,     ///< where the lock was released, then the trace
  interrupted,       ///< the way into the part of the kernel that was interrupted and does not end
  interrupted_here,  ///< the same, where the processor itself says that it does not go on
  loop,              ///< the way into the part of the kernel where the program counter is
  stack_loop,        ///< the way into the part of the kernel whose stack it was
};

/// What a line that begins a crash says.
struct opening {
  crash::kind kind{};           ///< what went wrong
  std::string title;            ///< without " in " and the function
  blame rule = blame::counter;  ///< how the function is found when the line names none
  std::string function{};       ///< that the line itself names
  bool follows = false;  ///< usually the second line of a crash: without one before it, it is a crash too
  bool needs_function = true;  ///< without a function the title says "in corrupted"
  bool needs_trace = true;     ///< a report without a trace is not whole
  bool is_cut = false;         ///< the line ends before it says what happened
  bool needs_proof = false;    ///< a program may have caused it: a crash only with an oops behind it
  bool panics = false;         ///< the machine stops with this line
  bool words_alone = false;    ///< no fault that is known: a program may have written the line
};

namespace detail {

/// A line of which nothing is known but its words: a program may have written it as well.
inline bool is_words_alone(const opening& one) noexcept {
  return one.words_alone || (one.kind == kind::warning && !one.needs_trace);
}

/// The warning of a task that dies while it holds something: that follows from why it dies.
inline bool is_of_exit(const opening& one, std::string_view line) noexcept {
  return one.kind == kind::warning && contains(line, "kernel/exit.c:") && contains(line, " do_exit+0x");
}

/// The line without what subsystems put before it; Oops without its number counts as that.
constexpr std::string_view unwrapped(std::string_view line) noexcept {
  line = trim(line);
  const auto skip = [&](std::string_view wrapper) {
    const bool is = line.starts_with(wrapper);
    if (is) line.remove_prefix(wrapper.size());
    return is;
  };
  while (skip("rcu: ") || skip("watchdog: ") || skip("NMI watchdog: ") || skip("workqueue: ")) continue;
  if (line.starts_with("traps: PANIC")) skip("traps: ");
  // PowerPC writes "Oops: Exception in kernel mode, sig: 4 [#1]".
  if (line.starts_with("Oops: ") && line.size() > 6 && is_letter(line[6]) && line.find("sig: ") == line.npos)
    line.remove_prefix(6);
  if (line.starts_with("[ BUG: ") || line.starts_with("[ INFO: ") || line.starts_with("[ WARNING: ")) {
    line.remove_prefix(2);
    if (line.ends_with(']')) line.remove_suffix(1);
    line = trim(line);
  }
  return line;
}

}  // namespace detail

}  // namespace netcon::inline v0_1::crash
