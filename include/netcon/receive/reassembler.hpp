// Slices of long messages (ncfrag) back to whole ones: any order, repeats, overlaps; bounded in bytes,
// messages and time. No threads, no clock, no socket.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/error.hpp>
#include <netcon/core/time.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/receive/internal/endpoint_hash.hpp>
#include <netcon/receive/internal/release_hash.hpp>
#include <netcon/wire/decode.hpp>
#include <netcon/wire/record.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon {

/// A message as the reassembler hands it on: whole, or after a timeout what there is of it. Valid during the
/// call.
struct assembled {
  endpoint from;
  record_view record;  // missing bytes of the body are NUL
  std::span<const text_range> missing;
  bool conflict = false;  // two slices disagreed about a byte: the first one was kept
  std::uint32_t tag = 0;  // as given with the first slice

  bool complete() const noexcept { return missing.empty(); }
};

/// Slices in, messages out. A sink may call flush() of the object that calls it, nothing else.
class reassembler {
 public:
  struct limits {
    std::uint32_t message_bytes = 128 * 1024;  // a kernel sends at most about 68 kB
    std::size_t messages_per_sender = 8;       // in flight; a kernel sends the slices of one message in a row
    std::size_t messages = 1024;               // in flight, all senders
    std::size_t bytes = 16 * 1024 * 1024;      // in flight, all senders
    std::size_t holes = 256;                   // separate ranges of one message; 73 packets make at most 37
    std::chrono::nanoseconds age = std::chrono::seconds{1};
  };

  struct counters {
    std::uint64_t completed = 0;   // messages put together
    std::uint64_t incomplete = 0;  // messages given up
    std::uint64_t repeated = 0;    // slices that brought nothing new
    std::uint64_t refused = 0;     // slices above message_bytes
    std::uint64_t conflicts = 0;   // slices that disagreed with an earlier one
  };

  /// What became of a pushed record.
  enum class progress : std::uint8_t {
    whole,     // no slice: handed on as it is
    started,   // first slice of its message
    added,     // a further slice
    finished,  // the last one: the message was handed on
    repeated,  // nothing new in it, or of a message that is done
    late,      // of a message that was given up
    refused,   // names a total above message_bytes
    declined,  // by the caller of push()
  };

  reassembler() : reassembler{limits{}} {}
  explicit reassembler(const limits& bounds) : limits_{bounds}, buckets_(64, none) {
    limits_.age = std::max(limits_.age, std::chrono::nanoseconds{0});
  }

  /// Takes a record. A whole one goes to sink(const assembled&) at once, without a copy; a slice when it
  /// completes its message, or when limits push out an older, incomplete one. Before a message is begun,
  /// admit(tag) is asked: false declines it, and what it writes into tag comes back with the message.
  template <class Sink, class Admit>
  progress push(const endpoint& from, const record_view& record, time_point now, Sink&& sink,
                std::uint32_t tag, Admit&& admit) {
    if (!record.is_fragment()) {
      sink(assembled{from, record, {}, false, tag});
      return progress::whole;
    }
    const auto slice = *record.fragment();
    if (slice.total > limits_.message_bytes) {
      ++counters_.refused;
      return progress::refused;
    }
    const auto of_sender = hash_(from);
    auto index = find(of_sender, from, record);
    const bool is_new = index == none;
    if (is_new) {
      if (const auto& done = done_[record.sequence() % done_.size()]; done.is(from, record)) {
        ++counters_.repeated;
        return done.complete ? progress::repeated : progress::late;
      }
      if (!admit(tag)) return progress::declined;
      make_room(of_sender, from, record, sink);
      index = open(of_sender, from, record, now, tag);
    }
    auto& m = messages_[index];
    recent_ = index;
    const auto added = add(m, slice.offset, record.body());
    if (m.covered == slice.total) {
      finish(index, sink);
      return progress::finished;
    }
    if (m.ranges.size() > limits_.holes) finish(index, sink);
    if (is_new) return progress::started;
    if (!added) ++counters_.repeated;
    return added ? progress::added : progress::repeated;
  }

