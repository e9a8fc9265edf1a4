// SPDX-License-Identifier: MIT
// The lines of one crash, read one after another.
#pragma once

#include <netcon/crash/frame.hpp>
#include <netcon/crash/internal/blamed.hpp>
#include <netcon/crash/internal/clue.hpp>
#include <netcon/crash/internal/doubled_lines.hpp>
#include <netcon/crash/internal/facts.hpp>
#include <netcon/crash/internal/forms_by_kind.hpp>
#include <netcon/crash/internal/headings.hpp>
#include <netcon/crash/internal/helpers.hpp>
#include <netcon/crash/internal/helpers_by_kind.hpp>
#include <netcon/crash/internal/looping.hpp>
#include <netcon/crash/internal/short_title.hpp>
#include <netcon/crash/internal/signature.hpp>
#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/opening.hpp>
#include <netcon/crash/read_opening.hpp>
#include <netcon/crash/report.hpp>
#include <netcon/crash/rust_name.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::crash::detail {

class reading {
 public:
  explicit reading(opening start)
      : start_{std::move(start)}, awaits_message_{start_.title == "rust_kernel panicked"} {
    out_.kind = start_.kind;
  }

  /// The line that began the crash, without stamps.
  void begin(std::string_view line) {
    line = trim(line);
    warns_ = unwrapped(line).starts_with("WARNING: ");
    read_header(line, out_);
    if (start_.kind == kind::warning || start_.kind == kind::refcount) {
      cursor at{line};
      if (at.skip("WARNING: CPU: ") && at.find(" PID: ")) own_pid_ = small_number(at.take(is_digit));
    }
    if (const auto named = line.find(": task "); named != line.npos && start_.kind == kind::task_hung)
      read_task(line.substr(named + 7, line.find(' ', named + 7) - named - 7), out_);
    if (start_.kind == kind::lockup)
      if (const auto bracket = line.rfind('['); bracket != line.npos && line.ends_with(']'))
        read_task(line.substr(bracket + 1, line.size() - bracket - 2), out_);
    if (start_.panics) out_.panicked = true;
  }

  /// Any later line. follow: the opening that this line is, when it is one.
  void add(std::string_view line, const opening* follow) {
    const auto text = trim(line);
    if (doubled_.is_copy(text, begins_trace(text) || begins_other_trace(text) || contains(text, " at: ")))
      return;
    const auto frame = read_frame(line);
    const bool doubtful = frame && !is_certain(*frame, text);
    if (!doubtful) ++lines_;
    if (begins_stopped_processor(text)) stopped_ = true;
    if (stopped_ && follow == nullptr) return;
    if (past_) {  // the panic that follows from the crash shows where that was, once again
      if (follow != nullptr && follow->panics) add_to_chain(*follow);
      return;
    }
    using kind_of_line = promised_frames::line;
    promised_.add(text, doubtful                         ? kind_of_line::doubtful_frame
                        : frame && is_sure(*frame, text) ? kind_of_line::frame
                                                         : kind_of_line::other);
    if (text == "</TASK>" && any_frame_) closed_ = true;
    if (follow != nullptr) {
      if (follow->panics) out_.panicked = true;
      const bool repeats = !any_frame_ && follow->title == start_.title;  // the first line
      if (!follow->follows && !repeats) add_to_chain(*follow);
      if (follow->title != start_.title) awaits_message_ = false;
      refine(*follow);
      past_ = (follow->panics && lines_ > lines_before_panic(start_)) || is_of_exit(*follow, text);
      return;
    }
    if (text.empty()) return;
    if (lines_ == 2 && frame && is_name(line.front()) && ends_behind(*frame)) return;
    if (clues_.empty() && shows_trace_too(text)) faults_injected_ = true;
    // A panic of code in Rust says what is wrong on the next line.
    if (std::exchange(awaits_message_, false) && !text.starts_with("----")) {
      start_.title.clear();
      append_normalised(start_.title, text);
      return;
    }
    if (const auto heading = read_heading(text)) {
      if (*heading == clue_kind::interrupt) in_watchdog_ = false;
      if (*heading == clue_kind::call_trace && interrupted_)
        interrupted_ = false;  // the rest of what the counter began
      else
        add_clue({*heading, {}});
    }
    if (begins_trace(text)) {
      if (frames_of_trace_ != 0) ++trace_;
      frames_of_trace_ = 0;
      other_ = false;
      read_frame_of_heading(text);
      return;
    }
    if (text.starts_with("Uninit was created at:") || text.starts_with("Variable was created at:") ||
        (text.starts_with("Local variable ") && contains(text, " created at:")))
      origin_begins_ = true;
    // 32-bit ARM has no heading before the trace.
    if (shows_others(start_) && text.starts_with("NMI backtrace for cpu ")) other_ = false;
    if (begins_other_trace(text)) {
      if (start_.kind == kind::rcu_stall && text.starts_with("irq event")) return;
      other_ = !text.starts_with("irq event") && !text.starts_with("hardirqs last") &&
               !text.starts_with("Preemption disabled");
      if (text.find(" at: ") == text.npos) return;
    }
    if (const auto lock = read_lock(text)) {
      if (takes_) place_known_ = true;
      return add_clue(*lock);
    }
    if (const auto counter = read_counter(text)) {
      // ARM64 and RISC-V show what a stall interrupted by its registers, without the interrupt.
      if (start_.kind == kind::rcu_stall && (text.starts_with("pc : ") || text.starts_with("epc : "))) {
        add_clue({clue_kind::interrupt, {}});
        interrupted_ = true;
      }
      return add_clue({clue_kind::counter, *counter});
    }
    if (frame) return add_frame(*frame, text);
    read_access(text);
    if (text.starts_with("status: ") && contains(text, " badaddr: ")) headless_ = true;  // RISC-V
    cursor at{text};
    if (!place_known_ && start_.kind == kind::suspicious_rcu) place_known_ = !take_place(at).empty();
    if (start_.kind == kind::possible_deadlock && text.ends_with(" takes:")) takes_ = true;
    if (at.skip("last function: ") && start_.title == "BUG: workqueue leaked lock or atomic") {
      start_.title += " in " + std::string{source_name(at.take(is_name))};
    } else if (!user_registers_) {
      user_registers_ = text.starts_with("RIP: 0033") || text.starts_with("RIP: 0023");
      if (!user_registers_) read_registers(text, out_);
    }
    if (!any_frame_ && !shows_others(start_)) watch_for_others(text);
    read_header(text, out_);
  }

