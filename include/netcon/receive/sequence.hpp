// SPDX-License-Identifier: MIT
// Classifies one sender's sequence numbers: next, gap, late, duplicate or reboot.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace netcon::inline v0_1 {

/// How a record continues the numbers of its sender.
enum class arrival : std::uint8_t {
  first,      ///< nothing came before: no statement about loss is possible
  next,       ///< the expected one
  after_gap,  ///< later than expected: the numbers between are missing so far
  late,       ///< fills a gap of before, or was overtaken by the first
  completes,  ///< same sequence and timestamp as one of which only a part came so far
  duplicate,  ///< same sequence and timestamp as one seen
  rebooted,   ///< cannot belong to the same boot as what came before
};

/// Whether a record has got its place among the numbers of its sender, and which: fragments may come long
/// before the record is whole.
enum class numbering : std::uint8_t {
  pending,  ///< not yet
  on_time,  ///< in order, or the first after a gap
  late,     ///< out of order, or after a part of it was delivered
  repeat,   ///< it came whole before, perhaps with another text
};

/// The place of a record; first_missing and missing describe the gap before it (after_gap), or after it
/// (late, when it was overtaken by the first).
struct placement {
  arrival kind = arrival::first;    ///< how it continues the numbers before
  std::uint64_t first_missing = 0;  ///< number of the first missing record; 0 when none is missing
  std::uint64_t missing = 0;        ///< how many, in a row

  friend constexpr bool operator==(const placement&, const placement&) noexcept = default;
};

/// Tracks one sender in constant time and space. A number up to window below the highest is known as seen or
/// missing. The timestamps of the last remembered ones are kept too: they distinguish a repeat from a new
/// boot. An older repeat counts as a reboot: the first records of every boot have the same numbers and the
/// time 0, and those of a machine that is back within seconds must not be dropped as duplicates.
class sequence_tracker {
 public:
  /// How many numbers below the highest are known as seen or missing.
  static constexpr std::size_t window = 1024;
  /// Of how many of the last ones the timestamp is kept.
  static constexpr std::size_t remembered = 32;
  /// Clocks of different processors may disagree by this much. Microseconds.
  static constexpr std::int64_t clock_skew_us = 1'000'000;
  /// The first record to arrive may have overtaken this many before it, older by at most this many
  /// microseconds. A number farther below it is of a new boot.
  static constexpr std::uint64_t overtaken = 8;
  /// See overtaken.
  static constexpr std::int64_t overtaken_us = 100'000;

  /// The place that a record would get. may_be_late: false when the sender was silent for longer than a
  /// network delays packets; a lower number then means a reboot.
  [[nodiscard]] constexpr arrival classify(std::uint64_t sequence, std::uint64_t timestamp_us,
                                           bool may_be_late = true) const noexcept {
    if (!started_) return arrival::first;
    if (sequence == highest_ + 1) return arrival::next;
    if (is_after(sequence, highest_))
      return went_backwards(timestamp_us) ? arrival::rebooted : arrival::after_gap;
    const std::uint64_t behind = highest_ - sequence;
    if (behind >= window) return arrival::rebooted;
    if (precedes_first(sequence))
      return may_be_late && was_overtaken(sequence, timestamp_us) ? arrival::late : arrival::rebooted;
    if (is_seen(sequence)) {
      const bool same =
          behind < remembered && stamps_[sequence % remembered] == static_cast<std::uint32_t>(timestamp_us);
      if (!same) return arrival::rebooted;
      return is_partial(sequence) ? arrival::completes : arrival::duplicate;
    }
    return may_be_late && fits(sequence, timestamp_us) ? arrival::late : arrival::rebooted;
  }

  /// Classifies a record and remembers it.
  constexpr placement push(std::uint64_t sequence, std::uint64_t timestamp_us,
                           bool may_be_late = true) noexcept {
    return remember(classify(sequence, timestamp_us, may_be_late), sequence, timestamp_us);
  }

  /// As push, with the result of classify.
  constexpr placement remember(arrival kind, std::uint64_t sequence, std::uint64_t timestamp_us) noexcept {
    placement where{.kind = kind};
    switch (kind) {
      case arrival::first:
      case arrival::rebooted:
        restart(sequence, timestamp_us);
        break;
      case arrival::next:
        push_next(timestamp_us);
        break;
      case arrival::after_gap:
        where.first_missing = highest_ + 1;
        where.missing = sequence - highest_ - 1;
        push_ahead(sequence, timestamp_us);
        break;
      case arrival::late:
        if (precedes_first(sequence)) {
          where.first_missing = sequence + 1;
          where.missing = first_ - sequence - 1;
          extend_down_to(sequence, timestamp_us);
        }
        mark(sequence, timestamp_us);
        break;
      case arrival::completes:
        mark_whole(sequence);
        break;
      case arrival::duplicate:
        break;
    }
    return where;
  }

  /// True for a number before the first of this boot: it was never reported missing.
  [[nodiscard]] constexpr bool precedes_first(std::uint64_t sequence) const noexcept {
    return is_after(first_, sequence);
  }

