// The row of one sender's sequence numbers: what is next, missing, late, seen before, or from a new boot.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace netcon {

/// What a record is in the row of its sender.
enum class arrival : std::uint8_t {
  first,      // nothing came before: no statement about loss is possible
  next,       // the expected one
  after_gap,  // later than expected: the numbers between are missing so far
  late,       // fills a gap of before, or was overtaken by the first
  duplicate,  // same sequence and timestamp as one seen
  rebooted,  // cannot belong to the same boot as what came before
};

/// Where a record stands; first_missing and missing describe the gap in front of it (after_gap), or behind it
/// (late, when it was overtaken by the first).
struct placement {
  arrival kind = arrival::first;
  std::uint64_t first_missing = 0;
  std::uint64_t missing = 0;

  friend constexpr bool operator==(const placement&, const placement&) noexcept = default;
};

/// Tracks one sender in constant time and space. A number up to window behind the highest is known as seen or
/// missing; of the last remembered ones the timestamps are kept too, so that a repeat is told from a new
/// boot. An older repeat counts as a new boot: the first records of every boot have the same numbers and the
/// time 0, and those of a machine that is back within seconds must not be dropped as seen before.
class sequence_tracker {
 public:
  static constexpr std::size_t window = 1024;
  static constexpr std::size_t remembered = 32;
  /// Clocks of different processors may disagree by this much. Microseconds.
  static constexpr std::int64_t clock_skew_us = 1'000'000;
  /// The first record to arrive may have overtaken so many before it, older by at most so many microseconds;
  /// what is farther below it is of a new boot.
  static constexpr std::uint64_t overtaken = 8;
  static constexpr std::int64_t overtaken_us = 100'000;

  /// What a record would be, remembering nothing. may_be_late: false when so much time went by since the
  /// sender's last packet that the network cannot have held this one back; a lower number then means a new
  /// boot.
  constexpr arrival classify(std::uint64_t sequence, std::uint64_t timestamp_us,
                             bool may_be_late = true) const noexcept {
    if (!started_) return arrival::first;
    if (sequence == highest_ + 1) return arrival::next;
    if (is_after(sequence, highest_)) return fell(timestamp_us) ? arrival::rebooted : arrival::after_gap;
    const std::uint64_t behind = highest_ - sequence;
    if (behind >= window) return arrival::rebooted;
    if (precedes_first(sequence))
      return may_be_late && was_overtaken(sequence, timestamp_us) ? arrival::late : arrival::rebooted;
    if (is_seen(sequence)) {
      const bool same =
          behind < remembered && stamps_[sequence % remembered] == static_cast<std::uint32_t>(timestamp_us);
      return same ? arrival::duplicate : arrival::rebooted;
    }
    return may_be_late && fits(sequence, timestamp_us) ? arrival::late : arrival::rebooted;
  }

  /// Places a record and remembers it.
  constexpr placement push(std::uint64_t sequence, std::uint64_t timestamp_us,
                           bool may_be_late = true) noexcept {
    return remember(classify(sequence, timestamp_us, may_be_late), sequence, timestamp_us);
  }

