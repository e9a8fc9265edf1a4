// SPDX-License-Identifier: MIT
// What is known of one sender.
#pragma once

#include <netcon/core/time.hpp>
#include <netcon/crash/end_of_panic.hpp>
#include <netcon/crash/internal/episode.hpp>
#include <netcon/crash/internal/facts.hpp>
#include <netcon/crash/internal/go_panic.hpp>
#include <netcon/crash/internal/recent_lines.hpp>
#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/limits.hpp>
#include <netcon/crash/line.hpp>
#include <netcon/wire/decode.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::crash::detail {

/// Whether a machine says that it is about to boot, halt or stop: its kernel, or systemd on the console.
constexpr bool is_farewell(std::string_view text) noexcept {
  if (text.empty()) return false;
  switch (text.front()) {
    case 'r':
      return text.starts_with("reboot: ");
    case 'R':
    case '-':
      return is_end_of_panic(text);
    case 'k':
      return text.starts_with("kexec_core: Starting new kernel");
    case 's':
      return text.starts_with("systemd-shutdown[");
    case '[':
      if (!text.starts_with("[  OK  ] Reached target ")) return false;
      for (const std::string_view end :
           {"Reboot", "Power", "Halt", "Shutdown", "Kexec", "reboot.target", "poweroff.target"})
        if (text.find(end) != text.npos) return true;
      return false;
    default:
      return false;
  }
}

/// Whether a console shows that a machine runs whose kernel is silent: systemd, a prompt to log in, strace,
/// ssh of who tests it, a fuzzer.
constexpr bool is_at_work(std::string_view text) noexcept {
  if (text.empty()) return false;
  switch (text.front()) {
    case '[':
      return text.starts_with("[  OK  ] ") || text.starts_with("[pid ");
    case 'W':
      return text.starts_with("Warning: Permanently added '");
    case 'e':
      if (text.starts_with("executing program")) return true;
      [[fallthrough]];
    default:
      return (text.back() == ' ' || text.back() == ':') && trim(text).ends_with(" login:");
  }
}

/// The crashes of one sender. Begun and Ended are called with a kind and a title, and with a report.
class watched_sender {
 public:
  explicit watched_sender(const limits& bounds) : recent_{bounds.before_lines, bounds.before_bytes} {}

  /// Whether no crash runs, no report waits and no line is suspected to begin a crash.
  bool is_quiet() const noexcept { return episodes_.empty() && ended_.empty() && !suspected_; }
  bool has_crash() const noexcept { return !episodes_.empty(); }
  std::size_t bytes() const noexcept {
    std::size_t sum = ended_bytes_;
    for (const auto& one : episodes_) sum += one.bytes();
    if (suspected_) sum += suspected_->bytes();
    return sum;
  }

  /// A line that begins no crash while none runs. stamped: surely of the kernel.
  void add_quiet(std::string_view text, std::optional<std::uint64_t> sequence, bool stamped, bool dated) {
    note(text, stamped, dated);
    if (sequence) count(*sequence);
    recent_.add(text);
  }

  /// A record's msgid, before the record itself: behind that of the record before it nothing was sent between
  /// the two.
  void note_msgid(std::uint64_t sequence, std::uint32_t msgid) noexcept {
    if (msgid_ && msgid == *msgid_ + 1 && numbers_.next() == msgid_sequence_ + 1) {
      for_each([&](episode& one) { one.skip_to(sequence); });
      numbers_.skip_to(sequence);
    }
    msgid_ = msgid;
    msgid_sequence_ = sequence;
  }

  /// Whether lines of a running machine came, and none that says that it ends. dated: a line that comes now
  /// has a date, so that those before it may have theirs from what wrote the log. Without one they have it
  /// from programs.
  bool runs(bool dated) const noexcept { return (runs_ || (dated_ && !dated)) && !goes_down_; }

