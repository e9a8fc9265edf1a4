// SPDX-License-Identifier: MIT
#include <netcon/receive/silence_watch.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

using lines = std::vector<std::string>;
const time_point start{24h};

endpoint sender(std::uint32_t number) {
  const auto byte = [&](int shift) { return static_cast<std::uint8_t>(number >> shift & 255); };
  return {ipv4_address{10, byte(16), byte(8), byte(0)}, port{6665}};
}

/// The watch, with what it says as lines like "silent 10.0.0.1:6665 3600".
class watching {
 public:
  explicit watching(std::chrono::seconds patience) : watch{patience} {}

  void operator()(const event::silent& event) { say("silent ", event); }
  void operator()(const event::returned& event) { say("returned ", event); }

  void probe(std::uint32_t from, time_point now) { packet(from, now, true); }
  void packet(std::uint32_t from, time_point now, bool is_probe = false) {
    watch.expire(now, *this);
    watch.observe(sender(from), is_probe, now, *this);
  }
  lines at(time_point now) {
    watch.expire(now, *this);
    return std::exchange(said, {});
  }

  silence_watch watch;
  lines said;

 private:
  template <class Event>
  void say(std::string what, const Event& event) {
    said.push_back(what + to_string(event.sender) + ' ' + std::to_string(event.duration.count()));
  }
};

}  // namespace

TEST_CASE("a sender that was tested regularly and stops is silent, once; then it returns") {
  watching w{1h};
  for (const auto minute : {0, 15, 30}) w.probe(1, start + std::chrono::minutes{minute});
  CHECK(w.watch.deadline() == start + 90min);
  CHECK(w.at(start + 90min - 1s).empty());
  CHECK(w.at(start + 90min) == lines{"silent 10.0.0.1:6665 3600"});
  CHECK(w.at(start + 900min).empty());
  CHECK(w.watch.silent() == 1);
  CHECK(w.watch.size() == 1);
  w.packet(1, start + 930min);
  CHECK(w.watch.silent() == 0);
  CHECK(w.watch.size() == 1);
  CHECK(w.said == lines{"returned 10.0.0.1:6665 54000"});
  w.said.clear();
  CHECK(w.at(start + 990min) == lines{"silent 10.0.0.1:6665 3600"});  // it is still watched
}

TEST_CASE("any packet is a sign of life") {
  watching w{1h};
  w.probe(1, start);
  w.probe(1, start + 15min);
  for (int half_hour = 1; half_hour < 10; ++half_hour) w.packet(1, start + 15min + half_hour * 30min);
  CHECK(w.said.empty());
  CHECK(w.at(start + 15min + 270min + 1h) == lines{"silent 10.0.0.1:6665 3600"});
}

TEST_CASE("who never sent probes, or sent them by hand, is not watched") {
  watching w{1h};
  w.packet(1, start);
  w.probe(2, start);
  w.probe(2, start + 2s);  // the further levels of one test
  w.probe(3, start);
  w.packet(3, start + 50min);
  w.probe(3, start + 100min);  // more than the patience apart
  CHECK(w.at(start + 24h).empty());
  CHECK(w.watch.size() == 0);
  CHECK_FALSE(w.watch.deadline());
}

TEST_CASE("the probe before counts, not the first one") {
  watching w{1h};
  w.probe(1, start);
  w.packet(1, start + 50min);
  w.probe(1, start + 100min);
  w.probe(1, start + 130min);
  CHECK(w.at(start + 190min) == lines{"silent 10.0.0.1:6665 3600"});
}

TEST_CASE("a short patience takes probes that are closer together") {
  watching w{4s};
  w.probe(1, start);
  w.probe(1, start + 1s);
  w.probe(2, start + 1s);
  w.probe(2, start + 2s - 1us);  // less than a quarter
  CHECK(w.at(start + 5s) == lines{"silent 10.0.0.1:6665 4"});
  CHECK(w.at(start + 1min).empty());
}

TEST_CASE("a patience is at least a second") {
  watching w{0s};
  w.probe(1, start);
  CHECK(w.watch.deadline() == start + 1s);
}

TEST_CASE("senders are apart, and silent in the order of their last packets") {
  watching w{1h};
  for (const auto minute : {0, 15})
    for (std::uint32_t i = 1; i <= 3; ++i)
      w.probe(i, start + std::chrono::minutes{minute} + std::chrono::seconds{i});
  CHECK(w.at(start + 15min + 1h + 1s) == lines{"silent 10.0.0.1:6665 3600"});
  CHECK(w.at(start + 15min + 1h + 3s) == lines{"silent 10.0.0.2:6665 3601", "silent 10.0.0.3:6665 3600"});
}

TEST_CASE("who sends on does not delay the report of who stopped") {
  watching w{1h};
  for (const auto minute : {0, 15})
    for (std::uint32_t i = 1; i <= 2; ++i) w.probe(i, start + std::chrono::minutes{minute});
  w.packet(1, start + 30min);
  CHECK(w.watch.deadline() == start + 75min);
  CHECK(w.at(start + 75min) == lines{"silent 10.0.0.2:6665 3600"});
  CHECK(w.at(start + 90min) == lines{"silent 10.0.0.1:6665 3600"});
}

TEST_CASE("a patience without an end reports nobody") {
  // The second one is 0.3 s in 64 bits of nanoseconds.
  for (const auto patience : {std::chrono::seconds::max(), std::chrono::seconds{18'446'744'074}}) {
    watching w{patience};
    w.probe(1, start);
    w.probe(1, start + 15min);
    CHECK(w.watch.deadline() == time_point::max());
    CHECK(w.at(start + 24h * 365).empty());
  }
}

TEST_CASE("memory is bounded, whatever is forged") {
  watching w{1h};
  constexpr std::uint32_t most = silence_watch::most_senders;
  const auto test_all = [&](std::uint32_t first, std::uint32_t count, time_point now) {
    for (const auto when : {now, now + 15min})
      for (std::uint32_t i = first; i < first + count; ++i) w.probe(i, when);
  };
  for (std::uint32_t i = 0; i < most + 100; ++i) w.probe(i, start);
  CHECK(w.watch.size() == most);
  test_all(0, most, start + 3h);
  CHECK(w.at(start + 5h).size() == most);
  test_all(most, 100, start + 6h);
  CHECK(w.at(start + 8h).size() == 100);
  CHECK(w.watch.silent() == most);
  w.packet(99, start + 9h);  // forgotten
  CHECK(w.said.empty());
  w.packet(100, start + 9h);
  CHECK(w.said == lines{"returned 10.0.0.100:6665 20700"});
}