  /// The bottom of a trace came: what follows does not change the title.
  bool is_closed() const noexcept { return closed_; }
  bool needs_trace() const noexcept { return start_.needs_trace; }

  /// The report, and whether its title is to be trusted.
  report finish(bool mixed) {
    name_it();
    for (auto& one : out_.frames)
      if (auto path = rust_path(one.function)) one.function = *std::move(path);
    if (lacks_place()) {
      if (warns_) out_.kind = kind::warning;  // all that its line says
      out_.doubt = doubt::no_cause;
    }
    if (start_.needs_trace && (mixed || others_ || faults_injected_)) {
      out_.doubt = doubt::mixed;
    } else if (start_.needs_trace && (!any_frame_ || !has_own_trace())) {
      out_.doubt = doubt::no_trace;
    } else if (start_.is_cut || is_access_unknown() || is_origin_unknown()) {
      out_.doubt = doubt::no_cause;
    } else if (start_.panics &&
               (start_.title.ends_with("Fatal exception") || start_.title.ends_with("panic_on_warn set") ||
                start_.title.ends_with("hung_task: blocked tasks"))) {
      out_.doubt = doubt::no_cause;
    }
    out_.signature = signature_of(out_);
    return std::move(out_);
  }

 private:
  struct owned_clue {
    clue_kind kind;
    frame one;
    bool addressed;
  };

  /// KASAN's second line, which says whether it read or wrote, did not come.
  bool is_access_unknown() const noexcept { return !access_known_ && has_access(start_); }

  /// The line did not come by which lockdep says where it was.
  bool lacks_place() const noexcept {
    switch (start_.rule) {
      case blame::two_locks:
        return std::ranges::find(clues_, clue_kind::wanted_lock, &owned_clue::kind) == clues_.end();
      case blame::wanted_lock:
      case blame::changed_lock:
      case blame::any_lock:
        return out_.doubt == doubt::no_function;
      default:
        return !place_known_ && (start_.kind == kind::suspicious_rcu ||
                                 (start_.kind == kind::possible_deadlock && start_.rule == blame::trace));
    }
  }

