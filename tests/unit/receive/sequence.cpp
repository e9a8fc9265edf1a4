// SPDX-License-Identifier: MIT
#include <netcon/receive/sequence.hpp>

#include "support/catch.hpp"

#include <cstdint>
#include <limits>
#include <tuple>
#include <vector>

using namespace netcon;

namespace {

constexpr std::uint64_t top = std::numeric_limits<std::uint64_t>::max();

struct step {
  std::uint64_t sequence, timestamp_us;
  arrival expected;
  std::uint64_t missing = 0;
};

void run(const std::vector<step>& steps) {
  sequence_tracker tracker;
  for (const auto& step : steps) {
    CAPTURE(step.sequence, step.timestamp_us);
    const auto where = tracker.push(step.sequence, step.timestamp_us);
    CHECK(where.kind == step.expected);
    CHECK(where.missing == step.missing);
  }
}

}  // namespace

TEST_CASE("in order, with a gap, and the gap filled late") {
  run({{5, 100, arrival::first},
       {6, 110, arrival::next},
       {9, 140, arrival::after_gap, 2},
       {7, 120, arrival::late},
       {7, 120, arrival::duplicate},
       {8, 130, arrival::late},
       {10, 150, arrival::next}});
}

TEST_CASE("a number that falls with its time is a new boot, at once") {
  run({{5000, 90'000'000, arrival::first}, {0, 0, arrival::rebooted}, {1, 5, arrival::next}});
  run({{377, 3'000'000, arrival::first},
       {378, 3'100'000, arrival::next},
       {375, 2'899'999, arrival::rebooted}});
  // A target that is made at the same point of every boot.
  run({{377, 3'000'000, arrival::first},
       {378, 90'000'000, arrival::next},
       {375, 2'950'000, arrival::rebooted},
       {376, 2'960'000, arrival::next},
       {377, 3'000'000, arrival::next}});
}

TEST_CASE("a higher number behind a gap is of a new boot when its time is more than a second earlier") {
  run({{700, 6'000'000, arrival::first},
       {900, 4'999'999, arrival::rebooted},
       {901, 5'000'000, arrival::next}});
  run({{700, 6'000'000, arrival::first}, {9000, 4'999'999, arrival::rebooted}});
  run({{700, 6'000'000, arrival::first}, {900, 5'000'000, arrival::after_gap, 199}});
}

TEST_CASE("the same number at another time is a new boot") {
  run({{377, 3'000'000, arrival::first},
       {378, 3'100'000, arrival::next},
       {377, 2'950'000, arrival::rebooted},
       {378, 3'050'000, arrival::next}});
}

TEST_CASE("a missing number whose time does not lie between its neighbours is a new boot") {
  run({{1000, 900'000'000, arrival::first},
       {1002, 900'000'010, arrival::after_gap, 1},
       {1001, 3'000'000, arrival::rebooted}});
  run({{1000, 900'000'000, arrival::first},
       {1002, 900'000'010, arrival::after_gap, 1},
       {1001, 900'000'005, arrival::late}});
}

TEST_CASE("after a long silence nothing is late") {
  sequence_tracker tracker;
  tracker.push(10, 10);
  tracker.push(12, 12);
  CHECK(tracker.classify(11, 11, true) == arrival::late);
  CHECK(tracker.classify(11, 11, false) == arrival::rebooted);
}

TEST_CASE("the row goes on around 2^64") {
  run({{top - 1, 1, arrival::first},
       {top, 2, arrival::next},
       {0, 3, arrival::next},
       {2, 5, arrival::after_gap, 1},
       {1, 4, arrival::late},
       {top, 2, arrival::duplicate}});
  run({{top, 1, arrival::first}, {3, 3, arrival::after_gap, 3}});
}

