#include <netcon/sequence.hpp>

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
  run({{5000, 90'000'000, arrival::first}, {0, 0, arrival::restarted}, {1, 5, arrival::next}});
  run({{377, 3'000'000, arrival::first},
       {378, 3'100'000, arrival::next},
       {375, 2'900'000, arrival::restarted}});
}

TEST_CASE("the same number at another time is a new boot") {
  run({{377, 3'000'000, arrival::first},
       {378, 3'100'000, arrival::next},
       {377, 2'950'000, arrival::restarted},
       {378, 3'050'000, arrival::next}});
}

TEST_CASE("a missing number whose time does not lie between its neighbours is a new boot") {
  run({{1000, 900'000'000, arrival::first},
       {1002, 900'000'010, arrival::after_gap, 1},
       {1001, 3'000'000, arrival::restarted}});
  run({{1000, 900'000'000, arrival::first},
       {1002, 900'000'010, arrival::after_gap, 1},
       {1001, 900'000'005, arrival::late}});
}

TEST_CASE("after a long silence nothing is late") {
  sequence_tracker tracker;
  tracker.push(10, 10);
  tracker.push(12, 12);
  CHECK(tracker.classify(11, 11, true) == arrival::late);
  CHECK(tracker.classify(11, 11, false) == arrival::restarted);
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

TEST_CASE("the window forgets nothing early and keeps nothing of one window ago") {
  sequence_tracker tracker;
  const auto window = sequence_tracker::window;
  tracker.push(0, 0);
  for (std::uint64_t i = 2; i < window; ++i) tracker.push(i, i);
  CHECK(tracker.classify(1, 1) == arrival::late);
  tracker.push(window + 1, window + 1);
  CHECK(tracker.classify(1, 1) == arrival::restarted);
  CHECK(tracker.classify(window, window) == arrival::late);  // not confused with number 0 of the same slot
  tracker.push(10 * window, 10 * window);
  for (std::uint64_t behind = 1; behind < window; ++behind)
    CHECK(tracker.classify(10 * window - behind, 10 * window - behind) == arrival::late);
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

TEST_CASE("msgid counts certain loss") {
  msgid_tracker msgid;
  CHECK(msgid.push(41) == 0);
  CHECK(msgid.push(42) == 0);
  CHECK(msgid.push(42) == 0);
  CHECK(msgid.push(45) == 2);
  CHECK(msgid.push(43) == -1);
  CHECK(msgid.push(1) == 0);
  CHECK(msgid.push(2) == 0);
  msgid_tracker wrapping;
  wrapping.push(0xfffffffe);
  CHECK(wrapping.push(0xffffffff) == 0);
  CHECK(wrapping.push(0) == 0);
  CHECK(wrapping.push(3) == 2);
  wrapping.skip();
  CHECK(wrapping.push(5) == 0);
}
