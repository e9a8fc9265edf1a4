// SPDX-License-Identifier: MIT
// How the stages of the collector are connected, for one sender at a time. collector.hpp has the account.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/time.hpp>
#include <netcon/receive/collector_limits.hpp>
#include <netcon/receive/internal/recent_texts.hpp>
#include <netcon/receive/internal/reporter.hpp>
#include <netcon/receive/internal/sender.hpp>
#include <netcon/receive/internal/waiting_senders.hpp>
#include <netcon/receive/reassembler.hpp>
#include <netcon/wire/record.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1::detail {

class stages {
 public:
  stages(const collector_limits& limits, const hash_key& key)
      : limits_{limits.in_range()},
        fragments_{limits_.fragments, key},
        waiting_{limits_},
        stages_after_number_{limits_.reorder.count() != 0 || limits_.join_continuations} {}

  // Into the pipeline.

  /// A whole record of one packet.
  template <class Sink>
  [[gnu::always_inline]] void push_whole(sender& s, const record_view& record, time_point now, Sink& sink) {
    if (fragments_.in_flight() != 0) {
      take_whole(s, {s.address, record, {}}, now, sink);
    } else if (!stages_after_number_ && place_ahead(s, record, release_hash(record), sink)) {
      // As nearly all records: number() and take_record() do the same, with more to look at.
      report_.lost(s, s.numbers.note_msgid(record, false, 0), now, sink);
      s.numbers.arrived(now);
      s.text_of(record) = texts_.add(&s, record);
      report_.record(s, record, false, false, sink);
    } else {
      take_record(s, {record, now}, sink);
    }
  }

  /// A fragment. find(endpoint) returns the sender of another record that the limits push out.
  template <class Find, class Sink>
  [[gnu::noinline]] void push_fragment(sender& s, const record_view& record, time_point now, Find&& find,
                                       Sink& sink) {
    const auto deliver = [&](const assembled& one) {
      one.complete() ? take_whole(s, one, now, sink) : take_part(find(one.sender), one, now, sink);
    };
    using progress = reassembler::progress;
    const auto became =
        fragments_.push(s.address, record, now, deliver, [&] { return admit(s, record, now, sink); });
    if (record.is_replayed() && record.fragment()->offset == 0 && became != progress::started &&
        became != progress::refused)
      skip_msgid(s);
    report_.fragment(s, record, became, sink);
  }

  /// The fragment after the last one, as nearly all are; false when it is anything else.
  template <class Sink>
  [[gnu::noinline]] bool push_next_fragment(sender& s, std::string_view packet, time_point now, Sink& sink) {
    return fragments_.push_next(s.address, packet,
                                [&](const assembled& one) { take_whole(s, one, now, sink); });
  }
  bool expects_next_fragment() const noexcept { return fragments_.expects_next(); }

  template <class Sink>
  [[gnu::noinline]] void push_basic(sender& s, std::string_view text, time_point now, Sink& sink) {
    close_open(s, sink);
    basic_lines fresh;
    auto& lines = s.pending ? s.pending->lines : fresh;
    lines.push(text, now, limits_.line_bytes, [&](const auto& line) { report_.line(s, line, now, sink); });
    s.numbers.arrived(now);
    if (!fresh.empty()) waiting_.work_of(s).lines = std::move(fresh);
    waiting_.update(s);
    keep_within_limits(sink);
  }

  // Time.

  std::optional<time_point> deadline() const noexcept {
    const auto of_fragments = fragments_.deadline(), of_stages = waiting_.deadline();
    if (!of_fragments || !of_stages) return of_fragments ? of_fragments : of_stages;
    return std::min(*of_fragments, *of_stages);
  }

  template <class Find, class Sink>
  void expire(time_point now, Find&& find, Sink& sink) {
    fragments_.expire(now, [&](const assembled& part) { take_part(find(part.sender), part, now, sink); });
    waiting_.expire(now, [&](sender& s) { deliver_due(s, now, sink); });
  }