  /// True for a number above the highest.
  [[nodiscard]] constexpr bool is_ahead(std::uint64_t sequence) const noexcept {
    return is_after(sequence, highest_);
  }

  /// True for the number after the highest.
  [[nodiscard]] constexpr bool is_next(std::uint64_t sequence) const noexcept {
    return started_ && sequence == highest_ + 1;
  }

  /// As push, for the number that is_next.
  constexpr void push_next(std::uint64_t timestamp_us) noexcept {
    ++highest_;
    highest_timestamp_us_ = timestamp_us;
    seen_[highest_ / 64 % words] |= std::uint64_t{1} << highest_ % 64;
    stamps_[highest_ % remembered] = static_cast<std::uint32_t>(timestamp_us);
    if (partial_ != 0) mark_whole(highest_);
  }

  /// Of a record that was pushed, only a part came so far: a whole copy of it is no duplicate. Known for the
  /// remembered ones.
  constexpr void mark_partial(std::uint64_t sequence) noexcept {
    if (highest_ - sequence < remembered) partial_ |= std::uint32_t{1} << sequence % remembered;
  }
  /// Undoes mark_partial().
  constexpr void mark_whole(std::uint64_t sequence) noexcept {
    if (highest_ - sequence < remembered) partial_ &= ~(std::uint32_t{1} << sequence % remembered);
  }

  /// As push, for a number ahead of the highest.
  constexpr void push_ahead(std::uint64_t sequence, std::uint64_t timestamp_us) noexcept {
    // Slots between the old and the new highest still hold numbers of a window ago.
    if (sequence - highest_ >= window) {
      seen_.fill(0);
    } else {
      for (std::uint64_t at = highest_ + 1, left = sequence - highest_; left != 0;) {
        const auto count = std::min(left, 64 - at % 64);
        seen_[at / 64 % words] &= ~(~std::uint64_t{0} >> (64 - count) << at % 64);
        at += count;
        left -= count;
      }
    }
    if (sequence - first_ >= window) first_ = sequence - window + 1;
    highest_ = sequence;
    highest_timestamp_us_ = timestamp_us;
    mark(sequence, timestamp_us);
  }

  /// Forgets everything before this record, as after a known reboot.
  constexpr void restart(std::uint64_t sequence, std::uint64_t timestamp_us) noexcept {
    started_ = true;
    first_ = highest_ = sequence;
    first_stamp_ = static_cast<std::uint32_t>(timestamp_us);
    highest_timestamp_us_ = timestamp_us;
    mark(sequence, timestamp_us);
  }

  /// As restart, with a record that is yet to come.
  constexpr void begin(std::uint64_t sequence, std::uint64_t timestamp_us) noexcept {
    restart(sequence, timestamp_us);
    --highest_;
  }

  /// True when a record above the highest cannot have this time in the same boot: it is too far before that
  /// of the highest.
  [[nodiscard]] constexpr bool went_backwards(std::uint64_t timestamp_us) const noexcept {
    return static_cast<std::int64_t>(highest_timestamp_us_ - timestamp_us) > clock_skew_us;
  }

  /// True after the first record.
  [[nodiscard]] constexpr bool started() const noexcept { return started_; }
  /// The highest number of this boot; 0 before the first record.
  [[nodiscard]] constexpr std::uint64_t highest() const noexcept { return highest_; }
  /// Microseconds, of the record with the highest number; 0 before the first one.
  [[nodiscard]] constexpr std::uint64_t highest_timestamp_us() const noexcept {
    return highest_timestamp_us_;
  }

 private:
  /// Numerically greater, but around 2^64 by the shorter way.
  static constexpr bool is_after(std::uint64_t a, std::uint64_t b) noexcept {
    constexpr std::uint64_t wrap_zone = std::uint64_t{1} << 32;
    if (a > b) return a - b <= std::numeric_limits<std::uint64_t>::max() - wrap_zone;
    return b - a > std::numeric_limits<std::uint64_t>::max() - wrap_zone;
  }

  constexpr bool is_seen(std::uint64_t sequence) const noexcept {
    return (seen_[sequence / 64 % words] >> sequence % 64 & 1) != 0;
  }
  constexpr void mark(std::uint64_t sequence, std::uint64_t timestamp_us) noexcept {
    seen_[sequence / 64 % words] |= std::uint64_t{1} << sequence % 64;
    if (highest_ - sequence < remembered) {
      stamps_[sequence % remembered] = static_cast<std::uint32_t>(timestamp_us);
      mark_whole(sequence);
    }
  }
  constexpr bool is_partial(std::uint64_t sequence) const noexcept {
    return (partial_ >> sequence % remembered & 1) != 0;
  }

  /// Whether a number before the first can be of this boot.
  constexpr bool was_overtaken(std::uint64_t sequence, std::uint64_t timestamp_us) const noexcept {
    // A longer stream was not overtaken: the next boot begins where this one began.
    if (went_backwards(timestamp_us)) return false;
    const auto older = static_cast<std::int32_t>(first_stamp_ - static_cast<std::uint32_t>(timestamp_us));
    return first_ - sequence <= overtaken && older >= -clock_skew_us && older <= overtaken_us;
  }

