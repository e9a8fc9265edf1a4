// The whole receiving side without a socket: packets of many senders in, events out. Bounded in senders,
// bytes and time whatever arrives; no threads, no clock.
#pragma once

#include <netcon/decode.hpp>
#include <netcon/endpoint.hpp>
#include <netcon/error.hpp>
#include <netcon/reassembler.hpp>
#include <netcon/record.hpp>
#include <netcon/sequence.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon {

/// Why records are known, or thought, to be missing.
enum class loss : std::uint8_t {
  sequence_gap,  // only a hint: the kernel numbers records that it never sends (log level, target disabled)
  msgid_gap,     // certain: the target counts what it sends (6.17+)
  announced,     // certain: "** N printk messages dropped **" in a legacy stream
};

/// What the collector tells. Views are valid during the call of the sink only.
namespace event {

/// A message in whole.
struct record {
  const endpoint& from;
  const record_view& message;
  bool conflict = false;  // slices of it disagreed about a byte
};

/// A message of which slices are missing; their bytes are NUL in it.
struct partial {
  const endpoint& from;
  const record_view& message;
  std::span<const byte_range> missing;
};

/// count messages did not come. For a sequence gap, first is the number of the first one.
struct lost {
  const endpoint& from;
  loss cause = loss::sequence_gap;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

/// The sender booted anew: its numbers began again, or its release changed. The record comes next.
struct restarted {
  const endpoint& from;
  std::uint64_t last_sequence = 0;  // the highest of the boot before
};

/// A message, or slice of one, that was delivered before.
struct duplicate {
  const endpoint& from;
  const record_view& message;
};

/// A message that was reported lost before; its record.
struct late {
  const endpoint& from;
  const record_view& message;
};

/// A line of a sender that sends no header, without its newline; raw bytes. complete: its newline came.
struct legacy {
  const endpoint& from;
  std::string_view text;
  bool complete = true;
  bool replayed = false;  // "** replaying previous printk message **" stood in front
};

/// A packet that is no netconsole message, and why.
struct junk {
  const endpoint& from;
  std::string_view packet;
  errc reason{};
};

/// The limit of senders was reached: all that was known of this one, which was silent for longest, is
/// forgotten.
struct forgotten {
  const endpoint& from;
};

}  // namespace event

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
    std::uint64_t restarted = 0;
    std::uint64_t duplicate = 0;
    std::uint64_t late = 0;
    std::uint64_t legacy = 0;  // lines
    std::uint64_t junk = 0;
    std::uint64_t forgotten = 0;
  };

  collector() : collector{limits{}} {}
  explicit collector(const limits& bounds)
      : limits_{bounds},
        parts_{bounds.fragments},
        table_(64, none),
        seed_{reinterpret_cast<std::uintptr_t>(table_.data())} {
    limits_.senders = std::max<std::size_t>(limits_.senders, 1);
    limits_.line_bytes = std::max<std::size_t>(limits_.line_bytes, 1);
  }

  /// Takes one packet as it came from the socket. Never fails: what cannot be read becomes junk.
  template <class Sink>
  void push(const endpoint& from, std::string_view packet, time_point now, Sink&& sink) {
    ++counters_.packets;
    counters_.bytes += packet.size();
    const auto index = touch(from, sink);
    record_view message;
    error wrong;
    if (!detail::decoder::run(packet, message, wrong)) {
      junk(sender_at(index).from, packet, wrong.code, sink);
    } else if (message.is_legacy()) {
      push_legacy(index, packet, now, sink);
    } else {
      push_extended(index, message, now, sink);
    }
  }

  /// The time by which expire() wants to be called; nothing waits without one.
  std::optional<time_point> deadline() const noexcept {
    auto first = parts_.deadline();
    if (waiting_ != none && (!first || next_look_ < *first)) first = next_look_;
    return first;
  }

  /// Gives up what waited for too long: unfinished messages become partial, held records and lines are
  /// delivered.
  template <class Sink>
  void expire(time_point now, Sink&& sink) {
    parts_.expire(now, [&](const assembled& message) { deliver_assembled(message, now, sink); });
    if (waiting_ == none || now < next_look_) return;
    next_look_ = time_point::max();
    for (auto index = waiting_; index != none;) {
      const auto next = sender_at(index).waiting->next;
      if (sender_at(index).waiting->deadline <= now) {
        release_due(index, now, sink);
      } else {
        next_look_ = std::min(next_look_, sender_at(index).waiting->deadline);
      }
      index = next;
    }
    // However many wait, looking through them costs a bounded share of the time.
    next_look_ = std::max(next_look_, now + limits_.granularity);
  }

  /// Delivers everything that waits, as at the end of a run.
  template <class Sink>
  void flush(Sink&& sink) {
    parts_.flush([&](const assembled& message) { deliver_assembled(message, time_point::max(), sink); });
    while (waiting_ != none) release_all(waiting_, time_point::max(), sink);
  }

  const counters& stats() const noexcept { return counters_; }
  const reassembler::counters& fragment_stats() const noexcept { return parts_.stats(); }
  std::size_t senders() const noexcept { return size_; }
  /// Bytes of memory that a known sender of whole records takes.
  static constexpr std::size_t bytes_per_sender() noexcept { return sizeof(sender) + 2 * sizeof(index_type); }

 private:
  using index_type = std::uint32_t;
  static constexpr index_type none = ~index_type{0};

  struct held_record {
    record message;
    bool conflict = false;
    time_point since;
  };

  /// What few senders have, and those for a short time only.
  struct waiting_room {
    std::string line;  // legacy text without its newline yet
    bool line_replayed = false;
    time_point line_since;
    std::map<std::uint64_t, held_record> held;  // by distance from held_base
    std::uint64_t held_base = 0;
    std::size_t held_bytes = 0;
    time_point held_since;       // of the one that waits for longest
    std::optional<record> open;  // may be continued
    bool open_late = false;
    bool open_conflict = false;
    time_point open_since;
    time_point deadline = time_point::max();
    index_type previous = none, next = none;  // in the row of waiting senders, oldest first
  };

  struct sender {
    endpoint from;
    time_point last_packet;
    sequence_tracker sequence;
    msgid_tracker msgid;
    std::uint32_t release = 0;       // hash; 0: none seen
    bool marks_first_piece = false;  // 'c' is a first piece there: before 4.10
    index_type chain = none;         // in the bucket, or in the row of free ones
    index_type older = none, newer = none;
    std::unique_ptr<waiting_room> waiting;
  };

  /// Senders stay where they are: events refer to their endpoints.
  static constexpr std::size_t slab = 16;
  sender& sender_at(index_type index) noexcept { return slabs_[index / slab][index % slab]; }
  const sender& sender_at(index_type index) const noexcept { return slabs_[index / slab][index % slab]; }

  std::uint64_t hash_of(const endpoint& from) const noexcept {
    std::array<std::uint64_t, 2> words{};
    std::memcpy(words.data(), from.address.raw().data(), 16);
    auto hash = (seed_ ^ words[0]) * 0x9e3779b97f4a7c15u;
    hash = (hash ^ hash >> 32 ^ words[1]) * 0xc2b2ae3d27d4eb4fu;
    hash = (hash ^ hash >> 32 ^ (std::uint64_t{from.port.value()} << 32 | from.scope)) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 32;
  }

  /// Finds or makes the sender and puts it in front of the row of activity.
  template <class Sink>
  index_type touch(const endpoint& from, Sink& sink) {
    if (newest_ != none && sender_at(newest_).from == from) return newest_;
    const auto hash = hash_of(from);
    for (auto index = table_[hash & (table_.size() - 1)]; index != none; index = sender_at(index).chain)
      if (sender_at(index).from == from) {
        unlink(index);
        link(index);
        return index;
      }
    if (size_ >= limits_.senders) forget(oldest_, sink);
    if (size_ >= table_.size()) grow();
    index_type index = free_;
    if (index == none) {
      index = static_cast<index_type>(made_++);
      if (index / slab == slabs_.size()) slabs_.push_back(std::make_unique<sender[]>(slab));
    } else {
      free_ = sender_at(index).chain;
      sender_at(index) = sender{};
    }
    auto& made = sender_at(index);
    made.from = from;
    made.chain = std::exchange(table_[hash & (table_.size() - 1)], index);
    link(index);
    ++size_;
    return index;
  }

  void link(index_type index) noexcept {
    auto& s = sender_at(index);
    s.older = newest_;
    s.newer = none;
    (newest_ == none ? oldest_ : sender_at(newest_).newer) = index;
    newest_ = index;
  }
  void unlink(index_type index) noexcept {
    auto& s = sender_at(index);
    (s.older == none ? oldest_ : sender_at(s.older).newer) = s.newer;
    (s.newer == none ? newest_ : sender_at(s.newer).older) = s.older;
  }

  template <class Sink>
  void forget(index_type index, Sink& sink) {
    const auto from = sender_at(index).from;
    parts_.flush(from,
                 [&](const assembled& message) { deliver_assembled(message, time_point::max(), sink); });
    if (sender_at(index).waiting) release_all(index, time_point::max(), sink);
    auto* chain = &table_[hash_of(from) & (table_.size() - 1)];
    while (*chain != index) chain = &sender_at(*chain).chain;
    *chain = sender_at(index).chain;
    unlink(index);
    sender_at(index).chain = std::exchange(free_, index);
    --size_;
    ++counters_.forgotten;
    sink(event::forgotten{from});
  }

  void grow() {
    table_.assign(table_.size() * 2, none);
    for (auto index = oldest_; index != none; index = sender_at(index).newer) {
      auto& bucket = table_[hash_of(sender_at(index).from) & (table_.size() - 1)];
      sender_at(index).chain = std::exchange(bucket, index);
    }
  }

  template <class Sink>
  void junk(const endpoint& from, std::string_view packet, errc reason, Sink& sink) {
    ++counters_.junk;
    sink(event::junk{from, packet, reason});
  }

  // Extended messages: slices, then order, then the row of numbers, then continuations.

  template <class Sink>
  void push_extended(index_type index, const record_view& message, time_point now, Sink& sink) {
    if (!message.is_fragment()) {
      order(index, message, false, now, sink);
      return;
    }
    auto& s = sender_at(index);
    std::uint32_t tag = 0;
    // Loss is told when the first slice comes, not when the message is whole.
    if (limits_.hold.count() == 0 && !parts_.knows(s.from, message) &&
        message.fragment()->total <= limits_.fragments.message_bytes) {
      const auto kind = place(index, message, now, sink);
      if (kind == arrival::duplicate) {
        // A repeated message has a number of its own, which stands in a slice that nobody waits for.
        if (message.is_replayed() && message.fragment()->offset == 0) s.msgid.skip();
        ++counters_.duplicate;
        sink(event::duplicate{s.from, message});
        return;
      }
      tag = kind == arrival::late ? placed_late : placed;
    }
    const auto became = parts_.push(
        s.from, message, now, [&](const assembled& whole) { deliver_assembled(whole, now, sink); }, tag);
    switch (became) {
      case reassembler::progress::repeated:
        ++counters_.duplicate;
        sink(event::duplicate{sender_at(index).from, message});
        break;
      case reassembler::progress::late:
        ++counters_.late;
        sink(event::late{sender_at(index).from, message});
        break;
      case reassembler::progress::refused:
        junk(sender_at(index).from, message.wire(), errc::fragment_too_large, sink);
        break;
      default:
        break;
    }
  }

  static constexpr std::uint32_t placed = 1, placed_late = 2;

  template <class Sink>
  void deliver_assembled(const assembled& message, time_point now, Sink& sink) {
    const auto index = index_of(message.from);
    if (message.complete()) {
      if (message.tag == 0) {
        order(index, message.record, message.conflict, now, sink);
      } else {
        note_msgid(sender_at(index), message.record, sink);
        join(index, message.record, message.tag == placed_late, message.conflict, now, sink);
      }
      return;
    }
    // Giving up is not a packet: how long ago the last one came says nothing about this one's age.
    if (message.tag == 0) place(index, message.record, time_point::max(), sink);
    auto& s = sender_at(index);
    if (message.missing.back().end == message.record.body().size()) {
      s.msgid.skip();
    } else {
      note_msgid(s, message.record, sink);
    }
    close_open(index, sink);
    ++counters_.partial;
    sink(event::partial{s.from, message.record, message.missing});
  }

  index_type index_of(const endpoint& from) const noexcept {
    for (auto index = table_[hash_of(from) & (table_.size() - 1)]; index != none;
         index = sender_at(index).chain)
      if (sender_at(index).from == from) return index;
    return none;
  }

  static std::uint32_t release_hash(std::string_view release) noexcept {
    std::uint32_t hash = 0x811c9dc5u;
    for (const char c : release) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193u;
    return hash | 1;
  }

  /// Puts a record into its sender's row of numbers and tells about gap and restart.
  template <class Sink>
  arrival place(index_type index, const record_view& message, time_point now, Sink& sink) {
    auto& s = sender_at(index);
    const bool timed = now != time_point::max();
    const bool may_be_late = !timed || now - s.last_packet <= limits_.reorder_age;
    if (timed) s.last_packet = now;
    const auto release = message.release() ? release_hash(*message.release()) : 0;
    const bool release_changed = release != 0 && s.release != 0 && s.release != release;
    if (release_changed ||
        s.sequence.classify(message.sequence(), message.timestamp_us(), may_be_late) == arrival::restarted) {
      close_boot(index, now, sink);
      const auto last = s.sequence.highest();
      s.sequence.restart(message.sequence(), message.timestamp_us());
      s.msgid = {};
      if (release != 0) s.release = release;
      ++counters_.restarted;
      sink(event::restarted{s.from, last});
      return arrival::restarted;
    }
    if (release != 0) s.release = release;
    const auto where = s.sequence.push(message.sequence(), message.timestamp_us(), may_be_late);
    // Where messages are counted by the sender itself, a gap of record numbers says nothing.
    if (!s.msgid.started()) {
      if (where.kind == arrival::after_gap) {
        counters_.lost += where.missing;
        sink(event::lost{s.from, loss::sequence_gap, where.first_missing, where.missing});
      } else if (where.kind == arrival::late && counters_.lost != 0) {
        --counters_.lost;
      }
    }
    return where.kind;
  }

  /// Delivers all that waits of the boot that is over.
  template <class Sink>
  void close_boot(index_type index, time_point now, Sink& sink) {
    parts_.flush(sender_at(index).from, [&](const assembled& old) {
      ++counters_.partial;
      sink(event::partial{sender_at(index).from, old.record, old.missing});
    });
    if (sender_at(index).waiting) {
      release_held(index, now, true, sink);
      close_open(index, sink);
    }
  }

  /// The msgid line is the last one of a message that has it.
  template <class Sink>
  void note_msgid(sender& s, const record_view& message, Sink& sink) {
    auto body = message.body();
    if (message.damage() != damage::last_byte_missing) {
      if (body.empty() || body.back() != '\n') return;
      body.remove_suffix(1);
    }
    std::size_t digits = 0;
    while (digits < body.size() && digits <= 10 && detail::is_digit(body[body.size() - 1 - digits])) ++digits;
    constexpr std::string_view key = "\n msgid=";
    if (digits == 0 || digits > 10 || !body.substr(0, body.size() - digits).ends_with(key)) return;
    std::uint64_t value = 0;
    detail::read_decimal(body.substr(body.size() - digits), value);
    if (value > 0xffffffffu) return;
    const auto missing = s.msgid.push(static_cast<std::uint32_t>(value));
    if (missing > 0) {
      counters_.lost += static_cast<std::uint64_t>(missing);
      sink(event::lost{s.from, loss::msgid_gap, 0, static_cast<std::uint64_t>(missing)});
    } else if (missing < 0 && counters_.lost != 0) {
      --counters_.lost;
    }
  }

  /// In order of arrival at once; with a hold, as soon as nothing before it is missing.
  template <class Sink>
  void order(index_type index, const record_view& message, bool conflict, time_point now, Sink& sink) {
    auto& s = sender_at(index);
    if (limits_.hold.count() != 0 && s.sequence.started()) {
      const auto ahead = message.sequence() - s.sequence.highest();
      const auto release = message.release();
      const bool same_boot = !release || s.release == 0 || s.release == release_hash(*release);
      if (ahead > 1 && ahead <= sequence_tracker::window && same_boot) {
        hold(index, message, conflict, now, sink);
        return;
      }
      const bool far_ahead = ahead > 1 && ahead < std::uint64_t{1} << 63;
      if (far_ahead && s.waiting) release_held(index, now, true, sink);
    }
    number(index, message, conflict, now, sink);
    if (s.waiting && !s.waiting->held.empty()) release_held(index, now, false, sink);
  }

  template <class Sink>
  void number(index_type index, const record_view& message, bool conflict, time_point now, Sink& sink) {
    const auto kind = place(index, message, now, sink);
    auto& s = sender_at(index);
    note_msgid(s, message, sink);
    if (kind == arrival::duplicate) {
      ++counters_.duplicate;
      sink(event::duplicate{s.from, message});
      return;
    }
    join(index, message, kind == arrival::late, conflict, now, sink);
  }

  template <class Sink>
  void hold(index_type index, const record_view& message, bool conflict, time_point now, Sink& sink) {
    auto& s = sender_at(index);
    auto& room = wait(index);
    if (room.held.empty()) {
      room.held_base = s.sequence.highest();
      room.held_since = now;
    }
    const auto [at, fresh] = room.held.try_emplace(message.sequence() - room.held_base);
    if (!fresh) {
      ++counters_.duplicate;
      sink(event::duplicate{s.from, message});
      return;
    }
    at->second = {record{message}, conflict, now};
    const auto size = message.wire().size() + held_overhead;
    room.held_bytes += size;
    total_held_ += size;
    while (room.held_bytes > limits_.held_bytes) release_first(index, now, sink);
    schedule(index);
    keep_within_limits(now, sink);
  }

  /// What a held record costs beside its bytes.
  static constexpr std::size_t held_overhead = sizeof(held_record) + 64;

  template <class Sink>
  void keep_within_limits(time_point now, Sink& sink) {
    while (total_held_ > limits_.total_held_bytes && waiting_ != none) release_all(waiting_, now, sink);
  }

  template <class Sink>
  void release_first(index_type index, time_point now, Sink& sink) {
    auto& room = *sender_at(index).waiting;
    const auto node = room.held.extract(room.held.begin());
    const auto& first = node.mapped();
    const auto size = first.message.view().wire().size() + held_overhead;
    room.held_bytes -= size;
    total_held_ -= size;
    number(index, first.message.view(), first.conflict, now, sink);
  }

  /// Delivers held records that are next or have waited for long enough, and all before those; or all.
  template <class Sink>
  void release_held(index_type index, time_point now, bool all, Sink& sink) {
    auto& s = sender_at(index);
    bool released = false;
    while (s.waiting && !s.waiting->held.empty()) {
      auto& room = *s.waiting;
      const bool next = room.held.begin()->first + room.held_base == s.sequence.highest() + 1;
      if (!all && !next) {
        if (std::exchange(released, false)) {
          room.held_since = time_point::max();
          for (const auto& [key, held] : room.held) room.held_since = std::min(room.held_since, held.since);
        }
        if (now - room.held_since < limits_.hold) break;
      }
      release_first(index, now, sink);
      released = true;
    }
    if (s.waiting) schedule(index);
  }

  /// Continuations become part of the record they continue, on request; all others are delivered.
  template <class Sink>
  void join(index_type index, const record_view& message, bool late, bool conflict, time_point now,
            Sink& sink) {
    auto& s = sender_at(index);
    if (!limits_.join_continuations) {
      deliver(s.from, message, late, conflict, sink);
      return;
    }
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
        room.open = record{open.whole(joined)};
        room.open_since = now;
        schedule(index);
        return;
      }
    }
    close_open(index, sink);
    auto& room = wait(index);
    room.open.emplace(message);
    room.open_late = late;
    room.open_conflict = conflict;
    room.open_since = now;
    schedule(index);
  }

  template <class Sink>
  void close_open(index_type index, Sink& sink) {
    auto& s = sender_at(index);
    if (!s.waiting || !s.waiting->open) return;
    auto& room = *s.waiting;
    const auto open = std::move(*room.open);
    room.open.reset();
    deliver(s.from, open.view(), room.open_late, room.open_conflict, sink);
    schedule(index);
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
  void push_legacy(index_type index, std::string_view text, time_point now, Sink& sink) {
    auto& s = sender_at(index);
    s.last_packet = now;
    close_open(index, sink);
    while (!text.empty()) {
      const auto end = text.find('\n');
      const bool begun = s.waiting && !s.waiting->line.empty();
      if (end != text.npos && !begun && end <= limits_.line_bytes) {
        line(index, text.substr(0, end), true, sink);
        text.remove_prefix(end + 1);
        continue;
      }
      auto& room = wait(index);
      if (!begun) room.line_since = now;
      const auto piece = text.substr(0, std::min(end, limits_.line_bytes - room.line.size()));
      room.line += piece;
      total_held_ += piece.size();
      text.remove_prefix(piece.size());
      const bool whole = text.starts_with('\n');
      if (whole) text.remove_prefix(1);
      if (whole || room.line.size() >= limits_.line_bytes) close_line(index, whole, sink);
    }
    if (s.waiting) schedule(index);
    keep_within_limits(now, sink);
  }

  template <class Sink>
  void line(index_type index, std::string_view text, bool complete, Sink& sink) {
    auto& s = sender_at(index);
    if (text.starts_with('*')) {
      if (const auto count = dropped_notice(text)) {
        counters_.lost += *count;
        sink(event::lost{s.from, loss::announced, 0, *count});
        return;
      }
      if (text == replay_notice) {
        wait(index).line_replayed = true;
        return;
      }
    }
    const bool replayed = s.waiting && std::exchange(s.waiting->line_replayed, false);
    ++counters_.legacy;
    sink(event::legacy{s.from, text, complete, replayed});
  }

  template <class Sink>
  void close_line(index_type index, bool complete, Sink& sink) {
    auto& room = *sender_at(index).waiting;
    const auto text = std::exchange(room.line, {});
    total_held_ -= text.size();
    line(index, text, complete, sink);
  }

  // Waiting senders stand in a row of their own, so that time passes for them only.

  waiting_room& wait(index_type index) {
    auto& s = sender_at(index);
    if (!s.waiting) {
      s.waiting = std::make_unique<waiting_room>();
      total_held_ += sizeof(waiting_room);
      s.waiting->previous = last_waiting_;
      (last_waiting_ == none ? waiting_ : sender_at(last_waiting_).waiting->next) = index;
      last_waiting_ = index;
    }
    return *s.waiting;
  }

  /// Sets the deadline anew; a room with nothing in it is given back.
  void schedule(index_type index) {
    auto& s = sender_at(index);
    auto& room = *s.waiting;
    if (room.line.empty() && !room.open && room.held.empty() && !room.line_replayed) {
      (room.previous == none ? waiting_ : sender_at(room.previous).waiting->next) = room.next;
      (room.next == none ? last_waiting_ : sender_at(room.next).waiting->previous) = room.previous;
      s.waiting.reset();
      total_held_ -= sizeof(waiting_room);
      return;
    }
    room.deadline = time_point::max();
    if (!room.line.empty() || room.line_replayed) room.deadline = room.line_since + limits_.line_age;
    if (room.open) room.deadline = std::min(room.deadline, room.open_since + limits_.continuation_age);
    if (!room.held.empty()) room.deadline = std::min(room.deadline, room.held_since + limits_.hold);
    next_look_ = std::min(next_look_, room.deadline);
  }

  template <class Sink>
  void release_due(index_type index, time_point now, Sink& sink) {
    auto& s = sender_at(index);
    release_held(index, now, false, sink);
    if (s.waiting && s.waiting->open && now - s.waiting->open_since >= limits_.continuation_age)
      close_open(index, sink);
    if (s.waiting && now - s.waiting->line_since >= limits_.line_age) {
      if (!s.waiting->line.empty()) close_line(index, false, sink);
      s.waiting->line_replayed = false;
    }
    if (s.waiting) schedule(index);
  }

  template <class Sink>
  void release_all(index_type index, time_point now, Sink& sink) {
    auto& s = sender_at(index);
    release_held(index, now, true, sink);
    close_open(index, sink);
    if (s.waiting && !s.waiting->line.empty()) close_line(index, false, sink);
    if (s.waiting) {
      s.waiting->line_replayed = false;
      schedule(index);
    }
  }

  limits limits_;
  reassembler parts_;
  std::vector<index_type> table_;
  std::uint64_t seed_;
  std::vector<std::unique_ptr<sender[]>> slabs_;
  std::size_t made_ = 0;
  index_type free_ = none;
  index_type oldest_ = none, newest_ = none;
  index_type waiting_ = none, last_waiting_ = none;
  time_point next_look_ = time_point::max();
  std::size_t size_ = 0;
  std::size_t total_held_ = 0;
  counters counters_;
};

}  // namespace netcon