  template <class Find, class Sink>
  void flush(Find&& find, Sink& sink) {
    fragments_.flush([&](const assembled& part) { take_part(find(part.sender), part, std::nullopt, sink); });
    while (!waiting_.empty()) deliver_all(waiting_.first(), sink);
  }

  template <class Sink>
  void forget(sender& s, Sink& sink) {
    fragments_.flush(s.address, [&](const assembled& part) { take_part(s, part, std::nullopt, sink); });
    deliver_all(s, sink);
    report_.forgotten(s, sink);
  }

  const collector_limits& limits() const noexcept { return limits_; }
  reporter& report() noexcept { return report_; }
  const reporter& report() const noexcept { return report_; }
  const reassembler& fragments() const noexcept { return fragments_; }

 private:
  // Fragments.

  /// A whole record, while fragments of others, or copies of it, may be in flight.
  template <class Sink>
  [[gnu::noinline]] void take_whole(sender& s, const assembled& whole, time_point now, Sink& sink) {
    const auto copies = fragments_.discard_copies(whole);
    const auto numbered = whole.numbering != numbering::pending ? whole.numbering : copies.numbering;
    const arrived_record one{whole.record, now, whole.conflict, copies.stopped};
    if (numbered == numbering::repeat) {
      if (!is_known_text(s, one.record)) join(s, one.as_conflict(), false, sink);
    } else if (numbered == numbering::pending) {
      take_record(s, one, sink);
    } else {
      s.numbers.mark_whole(one.record);
      report_.lost(s, s.numbers.note_msgid(one.record, false, one.stopped_copies), now, sink);
      s.numbers.arrived(now);
      s.text_of(one.record) = texts_.add(&s, one.record);
      join(s, one, numbered == numbering::late, sink);
    }
    for (auto i = copies.repeats; i != 0; --i) skip_msgid(s);
  }

  /// What came of a record that waited for too long. Without a time, all that waits for it is due too.
  template <class Sink>
  void take_part(sender& s, const assembled& part, std::optional<time_point> now, Sink& sink) {
    give_up(s, part, sink);
    deliver_queued(s, now, sink);
  }

  /// The numbering of a record by its first fragment.
  template <class Sink>
  std::optional<numbering> admit(sender& s, const record_view& record, time_point now, Sink& sink) {
    if (const auto copy = fragments_.numbering_of_copy(s.address, record)) return copy;
    if (limits_.reorder.count() != 0) {
      if (is_queued_or_delivered(s, record)) return numbering::repeat;
      begin_stream(s, record, now, sink);
      s.numbers.arrived(now);
      return numbering::pending;
    }
    const auto kind = place(s, record, now, sink);
    s.numbers.arrived(now);
    if (kind == arrival::duplicate) return numbering::repeat;
    s.numbers.mark_partial(record);
    s.text_of(record) = recent_texts::none;
    return numbering_of(kind);
  }

  template <class Sink>
  void give_up(sender& s, const assembled& part, Sink& sink) {
    if (part.numbering == numbering::repeat) return;
    auto kind = arrival::next;
    if (part.numbering == numbering::pending) {
      const auto release = release_hash(part.record);
      const auto classify = [&] { return s.numbers.classify(part.record, release, {}, limits_.late_age); };
      kind = classify();
      if (kind == arrival::after_gap) {
        while (s.pending && s.pending->queue.is_before(part.record.sequence())) deliver_first(s, sink);
        kind = classify();
      }
      report_.lost(s, s.numbers.give_up(kind, part.record, release), std::nullopt, sink);
      fragments_.place_copies(s.address, part.record);
    }
    if (kind != arrival::duplicate)
      report_.lost(s, s.numbers.note_partial_msgid(part.record, part.body().last_run()), std::nullopt, sink);
    close_open(s, sink);
    report_.partial(s, part, sink);
  }

  // Number.