TEST_CASE("a row that runs from end to end of the numbers has its gaps filled there too") {
  run({{5, 1, arrival::first},
       {std::uint64_t{1} << 63, 2, arrival::after_gap, (std::uint64_t{1} << 63) - 6},
       {top - 9, 3, arrival::after_gap, top - 10 - (std::uint64_t{1} << 63)},
       {top - 10, 3, arrival::late},
       {0, 4, arrival::after_gap, 9}});
}

TEST_CASE("2^32 numbers around the end are taken for the shorter way") {
  constexpr std::uint64_t zone = std::uint64_t{1} << 32;
  sequence_tracker low, high;
  low.push(0, 0);
  CHECK(low.classify(top - zone, 1) == arrival::after_gap);
  CHECK(low.classify(top - zone + 1, 1) == arrival::rebooted);
  high.push(top, 0);
  CHECK(high.classify(zone - 1, 1) == arrival::after_gap);
  CHECK(high.classify(zone, 1) == arrival::rebooted);
}

TEST_CASE("clocks of processors may disagree by a second, and no more") {
  constexpr std::uint64_t second = sequence_tracker::clock_skew_us, start = 50 * second;
  sequence_tracker tracker;
  tracker.push(10, start);
  tracker.push(13, start + 5);
  CHECK(tracker.classify(12, start + 5 + second) == arrival::late);
  CHECK(tracker.classify(12, start + 6 + second) == arrival::rebooted);
  CHECK(tracker.classify(12, start - second) == arrival::late);
  CHECK(tracker.classify(12, start - second - 1) == arrival::rebooted);
  tracker.push(11, start + 3);
  CHECK(tracker.classify(12, start + 2 - second) == arrival::rebooted);  // the nearest one before counts
}

TEST_CASE("the times of the last 32 numbers are known") {
  sequence_tracker tracker;
  for (std::uint64_t i = 100; i < 200; ++i) tracker.push(i, i);
  CHECK(tracker.classify(199 - 31, 199 - 31) == arrival::duplicate);
  CHECK(tracker.classify(199 - 31, 199 - 32) == arrival::rebooted);
  CHECK(tracker.classify(199 - 32, 199 - 32) == arrival::rebooted);
  // A late one is remembered as well, and nothing older is asked for its time.
  const std::uint64_t now = 100'000'000;
  tracker.push(250, now);
  CHECK(tracker.classify(249, 0) == arrival::late);
  tracker.push(249, now - 1);
  CHECK(tracker.classify(249, now - 1) == arrival::duplicate);
  CHECK(tracker.classify(249, now) == arrival::rebooted);
}

TEST_CASE("what is 32 behind shares nothing with the highest") {
  sequence_tracker same_time, late, gap;
  for (std::uint64_t i = 100; i < 200; ++i) same_time.push(i, 7);
  CHECK(same_time.highest_timestamp_us() == 7);
  CHECK(same_time.classify(199 - 31, 7) == arrival::duplicate);
  CHECK(same_time.classify(199 - 32, 7) == arrival::rebooted);
  late.push(100, 1);
  late.push(133, 5);
  CHECK(late.push(101, 2).kind == arrival::late);
  CHECK(late.classify(133, 5) == arrival::duplicate);
  gap.push(100, 50'000'000);
  gap.push(132, 60'000'000);
  CHECK(gap.classify(101, 50'000'000) == arrival::late);
  CHECK(gap.push(133, 60'000'001).kind == arrival::next);
  CHECK(gap.highest_timestamp_us() == 60'000'001);
}

TEST_CASE("of which of the last 32 numbers only a part came is known, and of none before them") {
  sequence_tracker tracker;
  for (std::uint64_t i = 0; i <= 100; ++i) tracker.push(i, i);
  tracker.mark_partial(100 - 32);
  CHECK(tracker.classify(100, 100) == arrival::duplicate);
  tracker.mark_partial(100 - 31);
  CHECK(tracker.classify(100 - 31, 100 - 31) == arrival::completes);
  tracker.mark_partial(100);
  tracker.mark_whole(100 - 32);
  CHECK(tracker.classify(100, 100) == arrival::completes);
  tracker.mark_whole(100);
  CHECK(tracker.classify(100, 100) == arrival::duplicate);
}

