// The whole receiving side without a socket: packets of many senders in, events out. Bounded in senders,
// bytes and time whatever arrives; no threads, no clock.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/error.hpp>
#include <netcon/core/time.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/internal/endpoint_table.hpp>
#include <netcon/receive/internal/msgid_line.hpp>
#include <netcon/receive/internal/release_hash.hpp>
#include <netcon/receive/reassembler.hpp>
#include <netcon/receive/sequence.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/decode.hpp>
#include <netcon/wire/record.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace netcon {

/// Packets in, events out, in the order of their arrival, or with limits::hold in the order of each sender's
/// sequence numbers. A sender is an address and a port. The sink is called with each type of namespace event
/// and must not call back into the collector.
class collector {
 public:
  struct limits {
    std::size_t senders = 65536;  // the least recently active one goes first
    reassembler::limits fragments{};
    std::chrono::nanoseconds hold{0};     // how long a record waits for missing ones before it; 0: not at all
    std::size_t held_bytes = 256 * 1024;  // of one sender, while it waits; above that the oldest go
    std::size_t total_held_bytes =
        16 * 1024 * 1024;           // of all senders: records that wait and unfinished legacy lines
    std::size_t line_bytes = 8192;  // of a legacy line; a longer one is delivered in pieces
    std::chrono::nanoseconds line_age =
        std::chrono::seconds{1};      // how long a legacy line waits for its newline
    bool join_continuations = false;  // 'c' records become part of the one they continue
    std::chrono::nanoseconds continuation_age = std::chrono::milliseconds{100};
    std::chrono::nanoseconds granularity = std::chrono::milliseconds{5};  // of these times
    std::chrono::nanoseconds reorder_age =
        std::chrono::seconds{10};  // no network holds a packet back for longer
  };

  struct counters {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t records = 0;
    std::uint64_t partial = 0;
    std::uint64_t lost = 0;  // by sequence gaps not filled since, by msgid gaps, and announced
    std::uint64_t rebooted = 0;
    std::uint64_t duplicate = 0;
    std::uint64_t late = 0;
    std::uint64_t basic = 0;  // lines
    std::uint64_t junk = 0;
    std::uint64_t forgotten = 0;
  };

  collector() : collector{limits{}} {}
  explicit collector(const limits& bounds) : limits_{bounds}, parts_{bounds.fragments} {
    limits_.senders = std::max<std::size_t>(limits_.senders, 1);
    limits_.line_bytes = std::max<std::size_t>(limits_.line_bytes, 1);
    for (auto* const time : {&limits_.hold, &limits_.line_age, &limits_.continuation_age,
                             &limits_.granularity, &limits_.reorder_age})
      *time = std::max(*time, std::chrono::nanoseconds{0});
  }

  /// Takes one packet as it came from the socket. Never fails: what cannot be read becomes junk.
  template <class Sink>
  void push(const endpoint& from, std::string_view packet, time_point now, Sink&& sink) {
    ++counters_.packets;
    counters_.bytes += packet.size();
    auto* const newest = senders_.newest();
    sender& s = newest != nullptr && newest->from == from ? *newest : touch(from, sink);
    if (parts_.expects_next() && push_next_slice(from, packet, now, sink)) return;
    record_view message;
    error wrong;
    if (!detail::decoder::run(packet, message, wrong)) {
      junk(s.from, packet, wrong.code, sink);
    } else if (message.is_basic()) {
      push_basic(s, packet, now, sink);
    } else if (message.is_fragment()) {
      push_fragment(s, message, now, sink);
    } else {
      order(s, message, false, now, sink);
    }
  }

  /// The time by which expire() wants to be called; nothing waits without one.
  std::optional<time_point> deadline() const noexcept {
    auto first = parts_.deadline();
    if (!waiting_.empty() && (!first || next_look_ < *first)) first = next_look_;
    return first;
  }

