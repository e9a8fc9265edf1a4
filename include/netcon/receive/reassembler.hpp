// SPDX-License-Identifier: MIT
// Fragments (ncfrag) to records: any order, repeats, overlaps; bounded in bytes, records and time. A record
// in flight costs what came of it. No threads, no clock, no socket.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/error.hpp>
#include <netcon/core/time.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/receive/hash_key.hpp>
#include <netcon/receive/internal/done_records.hpp>
#include <netcon/receive/internal/in_flight.hpp>
#include <netcon/receive/partial_body.hpp>
#include <netcon/receive/sequence.hpp>
#include <netcon/wire/record.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1 {

/// A record as the reassembler delivers it: whole, or after a timeout what came of it. Valid during the call.
struct assembled {
  endpoint sender;                      ///< address and port that its fragments came from
  record_view record;                   ///< its body is made of the bytes that came, without gaps
  std::span<const text_range> missing;  ///< ranges of the whole body, in order; empty for a whole record
  bool conflict = false;                ///< two fragments disagreed about a byte: the first one was kept
  netcon::numbering numbering = numbering::pending;  ///< as given with the first fragment
  std::uint64_t begun = ~std::uint64_t{0};           ///< which one it was to begin

  /// True for a whole record.
  [[nodiscard]] bool complete() const noexcept { return missing.empty(); }
  /// The body with its gaps.
  [[nodiscard]] partial_body body() const noexcept { return {record.body(), missing}; }
};

/// Copies of a record that were in flight when another one came whole.
struct discarded_copies {
  std::uint32_t stopped = 0;                         ///< by the kernel, before it sent the whole one
  std::uint32_t repeats = 0;                         ///< by the kernel, after it
  netcon::numbering numbering = numbering::pending;  ///< of the first
};

/// Fragments in, records out. A sink may call flush() and discard_copies() of the object that calls it,
/// nothing else.
class reassembler {
 public:
  /// What is kept of records in flight. Above a limit the oldest one is delivered as it is.
  struct limits {
    std::uint32_t record_bytes = 128 * 1024;  ///< a kernel sends at most about 68 kB
    std::size_t records_per_sender = 8;       ///< in flight; a kernel sends one record after the other
    std::size_t records = 1024;               ///< in flight, all senders
    std::size_t bytes = 16 * 1024 * 1024;     ///< in flight, all senders: of what came, and its room to grow
    std::size_t holes = 256;                  ///< separate ranges of one record; 73 packets make at most 37
    /// From a record's first fragment to its delivery in part.
    std::chrono::nanoseconds age = std::chrono::seconds{1};
  };

  /// What a reassembler counted since it was made.
  struct counters {
    std::uint64_t completed = 0;   ///< records put together
    std::uint64_t incomplete = 0;  ///< records delivered in part
    std::uint64_t discarded = 0;   ///< records of which another copy came whole
    std::uint64_t repeated = 0;    ///< fragments that brought nothing new
    std::uint64_t refused = 0;     ///< fragments above record_bytes
    std::uint64_t conflicts = 0;   ///< fragments that disagreed with an earlier one
  };

  /// The result of push().
  enum class progress : std::uint8_t {
    whole,     ///< no fragment: delivered as it is
    started,   ///< first fragment of its record
    added,     ///< a further fragment
    finished,  ///< the last one: the record was delivered
    repeated,  ///< nothing new in it, or of a record that was delivered whole
    late,      ///< of a record that was delivered in part
    refused,   ///< announces a total above record_bytes
    declined,  ///< by the caller of push(), or numbered as a repeat
  };

  /// With the default limits and the fixed key of hash_key{}.
  reassembler() : reassembler{limits{}} {}
  /// With a key that senders must not know; a negative age counts as 0.
  explicit reassembler(const limits& bounds, const hash_key& key = {}) : limits_{bounds}, records_{key} {
    limits_.age = std::max(limits_.age, std::chrono::nanoseconds{0});
  }