TEST_CASE("a gap of any width is missing, and nothing beside it") {
  for (std::uint64_t start = 0; start < 130; start += 13)
    for (const std::uint64_t width : {1u, 2u, 62u, 63u, 64u, 65u, 127u, 128u, 700u, 1022u, 1023u, 1024u}) {
      sequence_tracker tracker;
      for (std::uint64_t i = start; i < start + 1200; ++i) tracker.push(i, 0);
      const auto before = tracker.highest(), after = before + width + 1;
      tracker.push(after, 0);
      for (auto at = after - sequence_tracker::window + 1; at < after; ++at) {
        CAPTURE(start, width, at);
        REQUIRE((tracker.classify(at, 0) == arrival::late) == (at > before));
      }
    }
}

TEST_CASE("what the first record overtook is late, and what lies between is missing") {
  run({{377, 3'000'000, arrival::first},
       {375, 2'900'000, arrival::late, 1},
       {376, 2'950'000, arrival::late},
       {375, 2'900'000, arrival::duplicate},
       {374, 2'799'999, arrival::rebooted}});
  run({{5000, 9'000'000, arrival::first},
       {0, 0, arrival::rebooted},
       {3, 300, arrival::after_gap, 2},
       {1, 100, arrival::late},
       {2, 200, arrival::late}});
  run({{1, 100, arrival::first}, {top, 50, arrival::late, 1}, {0, 70, arrival::late}});

  sequence_tracker tracker;
  const std::uint64_t start = 50'000'000;
  tracker.push(100, start);
  CHECK(tracker.classify(92, start) == arrival::late);
  CHECK(tracker.classify(91, start) == arrival::rebooted);
  CHECK(tracker.classify(99, start, false) == arrival::rebooted);
  CHECK(tracker.classify(99, start + 1'000'000) == arrival::late);
  CHECK(tracker.classify(99, start + 1'000'001) == arrival::rebooted);
  CHECK(tracker.push(93, start) == placement{arrival::late, 94, 6});
  CHECK(tracker.highest() == 100);
  CHECK(tracker.precedes_first(92));
  CHECK(!tracker.precedes_first(93));
  for (std::uint64_t at = 94; at < 100; ++at) CHECK(tracker.classify(at, start) == arrival::late);
  CHECK(tracker.classify(93, start) == arrival::duplicate);

  // Slots in front of the first number still hold what an earlier boot left in them, in each word of the
  // bitmap.
  for (std::uint64_t first = 440; first < 570; ++first) {
    CAPTURE(first);
    sequence_tracker again;
    for (std::uint64_t at = 0; at < 2 * sequence_tracker::window; ++at) again.push(at, start + at);
    CHECK(again.push(first, 7).kind == arrival::rebooted);
    CHECK(again.push(first - 8, 6) == placement{arrival::late, first - 7, 7});
    for (std::uint64_t at = first - 7; at < first; ++at) CHECK(again.classify(at, 7) == arrival::late);
    CHECK(again.classify(first - 8, 6) == arrival::duplicate);
  }
}

TEST_CASE("nothing far below the first number is late") {
  sequence_tracker tracker;
  CHECK(!tracker.started());
  CHECK(!tracker.is_next(1));
  tracker.push(110, 110);
  CHECK(tracker.started());
  CHECK(tracker.is_next(111));
  CHECK(!tracker.is_next(110));
  tracker.push(112, 112);
  CHECK(tracker.highest() == 112);
  CHECK(tracker.highest_timestamp_us() == 112);
  CHECK(tracker.push(114, 114) == placement{arrival::after_gap, 113, 1});
  tracker.push(3, 5);
  CHECK(tracker.highest() == 3);
  CHECK(tracker.highest_timestamp_us() == 5);
  CHECK(tracker.classify(113, 113) == arrival::after_gap);
}