  /// Gives up what waited for too long: unfinished messages become partial, held records and lines are
  /// delivered.
  template <class Sink>
  void expire(time_point now, Sink&& sink) {
    parts_.expire(now, [&](const assembled& message) { deliver_assembled(message, now, sink); });
    if (waiting_.empty() || now < next_look_) return;
    while (!waiting_.empty() && waiting_.begin()->first <= now) {
      sender& s = *waiting_.begin()->second;
      release_due(s, now, sink);
      if (s.waiting) stand_at(s, s.waiting->deadline);
    }
    next_look_ = waiting_.empty() ? time_point::max() : waiting_.begin()->first;
    next_look_ = std::max(next_look_, detail::after(now, limits_.granularity));
  }

  /// Delivers everything that waits, as at the end of a run.
  template <class Sink>
  void flush(Sink&& sink) {
    parts_.flush([&](const assembled& message) { deliver_assembled(message, time_point::max(), sink); });
    while (!waiting_.empty()) release_all(*waiting_.begin()->second, time_point::max(), sink);
  }

  const counters& stats() const noexcept { return counters_; }
  const reassembler::counters& fragment_stats() const noexcept { return parts_.stats(); }
  std::size_t senders() const noexcept { return senders_.size(); }
  /// Bytes of memory that a known sender of whole records takes.
  static constexpr std::size_t bytes_per_sender() noexcept { return table::bytes_each(); }

 private:
  struct sender;
  using table = detail::endpoint_table<sender>;

  struct held_record {
    record message;
    bool conflict = false;
    time_point since;
    std::uint32_t msgids_behind = 0;  // of repeats that came
    held_record* earlier = nullptr;   // in the order of arrival
    held_record* later = nullptr;
  };

  /// What few senders have, and those for a short time only.
  struct waiting_room {
    std::string line;  // legacy text without its newline yet
    bool line_replayed = false;
    time_point line_since;
    std::map<std::uint64_t, held_record> held;  // by distance from held_base
    std::uint64_t held_base = 0;
    std::size_t held_bytes = 0;
    held_record* first_held = nullptr;  // the one that waits for longest
    held_record* last_held = nullptr;
    std::optional<record> open;  // may be continued
    bool open_late = false;
    bool open_conflict = false;
    time_point open_since;
    time_point deadline = time_point::max();
    std::multimap<time_point, sender*>::iterator place;  // among the waiting senders
  };

  struct sender : detail::endpoint_links<sender> {
    time_point last_packet;
    sequence_tracker sequence;
    msgid_tracker msgid;
    std::uint32_t release = 0;       // hash; 0: none seen
    bool marks_first_piece = false;  // 'c' is a first piece there: before 4.10
    std::unique_ptr<waiting_room> waiting;
  };

  /// Finds or makes the sender, the newest one then.
  template <class Sink>
  [[gnu::noinline]] sender& touch(const endpoint& from, Sink& sink) {
    if (auto* const known = senders_.find(from)) {
      senders_.make_newest(*known);
      return *known;
    }
    if (senders_.size() >= limits_.senders) forget(*senders_.oldest(), sink);
    return senders_.add(from);
  }

  template <class Sink>
  void forget(sender& s, Sink& sink) {
    parts_.flush(s.from,
                 [&](const assembled& message) { deliver_assembled(message, time_point::max(), sink); });
    if (s.waiting) release_all(s, time_point::max(), sink);
    ++counters_.forgotten;
    sink(event::forgotten{s.from});
    senders_.remove(s);
  }

  template <class Sink>
  void junk(const endpoint& from, std::string_view packet, errc reason, Sink& sink) {
    ++counters_.junk;
    sink(event::junk{from, packet, reason});
  }

  // Extended messages: slices, then order, then the row of numbers, then continuations.

  template <class Sink>
  [[gnu::noinline]] bool push_next_slice(const endpoint& from, std::string_view packet, time_point now,
                                         Sink& sink) {
    return parts_.push_next(from, packet,
                            [&](const assembled& whole) { deliver_assembled(whole, now, sink); });
  }

