// SPDX-License-Identifier: MIT
// A crash that has begun: its lines, until it ends.
#pragma once

#include <netcon/core/time.hpp>
#include <netcon/crash/end_of_panic.hpp>
#include <netcon/crash/frame.hpp>
#include <netcon/crash/internal/check_openings.hpp>
#include <netcon/crash/internal/continuity.hpp>
#include <netcon/crash/internal/reading.hpp>
#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/limits.hpp>
#include <netcon/crash/line.hpp>
#include <netcon/crash/opening.hpp>
#include <netcon/crash/read_opening.hpp>
#include <netcon/crash/report.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::crash::detail {

constexpr bool is_rule(std::string_view text) noexcept {
  return text.size() >= 20 && text.find_first_not_of('=') == text.npos;
}

/// Reports of these kinds end with a line of their own, which shows that they are whole.
constexpr bool ends_with_rule(kind what) noexcept {
  return what <= kind::undefined_memory_access;  // all that a sanitizer finds
}
constexpr bool ends_with_trace_end(kind what) noexcept {
  return what >= kind::null_dereference && what <= kind::kernel_bug;
}

/// Lines that belong to a crash and to hardly anything else.
inline bool belongs(std::string_view text) noexcept {
  text = trim(text);
  if (text.empty() || text.find("+0x") != text.npos || is_rule(text)) return true;
  for (const std::string_view start : {"RIP",
                                       "RSP",
                                       "RAX",
                                       "RDX",
                                       "RBP",
                                       "R10",
                                       "R13",
                                       "FS:",
                                       "CS:",
                                       "CR2",
                                       "DR0",
                                       "DR3",
                                       "PKRU",
                                       "Code:",
                                       "CPU:",
                                       "Modules linked",
                                       "Hardware name",
                                       "Workqueue:",
                                       "#",
                                       "Call ",
                                       "<",
                                       "---[",
                                       "page:",
                                       "page ",
                                       "flags:",
                                       "raw:",
                                       "task:",
                                       "INFO: task",
                                       "lock(",
                                       "CPU0",
                                       "Kernel Offset",
                                       "note: ",
                                       "Fixing recursive fault",
                                       "Disabling lock debugging",
                                       "Stack:",
                                       "Memory state",
                                       "The buggy",
                                       ">ffff",
                                       "ffff",
                                       "NMI backtrace",
                                       "Sending NMI",
                                       "rcu:",
                                       "locks held"})
    if (text.starts_with(start)) return true;
  if (text.size() > 1 && text[0] == 'x' && is_digit(text[1])) return true;  // registers of 64-bit ARM
  return text.find("locks held by") != text.npos || text.find("lock held by") != text.npos ||
         read_frame(text).has_value();
}

class episode {
 public:
  enum class state : std::uint8_t { running, ended, down };

  struct stored_line {
    std::optional<std::uint64_t> sequence;
    std::optional<std::uint64_t> timestamp_us;
    std::size_t order = 0;  // in which they came: of the lines of one record
    bool foreign = false;   // and nothing of the crash was being printed when it came
    std::string text;
  };

  episode(opening start, const line& first, time_point now)
      : start_{std::move(start)},
        caller_{first.caller},
        release_{first.release},
        time_{first.time},
        last_line_{now} {}

  const opening& start() const noexcept { return start_; }
  std::string_view caller() const noexcept { return caller_; }
  std::string_view panic_caller() const noexcept { return panic_caller_; }
  state now() const noexcept { return state_; }
  bool panicked() const noexcept { return panicked_; }
  bool mixed() const noexcept { return mixed_; }
  std::size_t bytes() const noexcept { return bytes_; }
  bool has_frames() const noexcept { return has_frames_; }
  std::size_t lines() const noexcept { return lines_.size(); }
  /// Whether nothing came but the beginning of that line, and the notice that it comes again.
  bool is_cut_of(std::string_view text) const noexcept {
    return lines_.size() == 2 && text.starts_with(lines_.front().text);
  }

  void mark_mixed() { mixed_ = true; }
  void mark_damaged() { damaged_ = true; }
  void mark_lost() { damaged_ = lost_ = true; }
  void set_before(std::vector<std::string> lines) { before_ = std::move(lines); }
  void begin_unknown() { begin_known_ = false; }
  /// The numbers that came before it, with its first one.
  void begin_numbers(const continuity& known) { numbers_ = known; }

