// SPDX-License-Identifier: MIT
// What hostile traffic costs: memory by a counting allocator, time by counting steps of the clockless core.
#include <netcon/receive/collector.hpp>
#include <netcon/receive/datagram_backlog.hpp>
#include <netcon/receive/double_watch.hpp>
#include <netcon/receive/owned_event.hpp>
#include <netcon/receive/probe_answerer.hpp>
#include <netcon/wire/encode.hpp>

#include "support/catch.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <new>
#include <string>
#include <string_view>
#include <vector>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

std::size_t allocations = 0;
std::size_t live_bytes = 0;
std::size_t most_bytes = 0;

constexpr std::size_t prefix = alignof(std::max_align_t);

void* counted(std::size_t size) {
  auto* const block = static_cast<char*>(std::malloc(size + prefix));
  if (block == nullptr) throw std::bad_alloc{};
  new (block) std::size_t{size};
  ++allocations;
  live_bytes += size;
  if (live_bytes > most_bytes) most_bytes = live_bytes;
  return block + prefix;
}

void counted_free(void* pointer) noexcept {
  if (pointer == nullptr) return;
  auto* const block = static_cast<char*>(pointer) - prefix;
  live_bytes -= *reinterpret_cast<std::size_t*>(block);
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
void operator delete(void* pointer) noexcept {
  counted_free(pointer);
}
void operator delete[](void* pointer) noexcept {
  counted_free(pointer);
}
void operator delete(void* pointer, std::size_t) noexcept {
  counted_free(pointer);
}
void operator delete[](void* pointer, std::size_t) noexcept {
  counted_free(pointer);
}

namespace {

/// Bytes above what there was when it was made.
struct memory {
  std::size_t before = live_bytes;
  memory() { most_bytes = live_bytes; }
  std::size_t used() const { return live_bytes - before; }
  std::size_t most() const { return most_bytes - before; }
};

struct event_counter {
  template <class Event>
  void operator()(const Event&) {
    ++count;
  }
  std::size_t count = 0;
};

endpoint spoofed(std::uint32_t number) {
  return {ipv4_address{static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
                       static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)},
          port{6665}};
}

constexpr std::size_t mebibyte = 1024 * 1024;

}  // namespace

TEST_CASE("decode, encode and a stream of whole records allocate nothing") {
  collector all;
  event_counter sink;
  const auto now = time_point{} + 1h;
  const std::string_view packet = "6.12.0,6,1,1000,-,caller=T1;text\n SUBSYSTEM=acpi\n a=b\n";
  all.push(spoofed(1), packet, now, sink);
  const auto before = allocations;
  std::array<char, 256> buffer{};
  std::size_t size = 0;
  for (int i = 0; i < 100; ++i) {
    const auto length = std::snprintf(buffer.data(), buffer.size(), "6.12.0,6,%d,1000,-;text\n a=b\n", 2 + i);
    all.push(spoofed(1), {buffer.data(), static_cast<std::size_t>(length)}, now, sink);
    const auto r = decode(packet);
    for (const auto entry : r->dictionary()) size += entry.value.size();
    encode({.header = r->header(), .body = r->body(), .release = r->release()}, kernel_profile::latest(),
           [&](std::string_view sent) { size += sent.size(); })
        .value();
  }
  CHECK(size != 0);
  CHECK(allocations == before);
  CHECK(sink.count == 101);
}

TEST_CASE("a stream of long messages allocates no more after the first ones") {
  collector all;
  event_counter sink;
  const auto now = time_point{} + 1h;
  std::array<char, 256> header{};
  const std::string body(2500, 'x');
  std::size_t before = 0;
  for (int i = 0; i < 100; ++i) {
    if (i == 2) before = allocations;
    const auto length = std::snprintf(header.data(), header.size(), "6,%d,1000,-", 1000 + i);
    encode({.header = {header.data(), static_cast<std::size_t>(length)}, .body = body},
           kernel_profile::latest(),
           [&](std::string_view packet) { all.push(spoofed(1), packet, now, sink); })
        .value();
  }
  CHECK(allocations == before);
  CHECK(sink.count == 100);
}

TEST_CASE("an idle sender takes at most 512 bytes") {
  memory used;
  collector all;
  event_counter sink;
  constexpr std::uint32_t senders = 10'000;
  for (std::uint32_t i = 0; i < senders; ++i) all.push(spoofed(i), "6,1,1,-;t\n", time_point{} + 1h, sink);
  CAPTURE(used.used() / senders);
  CHECK(used.used() <= senders * 512);
  CHECK(collector::bytes_per_sender() <= 512);
}