  template <class Sink>
  [[gnu::noinline]] void push_fragment(sender& s, const record_view& message, time_point now, Sink& sink) {
    std::uint32_t tag = 0;
    // Loss is told when the first slice comes, not when the message is whole.
    const auto admit = [&](std::uint32_t& given) {
      if (limits_.hold.count() != 0) {
        if (is_repeat(s, message)) return false;
        expect(s, message, now, sink);
        return true;
      }
      const auto kind = place(s, message, now, sink);
      if (kind == arrival::duplicate) return false;
      given = kind == arrival::late ? placed_late : placed;
      return true;
    };
    const auto became = parts_.push(
        s.from, message, now, [&](const assembled& whole) { deliver_assembled(whole, now, sink); }, tag,
        admit);
    if (message.is_replayed() && message.fragment()->offset == 0 &&
        became != reassembler::progress::started && became != reassembler::progress::refused)
      skip_msgid(s);
    switch (became) {
      case reassembler::progress::declined:
      case reassembler::progress::repeated:
        ++counters_.duplicate;
        sink(event::duplicate{s.from, message});
        break;
      case reassembler::progress::late:
        ++counters_.late;
        sink(event::late{s.from, message});
        break;
      case reassembler::progress::refused:
        junk(s.from, message.wire(), errc::fragment_too_large, sink);
        break;
      default:
        break;
    }
  }

  static constexpr std::uint32_t placed = 1, placed_late = 2;

  template <class Sink>
  void deliver_assembled(const assembled& message, time_point now, Sink& sink) {
    sender& s = *senders_.find(message.from);
    if (message.complete()) {
      if (message.tag == 0) {
        order(s, message.record, message.conflict, now, sink);
      } else {
        note_msgid(s, message.record, false, sink);
        join(s, message.record, message.tag == placed_late, message.conflict, now, sink);
      }
      return;
    }
    give_up(s, message, now, sink);
    if (s.waiting) release_held(s, now, false, sink);
  }

  /// With a hold, a message has its place when it is whole; but a row begins with the first slice of its
  /// first one, so that a boot is told at once and what comes in between waits.
  template <class Sink>
  void expect(sender& s, const record_view& message, time_point now, Sink& sink) {
    const auto release = detail::release_hash(message);
    const auto kind = judge(s, message, release, now);
    if (kind != arrival::rebooted && kind != arrival::first) return;
    if (kind == arrival::rebooted) start_boot(s, now, sink);
    s.last_packet = now;
    s.release = release;
    s.sequence.begin(message.sequence(), message.timestamp_us());
  }

  /// Delivers what there is of a message. That is not a packet: it says nothing about a new boot, and how
  /// long ago the last one came says nothing about its age.
  template <class Sink>
  void give_up(sender& s, const assembled& message, time_point now, Sink& sink) {
    auto kind = arrival::next;
    if (message.tag == 0) {
      kind = judge(s, message.record, detail::release_hash(message.record), time_point::max());
      if (kind == arrival::next || kind == arrival::after_gap)
        release_before(s, message.record.sequence(), now, sink);
      if (kind != arrival::rebooted) {
        place(s, message.record, time_point::max(), sink);
      } else if (!s.msgid.started() && !s.sequence.precedes_first(message.record.sequence())) {
        take_back_loss();  // so far behind that the row knows it no more: it was told as missing
      }
    }
    if (kind != arrival::duplicate) {
      if (detail::msgid_of(message.record)) {
        note_msgid_line(s, message.record, false, sink);
      } else if (s.msgid.push_unknown(message.record.sequence()) < 0) {
        take_back_loss();
      }
    }
    close_open(s, sink);
    ++counters_.partial;
    sink(event::partial{s.from, message.record, message.missing});
  }

  /// Puts a record into its sender's row of numbers and tells about gap and restart.
  template <class Sink>
  arrival place(sender& s, const record_view& message, time_point now, Sink& sink) {
    const auto release = detail::release_hash(message);
    if (!s.sequence.is_next(message.sequence()) || (release != 0 && release != s.release))
      return place_out_of_row(s, message, release, now, sink);
    if (now != time_point::max()) s.last_packet = now;
    s.sequence.push_next(message.timestamp_us());
    return arrival::next;
  }

  /// Where messages are counted by the sender itself, a gap of record numbers says nothing.
  template <class Sink>
  void tell_gap(sender& s, std::uint64_t first, std::uint64_t count, Sink& sink) {
    if (s.msgid.started()) return;
    counters_.lost += count;
    sink(event::lost{s.from, loss::sequence_gap, first, count});
  }

