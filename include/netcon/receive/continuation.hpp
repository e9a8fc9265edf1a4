// SPDX-License-Identifier: MIT
// Continuations to whole lines: a record waits for those that continue it and takes in their text.
#pragma once

#include <netcon/core/time.hpp>
#include <netcon/wire/record.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace netcon::inline v0_1 {

/// Which records of one sender continue the one before. 'c' does, but before 4.10 it marks a first record,
/// and '+' those after it.
class continuation_flags {
 public:
  /// Takes the flags in the order of the records.
  constexpr bool continues(continuation flag) noexcept {
    if (flag == continuation::following) marks_first_ = true;
    return flag == continuation::following || (flag == continuation::piece && !marks_first_);
  }

 private:
  bool marks_first_ = false;
};

/// Holds one record of one sender open, with a copy of its bytes.
class continuation_joiner {
 public:
  /// What close() gives back.
  struct joined {
    netcon::record record;  ///< with the text of all parts
    bool late = false;      ///< as open() was told
    bool conflict = false;  ///< of any part
    time_point since{};     ///< its last part's arrival
  };

  /// Precondition: empty().
  void open(const record_view& record, bool late, bool conflict, time_point arrived) {
    open_.emplace(netcon::record{record}, late, conflict, arrived);
  }

  /// Appends the text of a record that continues the open one; false when none is open, its caller is
  /// another, or it would grow above most_bytes.
  bool append(const record_view& more, bool conflict, time_point arrived, std::size_t most_bytes) {
    if (!open_) return false;
    const auto before = open_->record.view();
    if (before.caller() != more.caller() || before.wire().size() + more.text().size() > most_bytes)
      return false;
    const auto text = before.text();
    const auto end = static_cast<std::size_t>(text.data() - before.wire().data()) + text.size();
    std::string wire{before.wire().substr(0, end)};
    wire += more.text();
    wire += before.wire().substr(end);
    open_->record = netcon::record{before.whole(wire)};
    open_->conflict |= conflict;
    open_->since = arrived;
    return true;
  }

  /// Takes the open record out; nothing when none is open.
  [[nodiscard]] std::optional<joined> close() noexcept { return std::exchange(open_, std::nullopt); }

  /// True when no record is open.
  [[nodiscard]] bool empty() const noexcept { return !open_; }
  /// Precondition: !empty().
  [[nodiscard]] time_point since() const noexcept { return open_->since; }
  /// Of the open record; 0 when none is open.
  [[nodiscard]] std::size_t bytes() const noexcept { return open_ ? open_->record.view().wire().size() : 0; }

 private:
  std::optional<joined> open_;
};

}  // namespace netcon::inline v0_1
