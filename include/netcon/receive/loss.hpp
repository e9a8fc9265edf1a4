// SPDX-License-Identifier: MIT
// The number stage: what one sender's record numbers and msgids say about loss, order and reboots.
#pragma once

#include <netcon/core/time.hpp>
#include <netcon/detail/find_named.hpp>
#include <netcon/receive/internal/release_hash.hpp>
#include <netcon/receive/sequence.hpp>
#include <netcon/wire/msgid.hpp>
#include <netcon/wire/record.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1 {

/// Why records are known, or thought, to be missing.
enum class loss : std::uint8_t {
  sequence_gap,  ///< only a hint: the kernel numbers records that it never sends (log level, target disabled)
  msgid_gap,     ///< certain: the target counts what it sends (6.17+)
  announced,     ///< certain: "** N printk messages dropped **" in basic text
  impossible,    ///< one of these, but more than a kernel can have made: forged, or from another machine
};

/// The enumerator's name, as JSON has it.
[[nodiscard]] constexpr std::string_view name(loss cause) noexcept {
  switch (cause) {
    case loss::sequence_gap:
      return "sequence_gap";
    case loss::msgid_gap:
      return "msgid_gap";
    case loss::announced:
      return "announced";
    case loss::impossible:
      return "impossible";
  }
  return "unknown";
}

/// The cause of that name.
[[nodiscard]] constexpr std::optional<loss> parse_loss(std::string_view text) noexcept {
  return detail::find_named(text, loss::announced);
}

/// What a record says about others of its sender.
struct loss_report {
  loss cause = loss::sequence_gap;   ///< of lost and recovered
  std::uint64_t first_sequence = 0;  ///< of a sequence gap
  std::uint64_t lost = 0;            ///< records reported missing now
  std::uint64_t recovered = 0;       ///< records that were reported missing and came after all

  friend constexpr bool operator==(const loss_report&, const loss_report&) noexcept = default;
};

/// One sender's numbers. A record is first classified and then accepted, so that the caller can deliver what
/// waits of an old boot in between. A record that timed out is not an arrival: it triggers no reboot and does
/// not refresh the time of the sender's last packet; it is given up, not accepted.
class loss_tracker {
 public:
  /// The place of a record with this release (detail::release_hash). Without a time, and up to late_age after
  /// the sender's last packet, it may be late; after that a lower number means a reboot.
  [[nodiscard]] arrival classify(const record_view& record, std::uint32_t release,
                                 std::optional<time_point> now,
                                 std::chrono::nanoseconds late_age) const noexcept {
    if (is_of_other_release(release)) return arrival::rebooted;
    const bool may_be_late = !now || detail::elapsed(last_packet_, *now) <= late_age;
    return sequence_.classify(record.sequence(), record.timestamp_us(), may_be_late);
  }

  /// Accepts a record that is next in the same boot, as nearly all are; false when it is anything else.
  bool accept_next(const record_view& record, std::uint32_t release) noexcept {
    if (!sequence_.is_next(record.sequence()) || (release != 0 && release != release_)) return false;
    sequence_.push_next(record.timestamp_us());
    return true;
  }

  /// Accepts a record that comes after a gap in the same boot; false when it is anything else.
  bool accept_after_gap(const record_view& record, std::uint32_t release, loss_report& report) noexcept {
    const auto ahead = record.sequence() - sequence_.highest();
    if (ahead - 2 >= sequence_tracker::window || !sequence_.started() ||
        sequence_.went_backwards(record.timestamp_us()) || (release != 0 && release != release_))
      return false;
    report = gap(sequence_.highest() + 1, ahead - 1);
    sequence_.push_ahead(record.sequence(), record.timestamp_us());
    return true;
  }

  /// Accepts a record as what classify() said.
  loss_report accept(arrival kind, const record_view& record, std::uint32_t release) noexcept {
    const bool was_missing = kind == arrival::late && !sequence_.precedes_first(record.sequence());
    if (release != 0) release_ = release;
    const auto where = sequence_.remember(kind, record.sequence(), record.timestamp_us());
    if (where.missing != 0) return gap(where.first_missing, where.missing);
    return {.recovered = was_missing && !msgid_.started() ? 1u : 0u};
  }