  /// Gives a record its place among the numbers of its sender. The result is next after a gap too.
  template <class Sink>
  [[gnu::always_inline]] arrival place(sender& s, const record_view& record, std::optional<time_point> now,
                                       Sink& sink) {
    const auto release = release_hash(record);
    auto kind = arrival::next;
    if (!place_ahead(s, record, release, sink)) {
      kind = s.numbers.classify(record, release, now, limits_.late_age);
      if (kind == arrival::rebooted) start_boot(s, sink);
      report_.lost(s, s.numbers.accept(kind, record, release), now, sink);
    }
    return kind;
  }

  /// As place(), for a record that is next or comes after a gap; false when it is anything else.
  template <class Sink>
  bool place_ahead(sender& s, const record_view& record, std::uint32_t release, Sink& sink) {
    return s.numbers.accept_next(record, release) || accept_gap(s, record, release, sink);
  }

  template <class Sink>
  [[gnu::noinline]] bool accept_gap(sender& s, const record_view& record, std::uint32_t release, Sink& sink) {
    loss_report found;
    const bool accepted = s.numbers.accept_after_gap(record, release, found);
    report_.lost(s, found, std::nullopt, sink);
    return accepted;
  }

  /// Starts the stream of a new sender or boot at the first fragment of its first record.
  template <class Sink>
  void begin_stream(sender& s, const record_view& record, time_point now, Sink& sink) {
    const auto release = release_hash(record);
    const auto kind = s.numbers.classify(record, release, now, limits_.late_age);
    if (kind != arrival::rebooted && kind != arrival::first) return;
    if (kind == arrival::rebooted) start_boot(s, sink);
    s.numbers.begin(record, release);
  }

  /// Delivers all that waits of the old boot, and reports the new one.
  template <class Sink>
  void start_boot(sender& s, Sink& sink) {
    fragments_.flush(s.address, [&](const assembled& part) { give_up(s, part, sink); });
    deliver_queued(s, std::nullopt, sink);
    close_open(s, sink);
    s.numbers.reboot();
    report_.rebooted(s, sink);
  }

  /// now is the time of arrival; none for a record that leaves the queue.
  template <class Sink>
  [[gnu::noinline]] void number(sender& s, const arrived_record& one, std::optional<time_point> now,
                                Sink& sink) {
    const auto kind = place(s, one.record, now, sink);
    report_.lost(s, s.numbers.note_msgid(one.record, kind == arrival::duplicate, one.stopped_copies), now,
                 sink);
    if (now) s.numbers.arrived(*now);
    if (kind == arrival::duplicate) {
      is_known_text(s, one.record) ? report_.duplicate(s, one.record, sink)
                                   : join(s, one.as_conflict(), false, sink);
    } else {
      s.text_of(one.record) = texts_.add(&s, one.record);
      join(s, one, numbering_of(kind) == numbering::late, sink);
    }
  }

  bool is_known_text(sender& s, const record_view& record) const noexcept {
    return (s.pending && s.pending->queue.contains(record, true)) ||
           texts_.is_same(s.text_of(record), &s, record);
  }

  // Reorder.

  template <class Sink>
  [[gnu::noinline]] void take_record(sender& s, const arrived_record& one, Sink& sink) {
    limits_.reorder.count() != 0 ? reorder(s, one, sink) : number(s, one, one.arrived, sink);
  }

  template <class Sink>
  void reorder(sender& s, const arrived_record& one, Sink& sink) {
    const auto& numbers = s.numbers.sequence();
    if (numbers.classify(one.record.sequence(), one.record.timestamp_us()) == arrival::after_gap) {
      if (one.record.sequence() - numbers.highest() <= sequence_tracker::window &&
          !s.numbers.is_of_other_release(release_hash(one.record))) {
        queue(s, one, sink);
        return;
      }
      deliver_queued(s, std::nullopt, sink);
    }
    number(s, one, one.arrived, sink);
    deliver_queued(s, one.arrived, sink);
  }

