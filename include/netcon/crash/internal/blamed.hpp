// SPDX-License-Identifier: MIT
// Which of the functions that a crash mentions is to blame.
#pragma once

#include <netcon/crash/internal/clue.hpp>
#include <netcon/crash/internal/helpers.hpp>
#include <netcon/crash/internal/helpers_by_kind.hpp>
#include <netcon/crash/internal/looping.hpp>
#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/kind.hpp>
#include <netcon/crash/opening.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1::crash::detail {

/// One step of a search through the clues. Each begins where the one before it ended.
struct step {
  enum class act : std::uint8_t {
    stop,
    take_line,      ///< takes the function of the first line
    take_frames,    ///< takes all up to the next heading of a trace
    go_to_address,  ///< goes to the next function with an address before it, and takes it
    go_to,          ///< goes to the next clue of a kind, and takes its function where it has one
  };
  act what = act::stop;
  clue_kind kind{};

  constexpr step() noexcept = default;
  constexpr step(act done) noexcept : what{done} {}
  constexpr step(clue_kind to) noexcept : what{act::go_to}, kind{to} {}
};

/// Where the functions are that may be to blame, for each value of blame.
using search = std::array<step, 4>;
struct searches {
  search first;
  search otherwise{};    ///< where the first one finds none
  bool helpers = false;  ///< whether a helper may be to blame
};

constexpr searches searches_of(blame rule) noexcept {
  using enum clue_kind;
  constexpr auto line = step::act::take_line, frames = step::act::take_frames,
                 addressed = step::act::go_to_address;
  switch (rule) {
    case blame::none:
      return {};
    case blame::trace:
      return {{call_trace, frames}};
    case blame::counter:
      return {{counter, call_trace, frames}};
    case blame::counter_alone:
      return {{counter}};
    case blame::check:
      return {{counter, frames}, {line, call_trace, frames}};
    case blame::line:
      return {{line, call_trace, frames}};
    case blame::line_and_frames:
      return {{line, frames}};
    case blame::frames:
      return {{frames}, {call_trace, frames}};  // the second of KMSAN before Linux 6.1
    case blame::object:
      return {{object_trace, frames}};
    case blame::allocation:
      return {{page_allocation, frames}};
    case blame::two_locks:
      return {{wanted_lock, lock, lock, frames}};
    case blame::wanted_lock:
      return {{wanted_lock, lock}, {}, true};
    case blame::changed_lock:
      return {{changed_lock, lock}, {}, true};
    case blame::any_lock:
      return {{lock}, {}, true};
    case blame::kept_lock:
      return {{kept_lock, lock}, {}, true};
    case blame::unsafe_trace:
      return {{became_unsafe, frames}};
    case blame::released_lock:
      return {{addressed, call_trace, frames}};
    case blame::interrupted:
    case blame::interrupted_here:
      return {{interrupt, counter, frames}, {interrupt, frames}};
    case blame::loop:
      return {{counter, call_trace, frames}};
    case blame::stack_loop:
      return {{call_trace, frames}};
  }
  return {};
}

constexpr bool is_trace_heading(clue_kind what) noexcept {
  return what == clue_kind::call_trace || what == clue_kind::other_trace || what == clue_kind::object_trace;
}

/// The clues that a search takes, without helpers where these do not count.
inline std::vector<const clue*> found_by(const search& steps, const clue& line, std::span<const clue> clues,
                                         bool helpers, std::span<const function_group> more) {
  std::vector<const clue*> out;
  const auto take = [&](const clue& one) {
    if (one.frame.function.empty() || !one.frame.certain) return;
    if (helpers || (!is_helper(one.frame.function) && !is_in(one.frame.function, more))) out.push_back(&one);
  };
  std::size_t at = 0;
  for (const auto& one : steps) {
    using enum step::act;
    if (one.what == stop) break;
    if (one.what == take_line) {
      take(line);
    } else if (one.what == take_frames) {
      for (; at < clues.size() && !is_trace_heading(clues[at].kind); ++at)
        if (clues[at].kind == clue_kind::frame) take(clues[at]);
    } else {
      const auto is_it = [&](const clue& other) {
        return one.what == go_to_address ? other.addressed : other.kind == one.kind;
      };
      while (at < clues.size() && !is_it(clues[at])) ++at;
      if (at < clues.size()) take(clues[at++]);
    }
  }
  return out;
}

inline std::vector<std::string_view> functions_of(std::span<const clue* const> found) {
  std::vector<std::string_view> out;
  for (const auto* one : found) out.push_back(one->frame.function);
  return out;
}

/// Whom a report blames.
struct culprit {
  frame_view frame;
  std::string_view name;  ///< for the title
  bool certain = true;    ///< false: not found where reports of this kind have it
};

/// line: the function that the first line names, if it does.
inline std::optional<culprit> find_culprit(const opening& start, const clue& line,
                                           std::span<const clue> clues) {
  if (start.rule == blame::none) return std::nullopt;
  const auto more = more_helpers(start);
  const auto where = searches_of(start.rule);
  for (const auto& steps : {where.first, where.otherwise}) {
    const auto found = found_by(steps, line, clues, where.helpers, more);
    if (found.empty()) continue;
    const auto stack = functions_of(found);
    std::optional<named_frame> chosen = named_frame{0, plain_name(stack[0])};
    if (start.kind == kind::rcu_stall || start.rule == blame::loop || start.rule == blame::stack_loop)
      chosen = way_into(stack);
    else if (start.kind == kind::task_hung && start.title == "INFO: task hung")
      chosen = awaited(stack);
    if (chosen) return culprit{found[chosen->at]->frame, chosen->name};
  }
  // Part of the report is missing: what is there may still help.
  const auto anything = [&](const clue& one) {
    const auto function = one.frame.function;
    return !function.empty() && one.frame.certain && !is_helper(function) && !is_in(function, more) &&
           !is_interrupt(function) && one.kind != clue_kind::lock &&
           (start.kind != kind::rcu_stall || !is_in(function, waiting_groups));
  };
  if (anything(line)) return culprit{line.frame, plain_name(line.frame.function), false};
  const auto other =
      std::ranges::find_if(clues, [](clue_kind one) { return one == clue_kind::other_trace; }, &clue::kind);
  const auto own = clues.first(static_cast<std::size_t>(other - clues.begin()));
  // A stall that another processor tells shows no interrupt of its own: the way in is a guess. Since 6.1 one
  // that the processor tells itself begins with the registers of what it does.
  if (start.kind == kind::rcu_stall) {
    const auto found =
        found_by({clue_kind::counter, clue_kind::call_trace, step::act::take_frames}, line, own, false, more);
    const bool is_sure =
        start.rule == blame::interrupted_here && !own.empty() && own.front().kind == clue_kind::counter;
    if (const auto chosen = way_into(functions_of(found)))
      return culprit{found[chosen->at]->frame, chosen->name, is_sure};
  }
  if (const auto any = std::ranges::find_if(own, anything); any != own.end())
    return culprit{any->frame, plain_name(any->frame.function), false};
  return std::nullopt;
}

}  // namespace netcon::inline v0_1::crash::detail