  /// What was told as lost came all the same.
  void take_back_loss() noexcept {
    if (counters_.lost != 0) --counters_.lost;
  }

  template <class Sink>
  [[gnu::noinline]] arrival place_out_of_row(sender& s, const record_view& message, std::uint32_t release,
                                             time_point now, Sink& sink) {
    const auto ahead = message.sequence() - s.sequence.highest();
    if (ahead - 2 < sequence_tracker::window && s.sequence.started() &&
        !s.sequence.fell(message.timestamp_us()) && (release == 0 || release == s.release)) {
      if (now != time_point::max()) s.last_packet = now;
      tell_gap(s, s.sequence.highest() + 1, ahead - 1, sink);
      s.sequence.push_ahead(message.sequence(), message.timestamp_us());
      return arrival::after_gap;
    }
    return place_with_care(s, message, release, now, sink);
  }

  template <class Sink>
  [[gnu::noinline]] arrival place_with_care(sender& s, const record_view& message, std::uint32_t release,
                                            time_point now, Sink& sink) {
    const auto kind = judge(s, message, release, now);
    if (kind == arrival::rebooted) start_boot(s, now, sink);
    const bool was_told = kind == arrival::late && !s.sequence.precedes_first(message.sequence());
    if (now != time_point::max()) s.last_packet = now;
    if (release != 0) s.release = release;
    const auto where = s.sequence.remember(kind, message.sequence(), message.timestamp_us());
    if (where.missing != 0) tell_gap(s, where.first_missing, where.missing, sink);
    if (was_told && !s.msgid.started()) take_back_loss();
    return where.kind;
  }

  static bool is_of_other_release(const sender& s, std::uint32_t release) noexcept {
    return release != 0 && s.release != 0 && s.release != release;
  }

  /// What a message would be in its sender's row of numbers.
  arrival judge(const sender& s, const record_view& message, std::uint32_t release,
                time_point now) const noexcept {
    if (is_of_other_release(s, release)) return arrival::rebooted;
    const bool may_be_late = now == time_point::max() || now - s.last_packet <= limits_.reorder_age;
    return s.sequence.classify(message.sequence(), message.timestamp_us(), may_be_late);
  }

  /// Delivers all that waits of the boot that is over, and tells about the new one.
  template <class Sink>
  void start_boot(sender& s, time_point now, Sink& sink) {
    parts_.flush(s.from, [&](const assembled& old) { give_up(s, old, now, sink); });
    if (s.waiting) {
      release_held(s, now, true, sink);
      close_open(s, sink);
    }
    s.msgid = {};
    s.release = 0;
    ++counters_.rebooted;
    sink(event::rebooted{s.from, s.sequence.highest()});
  }

  template <class Sink>
  void note_msgid(sender& s, const record_view& message, bool repeat, Sink& sink) {
    if (detail::may_have_msgid(message) || s.msgid.started()) note_msgid_line(s, message, repeat, sink);
  }

  template <class Sink>
  [[gnu::noinline]] void note_msgid_line(sender& s, const record_view& message, bool repeat, Sink& sink) {
    const auto msgid = detail::msgid_of(message);
    // What the network repeats is of no account, nor what another target of the same host sends as well. What
    // the kernel repeats has a msgid of its own.
    if (repeat && !(message.is_replayed() && msgid && s.msgid.is_ahead(*msgid))) return;
    if (!msgid) {
      s.msgid.stop(message.sequence());
      return;
    }
    const auto missing = s.msgid.push(*msgid, message.sequence());
    if (missing > 0) {
      counters_.lost += static_cast<std::uint64_t>(missing);
      sink(event::lost{s.from, loss::msgid_gap, 0, static_cast<std::uint64_t>(missing)});
    } else if (missing < 0) {
      take_back_loss();
    }
  }

  /// What the kernel repeats of a message has a msgid of its own, behind those of all that it sent before,
  /// which nobody waits for.
  static void skip_msgid(sender& s) noexcept {
    if (s.waiting && !s.waiting->held.empty()) {
      ++s.waiting->held.rbegin()->second.msgids_behind;
    } else {
      s.msgid.skip(1);
    }
  }