  template <class Sink>
  void queue(sender& s, const arrived_record& one, Sink& sink) {
    switch (waiting_.work_of(s).queue.push(one, s.numbers.sequence().highest())) {
      case reorder_queue::result::duplicate:
        if (one.record.is_replayed()) skip_msgid(s);
        report_.duplicate(s, one.record, sink);
        return;
      case reorder_queue::result::conflict:
        join(s, one.as_conflict(), false, sink);
        return;
      case reorder_queue::result::other_boot:
        deliver_queued(s, std::nullopt, sink);
        number(s, one, one.arrived, sink);
        return;
      case reorder_queue::result::queued:
        break;
    }
    s.numbers.arrived(one.arrived);
    waiting_.recount(*s.pending);
    while (s.pending && s.pending->queue.bytes() > limits_.reorder_bytes) deliver_first(s, sink);
    deliver_queued(s, one.arrived, sink);
    keep_within_limits(sink);
  }

  template <class Sink>
  void deliver_first(sender& s, Sink& sink) {
    const auto first = s.pending->queue.pop();
    waiting_.recount(*s.pending);
    const auto view = first.bytes.view();
    number(s, first.as_arrived(view), std::nullopt, sink);
    s.numbers.skip_msgids(first.repeats);
  }

  /// Delivers queued records that are next, or have waited for long enough, with all before those. Without a
  /// time, all.
  template <class Sink>
  void deliver_queued(sender& s, std::optional<time_point> now, Sink& sink) {
    while (s.pending && !s.pending->queue.empty()) {
      const auto& queue = s.pending->queue;
      const bool is_next = s.numbers.sequence().is_next(queue.first_sequence());
      if (!is_next && now && waiting_.deadline_of(queue) > *now) break;
      deliver_first(s, sink);
    }
    waiting_.update(s);
  }

  // Continuation.

  template <class Sink>
  void join(sender& s, const arrived_record& one, bool late, Sink& sink) {
    if (limits_.join_continuations) {
      join_continuation(s, one, late, sink);
    } else {
      report_.record(s, one.record, late, one.conflict, sink);
    }
  }

  template <class Sink>
  [[gnu::noinline]] void join_continuation(sender& s, const arrived_record& one, bool late, Sink& sink) {
    if (s.flags.continues(one.record.flag()) && !late && s.pending &&
        waiting_.has_room(one.record.text().size()) &&
        s.pending->joiner.append(one.record, one.conflict, one.arrived, limits_.line_bytes)) {
      waiting_.update(s);
      return;
    }
    close_open(s, sink);
    if (!waiting_.has_room(pending_work::overhead() + one.record.wire().size())) {
      report_.record(s, one.record, late, one.conflict, sink);
      return;
    }
    waiting_.work_of(s).joiner.open(one.record, late, one.conflict, one.arrived);
    waiting_.update(s);
  }

  template <class Sink>
  void close_open(sender& s, Sink& sink) {
    if (!s.pending || s.pending->joiner.empty()) return;
    const auto open = s.pending->joiner.close();
    report_.record(s, open->record.view(), open->late, open->conflict, sink);
    waiting_.update(s);
  }

  // What waits.

  template <class Sink>
  void deliver_due(sender& s, time_point now, Sink& sink) {
    deliver_queued(s, now, sink);
    if (s.pending && !s.pending->joiner.empty() && waiting_.deadline_of(s.pending->joiner) <= now)
      close_open(s, sink);
    if (s.pending && !s.pending->lines.empty() && waiting_.deadline_of(s.pending->lines) <= now)
      deliver_lines(s, sink);
  }

  template <class Sink>
  void deliver_all(sender& s, Sink& sink) {
    deliver_queued(s, std::nullopt, sink);
    close_open(s, sink);
    deliver_lines(s, sink);
  }

  template <class Sink>
  void deliver_lines(sender& s, Sink& sink) {
    if (!s.pending) return;
    s.pending->lines.flush([&](const auto& line) { report_.line(s, line, std::nullopt, sink); });
    waiting_.update(s);
  }

  template <class Sink>
  void keep_within_limits(Sink& sink) {
    while (waiting_.is_above_limit()) deliver_all(waiting_.first(), sink);
  }

  collector_limits limits_;
  reassembler fragments_;
  waiting_senders waiting_;
  reporter report_;
  recent_texts texts_;
  bool stages_after_number_;
};

}  // namespace netcon::inline v0_1::detail