  /// Accepts what came of a record that timed out before it had a place; its kind is what classify() said
  /// without a time.
  loss_report give_up(arrival kind, const record_view& record, std::uint32_t release) noexcept {
    if (kind == arrival::rebooted) {
      // So far back that its number is no longer known: it was reported as missing.
      const bool was_missing = !msgid_.started() && !sequence_.precedes_first(record.sequence()) &&
                               !sequence_.is_ahead(record.sequence());
      return {.recovered = was_missing ? 1u : 0u};
    }
    const auto report = accept(kind, record, release);
    if (kind != arrival::duplicate) sequence_.mark_partial(record.sequence());
    return report;
  }

  /// The msgid of a whole record. stopped_copies of it were sent before and have msgids of their own.
  loss_report note_msgid(const record_view& record, bool repeat, std::uint32_t stopped_copies) noexcept {
    if (!detail::may_have_msgid(record) && !msgid_.started()) return {};
    return note_msgid_line(record, record.body(), repeat, stopped_copies);
  }

  /// The msgid of a record that came in part: its line may be missing. last_run: the bytes after the last gap
  /// of the body, see partial_body.
  loss_report note_partial_msgid(const record_view& record, std::string_view last_run) noexcept {
    if (detail::msgid_of(last_run)) return note_msgid_line(record, last_run, false, 0);
    return of_msgids(msgid_.push_unknown(record.sequence()));
  }

  /// A kernel replay consumes a new msgid; skip it, or it would look like a loss.
  void skip_msgids(std::uint32_t count) noexcept { msgid_.skip(count); }

  /// The record has a place, but it is not whole yet: a whole copy is no duplicate.
  void mark_partial(const record_view& record) noexcept { sequence_.mark_partial(record.sequence()); }
  /// Undoes mark_partial().
  void mark_whole(const record_view& record) noexcept { sequence_.mark_whole(record.sequence()); }

  /// Starts a stream with a record of which only a fragment came.
  void begin(const record_view& record, std::uint32_t release) noexcept {
    release_ = release;
    sequence_.begin(record.sequence(), record.timestamp_us());
  }
  /// Forgets what was of the old boot only. The next record restarts the numbers.
  void reboot() noexcept {
    msgid_ = {};
    release_ = 0;
  }

  /// A packet of this sender arrived.
  void arrived(time_point now) noexcept { last_packet_ = now; }
  /// As arrived() was told last; the epoch of the clock before that.
  [[nodiscard]] time_point last_packet() const noexcept { return last_packet_; }

  /// True when both this hash and that of the boot are known, and they differ. 0 is unknown.
  [[nodiscard]] bool is_of_other_release(std::uint32_t release) const noexcept {
    return release != 0 && release_ != 0 && release_ != release;
  }
  /// The numbers of the current boot.
  [[nodiscard]] const sequence_tracker& sequence() const noexcept { return sequence_; }

 private:
  /// Where the sender counts its records itself, a gap of record numbers says nothing.
  loss_report gap(std::uint64_t first, std::uint64_t count) const noexcept {
    if (msgid_.started()) return {};
    return {.first_sequence = first, .lost = count};
  }

  [[gnu::noinline]] loss_report note_msgid_line(const record_view& record, std::string_view body, bool repeat,
                                                std::uint32_t stopped_copies) noexcept {
    const auto msgid = detail::msgid_of(body, record.damage());
    // A repeat by the network says nothing, nor does the copy of another target of the same host. A repeat by
    // the kernel has a msgid of its own.
    if (repeat && !(record.is_replayed() && msgid && msgid_.is_ahead(*msgid))) return {};
    if (!msgid) {
      msgid_.stop(record.sequence());
      return {};
    }
    if (!msgid_.started() && detail::may_be_of_taskname(body)) return {};
    return of_msgids(msgid_.push(*msgid, record.sequence(), stopped_copies));
  }

  static loss_report of_msgids(std::int64_t missing) noexcept {
    if (missing < 0) return {.cause = loss::msgid_gap, .recovered = static_cast<std::uint64_t>(-missing)};
    return {.cause = loss::msgid_gap, .lost = static_cast<std::uint64_t>(missing)};
  }

  time_point last_packet_{};
  sequence_tracker sequence_;
  msgid_tracker msgid_;
  std::uint32_t release_ = 0;  // hash; 0: none seen
};

}  // namespace netcon::inline v0_1