  /// Whether an opening on the same processor is a part of this crash, and not one of its own.
  bool continues_with(const opening& next, const line& one) const noexcept {
    if (next.panics) return !panicked_ || hash_of(one.text) == panic_;  // a console that says all twice
    if (is_of_exit(next, one.text)) return start_.kind != kind::warning;
    if (is_of_unwinder(next)) return state_ == state::running;
    if (next.kind == kind::memory_leak && has_frames_) return false;  // the next object of a list
    if (next.follows) return state_ == state::running;                // behind the end it is the next oops
    if (start_.kind == kind::task_hung && next.kind == kind::task_hung) return true;
    if (state_ != state::running) return false;
    // syslogd sends the first line to all terminals, the console's among them.
    if (!lines_.empty() && one.timestamp_us && lines_.front().timestamp_us == one.timestamp_us &&
        lines_.front().text == one.text)
      return true;
    if (has_frames_) return false;
    // A decoded trace repeats the line for each function that was inlined.
    if (start_.rule == blame::check && next.rule == blame::check) return is_of_same_place(one.text);
    if (next.kind == start_.kind && next.title == start_.title) return !is_of_another_processor(one.text);
    switch (start_.kind) {
      case kind::kernel_bug:  // 32-bit ARM before Linux 3.2 stops by a write to address 0
        if (next.kind == kind::null_dereference) return one.text.ends_with(" at virtual address 00000000");
        [[fallthrough]];
      case kind::corrupted_memory:
        return next.kind == kind::cpu_exception;
      case kind::undefined_behaviour:
      case kind::undefined_memory_access:  // only what traps names a function in its line
        return next.kind == kind::cpu_exception && !start_.function.empty();
      case kind::cpu_exception:
        return start_.title == "PANIC: double fault" && next.title == "double fault";
      case kind::bug:
        return start_.needs_trace && (next.kind == kind::warning || next.kind == kind::kernel_bug);
      case kind::machine_check:
        if (next.kind == kind::warning) return true;  // of the driver of what crashed beside Linux
        [[fallthrough]];
      case kind::stack_overflow:
        return next.kind == kind::stack_overflow || next.kind == kind::cpu_exception;
      case kind::bad_address:
      case kind::null_dereference:
        return next.kind == kind::bad_address && next.title.starts_with("BUG: unable");
      default:
        return false;
    }
  }

  /// Whether nothing of its own came for so long that it is not being printed any more.
  bool was_quiet(time_point now) const noexcept {
    return now >= netcon::detail::after(last_line_, std::chrono::seconds{2});
  }

  /// Whether this crash was still being printed when another one began.
  bool is_cut_by_another(time_point now) const noexcept {
    if (state_ != state::running || was_quiet(now)) return false;
    if (start_.rule == blame::none && !start_.panics) return false;
    return !has_frames_ || ends_with_rule(start_.kind) || (ends_with_trace_end(start_.kind) && !panicked_);
  }

  /// Appends a line. next: the opening that it is, when it is one.
  void add(const line& one, const opening* next, time_point now, const limits& bounds, std::size_t room) {
    const bool own =
        next != nullptr || (belongs(one.text) && (state_ == state::running || !trim(one.text).empty()));
    const bool foreign = !own && (state_ == state::ended || was_quiet(now));
    if (own) {
      foreign_ = 0;
      last_line_ = now;
      last_own_ = std::max(last_own_, one.sequence.value_or(0));
    } else {
      ++foreign_;
    }
    if (next != nullptr) {
      state_ = state::running;
      if (next->panics) {
        panicked_ = true;
        panic_caller_ = one.caller;
        panic_ = hash_of(one.text);
      }
    }
    if (!one.whole) damaged_ = true;
    if (lines_.size() >= bounds.lines || one.text.size() > bounds.bytes - std::min(bounds.bytes, bytes_) ||
        one.text.size() > room) {
      ++cut_;
    } else {
      bytes_ += one.text.size() + sizeof(stored_line);
      lines_.push_back({one.sequence, one.timestamp_us, lines_.size(), foreign, std::string{one.text}});
    }
    watch_for_end(one.text);
  }

  /// No number was sent between the highest one and this.
  void skip_to(std::uint64_t sequence) noexcept { numbers_.skip_to(sequence); }

  /// A record of the sender came while this crash ran; whatever it holds, its number counts.
  void count(std::uint64_t sequence) {
    numbers_.add(sequence);
    last_counted_ = std::max(last_counted_, sequence);
  }

  bool is_over(time_point now, const limits& bounds) const noexcept {
    if (state_ == state::down || foreign_ >= bounds.foreign_lines) return true;
    return now >= deadline(bounds);
  }
  time_point deadline(const limits& bounds) const noexcept {
    return netcon::detail::after(last_line_,
                                 state_ == state::ended ? bounds.silence_after_end : bounds.silence);
  }