TEST_CASE("a million spoofed senders of one packet each stay within 64 MiB, each one told", "[slow]") {
  memory used;
  collector all;
  event_counter sink;
  for (std::uint32_t i = 0; i < 1'000'000; ++i) all.push(spoofed(i), "6,1,1,-;t\n", time_point{} + 1h, sink);
  CAPTURE(used.most());
  CHECK(used.most() <= 64 * mebibyte);
  CHECK(all.senders() == 65536);
  CHECK(all.stats().forgotten == 1'000'000 - 65536);
  CHECK(sink.count == 1'000'000 + all.stats().forgotten);
}

TEST_CASE("a million senders of half lines and half messages stay within 96 MiB", "[slow]") {
  memory used;
  collector all;
  event_counter sink;
  auto now = time_point{} + 1h;
  const std::string half = "6,1,1,-,ncfrag=0/131072;" + std::string(900, 'x');
  for (std::uint32_t i = 0; i < 1'000'000; ++i) {
    all.push(spoofed(i), i % 2 == 0 ? std::string_view{"no newline"} : std::string_view{half}, now, sink);
    if (i % 64 == 0) all.expire(now += 1us, sink);
  }
  CAPTURE(used.most());
  CHECK(used.most() <= 96 * mebibyte);
  all.flush(sink);
  const auto& told = all.stats();
  CHECK(told.basic + told.partial == 1'000'000);
}

namespace {

/// Bytes that more and more addresses take, at most so many of which are remembered.
template <class Watch>
std::size_t growth(std::size_t limit, Watch&& watch) {
  std::uint32_t next = 0;
  const auto from_new_addresses = [&](std::size_t count) {
    for (; count != 0; --count, ++next)
      watch(endpoint{ipv4_address{10, static_cast<std::uint8_t>(next >> 16),
                                  static_cast<std::uint8_t>(next >> 8), static_cast<std::uint8_t>(next)},
                     port{6665}});
  };
  from_new_addresses(2 * limit);
  const memory after_limit;
  from_new_addresses(8 * limit);
  return after_limit.used();
}

}  // namespace

