// SPDX-License-Identifier: MIT
// The streams that kernels send, through a network that loses, repeats and reorders: what comes out is what
// went in, in order, and what is missing is told.
#include "fuzz.hpp"

#include <netcon/receive/collector.hpp>
#include <netcon/wire/encode.hpp>
#include <netcon/wire/printk_format.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

using fuzz::check;

namespace {

struct sent_message {
  std::string text;
  std::size_t packets = 0;
  std::set<std::size_t> arrived;
  bool stopped_copy_arrived = false;
};

/// The part of a copy that the kernel stopped midway.
constexpr std::size_t of_stopped_copy = ~std::size_t{0};

struct flight {
  std::string packet;
  std::uint64_t sequence = 0;
  std::size_t part = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{{reinterpret_cast<const char*>(data), size}};
  using std::chrono::milliseconds;
  const auto flags = in.byte();
  const bool ordered = (flags & 1) != 0, may_lose = (flags & 2) != 0, may_repeat = (flags & 4) != 0,
             may_reorder = (flags & 8) != 0, may_stop = (flags & 48) == 16;
  netcon::collector::limits limits;
  if (ordered) limits.reorder = milliseconds{50};
  limits.fragments.records_per_sender = 64;
  netcon::collector all{limits};
  const netcon::endpoint from{netcon::ipv4_address{10, 0, 0, 1}, netcon::port{6665}};
  const auto kernel = netcon::kernel_profile{7, 3, 4};

  // What the kernel sends: numbers that rise by one or more, as records above the log level have numbers too.
  std::map<std::uint64_t, sent_message> sent;
  std::vector<flight> air;
  std::uint64_t sequence = in.u32(), time = in.u32();
  const auto messages = 1 + in.below(40);
  for (std::uint32_t i = 0; i < messages; ++i) {
    std::string text(in.flag() ? in.below(2000) : in.below(20), 'x');
    for (std::size_t at = 0; at < text.size(); at += 7) text[at] = static_cast<char>('a' + in.below(26));
    const netcon::log_record log{.sequence = sequence, .timestamp_us = time, .text = text};
    std::vector<char> buffer(netcon::max_formatted);
    const auto formatted = netcon::format_extended(log, kernel, buffer);
    auto& message = sent[sequence];
    message.text = formatted->body.substr(0, formatted->body.find('\n'));
    std::string body{formatted->body};
    if (may_stop && in.flag()) {
      // Stopped midway and sent again: the second copy has another length, and a notice or not.
      std::vector<flight> stopped;
      (void)netcon::encode({.header = formatted->header, .body = body}, kernel, [&](std::string_view packet) {
        stopped.push_back({std::string{packet}, sequence, of_stopped_copy});
      });
      stopped.resize(in.below(static_cast<std::uint32_t>(stopped.size())));
      air.insert(air.end(), stopped.begin(), stopped.end());
      body += " x=1\n";
    }
    (void)netcon::encode({.header = formatted->header, .body = body}, kernel, [&](std::string_view packet) {
      air.push_back({std::string{packet}, sequence, message.packets++});
    });
    sequence += 1 + (in.flag() && may_lose ? in.below(2) : 0);
    time += in.below(5000);
  }

  // The network. What the first packet overtakes must be near it, and the first message, where counting
  // begins, must come.
  const auto first = sent.begin()->first;
  std::vector<flight> arriving;
  for (const auto& one : air) {
    const auto fate = in.byte();
    if (may_lose && one.sequence - first > netcon::sequence_tracker::overtaken && fate % 8 == 1) continue;
    arriving.push_back(one);
    if (may_repeat && fate % 8 == 2) arriving.push_back(one);
  }
  // Within eight packets: a repeat of a record more than sequence_tracker::remembered numbers ago cannot be
  // told from a new boot.
  if (may_reorder) {
    for (std::size_t i = 0; i + 1 < arriving.size(); ++i) {
      const auto block_end = std::min(arriving.size(), i < 4 ? 4 : (i / 8 + 1) * 8);
      std::swap(arriving[i], arriving[i + in.below(static_cast<std::uint32_t>(block_end - i))]);
    }
  }

  std::map<std::uint64_t, int> delivered, partial;
  std::uint64_t last_record = 0;
  bool any = false;
  const auto sink = [&](const auto& told) {
    using kind = std::remove_cvref_t<decltype(told)>;
    namespace event = netcon::event;
    if constexpr (std::is_same_v<kind, event::record> || std::is_same_v<kind, event::late>) {
      const auto number = told.record.sequence();
      ++delivered[number];
      check(sent.contains(number) && told.record.text() == sent[number].text, "a record is what was sent");
      if (ordered && std::is_same_v<kind, event::record>) {
        check(!any || number > last_record, "with a hold, records come in order");
        last_record = number;
        any = true;
      }
      if constexpr (std::is_same_v<kind, event::record>) check(!told.conflict, "nothing disagrees");
      if constexpr (std::is_same_v<kind, event::late>)
        check(may_reorder, "only reordering makes a record late");
    } else if constexpr (std::is_same_v<kind, event::partial>) {
      ++partial[told.record.sequence()];
      check(may_lose, "only loss leaves holes");
    } else if constexpr (std::is_same_v<kind, event::duplicate>) {
      check(may_repeat || (may_stop && may_reorder), "only repeats are duplicates");
    } else if constexpr (std::is_same_v<kind, event::lost>) {
      check(may_lose || may_reorder, "nothing is lost where nothing is");
      check(told.cause == netcon::loss::sequence_gap, "a gap of numbers");
    } else {
      check(false, "no restart, no legacy line, no junk and nobody forgotten");
    }
  };

  netcon::time_point now{milliseconds{1}};
  for (const auto& one : arriving) {
    if (one.part == of_stopped_copy) {
      sent[one.sequence].stopped_copy_arrived = true;
    } else {
      sent[one.sequence].arrived.insert(one.part);
    }
    const fuzz::exact_copy packet{one.packet};
    all.push(from, packet.view(), now, sink);
  }
  now += milliseconds{60};
  all.expire(now, sink);
  now += std::chrono::hours{1};
  all.expire(now, sink);
  check(!all.deadline(), "after an hour nothing waits");
  all.flush(sink);

  std::uint64_t highest = 0, came = 0;
  for (const auto& [number, message] : sent) {
    const bool whole = message.arrived.size() == message.packets;
    check(delivered[number] == (whole ? 1 : 0), "each message of which all came is delivered once");
    const int copies = (message.arrived.empty() ? 0 : 1) + (message.stopped_copy_arrived ? 1 : 0);
    check(partial[number] == (whole ? 0 : copies), "of which some came, as partial, each copy");
    if (copies != 0) {
      highest = std::max(highest, number);
      ++came;
    }
  }
  check(all.stats().lost == highest - first + 1 - came,
        "what counts as lost are the numbers that did not come");
  return 0;
}