  template <class Sink>
  progress push(const endpoint& from, const record_view& record, time_point now, Sink&& sink) {
    return push(from, record, now, sink, 0, [](std::uint32_t&) { return true; });
  }

  /// Takes the next slice, in order, of the message that the slice before it was of, whose header it repeats
  /// to the letter: what nearly every slice is. False when packet is anything else; decode() and push() it
  /// then.
  template <class Sink>
  bool push_next(const endpoint& from, std::string_view packet, Sink&& sink) {
    if (recent_ == none) return false;
    auto& m = messages_[recent_];
    const std::string_view head{m.buffer.get(), m.head};
    if (packet.size() <= head.size() || detail::is_digit(packet.back()) || !packet.starts_with(head) ||
        m.from != from)
      return false;
    const char* const end = packet.data() + packet.size();
    const char* const begin = packet.data() + head.size();
    std::uint64_t offset = 0, total = 0;
    const char* const slash = detail::read_digits<false>(begin, end, offset);
    if (slash == begin || slash - begin > 9 || *slash != '/' || slash + 1 == end) return false;
    const char* const semicolon = detail::read_digits<false>(slash + 1, end, total);
    if (semicolon - slash > 9 || *semicolon != ';' || total != m.total || offset != m.ranges.back().end)
      return false;
    const std::string_view bytes{semicolon + 1, end};
    if (bytes.empty() || bytes.size() > total - offset) return false;
    std::memcpy(m.buffer.get() + m.front + offset, bytes.data(), bytes.size());
    m.ranges.back().end += static_cast<std::uint32_t>(bytes.size());
    m.covered += static_cast<std::uint32_t>(bytes.size());
    if (m.covered == m.total) finish(recent_, sink);
    return true;
  }

  /// True when push_next() can succeed.
  bool expects_next() const noexcept { return recent_ != none; }

  /// The time by which expire() wants to be called; nothing is in flight without one.
  std::optional<time_point> deadline() const noexcept {
    if (oldest_ == none) return std::nullopt;
    return detail::after(messages_[oldest_].since, limits_.age);
  }

  /// Hands on what is older than limits::age as it is.
  template <class Sink>
  void expire(time_point now, Sink&& sink) {
    while (oldest_ != none && now - messages_[oldest_].since >= limits_.age) finish(oldest_, sink);
  }

  /// Hands on everything of one sender as it is and forgets what was done of it: a new boot may send the same
  /// again.
  template <class Sink>
  void flush(const endpoint& from, Sink&& sink) {
    while (in_flight_ != 0) {
      index_type oldest = none;
      for (auto index = buckets_[bucket_of(hash_(from))]; index != none; index = messages_[index].next)
        if (messages_[index].from == from) oldest = index;  // newer ones stand in front
      if (oldest == none) break;
      finish(oldest, sink);
    }
    for (auto& done : done_)
      if (done.from == from) done.known = false;
  }

  /// Hands on everything as it is.
  template <class Sink>
  void flush(Sink&& sink) {
    while (oldest_ != none) finish(oldest_, sink);
  }

  std::size_t in_flight() const noexcept { return in_flight_; }
  std::size_t bytes() const noexcept { return bytes_; }
  const counters& stats() const noexcept { return counters_; }

 private:
  using index_type = std::uint32_t;
  static constexpr index_type none = ~index_type{0};

  /// open() sets every member.
  struct message {
    endpoint from;
    std::uint32_t of_sender;
    time_point since;
    record_view view;                // of the packet that the message would have been, over buffer
    std::unique_ptr<char[]> buffer;  // front, then the body
    std::size_t capacity;
    std::size_t front;
    std::size_t head;  // of the front, up to ",ncfrag="
    std::uint32_t total;
    std::uint32_t covered;
    std::vector<text_range> ranges;  // covered, sorted, never touching
    std::uint32_t tag;
    bool conflict;
    index_type next;  // in the bucket, or in the row of free ones
    index_type older, newer;
  };

  /// A message that was handed on, so that more of its slices begin no message of their own.
  struct done_message {
    endpoint from;
    std::uint64_t sequence;
    std::uint64_t timestamp_us;
    std::uint32_t release;  // hash
    std::uint32_t total;
    std::uint16_t priority;
    bool known;
    bool complete;