  template <class Begun, class Ended>
  void push(const line& one, std::optional<opening> next, time_point now, const limits& bounds,
            std::size_t room, Begun begun, Ended ended) {
    if (!is_quiet()) expire(now, bounds, ended);
    note(one.text, one.sequence || one.timestamp_us, one.time.has_value());
    if (one.sequence) count(*one.sequence);
    const bool is_replay = std::exchange(replays_, one.text.starts_with(replay_notice));
    // The line that began the crash was cut, and comes again.
    const bool begins_again =
        is_replay && next && !next->needs_proof && !episodes_.empty() && episodes_.back().is_cut_of(one.text);
    if (begins_again) episodes_.pop_back();
    episode* own = of_caller(one.caller, next ? &*next : nullptr);
    if (next && next->needs_proof) {
      suspect(*next, one, now, bounds, room);
      next.reset();
    } else if (suspected_ && proves(one, next ? &*next : nullptr)) {
      own = convict(now, bounds, begun, ended);
    } else if (suspected_) {
      suspected_->add(one, nullptr, now, bounds, room);
      if (next || suspected_->lines() > proof_within) suspected_.reset();
    }
    if (next && own != nullptr && !own->continues_with(*next, one)) {
      if (own->is_cut_by_another(now)) own->mark_mixed();
      if (own->has_frames() || !own->mixed() || own->was_quiet(now)) {
        set_aside(static_cast<std::size_t>(own - episodes_.data()));
        own = nullptr;
      }
      // Without a trace of its own the lines cannot be told apart: one report, which says so.
    }
    if (next && own == nullptr) {
      if (episodes_.size() + ended_.size() >= bounds.at_once)
        ended_.empty() ? finish(0, ended) : give(false, ended);
      episodes_.emplace_back(*next, one, now);
      own = &episodes_.back();
      own->set_before(recent_.lines());
      begin_numbers(*own, one, bounds);
      if (!begins_again) begun(next->kind, std::string_view{next->title});
    }
    if (own == nullptr) {
      recent_.add(one.text);
    } else {
      own->add(one, next ? &*next : nullptr, now, bounds, room);
      if (own->now() == episode::state::down) finish_all(ended);  // nothing runs on
    }
  }

  /// Records of this sender are known to be lost, or part of one is.
  void damaged() {
    for_each([](episode& one) { one.mark_lost(); });
    lost_before_ = numbers_.next().value_or(1);
  }

  template <class Ended>
  void expire(time_point now, const limits& bounds, Ended ended) {
    if (suspected_ && suspected_->is_over(now, bounds)) suspected_.reset();
    for (std::size_t i = 0; i < episodes_.size();)
      if (episodes_[i].is_over(now, bounds)) {
        finish(i, ended);
      } else {
        ++i;
      }
    if (episodes_.empty()) give(false, ended);  // what a sink that threw has left
  }

  template <class Ended>
  void finish_all(Ended ended) {
    const bool down = std::ranges::any_of(episodes_, &episode::panicked);
    while (!episodes_.empty()) finish(0, ended, down);
    give(false, ended);
    suspected_.reset();
  }

  /// A new boot: numbers start again.
  template <class Ended>
  void rebooted(Ended ended) {
    finish_all(ended);
    recent_.clear();
    runs_ = dated_ = goes_down_ = false;
    numbers_ = {};
    lost_before_.reset();
    msgid_.reset();
  }

  std::optional<time_point> deadline(const limits& bounds) const noexcept {
    std::optional<time_point> first;
    if (episodes_.empty() && !ended_.empty()) first = time_point{};
    for (const auto& one : episodes_)
      if (const auto at = one.deadline(bounds); !first || at < *first) first = at;
    return first;
  }

 private:
  void note(std::string_view text, bool stamped, bool dated) noexcept {
    if (is_farewell(text))
      goes_down_ = true;
    else if (stamped)
      runs_ = true;
    else if (!runs_)
      runs_ = is_at_work(text);
    if (dated) dated_ = true;
  }

  /// The crash that a line of that caller belongs to. A panic goes to the crash that it follows from.
  episode* of_caller(std::string_view caller, const opening* next) {
    for (auto& one : episodes_)
      if (one.caller() == caller || one.caller().empty() || caller.empty()) return &one;
    if (episodes_.empty()) return nullptr;
    auto& newest = episodes_.back();
    if (next != nullptr) return next->panics && !newest.panicked() ? &newest : nullptr;
    if (newest.panic_caller() == caller) return &newest;
    // Other processors show where they are on behalf of one that hangs or panicked. Another task does not.
    const bool hangs = newest.start().kind == kind::rcu_stall || newest.start().kind == kind::lockup ||
                       newest.start().kind == kind::task_hung;
    return (hangs || newest.panicked()) && caller.front() == 'C' ? &newest : nullptr;
  }

  /// Of the crashes that run and the one that is suspected.
  template <class Function>
  void for_each(Function function) {
    for (auto& one : episodes_) function(one);
    if (suspected_) function(*suspected_);
  }