  /// Moves the first number down; slots below it may hold anything.
  constexpr void extend_down_to(std::uint64_t sequence, std::uint64_t timestamp_us) noexcept {
    while (first_ != sequence) {
      --first_;
      seen_[first_ / 64 % words] &= ~(std::uint64_t{1} << first_ % 64);
    }
    first_stamp_ = static_cast<std::uint32_t>(timestamp_us);
  }

  /// Whether a number never seen can be of this boot: its time must lie between those of its neighbours.
  constexpr bool fits(std::uint64_t sequence, std::uint64_t timestamp_us) const noexcept {
    if (static_cast<std::int64_t>(timestamp_us - highest_timestamp_us_) > clock_skew_us) return false;
    for (std::uint64_t before = sequence - 1; highest_ - before < remembered && !is_after(first_, before);
         --before)
      if (is_seen(before)) {
        // Half of a timestamp says how far apart two are, up to 71 minutes, but not which one is later.
        auto apart = static_cast<std::uint32_t>(highest_timestamp_us_) - stamps_[before % remembered];
        if (apart > std::uint32_t{0} - static_cast<std::uint32_t>(clock_skew_us)) apart = 0;
        return static_cast<std::int64_t>(timestamp_us - highest_timestamp_us_) + apart >= -clock_skew_us;
      }
    return true;
  }

  static constexpr std::size_t words = window / 64;

  std::array<std::uint64_t, words> seen_{};
  std::array<std::uint32_t, remembered> stamps_{};  // low half of the timestamps
  std::uint64_t first_ = 0;  // no number below it is of this boot; their slots are never read
  std::uint64_t highest_ = 0;
  std::uint64_t highest_timestamp_us_ = 0;
  std::uint32_t first_stamp_ = 0;  // low half of the first one's timestamp
  std::uint32_t partial_ = 0;      // a bit for each of the remembered, by number modulo 32
  bool started_ = false;
};

/// The msgid line of a target (6.17+): a counter of sent records, modulo 2^32, so that a gap is certain loss.
/// It rises with the record numbers; they distinguish a late record from a counter that restarted (with a new
/// target).
class msgid_tracker {
 public:
  /// Returns how many records were lost before this one; less than 0 when it is a late one of those; 0 when
  /// it is the next, a repeat, or the first of a counter. As many as stopped of the msgids before it were of
  /// copies of this record: no loss.
  constexpr std::int64_t push(std::uint32_t msgid, std::uint64_t sequence,
                              std::uint32_t stopped = 0) noexcept {
    const std::uint32_t ahead = msgid - last_, behind = last_ - msgid;
    const bool newer = is_newer(sequence);
    if (!std::exchange(started_, true)) {
      last_ = msgid;
      sequence_ = sequence;
      return 0;
    }
    if (ahead == 0) return 0;
    const bool rises = is_ahead(msgid);
    if (!rises && !newer) return behind < sequence_tracker::window ? late(1 + std::uint64_t{stopped}) : 0;
    last_ = msgid;
    if (newer) sequence_ = sequence;
    if (!rises) {
      missing_ = 0;
      return 0;
    }
    const auto missing = ahead - 1 - std::min(ahead - 1, stopped);
    missing_ += missing;
    return missing;
  }
  /// As push, for a record whose msgid did not come: it is the next one, or late.
  constexpr std::int64_t push_unknown(std::uint64_t sequence) noexcept {
    if (!started_) return 0;
    if (!is_newer(sequence)) return late(1);
    ++last_;
    return 0;
  }
  /// The kernel sent repeats: they have msgids of their own.
  constexpr void skip(std::uint32_t repeats) noexcept { last_ += repeats; }
  /// A whole record without a msgid came: the target no longer counts.
  constexpr void stop(std::uint64_t sequence) noexcept {
    if (is_newer(sequence)) *this = {};
  }
  /// True for a msgid above all that came.
  [[nodiscard]] constexpr bool is_ahead(std::uint32_t msgid) const noexcept {
    return msgid - last_ - 1 < (std::uint32_t{1} << 31) - 1;
  }
  /// True when a record with a msgid came and the target still counts.
  [[nodiscard]] constexpr bool started() const noexcept { return started_; }

 private:
  constexpr bool is_newer(std::uint64_t sequence) const noexcept {
    return static_cast<std::int64_t>(sequence - sequence_) > 0;
  }
  constexpr std::int64_t late(std::uint64_t count) noexcept {
    count = std::min(count, missing_);
    missing_ -= count;
    return -static_cast<std::int64_t>(count);
  }

  std::uint64_t sequence_ = 0;  // of the last record whose msgid came
  std::uint64_t missing_ = 0;   // of this counter, not come since
  std::uint32_t last_ = 0;
  bool started_ = false;
};

}  // namespace netcon::inline v0_1