  /// As push, for a record of which classify said what it is.
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
          begin_at(sequence, timestamp_us);
        }
        mark(sequence, timestamp_us);
        break;
      case arrival::duplicate:
        break;
    }
    return where;
  }

  /// True for a number before the first of this boot: its absence was never told.
  constexpr bool precedes_first(std::uint64_t sequence) const noexcept { return is_after(first_, sequence); }

  /// True for the number behind the highest.
  constexpr bool is_next(std::uint64_t sequence) const noexcept {
    return started_ && sequence == highest_ + 1;
  }

  /// As push, for the number that is_next.
  constexpr void push_next(std::uint64_t timestamp_us) noexcept {
    ++highest_;
    highest_timestamp_us_ = timestamp_us;
    seen_[highest_ / 64 % words] |= std::uint64_t{1} << highest_ % 64;
    stamps_[highest_ % remembered] = static_cast<std::uint32_t>(timestamp_us);
  }

  /// As push, for a number ahead of the highest.
  constexpr void push_ahead(std::uint64_t sequence, std::uint64_t timestamp_us) noexcept {
    // Slots between the old and the new highest still hold numbers of one window ago.
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

  /// Forgets everything before this record, as a known reboot demands.
  constexpr void restart(std::uint64_t sequence, std::uint64_t timestamp_us) noexcept {
    started_ = true;
    first_ = highest_ = sequence;
    first_stamp_ = static_cast<std::uint32_t>(timestamp_us);
    highest_timestamp_us_ = timestamp_us;
    mark(sequence, timestamp_us);
  }

  /// As restart, with a record that is still to come.
  constexpr void begin(std::uint64_t sequence, std::uint64_t timestamp_us) noexcept {
    restart(sequence, timestamp_us);
    --highest_;
  }

  /// True for a time so far before that of the highest number that what has it cannot have come later in the
  /// same boot.
  constexpr bool fell(std::uint64_t timestamp_us) const noexcept {
    return static_cast<std::int64_t>(highest_timestamp_us_ - timestamp_us) > clock_skew_us;
  }

  constexpr bool started() const noexcept { return started_; }
  /// The highest number of this boot; 0 before the first record.
  constexpr std::uint64_t highest() const noexcept { return highest_; }
  constexpr std::uint64_t highest_timestamp_us() const noexcept { return highest_timestamp_us_; }

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
    if (highest_ - sequence < remembered)
      stamps_[sequence % remembered] = static_cast<std::uint32_t>(timestamp_us);
  }

  /// Whether a number before the first can be of this boot.
  constexpr bool was_overtaken(std::uint64_t sequence, std::uint64_t timestamp_us) const noexcept {
    // A row that went on for longer was not overtaken: the next boot begins where this one began.
    if (fell(timestamp_us)) return false;
    const auto older = static_cast<std::int32_t>(first_stamp_ - static_cast<std::uint32_t>(timestamp_us));
    return first_ - sequence <= overtaken && older >= -clock_skew_us && older <= overtaken_us;
  }

  /// Moves the first number back; slots in front of it may hold anything.
  constexpr void begin_at(std::uint64_t sequence, std::uint64_t timestamp_us) noexcept {
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
        // Half of a timestamp tells how far apart two are, up to 71 minutes; not which of two is the later.
        auto apart = static_cast<std::uint32_t>(highest_timestamp_us_) - stamps_[before % remembered];
        if (apart > std::uint32_t{0} - static_cast<std::uint32_t>(clock_skew_us)) apart = 0;
        return static_cast<std::int64_t>(timestamp_us - highest_timestamp_us_) + apart >= -clock_skew_us;
      }
    return true;
  }

  static constexpr std::size_t words = window / 64;

  std::array<std::uint64_t, words> seen_{};
  std::array<std::uint32_t, remembered> stamps_{};  // low half of the timestamps
  std::uint64_t first_ = 0;  // no number before it is of this boot; slots of such are never read
  std::uint64_t highest_ = 0;
  std::uint64_t highest_timestamp_us_ = 0;
  std::uint32_t first_stamp_ = 0;  // low half of the first one's timestamp
  bool started_ = false;
};

/// The msgid line of a target (6.17+): a counter of sent messages, modulo 2^32, so that a gap is certain
/// loss. It rises with the record numbers, which tell a late message from a counter that began anew (with a
/// new target).
class msgid_tracker {
 public:
  /// Returns how many messages were lost before this one; -1 when it is a late one of those; 0 when it is the
  /// next, a repeat, or the first of a counter.
  constexpr std::int64_t push(std::uint32_t msgid, std::uint64_t sequence) noexcept {
    const std::uint32_t ahead = msgid - last_, behind = last_ - msgid;
    const bool newer = is_newer(sequence);
    if (!std::exchange(started_, true)) {
      last_ = msgid;
      sequence_ = sequence;
      return 0;
    }
    if (ahead == 0) return 0;
    const bool rises = is_ahead(msgid);
    if (!rises && !newer) return behind < sequence_tracker::window ? late() : 0;
    last_ = msgid;
    if (newer) sequence_ = sequence;
    if (!rises) {
      missing_ = 0;
      return 0;
    }
    missing_ += ahead - 1;
    return std::int64_t{ahead} - 1;
  }
  /// As push, for a message that has a msgid which did not come: it is the next one, or late.
  constexpr std::int64_t push_unknown(std::uint64_t sequence) noexcept {
    if (!started_) return 0;
    if (!is_newer(sequence)) return late();
    ++last_;
    return 0;
  }
  /// Repeats were sent, which have msgids of their own that did not come.
  constexpr void skip(std::uint32_t repeats) noexcept { last_ += repeats; }
  /// A whole message without a msgid came: the target counts no more.
  constexpr void stop(std::uint64_t sequence) noexcept {
    if (is_newer(sequence)) *this = {};
  }
  /// True for the msgid of what was sent later than all that came.
  constexpr bool is_ahead(std::uint32_t msgid) const noexcept {
    return msgid - last_ - 1 < (std::uint32_t{1} << 31) - 1;
  }
  constexpr bool started() const noexcept { return started_; }

 private:
  constexpr bool is_newer(std::uint64_t sequence) const noexcept {
    return static_cast<std::int64_t>(sequence - sequence_) > 0;
  }
  constexpr std::int64_t late() noexcept {
    if (missing_ == 0) return 0;
    --missing_;
    return -1;
  }

  std::uint64_t sequence_ = 0;  // of the last message whose msgid came
  std::uint64_t missing_ = 0;   // of this counter, not come since
  std::uint32_t last_ = 0;
  bool started_ = false;
};

}  // namespace netcon