TEST_CASE("what remembers addresses takes no more for a flood of forged ones than for its limit") {
  constexpr std::size_t limit = 64;
  const auto now = time_point{1h};
  probe_answerer answerer{{.each = 1000, .all = 100'000, .addresses = limit, .senders = limit}};
  const auto probe_packet = "14,339,5140900,-;" + to_string(probe{7, level::info}) + "\n";
  CHECK(growth(limit, [&](const endpoint& from) {
          (void)answerer.answer(from, *decode(probe_packet), now);
          answerer.observe({from, loss::sequence_gap, 0, 1});
        }) == 0);
  double_watch doubles{{}, limit};
  CHECK(growth(limit, [&](const endpoint& from) {
          doubles.observe(event::basic{from, "usb 1-1: new device"}, now, [](const event::doubled&) {});
        }) == 0);
  datagram_backlog backlog{limit, 64, {}};
  CHECK(growth(limit, [&](const endpoint& from) {
          backlog.remember(from);
          backlog.push({.sender = from, .bytes = "text", .received = {}});
          if (backlog.size() == limit) backlog.pop();
        }) == 0);
}

TEST_CASE("one sender of many half messages, tiny slices and huge totals is bounded too") {
  memory used;
  collector all;
  event_counter sink;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    const auto packet =
        "6," + std::to_string(i) + ",1,-,ncfrag=" + std::to_string(i % 1000 * 2) + "/131072;x";
    all.push(spoofed(1), packet, time_point{} + 1h, sink);
  }
  CHECK(used.most() <= 4 * mebibyte);
}

TEST_CASE("2,000 packets of 40 bytes that claim the largest total keep less than 1 MB") {
  for (const std::uint32_t senders : {1u, 100u, 2000u}) {
    memory used;
    collector all;
    event_counter sink;
    for (std::uint32_t i = 0; i < 2000; ++i) {
      std::array<char, 64> packet{};
      const auto size =
          std::snprintf(packet.data(), packet.size(), "6,%09u,1,-,ncfrag=0/131072;", i / senders);
      all.push(spoofed(i % senders), {packet.data(), 40}, time_point{} + 1h, sink);
      REQUIRE(size < 40);
    }
    CAPTURE(senders, used.most());
    const auto known = senders == 1 ? 0 : senders * collector::bytes_per_sender();
    CHECK(used.most() < 1'000'000 + known);
    all.flush(sink);
    CHECK(all.stats().partial == 2000);
    CHECK(used.most() < 1'000'000 + known);
  }
}

TEST_CASE("partial events that are kept cost what came") {
  memory used;
  std::vector<event::any> kept;
  collector all;
  const auto keep = [&](const auto& e) { kept.emplace_back(to_owned(e)); };
  for (std::uint32_t i = 0; i < 2000; ++i)
    all.push(spoofed(1), "6," + std::to_string(i) + ",1,-,ncfrag=0/131072;x", time_point{} + 1h, keep);
  all.flush(keep);
  CHECK(kept.size() == 2000);
  CAPTURE(used.most());
  CHECK(used.most() < 2'000'000);
}

TEST_CASE("tiny fragments of one record in the worst order are stored in order now and then only") {
  collector all;
  event_counter sink;
  const auto before = allocations;
  for (std::uint32_t i = 131072; i-- > 0;) {
    std::array<char, 64> packet{};
    const auto size = std::snprintf(packet.data(), packet.size(), "6,1,1,-,ncfrag=%u/131072;x", i);
    all.push(spoofed(1), {packet.data(), static_cast<std::size_t>(size)}, time_point{} + 1h, sink);
  }
  CHECK(all.stats().records == 1);
  CAPTURE(allocations - before);
  CHECK(allocations - before < 131072 / 128);
}

TEST_CASE("with a hold, records that wait for ever are bounded over all senders") {
  memory used;
  collector::limits limits;
  limits.reorder = 1h;
  collector all{limits};
  event_counter sink;
  const std::string text(900, 'x');
  for (std::uint32_t round = 0; round < 40; ++round)
    for (std::uint32_t i = 0; i < 5000; ++i) {
      const auto packet = "6," + std::to_string(round * 2) + "," + std::to_string(round) + ",-;" + text;
      all.push(spoofed(i), packet, time_point{} + 1h, sink);
    }
  CAPTURE(used.most());
  CHECK(used.most() <= 40 * mebibyte);
  all.flush(sink);
  CHECK(all.stats().records == 200'000);
  CHECK(all.stats().lost == 39 * 5000);
}

namespace {

collector::limits joining_within(std::size_t bytes) {
  collector::limits limits;
  limits.join_continuations = true;
  limits.queued_bytes = bytes;
  return limits;
}

}  // namespace

TEST_CASE("records that may be continued are bounded over all senders") {
  memory used;
  collector all{joining_within(4 * mebibyte)};
  event_counter sink;
  const std::string packet = "6,1,1,-;" + std::string(60'000, 'x');
  for (std::uint32_t i = 0; i < 5000; ++i) all.push(spoofed(i), packet, time_point{} + 1h, sink);
  CAPTURE(used.most());
  CHECK(used.most() <= 8 * mebibyte);
  all.flush(sink);
  CHECK(all.stats().records == 5000);
}

TEST_CASE("records that grow by what continues them are bounded over all senders") {
  memory used;
  collector all{joining_within(4 * mebibyte)};
  event_counter sink;
  constexpr std::uint32_t senders = 5000;
  const auto push = [&](const std::string& packet) {
    for (std::uint32_t i = 0; i < senders; ++i) all.push(spoofed(i), packet, time_point{} + 1h, sink);
  };
  push("6,1,1,-;begins");
  for (const auto* const number : {"2", "3", "4", "5"})
    push("6," + std::string{number} + ",1,c;" + std::string(1900, 'x'));
  CAPTURE(used.most());
  CHECK(used.most() <= 8 * mebibyte);
  all.flush(sink);
  CHECK(all.stats().records >= senders);
  CHECK(all.stats().lost == 0);
}

TEST_CASE("time that passes costs no more, however many senders wait", "[slow]") {
  // Half a line of a new sender every 20 us: 50,000 of them wait at any time.
  const auto processor_time = [](bool expire) {
    collector all;
    event_counter sink;
    auto now = time_point{} + 1h;
    const auto start = std::clock();
    for (std::uint32_t i = 0; i < 100'000; ++i) {
      now += 20us;
      const auto deadline = all.deadline();
      if (expire && deadline && *deadline <= now) all.expire(now, sink);
      all.push(spoofed(i), "half", now, sink);
    }
    return std::clock() - start;
  };
  const auto without = processor_time(false);
  CHECK(processor_time(true) < 3 * without);
}