  void count(std::uint64_t sequence) {
    for_each([&](episode& one) { one.count(sequence); });
    if (!numbers_.next()) first_ = sequence;
    numbers_.make_room();
    numbers_.add(sequence);
  }

  /// What came before the first record of a crash.
  void begin_numbers(episode& own, const line& one, const limits& bounds) {
    if (!one.sequence) return;
    const std::uint64_t first = *one.sequence;
    const auto doubtful_from = first - std::min<std::uint64_t>(first, bounds.doubtful_records);
    auto known = numbers_;
    known.forget_before(doubtful_from);
    own.begin_numbers(known);
    if (lost_before_ && doubtful_from < *lost_before_) own.mark_damaged();
    // The first line of many crashes says all; that of others may have been before the first record that
    // came.
    constexpr std::uint64_t few = 2;
    const auto& start = own.start();
    const bool second = start.follows || start.panics || start.kind == kind::cpu_exception;
    const std::uint64_t enough = second ? bounds.doubtful_records : few;
    if (first - std::min(first, enough) < first_) own.begin_unknown();
  }

  /// Within so many lines a fault is the kernel's, by its oops or its program counter, or a program's; and a
  /// panic is of Go, by its stack.
  static constexpr std::size_t proof_within = 8;

  /// A line that begins a crash if the proof comes. A second one tells more of the first, or is another
  /// program's.
  void suspect(const opening& next, const line& one, time_point now, const limits& bounds, std::size_t room) {
    if (!suspected_ || suspected_->start().title == next.title) {
      suspected_.emplace(next, one, now);
      suspected_->set_before(recent_.lines());
      begin_numbers(*suspected_, one, bounds);
    }
    suspected_->add(one, &next, now, bounds, room);
  }

  bool proves(const line& one, const opening* next) const {
    const auto suspect = suspected_->caller();
    if (suspect != one.caller && !suspect.empty() && !one.caller.empty()) return false;
    if (suspected_->start().kind == kind::program_panic) return proves_go(trim(one.text));
    if (next != nullptr) return next->follows;
    const auto counter = read_counter(trim(one.text));
    return counter && !counter->function.empty();
  }

  template <class Begun, class Ended>
  episode* convict(time_point now, const limits& bounds, Begun& begun, Ended& ended) {
    while (episodes_.size() >= bounds.at_once) finish(0, ended);
    for (std::size_t i = 0; i < episodes_.size();)
      if (episodes_[i].caller() == suspected_->caller()) {
        if (episodes_[i].is_cut_by_another(now)) episodes_[i].mark_mixed();
        set_aside(i);
      } else {
        ++i;
      }
    episodes_.push_back(std::move(*suspected_));
    suspected_.reset();
    begun(episodes_.back().start().kind, std::string_view{episodes_.back().start().title});
    return &episodes_.back();
  }

  /// Another crash begins: this one has ended, but the machine may yet go down.
  void set_aside(std::size_t index) {
    ended_.reserve(ended_.size() + 1);  // where memory runs out, before anything changes
    ended_bytes_ += episodes_[index].bytes();
    ended_.push_back(episodes_[index].finish());
    episodes_.erase(episodes_.begin() + static_cast<std::ptrdiff_t>(index));
  }

  /// Each one once, though the sink may throw.
  template <class Ended>
  void give(bool down, Ended& ended) {
    for (auto& one : ended_) one.panicked = one.panicked || down;
    while (!ended_.empty()) {
      const auto one = std::move(ended_.front());
      ended_.erase(ended_.begin());
      if (ended_.empty()) ended_bytes_ = 0;
      ended(one);
    }
  }

  /// Those set aside come before the crash that they were set aside for.
  template <class Ended>
  void finish(std::size_t index, Ended& ended, bool down = false) {
    set_aside(index);
    give(ended_.back().panicked || down, ended);
  }

  recent_lines recent_;
  std::vector<episode> episodes_;
  std::optional<episode> suspected_;  // until the proof comes
  std::vector<report> ended_;         // while a later crash runs
  std::size_t ended_bytes_ = 0;
  continuity numbers_;
  std::uint64_t first_ = 0;
  std::optional<std::uint64_t> lost_before_;  // the next number when records were last known to be lost
  std::optional<std::uint32_t> msgid_;
  std::uint64_t msgid_sequence_ = 0;  // of the record that had it
  bool runs_ = false, dated_ = false, goes_down_ = false;
  bool replays_ = false;  // the last line says that the one before it comes again
};

}  // namespace netcon::inline v0_1::crash::detail