TEST_CASE("what is before the first number of a boot stays there while the row is shorter than a window") {
  sequence_tracker tracker;
  tracker.push(600, 600);
  tracker.push(700, 700);
  CHECK(tracker.classify(601, 600) == arrival::late);
  CHECK(tracker.classify(591, 600) == arrival::rebooted);
  CHECK(tracker.precedes_first(599));
}

TEST_CASE("the window forgets nothing early and keeps nothing of one window ago") {
  sequence_tracker tracker;
  const auto window = sequence_tracker::window;
  tracker.push(0, 0);
  for (std::uint64_t i = 2; i < window; ++i) tracker.push(i, i);
  CHECK(tracker.classify(1, 1) == arrival::late);
  tracker.push(window + 1, window + 1);
  CHECK(tracker.classify(1, 1) == arrival::rebooted);
  CHECK(tracker.classify(window, window) == arrival::late);  // not confused with number 0 of the same slot
  tracker.push(10 * window, 10 * window);
  for (std::uint64_t behind = 1; behind < window; ++behind)
    CHECK(tracker.classify(10 * window - behind, 10 * window - behind) == arrival::late);
  CHECK(tracker.classify(9 * window, 9 * window) == arrival::rebooted);
}

TEST_CASE("a model of all numbers agrees within the window") {
  sequence_tracker tracker;
  std::vector<bool> seen(20000, false);
  std::uint64_t highest = 0, state = 7;
  tracker.push(0, 0);
  seen[0] = true;
  for (int i = 0; i < 30000 && highest < 18000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const auto random = state >> 33;
    const std::uint64_t sequence =
        random % 3 == 0 && highest > 40 ? highest - random / 3 % 30 : highest + 1 + random / 3 % 3;
    const auto where = tracker.push(sequence, sequence * 10);
    if (sequence > highest) {
      CHECK(where.kind == (sequence == highest + 1 ? arrival::next : arrival::after_gap));
      CHECK(where.missing == sequence - highest - 1);
      highest = sequence;
    } else {
      CHECK(where.kind == (seen[sequence] ? arrival::duplicate : arrival::late));
    }
    seen[sequence] = true;
  }
}

