// SPDX-License-Identifier: MIT
// A machine that runs out of memory: each allocation of the collector and of the crash detector fails once.
// What was pushed then may be lost, with std::bad_alloc; nothing else is, and both work on.
#include <netcon/crash/detector.hpp>
#include <netcon/receive/collector.hpp>
#include <netcon/receive/rate_limiter.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>
#include <string>
#include <string_view>
#include <vector>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

constexpr auto never = std::numeric_limits<std::size_t>::max();
std::size_t until_failure = never;
bool has_failed = false;

void* allocate(std::size_t size) {
  if (until_failure != never && until_failure-- == 0) {
    until_failure = never;
    has_failed = true;
    throw std::bad_alloc{};
  }
  auto* const block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc{};
  return block;
}

}  // namespace

void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new[](std::size_t size) {
  return allocate(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* pointer) noexcept {
  std::free(pointer);
}
void operator delete[](void* pointer) noexcept {
  std::free(pointer);
}
void operator delete(void* pointer, std::size_t) noexcept {
  std::free(pointer);
}
void operator delete[](void* pointer, std::size_t) noexcept {
  std::free(pointer);
}

namespace {

struct packet {
  unsigned sender;
  std::string bytes;
};

/// Whole records, gaps, fragments in and out of order, fragments that never meet, lines in pieces, a boot,
/// junk.
std::vector<packet> traffic() {
  std::vector<packet> out;
  const auto send = [&](unsigned sender, std::string bytes) { out.push_back({sender, std::move(bytes)}); };
  for (unsigned i = 0; i < 12; ++i) {
    const auto number = std::to_string(100 + i + i / 4);
    send(i % 3, "6," + number + ",1000,-;record with a text that is longer than a small string holds\n");
    send(3, "6," + number + ",1000,-,ncfrag=0/60;" + std::string(30, 'a'));
    send(3, "6," + number + ",1000,-,ncfrag=30/60;" + std::string(30, 'b'));
    send(4, "6," + number + ",1000,-,ncfrag=30/60;" + std::string(30, 'c'));
    send(5, "a line in pieces, longer than a small string holds, ");
    send(5, "and its end\n");
  }
  send(0, "6,1,10,-;another boot\n");
  send(6, "9999,1,1,-;junk\n");
  return out;
}

endpoint address_of(unsigned sender) {
  return {ipv4_address{10, 0, 0, static_cast<std::uint8_t>(sender)}, port{6665}};
}

struct tally {
  std::size_t records = 0, others = 0;
  void operator()(const event::record&) { ++records; }
  void operator()(const auto&) { ++others; }
};

/// Pushes all traffic; the packets whose push threw.
std::size_t push_all(collector& to, const std::vector<packet>& packets, tally& seen) {
  std::size_t thrown = 0;
  time_point now{};
  for (const auto& one : packets) {
    now += 1ms;
    try {
      to.push(address_of(one.sender), one.bytes, now, seen);
    } catch (const std::bad_alloc&) {
      ++thrown;
    }
  }
  return thrown;
}

const std::vector<std::string> oops{
    "BUG: kernel NULL pointer dereference, address: 0000000000000010",
    "#PF: supervisor read access in kernel mode",
    "Oops: 0000 [#1] PREEMPT SMP NOPTI",
    "CPU: 1 PID: 4242 Comm: heron Not tainted 6.12.1 #1",
    "RIP: 0010:heron_poll+0x12/0x80 [heron]",
    "RAX: 0000000000000000 RBX: ffff888000abd000 RCX: 000100000000015f",
    "Call Trace:",
    " <TASK>",
    " heron_read+0x46/0x62 [heron]",
    " vfs_read+0x96/0x162",
    " </TASK>",
    "---[ end trace 0000000000000000 ]---",
};

}  // namespace

TEST_CASE("a collector works on after an allocation that failed, whichever it was") {
  const auto packets = traffic();
  for (const auto order : {0ns, std::chrono::nanoseconds{50ms}}) {
    collector::limits bounds;
    bounds.reorder = order;
    std::size_t failures = 0;
    for (std::size_t nth = 0;; ++nth) {
      tally seen;
      has_failed = false;
      until_failure = nth;
      try {
        collector one{bounds};
        const auto thrown = push_all(one, packets, seen);
        until_failure = never;
        INFO("allocation " << nth << " fails");
        REQUIRE(thrown <= 1);
        REQUIRE(one.stats().packets == packets.size());
        // It goes on with those that it knows, and with new ones.
        const auto records = seen.records;
        for (const unsigned sender : {0u, 3u, 7u}) {
          one.push(address_of(sender), "6,500,5000,-;after\n", time_point{} + 10s, seen);
          one.expire(time_point{} + 20s, seen);
        }
        one.flush(seen);
        REQUIRE(seen.records >= records + 3);
        REQUIRE_FALSE(one.deadline());
      } catch (const std::bad_alloc&) {
        until_failure = never;  // its constructor
      }
      if (!has_failed) break;
      ++failures;
    }
    REQUIRE(failures > 10);
  }
}

TEST_CASE("a crash detector works on after an allocation that failed, whichever it was") {
  std::size_t failures = 0;
  for (std::size_t nth = 0;; ++nth) {
    has_failed = false;
    std::size_t reports = 0, whole = 0;
    const auto sink = [&](const auto& event) {
      if constexpr (requires { event.report; }) {
        ++reports;
        if (event.report.text.size() == oops.size() && event.report.cut_lines == 0) ++whole;
      }
    };
    const auto push = [&](crash::detector& to, unsigned sender, time_point now) {
      for (const auto& text : oops) to.push(address_of(sender), crash::line{.text = text}, now, sink);
    };
    until_failure = nth;
    try {
      crash::detector one;
      for (unsigned sender = 0; sender < 3; ++sender) {
        try {
          push(one, sender, time_point{} + 1s);
          one.flush(sink);
        } catch (const std::bad_alloc&) {
          until_failure = never;
        }
      }
      until_failure = never;
      one.flush(sink);
      INFO("allocation " << nth << " fails");
      const auto before = reports, whole_before = whole;
      push(one, 0, time_point{} + 100s);
      push(one, 9, time_point{} + 100s);
      one.flush(sink);
      REQUIRE(reports == before + 2);
      REQUIRE(whole == whole_before + 2);
    } catch (const std::bad_alloc&) {
      until_failure = never;
    }
    if (!has_failed) break;
    ++failures;
  }
  REQUIRE(failures > 10);
}

TEST_CASE("a rate limiter counts on after an allocation that failed, whichever it was") {
  std::size_t failures = 0;
  for (std::size_t nth = 0;; ++nth) {
    has_failed = false;
    std::uint64_t left_out = 0, told = 0;
    const auto sink = [&](const event::suppressed& event) { told += event.count; };
    const auto ask_all = [&](rate_limiter& limiter, time_point now) {
      for (unsigned i = 0; i < 60; ++i) {
        try {
          left_out += limiter.admit(address_of(i % 20), now, sink) ? 0 : 1;
        } catch (const std::bad_alloc&) {
          until_failure = never;
        }
      }
    };
    until_failure = nth;
    try {
      rate_limiter limiter{1};
      ask_all(limiter, time_point{} + 1s);
      until_failure = never;
      ask_all(limiter, time_point{} + 3s);
      limiter.flush(sink);
      INFO("allocation " << nth << " fails");
      REQUIRE(told == left_out);
      REQUIRE(told >= 78);
    } catch (const std::bad_alloc&) {
      until_failure = never;  // its constructor
    }
    if (!has_failed) break;
    ++failures;
  }
  REQUIRE(failures > 5);
}
