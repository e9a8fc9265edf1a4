// SPDX-License-Identifier: MIT
// Hostile packets of many senders under tight limits: whatever comes, the events and the counters agree,
// nothing waits beyond its time, and memory stays within the limits.
//
// Input: 18 bytes of options and limits; then packets, each two bytes of size (11 bits), a step of time where
// the top bit of the size asks for one, the sender, and its bytes.
#include "packets.hpp"

#include <netcon/receive/collector.hpp>

#include <malloc.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>

using fuzz::check;

// There where a sanitizer replaces the allocator.
extern "C" [[gnu::weak]] std::size_t __sanitizer_get_current_allocated_bytes();

namespace {

std::size_t live_bytes() {
  return __sanitizer_get_current_allocated_bytes != nullptr ? __sanitizer_get_current_allocated_bytes()
                                                            : mallinfo2().uordblks;
}

constexpr std::size_t most_bytes = 0x7ff;
constexpr std::uint16_t with_step = 0x8000;

}  // namespace

const fuzz::framing fuzz::packets{
    .head = 18,
    .packet_size = most_bytes,
    .read = [](fuzz::input& in) -> std::optional<fuzz::packet> {
      if (in.at_end()) return std::nullopt;
      fuzz::packet out;
      const auto size = in.u16();
      if ((size & with_step) != 0) out.step = in.byte();
      out.about = in.byte();
      out.bytes = in.text(size & most_bytes);
      return out;
    },
    .write =
        [](std::string& out, const fuzz::packet& one) {
          fuzz::append_u16(out, one.bytes.size() | (one.step ? with_step : 0U));
          if (one.step) out += static_cast<char>(*one.step);
          out += static_cast<char>(one.about);
          out += one.bytes;
        },
};

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{{reinterpret_cast<const char*>(data), size}};
  using std::chrono::milliseconds;
  netcon::collector::limits limits;
  const auto flags = in.byte();
  limits.senders = 1 + in.below(8);
  limits.fragments.record_bytes = 1 + in.u16();
  limits.fragments.records_per_sender = 1 + in.below(4);
  limits.fragments.records = 1 + in.below(16);
  limits.fragments.bytes = 1 + in.u16();
  limits.fragments.holes = 1 + in.below(32);
  limits.fragments.age = milliseconds{1 + in.below(20)};
  limits.reorder_bytes = 1 + in.u16();
  limits.queued_bytes = 1 + in.u16();
  limits.line_bytes = 1 + in.below(512);
  const auto reorder = milliseconds{1 + in.below(20)};
  if ((flags & 1) != 0) limits.reorder = reorder;
  limits.join_continuations = (flags & 2) != 0;
  limits.line_age = limits.continuation_age = milliseconds{1 + in.below(20)};

  const auto before = live_bytes();
  netcon::collector all{limits};
  netcon::collector::counters seen;
  std::uint64_t bytes_seen = 0, lost_told = 0;
  std::uint64_t whole_packets = 0, whole_answers = 0;
  std::uint64_t legacy_in = 0, legacy_out = 0;
  bool notices = false;
  // Numbers and times of records that came whole: in one packet, or as events.
  using identity = std::tuple<netcon::endpoint, std::uint64_t, std::uint32_t>;
  std::set<identity> came_whole, came_in_fragments;
  const auto identity_of = [](const netcon::endpoint& from, const netcon::record_view& record) {
    return identity{from, record.sequence(), static_cast<std::uint32_t>(record.timestamp_us())};
  };

  const auto look_at = [&](std::string_view bytes) {
    for (const char c : bytes) bytes_seen += static_cast<unsigned char>(c);
  };
  const auto look_at_message = [&](const netcon::record_view& message) {
    check(message.is_extended(), "a message is extended");
    look_at(message.wire());
    look_at(message.text());
    for (const auto [key, value] : message.dictionary()) look_at(key), look_at(value);
  };
  const auto sink = [&](const auto& told) {
    using kind = std::remove_cvref_t<decltype(told)>;
    namespace event = netcon::event;
    check(told.sender.port == netcon::port{6665}, "an event is of a sender");
    if constexpr (std::is_same_v<kind, event::record>) {
      ++seen.records;
      look_at_message(told.record);
      check(!told.record.is_fragment(), "a record is whole");
      came_whole.insert(identity_of(told.sender, told.record));
      ++whole_answers;
    } else if constexpr (std::is_same_v<kind, event::partial>) {
      ++seen.partial;
      look_at_message(told.record);
      check(!told.missing.empty(), "a partial message misses something");
    } else if constexpr (std::is_same_v<kind, event::lost>) {
      check(told.count != 0, "something is lost");
      // As the counter: at the largest value it says so many or more.
      lost_told += std::min(told.count, std::numeric_limits<std::uint64_t>::max() - lost_told);
    } else if constexpr (std::is_same_v<kind, event::rebooted>) {
      ++seen.rebooted;
    } else if constexpr (std::is_same_v<kind, event::duplicate>) {
      ++seen.duplicate;
      look_at_message(told.record);
      const auto known = identity_of(told.sender, told.record);
      const bool queues = limits.reorder.count() != 0 || limits.join_continuations;
      const bool may_be_queued = queues && came_in_fragments.contains(known);
      check(told.record.is_fragment() || may_be_queued || came_whole.contains(known),
            "a whole record is a duplicate of a whole one only");
      ++whole_answers;
    } else if constexpr (std::is_same_v<kind, event::late>) {
      ++seen.late;
      look_at_message(told.record);
      if (!told.record.is_fragment()) came_whole.insert(identity_of(told.sender, told.record));
      ++whole_answers;
    } else if constexpr (std::is_same_v<kind, event::basic>) {
      ++seen.basic;
      look_at(told.text);
      check(told.text.size() <= limits.line_bytes, "a line is within its limit");
      legacy_out += told.text.size() + (told.complete ? 1 : 0);
    } else if constexpr (std::is_same_v<kind, event::junk>) {
      ++seen.junk;
      look_at(told.packet);
    } else if constexpr (std::is_same_v<kind, event::folded>) {
      check(told.count != 0, "what is folded has lines");
      seen.folded += told.count;
      legacy_out += told.count;
    } else {
      static_assert(std::is_same_v<kind, event::forgotten>);
      ++seen.forgotten;
    }
  };

  netcon::time_point now{milliseconds{1}};
  bool slices = false;
  while (const auto next = fuzz::packets.read(in)) {
    if (next->step) {
      now += milliseconds{*next->step & 15};
      all.expire(now, sink);
      if (const auto deadline = all.deadline()) check(*deadline > now, "nothing waits beyond its time");
    }
    const netcon::endpoint from{netcon::ipv4_address{10, 0, 0, next->about}, netcon::port{6665}};
    const fuzz::exact_copy packet{next->bytes};
    if (const auto view = netcon::decode(packet.view()); view && view->is_extended()) {
      if (view->is_fragment()) {
        slices = true;
      } else {
        ++whole_packets;
      }
    } else if (view) {
      legacy_in += packet.view().size();
      notices = notices || packet.view().find('*') != std::string_view::npos;
    }
    all.push(from, packet.view(), now, sink);
    if (const auto view = netcon::decode(packet.view()); view && view->is_extended())
      (view->is_fragment() ? came_in_fragments : came_whole).insert(identity_of(from, *view));
    ++seen.packets;
    seen.bytes += packet.view().size();
    check(all.senders() <= limits.senders, "the limit of senders holds");
    const auto bound = limits.fragments.bytes + 2 * limits.fragments.record_bytes + 2 * limits.queued_bytes +
                       (limits.senders + 32) * (netcon::collector::bytes_per_sender() + 4096) + 512 * 1024 +
                       128 * (came_whole.size() + came_in_fragments.size());
    check(live_bytes() <= before + bound, "memory is within the limits");
  }
  if ((flags & 4) != 0) {
    now += std::chrono::hours{1};
    all.expire(now, sink);
    check(!all.deadline(), "after an hour nothing waits");
    const auto records = all.stats().records;
    all.flush(sink);
    check(all.stats().records == records, "after an hour nothing is left to flush");
  } else {
    all.flush(sink);
    check(!all.deadline(), "after a flush nothing waits");
  }

  const auto& counted = all.stats();
  check(counted.packets == seen.packets && counted.bytes == seen.bytes, "packets are counted");
  check(counted.records == seen.records && counted.partial == seen.partial && counted.late == seen.late &&
            counted.duplicate == seen.duplicate && counted.rebooted == seen.rebooted,
        "messages are counted");
  check(counted.basic == seen.basic && counted.junk == seen.junk && counted.forgotten == seen.forgotten,
        "lines, junk and forgotten senders are counted");
  check(counted.lost <= lost_told, "what counts as lost was told");
  if (!slices && !limits.join_continuations)
    check(whole_answers == whole_packets, "each whole packet has one answer");
  if (!notices) check(legacy_in == legacy_out, "no byte of legacy text is lost or made up");
  return 0;
}