  /// Who made the memory that KMSAN reports did not come: the report is cut.
  bool is_origin_unknown() const noexcept { return !origin_known_ && is_of_kmsan(start_); }

  /// Each trace that was announced came; without an announcement, where the architecture prints none, one
  /// with a function that is no helper.
  bool has_own_trace() const noexcept {
    if (begins_with_frames(start_)) return true;
    return promised_.any() ? promised_.kept() : found_frame_ && headless_;
  }

  /// The header of a trace names its task: that of another one is of another report.
  void watch_for_others(std::string_view text) {
    cursor at{text};
    if (!at.skip("CPU: ") || !at.find("PID: ")) return;
    const auto pid = small_number(at.take(is_digit));
    if (pid && own_pid_ && *pid != *own_pid_) others_ = true;
    if (!own_pid_) own_pid_ = pid;
  }

  void add_to_chain(const opening& follow) {
    constexpr std::size_t most = 16;
    if (out_.chain.size() >= most) return;
    auto title = follow.title;
    if (!follow.function.empty() && follow.rule != blame::none)
      title += " in " + std::string{plain_name(follow.function)};
    if (out_.chain.empty() || out_.chain.back() != title) out_.chain.push_back(std::move(title));
  }

  /// The function that the first line names, where a mail wrapped it before that.
  bool ends_behind(const frame_view& frame) {
    if (!start_.function.empty() || begins_with_frames(start_) || frame.size == 0) return false;
    const bool was_cut = std::exchange(start_.is_cut, false);
    if (!was_cut && start_.rule != blame::check) return false;
    start_.function = frame.function;
    if (start_.rule == blame::none) start_.rule = blame::line;
    return true;
  }

  /// The second line of a crash may know more than the first one.
  void refine(const opening& follow) {
    if (start_.function.empty() && !follow.function.empty() && !any_frame_ && follow.follows)
      start_.function = follow.function;
    // A decoded trace repeats the line; the last one names the function that was not inlined, and by that the
    // warning.
    const bool warns = start_.rule == blame::check && follow.rule == blame::check;
    if (start_.is_cut && !follow.is_cut && (warns || follow.title == start_.title)) {
      if (warns) out_.kind = start_.kind = follow.kind;
      start_.title = follow.title;
      start_.function = follow.function;
      start_.rule = follow.rule;
      start_.is_cut = false;
    }
  }

  void add_clue(const clue& one) {
    constexpr std::size_t most = 1024;
    if (clues_.size() < most) clues_.push_back({one.kind, frame{one.frame}, one.addressed});
  }

  void add_frame(const frame_view& frame, std::string_view text) {
    constexpr std::size_t most = 128;
    const bool certain = is_certain(frame, text);
    // 32-bit ARM shows how the watchdog was called before what it interrupted.
    if (start_.kind == kind::lockup && frame.function == "watchdog_timer_fn" && contains(text, " from ")) {
      in_watchdog_ = true;
      while (!clues_.empty() && clues_.back().kind == clue_kind::frame) clues_.pop_back();
    }
    if (in_watchdog_) {
      in_watchdog_ = !is_interrupt(frame.function);
      return;
    }
    if (is_sure(frame, text)) {
      if (contains(text, " from ")) {  // 32-bit ARM, whose unwinder prints no heading
        headless_ = true;
        if (!promised_.any() && !any_frame_ && start_.kind != kind::rcu_stall)
          add_clue({clue_kind::call_trace, {}});
      }
      if (const auto called = read_called(text); !called.empty())
        add_clue({clue_kind::frame, {called, 0, 0, {}, true}});
      add_clue({clue_kind::frame, frame, text.starts_with('[')});
    }
    if (is_interrupt(frame.function)) add_clue({clue_kind::interrupt, {}});
    if (origin_begins_ && is_sure(frame, text) && !is_helper(frame.function) &&
        !is_in(frame.function, more_helpers(start_)))
      origin_known_ = true;
    if (other_) return;
    if (trace_ == 0 && is_injected(frame.function)) faults_injected_ = true;
    if (certain && !is_helper(frame.function) && !is_interrupt(frame.function)) found_frame_ = true;
    ++frames_of_trace_;
    any_frame_ = true;
    if (is_bottom(frame.function)) closed_ = true;
    if (trace_ == 0 && out_.frames.size() < most) out_.frames.emplace_back(frame);
  }