  /// Takes a record. A whole one goes to sink(const assembled&) at once, without a copy; a fragment when it
  /// completes its record, or when limits push out an older, incomplete one. Before a record is begun,
  /// admit() returns its numbering, which comes back with it, or nothing to decline it.
  template <class Sink, class Admit>
  progress push(const endpoint& sender, const record_view& record, time_point now, Sink&& sink,
                Admit&& admit) {
    if (!record.is_fragment()) {
      sink(assembled{sender, record, {}});
      return progress::whole;
    }
    const auto part = *record.fragment();
    if (part.total > limits_.record_bytes) {
      ++counters_.refused;
      return progress::refused;
    }
    const auto hash = records_.hash(sender);
    auto index = records_.find(hash, sender, record);
    const bool is_new = index == none;
    if (is_new) {
      if (const auto done = done_.find(sender, record); done != detail::done_records::state::unknown) {
        ++counters_.repeated;
        return done == detail::done_records::state::whole ? progress::repeated : progress::late;
      }
      const std::optional<numbering> admitted = admit();
      if (!admitted) return progress::declined;
      make_room(hash, sender, sink);
      index = records_.begin(hash, sender, record, now, *admitted, limits_.bytes);
    }
    auto& one = records_[index];
    recent_ = none;  // stays so where memory runs out
    const bool added = is_new || add(one, part.offset, record.body());
    // Each fragment of a repeat is told as such, so push_next() does not take it.
    const bool repeats = one.numbering == numbering::repeat;
    if (!repeats && one.record.is_extensible()) recent_ = index;
    if (one.record.is_whole()) {
      finish(index, sink);
      return repeats ? progress::declined : progress::finished;
    }
    if (one.record.ranges() > limits_.holes) finish(index, sink);
    keep_within_bytes(sink);
    if (repeats) return progress::declined;
    if (is_new) return progress::started;
    if (!added) ++counters_.repeated;
    return added ? progress::added : progress::repeated;
  }

  /// As above, and every record is admitted as numbering::pending.
  template <class Sink>
  progress push(const endpoint& sender, const record_view& record, time_point now, Sink&& sink) {
    return push(sender, record, now, sink, [] { return std::optional{numbering::pending}; });
  }

  /// Takes the next fragment, in order, of the record that the last fragment was of, when its header is the
  /// same to the letter and it needs no more memory. Nearly every fragment is so. False when packet is
  /// anything else: decode() and push() it.
  template <class Sink>
  bool push_next(const endpoint& sender, std::string_view packet, Sink&& sink) {
    if (recent_ == none) return false;
    auto& one = records_[recent_];
    const auto head = one.record.head();
    if (packet.size() <= head.size() || detail::is_digit(packet.back()) || !packet.starts_with(head) ||
        one.sender != sender)
      return false;
    const char* const end = packet.data() + packet.size();
    const char* const begin = packet.data() + head.size();
    std::uint64_t offset = 0, total = 0;
    const char* const slash = detail::read_digits<false>(begin, end, offset);
    if (slash == begin || slash - begin > 9 || *slash != '/' || slash + 1 == end) return false;
    const char* const semicolon = detail::read_digits<false>(slash + 1, end, total);
    if (semicolon - slash > 9 || *semicolon != ';' || total != one.record.total() ||
        offset != one.record.end())
      return false;
    const std::string_view bytes{semicolon + 1, end};
    if (bytes.empty() || bytes.size() > total - offset || !one.record.has_room_for(bytes.size()))
      return false;
    one.record.extend(bytes);
    if (one.record.is_whole()) finish(recent_, sink);
    return true;
  }

  /// True when push_next() can succeed.
  [[nodiscard]] bool expects_next() const noexcept { return recent_ != none; }

  /// The numbering of another copy of this record that is in flight. A kernel that stops a record midway at a
  /// panic sends it again with another msgid, so its length may differ.
  [[nodiscard]] std::optional<numbering> numbering_of_copy(const endpoint& sender,
                                                           const record_view& record) const noexcept {
    std::optional<numbering> found;
    records_.each_copy(sender, record, [&](index_type index) { found = records_[index].numbering; });
    return found;
  }

  /// What came of one copy of this record was given: the others that wait for a place have the same.
  void place_copies(const endpoint& sender, const record_view& record) noexcept {
    records_.each_copy(sender, record, [&](index_type index) {
      auto& one = records_[index];
      if (one.numbering == numbering::pending) one.numbering = numbering::late;
    });
  }

  /// Discards the copies of a whole record that are in flight.
  discarded_copies discard_copies(const assembled& whole) noexcept {
    discarded_copies out;
    records_.each_copy(whole.sender, whole.record, [&](index_type index) {
      auto& one = records_[index];
      if (one.numbering != numbering::repeat) {
        ++(one.record.view().is_replayed() && one.begun > whole.begun ? out.repeats : out.stopped);
        out.numbering = one.numbering;
      }
      remove(index);
      records_.give_back(one);
      ++counters_.discarded;
    });
    return out;
  }