  /// In order of arrival at once; with a hold, as soon as nothing before it is missing.
  template <class Sink>
  void order(sender& s, const record_view& message, bool conflict, time_point now, Sink& sink) {
    if (limits_.hold.count() != 0) {
      order_by_number(s, message, conflict, now, sink);
    } else {
      number(s, message, conflict, now, now, sink);
    }
  }

  template <class Sink>
  void order_by_number(sender& s, const record_view& message, bool conflict, time_point now, Sink& sink) {
    if (s.sequence.classify(message.sequence(), message.timestamp_us()) == arrival::after_gap) {
      const auto release = detail::release_hash(message);
      if (message.sequence() - s.sequence.highest() <= sequence_tracker::window &&
          !is_of_other_release(s, release)) {
        hold(s, message, conflict, now, sink);
        return;
      }
      if (s.waiting) release_held(s, now, true, sink);
    }
    number(s, message, conflict, now, now, sink);
    if (s.waiting && !s.waiting->held.empty()) release_held(s, now, false, sink);
  }

  template <class Sink>
  void number(sender& s, const record_view& message, bool conflict, time_point now, time_point arrived,
              Sink& sink) {
    const auto kind = place(s, message, now, sink);
    note_msgid(s, message, kind == arrival::duplicate, sink);
    if (kind == arrival::duplicate) {
      ++counters_.duplicate;
      sink(event::duplicate{s.from, message});
      return;
    }
    join(s, message, kind == arrival::late, conflict, arrived, sink);
  }

  /// With a hold, numbers are placed when messages are whole: this looks ahead of that.
  static bool is_repeat(const sender& s, const record_view& message) noexcept {
    if (s.sequence.classify(message.sequence(), message.timestamp_us()) == arrival::duplicate) return true;
    if (!s.waiting) return false;
    const auto& held = s.waiting->held;
    const auto at = held.find(message.sequence() - s.waiting->held_base);
    return at != held.end() && at->second.message.view().timestamp_us() == message.timestamp_us();
  }

  template <class Sink>
  void hold(sender& s, const record_view& message, bool conflict, time_point now, Sink& sink) {
    auto& room = wait(s);
    if (room.held.empty()) room.held_base = s.sequence.highest();
    const auto [at, fresh] = room.held.try_emplace(message.sequence() - room.held_base);
    auto& held = at->second;
    if (!fresh) {
      if (held.message.view().timestamp_us() != message.timestamp_us()) {
        // The same number at another time: of a new boot.
        release_held(s, now, true, sink);
        number(s, message, conflict, now, now, sink);
        return;
      }
      if (message.is_replayed()) skip_msgid(s);
      ++counters_.duplicate;
      sink(event::duplicate{s.from, message});
      return;
    }
    s.last_packet = now;
    held = {record{message}, conflict, now, 0, room.last_held};
    (room.last_held == nullptr ? room.first_held : room.last_held->later) = &held;
    room.last_held = &held;
    const auto size = message.wire().size() + held_overhead;
    room.held_bytes += size;
    total_held_ += size;
    // A release may give the room back.
    while (s.waiting && s.waiting->held_bytes > limits_.held_bytes) release_first(s, now, sink);
    release_held(s, now, false, sink);
    keep_within_limits(now, sink);
  }

  /// What a held record costs beside its bytes.
  static constexpr std::size_t held_overhead = sizeof(held_record) + 64;

  template <class Sink>
  void keep_within_limits(time_point now, Sink& sink) {
    while (total_held_ > limits_.total_held_bytes && !waiting_.empty())
      release_all(*waiting_.begin()->second, now, sink);
  }

  template <class Sink>
  void release_first(sender& s, time_point now, Sink& sink) {
    auto& room = *s.waiting;
    const auto node = room.held.extract(room.held.begin());
    const auto& first = node.mapped();
    (first.earlier == nullptr ? room.first_held : first.earlier->later) = first.later;
    (first.later == nullptr ? room.last_held : first.later->earlier) = first.earlier;
    const auto size = first.message.view().wire().size() + held_overhead;
    room.held_bytes -= size;
    total_held_ -= size;
    number(s, first.message.view(), first.conflict, now, first.since, sink);
    s.msgid.skip(first.msgids_behind);
  }

