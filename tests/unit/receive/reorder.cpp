// SPDX-License-Identifier: MIT
#include <netcon/receive/reorder.hpp>

#include <netcon/wire/decode.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace netcon;
using namespace std::chrono_literals;
using result = reorder_queue::result;

namespace {

std::string packet(std::uint64_t sequence, std::uint64_t time = 7) {
  return "6," + std::to_string(sequence) + "," + std::to_string(time) + ",-;text";
}

struct bench {
  reorder_queue queue;
  std::uint64_t delivered = 10;
  time_point now{time_point{} + 1h};

  result push(const std::string& bytes, bool conflict = false, std::uint32_t stopped = 0) {
    const auto view = decode(bytes).value();
    return queue.push({view, now, conflict, stopped}, delivered);
  }
};

}  // namespace

TEST_CASE("records leave in the order of their numbers, with what came with them") {
  bench b;
  CHECK(b.queue.empty());
  CHECK(b.queue.bytes() == 0);
  CHECK(b.push(packet(14), true) == result::queued);
  b.now += 1s;
  CHECK(b.push(packet(12), false, 2) == result::queued);
  b.now += 1s;
  CHECK(b.push(packet(13)) == result::queued);
  CHECK(b.queue.size() == 3);
  CHECK(b.queue.bytes() == 3 * (packet(12).size() + reorder_queue::overhead));
  CHECK(b.queue.first_sequence() == 12);
  CHECK(b.queue.since() == b.now - 2s);

  const auto first = b.queue.pop();
  CHECK(first.bytes.view().sequence() == 12);
  CHECK(first.bytes.view().text() == "text");
  CHECK(first.arrived == b.now - 1s);
  CHECK(first.stopped_copies == 2);
  CHECK(!first.conflict);
  CHECK(b.queue.since() == b.now - 2s);
  const auto next = b.queue.pop();
  CHECK(next.bytes.view().sequence() == 13);
  const auto last = b.queue.pop();
  CHECK(last.bytes.view().sequence() == 14);
  CHECK(last.conflict);
  CHECK(last.as_arrived(last.bytes.view()).conflict);
  CHECK(b.queue.empty());
  CHECK(b.queue.bytes() == 0);
}

TEST_CASE("the oldest arrival is known whatever leaves before it") {
  bench b;
  for (const std::uint64_t sequence : {15u, 12u, 14u, 13u}) {
    b.push(packet(sequence));
    b.now += 1s;
  }
  const auto start = b.now - 4s;
  CHECK(b.queue.since() == start);
  b.queue.pop();
  b.queue.pop();
  CHECK(b.queue.since() == start);
  b.push(packet(11));
  b.queue.pop();
  b.queue.pop();
  CHECK(b.queue.since() == start);
  b.queue.pop();
  CHECK(b.queue.empty());
  b.push(packet(20));
  CHECK(b.queue.since() == b.now);
}

TEST_CASE("a repeat is a duplicate, the same number at another time of another boot") {
  bench b;
  b.push(packet(12));
  CHECK(b.push(packet(12)) == result::duplicate);
  CHECK(b.push(packet(12, 8)) == result::other_boot);
  CHECK(b.queue.size() == 1);
  const auto same = packet(12), later = packet(12, 8), next = packet(13);
  CHECK(b.queue.contains(decode(same).value()));
  CHECK(!b.queue.contains(decode(later).value()));
  CHECK(!b.queue.contains(decode(next).value()));
}

TEST_CASE("numbers are in order around their end") {
  bench b;
  b.delivered = ~std::uint64_t{0} - 2;
  b.push(packet(1));
  b.push(packet(~std::uint64_t{0}));
  CHECK(b.queue.first_sequence() == ~std::uint64_t{0});
  CHECK(b.queue.is_before(0));
  CHECK(!b.queue.is_before(~std::uint64_t{0}));
  b.queue.pop();
  CHECK(b.queue.first_sequence() == 1);
  CHECK(!b.queue.is_before(0));
  CHECK(!b.queue.is_before(1));
  CHECK(b.queue.is_before(2));
}

TEST_CASE("repeats are counted with the record of the highest number") {
  bench b;
  b.push(packet(14));
  b.push(packet(12));
  b.queue.count_repeat();
  b.queue.count_repeat();
  CHECK(b.queue.pop().repeats == 0);
  CHECK(b.queue.pop().repeats == 2);
}