    bool is(const endpoint& sender, const record_view& r) const noexcept {
      return known && sequence == r.sequence() && timestamp_us == r.timestamp_us() &&
             total == r.fragment()->total && priority == r.priority() && from == sender &&
             release == detail::release_hash(r);
    }
  };

  std::size_t bucket_of(std::uint32_t of_sender) const noexcept { return of_sender & (buckets_.size() - 1); }

  static bool same_message(const message& m, const endpoint& from, const record_view& r) noexcept {
    return m.view.sequence() == r.sequence() && m.from == from && m.view.timestamp_us() == r.timestamp_us() &&
           m.total == r.fragment()->total && m.view.header() == r.header() && m.view.release() == r.release();
  }
  index_type find(std::uint32_t of_sender, const endpoint& from, const record_view& r) const noexcept {
    if (in_flight_ == 0) return none;
    for (auto index = buckets_[bucket_of(of_sender)]; index != none; index = messages_[index].next)
      if (same_message(messages_[index], from, r)) return index;
    return none;
  }

  template <class Sink>
  void make_room(std::uint32_t of_sender, const endpoint& from, const record_view& record, Sink& sink) {
    std::size_t count = 0;
    index_type oldest_of_sender = none;
    for (auto index = buckets_[bucket_of(of_sender)]; index != none; index = messages_[index].next)
      if (messages_[index].from == from) {
        ++count;
        oldest_of_sender = index;  // newer ones stand in front
      }
    if (count != 0 && count >= limits_.messages_per_sender) finish(oldest_of_sender, sink);
    const auto size = front_size(record) + record.fragment()->total;
    while (oldest_ != none && (in_flight_ >= limits_.messages || bytes_ + size > limits_.bytes))
      finish(oldest_, sink);
  }

  static std::size_t front_size(const record_view& r) noexcept { return r.wire().size() - r.body().size(); }

  index_type open(std::uint32_t of_sender, const endpoint& from, const record_view& record, time_point now,
                  std::uint32_t tag) {
    if (in_flight_ >= buckets_.size()) grow();
    index_type index = free_;
    if (index == none) {
      index = static_cast<index_type>(messages_.size());
      messages_.emplace_back();
    } else {
      free_ = messages_[index].next;
    }
    auto& m = messages_[index];
    const auto total = record.fragment()->total;
    const auto front = front_size(record);
    if (front + total <= spare_size_ && bytes_ + spare_size_ <= limits_.bytes) {
      m.buffer = std::move(spare_);
      m.capacity = std::exchange(spare_size_, 0);
    } else {
      m.capacity = front + total;
      m.buffer = std::make_unique_for_overwrite<char[]>(m.capacity);
    }
    std::memcpy(m.buffer.get(), record.wire().data(), front);
    m.view = record.whole({m.buffer.get(), front + total});
    m.from = from;
    m.since = now;
    m.front = front;
    m.head = static_cast<std::size_t>(record.header().data() - record.wire().data()) +
             record.header().size() + std::string_view{",ncfrag="}.size();
    m.total = total;
    m.covered = 0;
    m.conflict = false;
    m.tag = tag;
    m.ranges.clear();
    m.next = std::exchange(buckets_[bucket_of(of_sender)], index);
    m.of_sender = of_sender;
    m.older = newest_;
    m.newer = none;
    (newest_ == none ? oldest_ : messages_[newest_].newer) = index;
    newest_ = index;
    ++in_flight_;
    bytes_ += m.capacity;
    return index;
  }