  /// Delivers held records that are next or have waited for long enough, and all before those; or all.
  template <class Sink>
  void release_held(sender& s, time_point now, bool all, Sink& sink) {
    while (s.waiting && !s.waiting->held.empty()) {
      const auto& room = *s.waiting;
      const bool next = room.held.begin()->first + room.held_base == s.sequence.highest() + 1;
      if (!all && !next && detail::after(room.first_held->since, limits_.hold) > now) break;
      release_first(s, now, sink);
    }
    if (s.waiting) schedule(s);
  }

  /// Delivers held records with lower numbers than one that is ahead of all delivered ones.
  template <class Sink>
  void release_before(sender& s, std::uint64_t sequence, time_point now, Sink& sink) {
    while (s.waiting && !s.waiting->held.empty() &&
           s.waiting->held.begin()->first < sequence - s.waiting->held_base)
      release_first(s, now, sink);
    if (s.waiting) schedule(s);
  }

  /// Continuations become part of the record they continue, on request; all others are delivered.
  template <class Sink>
  void join(sender& s, const record_view& message, bool late, bool conflict, time_point arrived, Sink& sink) {
    if (limits_.join_continuations) {
      join_continuation(s, message, late, conflict, arrived, sink);
    } else {
      deliver(s.from, message, late, conflict, sink);
    }
  }

  template <class Sink>
  void join_continuation(sender& s, const record_view& message, bool late, bool conflict, time_point arrived,
                         Sink& sink) {
    if (message.flag() == continuation::following) s.marks_first_piece = true;
    const bool continues = message.flag() == continuation::following ||
                           (message.flag() == continuation::piece && !s.marks_first_piece);
    if (continues && !late && s.waiting && s.waiting->open) {
      auto& room = *s.waiting;
      const auto open = room.open->view();
      if (open.caller() == message.caller() &&
          open.wire().size() + message.text().size() <= limits_.line_bytes) {
        const auto end =
            static_cast<std::size_t>(open.text().data() - open.wire().data()) + open.text().size();
        std::string joined{open.wire().substr(0, end)};
        joined += message.text();
        joined += open.wire().substr(end);
        total_held_ += message.text().size();
        room.open = record{open.whole(joined)};
        room.open_conflict |= conflict;
        room.open_since = arrived;
        schedule(s);
        return;
      }
    }
    close_open(s, sink);
    if (total_held_ + waiting_overhead + message.wire().size() > limits_.total_held_bytes) {
      deliver(s.from, message, late, conflict, sink);
      return;
    }
    auto& room = wait(s);
    total_held_ += message.wire().size();
    room.open.emplace(message);
    room.open_late = late;
    room.open_conflict = conflict;
    room.open_since = arrived;
    schedule(s);
  }

  template <class Sink>
  void close_open(sender& s, Sink& sink) {
    if (!s.waiting || !s.waiting->open) return;
    auto& room = *s.waiting;
    const auto open = std::move(*room.open);
    room.open.reset();
    total_held_ -= open.view().wire().size();
    deliver(s.from, open.view(), room.open_late, room.open_conflict, sink);
    schedule(s);
  }

  template <class Sink>
  void deliver(const endpoint& from, const record_view& message, bool late, bool conflict, Sink& sink) {
    if (late) {
      ++counters_.late;
      sink(event::late{from, message});
    } else {
      ++counters_.records;
      sink(event::record{from, message, conflict});
    }
  }

  // Legacy text: lines, joined over packets.

  template <class Sink>
  void push_basic(sender& s, std::string_view text, time_point now, Sink& sink) {
    s.last_packet = now;
    close_open(s, sink);
    while (!text.empty()) {
      const auto end = text.find('\n');
      const bool begun = s.waiting && !s.waiting->line.empty();
      if (end != text.npos && !begun && end <= limits_.line_bytes) {
        line(s, text.substr(0, end), true, sink);
        text.remove_prefix(end + 1);
        continue;
      }
      auto& room = wait(s);
      if (!begun) room.line_since = now;
      const auto piece = text.substr(0, std::min(end, limits_.line_bytes - room.line.size()));
      room.line += piece;
      total_held_ += piece.size();
      text.remove_prefix(piece.size());
      const bool whole = text.starts_with('\n');
      if (whole) text.remove_prefix(1);
      if (whole || room.line.size() >= limits_.line_bytes) close_line(s, whole, sink);
    }
    if (s.waiting) {
      if (s.waiting->line_replayed) s.waiting->line_since = now;
      schedule(s);
    }
    keep_within_limits(now, sink);
  }