  /// "Call Trace: [<0012b0aa>] foo+0x8a/0x1a2" of m68k: the first frame is behind the heading.
  void read_frame_of_heading(std::string_view text) {
    const auto behind = text.substr(text.find(':') + 1);
    const auto frame = read_frame(behind);
    if (!frame) return;
    promised_.add(behind, promised_frames::line::frame);
    add_frame(*frame, trim(behind));
  }

  /// "Read of size 8 at addr ...": what KASAN's first line does not tell.
  void read_access(std::string_view text) {
    if (access_known_) return;
    const bool reads = text.starts_with("Read of size ") || text.starts_with("Read at addr ");
    const bool writes = text.starts_with("Write of size ") || text.starts_with("Write at addr ");
    if (!reads && !writes) return;
    switch (start_.kind) {
      case kind::invalid_read:
        if (writes) out_.kind = kind::invalid_write;
        break;
      case kind::use_after_free_read:
        if (writes) out_.kind = kind::use_after_free_write;
        break;
      case kind::null_read:
        if (writes) out_.kind = kind::null_write;
        break;
      default:
        return;
    }
    access_known_ = true;
    start_.title += reads ? " Read" : " Write";
  }

  void name_it() {
    if (start_.rule == blame::none) {
      out_.function = plain_name(start_.function);
      out_.title = start_.title;
      return;
    }
    std::vector<clue> clues;
    clues.reserve(clues_.size());
    for (const auto& [kind, one, addressed] : clues_)
      clues.push_back({kind, {one.function, one.offset, one.size, one.module, one.certain}, addressed});
    const auto found = find_culprit(start_, {clue_kind::frame, {start_.function, 0, 0, {}, true}}, clues);
    if (!found) {
      out_.doubt = doubt::no_function;
      out_.title = start_.title + (start_.needs_function ? " in corrupted" : "");
      add_short_title(start_.needs_function ? "corrupted" : "");
      return;
    }
    if (!found->certain) out_.doubt = doubt::no_function;
    out_.function = readable_name(found->name);
    out_.module = found->frame.module;
    if (out_.module.empty())
      for (const auto& one : out_.frames)
        if (one.function == found->frame.function) out_.module = one.module;
    out_.title = start_.title + " in " + out_.function + (is_of_transfer(start_) ? "/usb_submit_urb" : "");
    add_short_title(out_.function);
    if (const auto as_compiled = readable_name(source_name(found->frame.function));
        as_compiled != out_.function) {
      out_.titles.push_back(start_.title + " in " + as_compiled);
      add_short_title(as_compiled);
    }
  }

  /// A name of Rust as its path, any other as it is.
  static std::string readable_name(std::string_view function) {
    if (auto path = rust_path(function)) return *std::move(path);
    return std::string{function};
  }

  void add_short_title(std::string_view function) {
    const auto what = short_title(start_);
    if (!what.empty() && !function.empty())
      out_.titles.push_back(std::string{what} + " in " + std::string{function});
  }

  opening start_;
  bool awaits_message_;
  report out_;
  doubled_lines doubled_;
  std::vector<owned_clue> clues_;
  promised_frames promised_;
  std::size_t lines_ = 1;  // with the first one, without what may be of an earlier call
  bool past_ = false;      // the crash is over, and its panic comes
  std::size_t trace_ = 0;
  std::size_t frames_of_trace_ = 0;
  bool other_ = false;
  bool any_frame_ = false;
  bool access_known_ = false;
  bool headless_ = false;                              // the trace comes without a heading
  bool origin_begins_ = false, origin_known_ = false;  // of memory that KMSAN reports
  bool warns_ = false;                                 // the first line begins with "WARNING: "
  bool takes_ = false;                                 // what lockdep finds inconsistent comes next
  bool place_known_ = false;  // "fs/foo.c:12 suspicious rcu_dereference_check() usage!" or the like came
  bool user_registers_ = false;
  bool others_ = false;
  bool stopped_ = false;  // what other processors did comes
  bool closed_ = false;
  bool in_watchdog_ = false;
  bool interrupted_ = false;  // the registers of what was interrupted came, its trace has not begun
  bool found_frame_ = false, faults_injected_ = false;  // injected failures print a trace of their own
  std::optional<std::uint32_t> own_pid_;
};

}  // namespace netcon::inline v0_1::crash::detail