  /// Copies what is new of a slice; true when there was any.
  bool add(message& m, std::uint32_t offset, std::string_view bytes) {
    const auto begin = offset, end = static_cast<std::uint32_t>(offset + bytes.size());
    char* const body = m.buffer.get() + m.front;
    auto& ranges = m.ranges;
    // In order is the common case.
    if (ranges.empty() || begin > ranges.back().end) {
      std::memcpy(body + begin, bytes.data(), bytes.size());
      ranges.push_back({begin, end});
      m.covered += end - begin;
      return true;
    }
    if (begin == ranges.back().end) {
      std::memcpy(body + begin, bytes.data(), bytes.size());
      ranges.back().end = end;
      m.covered += end - begin;
      return true;
    }
    auto first = std::ranges::lower_bound(ranges, begin, {}, &text_range::end);  // may touch the slice
    text_range merged{begin, end};
    std::uint32_t at = begin, fresh = 0;
    auto last = first;
    for (; last != ranges.end() && last->begin <= end; ++last) {
      if (at < last->begin) {
        std::memcpy(body + at, bytes.data() + (at - begin), last->begin - at);
        fresh += last->begin - at;
      }
      const auto from = std::max(last->begin, begin), to = std::min(last->end, end);
      if (from < to && std::memcmp(body + from, bytes.data() + (from - begin), to - from) != 0) {
        m.conflict = true;
        ++counters_.conflicts;
      }
      at = std::max(at, last->end);
      merged = {std::min(merged.begin, last->begin), std::max(merged.end, last->end)};
    }
    if (at < end) {
      std::memcpy(body + at, bytes.data() + (at - begin), end - at);
      fresh += end - at;
    }
    if (first == last) {
      ranges.insert(first, merged);
    } else {
      *first = merged;
      ranges.erase(first + 1, last);
    }
    m.covered += fresh;
    return fresh != 0;
  }

  /// Takes a message out of all rows and hands it on.
  template <class Sink>
  void finish(index_type index, Sink& sink) {
    {
      auto* link = &buckets_[bucket_of(messages_[index].of_sender)];
      while (*link != index) link = &messages_[*link].next;
      *link = messages_[index].next;
    }
    auto& m = messages_[index];
    (m.older == none ? oldest_ : messages_[m.older].newer) = m.newer;
    (m.newer == none ? newest_ : messages_[m.newer].older) = m.older;
    --in_flight_;
    if (recent_ == index) recent_ = none;
    bytes_ -= m.capacity;
    const bool complete = m.covered == m.total;
    done_[m.view.sequence() % done_.size()] = {.from = m.from,
                                               .sequence = m.view.sequence(),
                                               .timestamp_us = m.view.timestamp_us(),
                                               .release = detail::release_hash(m.view),
                                               .total = m.total,
                                               .priority = m.view.priority(),
                                               .known = true,
                                               .complete = complete};
    ++(complete ? counters_.completed : counters_.incomplete);

    missing_.clear();
    if (!complete) {
      std::uint32_t at = 0;
      for (const auto& range : m.ranges) {
        if (at < range.begin) missing_.push_back({at, range.begin});
        at = range.end;
      }
      if (at < m.total) missing_.push_back({at, m.total});
      for (const auto& hole : missing_)
        std::memset(m.buffer.get() + m.front + hole.begin, 0, hole.end - hole.begin);
    }
    auto buffer = std::move(m.buffer);
    const auto capacity = m.capacity;
    auto missing = std::move(missing_);
    const assembled out{m.from, m.view, missing, m.conflict, m.tag};
    m.next = std::exchange(free_, index);
    sink(out);
    missing_ = std::move(missing);
    if (capacity <= spare_limit && capacity > spare_size_) {
      spare_ = std::move(buffer);
      spare_size_ = capacity;
    }
  }

  void grow() {
    std::vector<index_type> more(buckets_.size() * 2, none);
    buckets_.swap(more);
    // From old to new, so that newer ones stand in front.
    for (auto index = oldest_; index != none; index = messages_[index].newer) {
      messages_[index].next = std::exchange(buckets_[bucket_of(messages_[index].of_sender)], index);
    }
  }

  static constexpr std::size_t spare_limit = 8192;

  limits limits_;
  std::vector<index_type> buckets_;
  detail::endpoint_hash hash_;
  std::vector<message> messages_;
  index_type free_ = none;
  index_type oldest_ = none, newest_ = none;
  index_type recent_ = none;  // of the last slice
  std::size_t in_flight_ = 0;
  std::size_t bytes_ = 0;
  std::array<done_message, 64> done_{};
  std::vector<text_range> missing_;
  std::unique_ptr<char[]> spare_;  // of the message before, so that a stream of them allocates once
  std::size_t spare_size_ = 0;
  counters counters_;
};

}  // namespace netcon