  report finish() {
    // Records that came late are put where they belong.
    if (std::ranges::all_of(lines_, [](const stored_line& one) { return one.sequence.has_value(); }))
      std::ranges::sort(lines_, {},
                        [](const stored_line& one) { return std::pair{one.sequence, one.order}; });
    while (!lines_.empty() && lines_.back().foreign) lines_.pop_back();
    bool begun = false;
    reading facts{start_};
    for (const auto& one : lines_) {
      const auto opens = read_opening(one.text);
      if (!begun && opens) {
        begun = true;
        facts.begin(one.text);
      } else {
        facts.add(one.text, opens ? &*opens : nullptr);
      }
    }
    const bool closed = facts.is_closed(), needs_trace = facts.needs_trace();
    auto out = facts.finish(mixed_);
    if (lost_ && out.doubt == doubt::none) out.doubt = doubt::lost;
    out.panicked = panicked_;
    out.time = time_;
    if (!release_.empty()) out.release = release_;
    out.before = std::move(before_);
    out.cut_lines = cut_;
    out.missing = numbers_.missing();
    set_completeness(out, closed, needs_trace);
    // Numbers show that there was no trace: a panic has none after a fault of the same boot.
    if (out.doubt == doubt::no_trace && out.complete == completeness::complete && !start_.needs_function)
      out.doubt = doubt::none;
    for (const auto& one : lines_) {
      if (one.sequence) {
        out.first_sequence = std::min(*one.sequence, out.first_sequence.value_or(*one.sequence));
        out.last_sequence = std::max(*one.sequence, out.last_sequence.value_or(0));
      }
      if (one.timestamp_us && !out.first_us) out.first_us = one.timestamp_us;
      if (one.timestamp_us) out.last_us = one.timestamp_us;
    }
    out.text.reserve(lines_.size());
    for (auto& one : lines_) out.text.push_back(with_time(std::move(one)));
    return out;
  }

 private:
  static std::string with_time(stored_line&& one) {
    if (!one.timestamp_us) return std::move(one.text);
    auto seconds = std::to_string(*one.timestamp_us / 1000000),
         micros = std::to_string(*one.timestamp_us % 1000000);
    std::string out = "[";
    out.append(5 - std::min<std::size_t>(5, seconds.size()), ' ').append(seconds).append(".");
    out.append(6 - micros.size(), '0').append(micros).append("] ").append(one.text);
    return out;
  }

  static std::size_t hash_of(std::string_view text) noexcept { return std::hash<std::string_view>{}(text); }

  /// "WARNING: fs/foo.c:12 at ", "WARNING: CPU: 1 PID: 12 at fs/foo.c:12 ": all before the function.
  static std::string_view place_of_warning(std::string_view text) noexcept {
    auto end = text.find(" at ");
    if (end != text.npos && text.starts_with("WARNING: CPU: ")) end = text.find(' ', end + 4);
    return text.substr(0, end);
  }
  bool is_of_same_place(std::string_view text) const noexcept {
    return !lines_.empty() && place_of_warning(lines_.front().text) == place_of_warning(text);
  }

  /// A line of the form of the first one that tells the same of another processor or task.
  bool is_of_another_processor(std::string_view text) const noexcept {
    constexpr std::size_t form = 12;
    if (start_.kind == kind::rcu_stall || start_.is_cut || !start_.function.empty() || lines_.empty())
      return false;
    const std::string_view first = lines_.front().text;
    if (contains(first, "other CPUs") || contains(first, "other CPUS"))
      return false;  // PowerPC: these say so themselves
    return first != text && first.substr(0, form) == text.substr(0, form);
  }

  void watch_for_end(std::string_view text) {
    text = trim(text);
    if (read_frame(text)) {
      has_frames_ = true;
    } else if (is_end_of_panic(text)) {
      state_ = state::down;
      marked_ = true;
      panicked_ = true;
    } else if (text.starts_with("---[ end trace")) {
      state_ = state::ended;
      marked_ = true;
    } else if (is_rule(text) && has_frames_ && ends_with_rule(start_.kind)) {
      state_ = state::ended;
      marked_ = true;
    }
  }

  /// Complete is only what the numbers and the lines prove to be whole, from the first line to one behind
  /// which nothing changes the title.
  void set_completeness(report& out, bool closed, bool needs_trace) const {
    if (!numbers_.next()) {
      out.complete = damaged_ ? completeness::incomplete : completeness::unknown;
    } else if (!out.missing.empty() || damaged_ || cut_ != 0) {
      out.complete = completeness::incomplete;
    } else {
      const bool ends = marked_ || (needs_trace ? closed : last_counted_ > last_own_);
      const bool whole = begin_known_ && ends && (out.doubt == doubt::none || marked_);
      out.complete = whole ? completeness::complete : completeness::unknown;
    }
  }

  opening start_;
  std::string caller_, panic_caller_;
  std::string release_;
  std::size_t panic_ = 0;  // of the line that says it
  optional_time time_;
  time_point last_line_;  // of its own
  state state_ = state::running;
  std::vector<stored_line> lines_;
  std::vector<std::string> before_;
  continuity numbers_;
  std::uint64_t last_counted_ = 0, last_own_ = 0, cut_ = 0;
  std::size_t bytes_ = 0, foreign_ = 0;
  bool panicked_ = false, mixed_ = false, damaged_ = false, lost_ = false;
  bool begin_known_ = true, marked_ = false, has_frames_ = false;
};

}  // namespace netcon::inline v0_1::crash::detail