TEST_CASE("times are compared over more than half of what their remembered half can tell") {
  constexpr std::uint64_t minute = 60'000'000;
  for (const std::uint64_t idle : {30u, 40u, 71u, 72u, 100u, 1000u}) {
    CAPTURE(idle);
    const auto burst = 5 + idle * minute;
    sequence_tracker tracker;
    tracker.push(5, 5);
    tracker.push(7, burst + 10);
    CHECK(tracker.classify(6, burst) == arrival::late);
    CHECK(tracker.classify(6, burst + 20) == arrival::late);
    CHECK(tracker.classify(6, burst - minute / 12) == arrival::late);
    // A machine that ran for that long does not write what was written a second after its boot.
    sequence_tracker busy;
    busy.push(5, burst);
    busy.push(7, burst + 10);
    CHECK(busy.classify(6, 1'000'000) == arrival::rebooted);
  }
  sequence_tracker ahead;  // the one before has a clock that is a little ahead
  ahead.push(5, 200 * minute + 900'000);
  ahead.push(7, 200 * minute);
  CHECK(ahead.classify(6, 200 * minute - 1) == arrival::late);
  CHECK(ahead.classify(6, 199 * minute) == arrival::rebooted);
}

TEST_CASE("msgid counts certain loss") {
  msgid_tracker msgid;
  CHECK(msgid.push(41, 100) == 0);
  CHECK(msgid.push(42, 101) == 0);
  CHECK(msgid.push(42, 101) == 0);
  CHECK(msgid.push(45, 110) == 2);
  CHECK(msgid.push(43, 105) == -1);
  CHECK(msgid.push(44, 107) == -1);
  CHECK(msgid.push(44, 107) == 0);  // no more were lost than two
  CHECK(msgid.push(48, 120) == 2);
  CHECK(msgid.push(1, 121) == 0);
  CHECK(msgid.push(2, 122) == 0);
  msgid_tracker far;
  CHECK(!far.started());
  CHECK(far.push(0, 1) == 0);
  CHECK(far.started());
  CHECK(far.push(0x7fffffff, 2) == 0x7ffffffe);
  CHECK(far.push(0xffffffff, 3) == 0);  // half around: begun anew
  CHECK(far.push(1, 5) == 1);
  CHECK(far.push(0, 4) == -1);
  CHECK(far.push(5000, 9) == 4998);
  CHECK(far.push(5000 - 1023, 8) == -1);
  CHECK(far.push(5000 - 1024, 7) == 0);  // so late that nobody knows
  CHECK(far.push(5001, 10) == 0);
  msgid_tracker wrapping;
  wrapping.push(0xfffffffe, 1);
  CHECK(wrapping.push(0xffffffff, 2) == 0);
  CHECK(wrapping.push(0, 3) == 0);
  CHECK(wrapping.push(3, 4) == 2);
  msgid_tracker overtaken;
  overtaken.push(5, 100);
  CHECK(overtaken.push(4, 99) == 0);  // before the first to come
  CHECK(overtaken.push(6, 101) == 0);
}

TEST_CASE(
    "a msgid that falls while the record numbers rise is of a new counter, whose first ones may be lost") {
  msgid_tracker msgid;
  msgid.push(500, 10);
  CHECK(msgid.push(503, 13) == 2);
  CHECK(msgid.push(2, 20) == 0);
  CHECK(msgid.push(3, 21) == 0);
  CHECK(msgid.push(5, 23) == 1);
  CHECK(msgid.push(4, 22) == -1);
}

TEST_CASE("a msgid that did not come is the next one, or one that was missing") {
  msgid_tracker msgid;
  CHECK(msgid.push_unknown(9) == 0);
  CHECK(!msgid.started());
  msgid.push(1, 10);
  CHECK(msgid.push_unknown(11) == 0);
  CHECK(msgid.push(3, 12) == 0);
  CHECK(msgid.push(5, 14) == 1);
  CHECK(msgid.push_unknown(13) == -1);
  CHECK(msgid.push_unknown(13) == 0);
  CHECK(msgid.push(9, 20) == 3);
  CHECK(msgid.push_unknown(22) == 0);  // one after the other, both behind the last that came
  CHECK(msgid.push_unknown(21) == 0);
  CHECK(msgid.push(12, 23) == 0);
  CHECK(msgid.push(13, 24) == 0);
  msgid.skip(1);  // 14, of a repeat
  CHECK(msgid.push(15, 25) == 0);
  msgid.stop(24);
  CHECK(msgid.started());
  msgid.stop(26);
  CHECK(!msgid.started());
  CHECK(msgid.push(100, 27) == 0);
}

TEST_CASE("what was overtaken is compared with the first as it is now") {
  sequence_tracker tracker;
  const std::uint64_t start = 50'000'000;
  tracker.push(100, start);
  CHECK(tracker.push(96, start - 50'000).kind == arrival::late);
  CHECK(tracker.classify(95, start - 150'000) == arrival::late);
  CHECK(tracker.classify(95, start - 150'001) == arrival::rebooted);
}

TEST_CASE("a new counter of messages misses none of the old one") {
  msgid_tracker msgid;
  CHECK(msgid.push(10, 5) == 0);
  CHECK(msgid.push_unknown(4) == 0);  // older than the first: not a message after it
  CHECK(msgid.push(11, 6) == 0);
  CHECK(msgid.push(15, 7) == 3);
  CHECK(msgid.push(1, 8) == 0);
  CHECK(msgid.push_unknown(7) == 0);
}