  /// When expire() is to be called; none when nothing is in flight.
  [[nodiscard]] std::optional<time_point> deadline() const noexcept {
    if (records_.size() == 0) return std::nullopt;
    return detail::after(records_[records_.oldest()].since, limits_.age);
  }

  /// Delivers what is older than limits::age as it is.
  template <class Sink>
  void expire(time_point now, Sink&& sink) {
    while (records_.size() != 0 && detail::elapsed(records_[records_.oldest()].since, now) >= limits_.age)
      finish(records_.oldest(), sink);
  }

  /// Delivers everything of one sender as it is and forgets what was delivered before: a new boot may send
  /// the same again.
  template <class Sink>
  void flush(const endpoint& sender, Sink&& sink) {
    while (records_.size() != 0) {
      index_type oldest = none;
      records_.each_of(records_.hash(sender), sender, [&](index_type index) { oldest = index; });
      if (oldest == none) break;
      finish(oldest, sink);
    }
    done_.forget(sender);
  }

  /// Delivers everything as it is.
  template <class Sink>
  void flush(Sink&& sink) {
    while (records_.size() != 0) finish(records_.oldest(), sink);
  }

  /// Records of which some fragments came.
  [[nodiscard]] std::size_t in_flight() const noexcept { return records_.size(); }
  /// Of records in flight, as limits::bytes counts them.
  [[nodiscard]] std::size_t bytes() const noexcept { return records_.bytes(); }
  /// Since the reassembler was made.
  [[nodiscard]] const counters& stats() const noexcept { return counters_; }

 private:
  using index_type = detail::in_flight_records::index_type;
  static constexpr index_type none = detail::in_flight_records::none;

  template <class Sink>
  void make_room(std::uint32_t hash, const endpoint& sender, Sink& sink) {
    if (records_.size() == 0) return;
    std::size_t count = 0;
    index_type oldest_of_sender = none;
    records_.each_of(hash, sender, [&](index_type index) {
      ++count;
      oldest_of_sender = index;
    });
    if (count != 0 && count >= limits_.records_per_sender) finish(oldest_of_sender, sink);
    while (records_.size() != 0 && records_.size() >= limits_.records) finish(records_.oldest(), sink);
  }

  /// One record alone may take more: record_bytes bounds it.
  template <class Sink>
  void keep_within_bytes(Sink& sink) {
    while (records_.bytes() > limits_.bytes && records_.size() > 1) finish(records_.oldest(), sink);
  }

  /// Adds what is new of a fragment; true when there was any.
  bool add(detail::in_flight_records::entry& one, std::uint32_t offset, std::string_view bytes) {
    const bool added = one.record.add(offset, bytes, [&] {
      one.conflict = true;
      ++counters_.conflicts;
    });
    records_.recount(one);
    return added;
  }

  void remove(index_type index) noexcept {
    records_.remove(index);
    if (recent_ == index) recent_ = none;
  }

  /// Removes a record and delivers it. The sink may call flush(), which delivers others in between, but
  /// begins none: the record keeps its place.
  template <class Sink>
  void finish(index_type index, Sink& sink) {
    std::vector<text_range> missing;
    sink(take_out(index, missing));
    give_back(index, missing);
  }

  /// Removes a record; its bytes stay until give_back(). Sets what is missing of it.
  [[gnu::noinline]] assembled take_out(index_type index, std::vector<text_range>& missing) {
    remove(index);
    auto& one = records_[index];
    one.record.arrange();
    const bool whole = one.record.is_whole();
    done_.add(one.sender, one.record.view(), one.record.total(), whole);
    ++(whole ? counters_.completed : counters_.incomplete);
    if (!whole) {
      missing = std::move(missing_);
      one.record.missing(missing);
    }
    return {one.sender, one.record.arranged_view(), missing, one.conflict, one.numbering, one.begun};
  }

  [[gnu::noinline]] void give_back(index_type index, std::vector<text_range>& missing) noexcept {
    if (missing.capacity() != 0) missing_ = std::move(missing);
    records_.give_back(records_[index]);
  }

  limits limits_;
  detail::in_flight_records records_;
  index_type recent_ = none;  // of the last fragment
  detail::done_records done_;
  std::vector<text_range> missing_;
  counters counters_;
};

}  // namespace netcon::inline v0_1