  template <class Sink>
  void line(sender& s, std::string_view text, bool complete, Sink& sink) {
    if (text.starts_with('*')) {
      if (const auto count = dropped_notice(text)) {
        counters_.lost += *count;
        sink(event::lost{s.from, loss::announced, 0, *count});
        return;
      }
      if (text == replay_notice) {
        wait(s).line_replayed = true;
        return;
      }
    }
    const bool replayed = s.waiting && std::exchange(s.waiting->line_replayed, false);
    ++counters_.basic;
    sink(event::basic{s.from, text, complete, replayed});
  }

  template <class Sink>
  void close_line(sender& s, bool complete, Sink& sink) {
    auto& room = *s.waiting;
    const auto text = std::exchange(room.line, {});
    total_held_ -= text.size();
    line(s, text, complete, sink);
  }

  // Waiting senders stand in a row by deadline, so that time passes for those only whose it is. One whose
  // deadline moves away stays where it is until it is its turn.

  waiting_room& wait(sender& s) {
    if (!s.waiting) {
      s.waiting = std::make_unique<waiting_room>();
      total_held_ += waiting_overhead;
      s.waiting->place = waiting_.emplace_hint(waiting_.end(), time_point::max(), &s);
    }
    return *s.waiting;
  }

  /// Sets the deadline anew; a room with nothing in it is given back.
  void schedule(sender& s) {
    auto& room = *s.waiting;
    if (room.line.empty() && !room.open && room.held.empty() && !room.line_replayed) {
      waiting_.erase(room.place);
      s.waiting.reset();
      total_held_ -= waiting_overhead;
      return;
    }
    room.deadline = time_point::max();
    if (!room.line.empty() || room.line_replayed)
      room.deadline = detail::after(room.line_since, limits_.line_age);
    if (room.open)
      room.deadline = std::min(room.deadline, detail::after(room.open_since, limits_.continuation_age));
    if (!room.held.empty())
      room.deadline = std::min(room.deadline, detail::after(room.first_held->since, limits_.hold));
    if (room.deadline < room.place->first) stand_at(s, room.deadline);
    next_look_ = std::min(next_look_, room.deadline);
  }

  void stand_at(sender& s, time_point deadline) {
    auto standing = waiting_.extract(s.waiting->place);
    standing.key() = deadline;
    s.waiting->place = waiting_.insert(std::move(standing));
  }

  /// What a waiting sender costs beside what it waits with.
  static constexpr std::size_t waiting_overhead = sizeof(waiting_room) + 64;

  template <class Sink>
  void release_due(sender& s, time_point now, Sink& sink) {
    release_held(s, now, false, sink);
    if (s.waiting && s.waiting->open && detail::after(s.waiting->open_since, limits_.continuation_age) <= now)
      close_open(s, sink);
    if (s.waiting && detail::after(s.waiting->line_since, limits_.line_age) <= now) {
      if (!s.waiting->line.empty()) close_line(s, false, sink);
      s.waiting->line_replayed = false;
    }
    if (s.waiting) schedule(s);
  }

  template <class Sink>
  void release_all(sender& s, time_point now, Sink& sink) {
    release_held(s, now, true, sink);
    close_open(s, sink);
    if (s.waiting && !s.waiting->line.empty()) close_line(s, false, sink);
    if (s.waiting) {
      s.waiting->line_replayed = false;
      schedule(s);
    }
  }

  limits limits_;
  reassembler parts_;
  table senders_;
  std::multimap<time_point, sender*> waiting_;
  time_point next_look_ = time_point::max();
  std::size_t total_held_ = 0;
  counters counters_;
};

}  // namespace netcon
