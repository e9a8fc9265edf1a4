// SPDX-License-Identifier: MIT
// A kernel that stops a record midway and sends it again: the whole copy is delivered, whatever its size.
#include <netcon/receive/collector.hpp>

#include "support/catch.hpp"
#include "support/event_log.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace netcon;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;

namespace {

const endpoint box{ipv4_address{10, 0, 0, 1}, port{6665}};

const std::string notice = std::string{replay_notice} + "\n";

std::string rec(std::uint64_t sequence, int msgid) {
  return "6," + std::to_string(sequence) + "," + std::to_string(1000 + sequence) +
         ",-;t\n msgid=" + std::to_string(msgid) + "\n";
}

/// Record 11 in fragments of equal size; msgid decides how long it is.
lines copy_of(int msgid, const std::string& front = {}) {
  const auto body = std::string(40, 'A') + "\n msgid=" + std::to_string(msgid) + "\n";
  lines packets;
  for (std::size_t at = 0; at < body.size(); at += 20)
    packets.push_back(front + "6,11,1011,-,ncfrag=" + std::to_string(at) + "/" + std::to_string(body.size()) +
                      ";" + body.substr(at, 20));
  return packets;
}
const std::string text(40, 'A');

struct bench {
  explicit bench(std::chrono::milliseconds reorder) : all{limits_of(reorder)} {}

  static collector::limits limits_of(std::chrono::milliseconds reorder) {
    collector::limits limits;
    limits.reorder = reorder;
    return limits;
  }
  void push(const std::string& packet) { all.push(box, packet, now, log); }
  void pass(std::chrono::nanoseconds time) { all.expire(now += time, log); }

  /// What was delivered, less the duplicates.
  lines told() {
    lines out;
    for (auto& line : log.take())
      if (!line.starts_with("duplicate")) out.push_back(std::move(line));
    return out;
  }

  collector all;
  time_point now{time_point{} + 1h};
  test::event_log log;
};

struct way {
  std::chrono::milliseconds reorder;
  std::string front;  // of the second copy
  int msgid;          // of the first copy
};

std::vector<way> all_ways() {
  std::vector<way> ways;
  for (const auto reorder : {0ms, 50ms, 5000ms})
    for (const auto& front : {std::string{}, notice})
      for (const int msgid : {9, 99, 999}) ways.push_back({reorder, front, msgid});
  return ways;
}

}  // namespace

TEST_CASE(
    "a record stopped midway and sent again with a longer msgid comes once, whole, and nothing is lost") {
  for (const auto& [reorder, front, msgid] : all_ways()) {
    CAPTURE(reorder.count(), front, msgid);
    bench b{reorder};
    b.push(rec(10, msgid - 1));
    b.push(copy_of(msgid)[0]);
    for (const auto& packet : copy_of(msgid + 1, front)) b.push(packet);
    b.push(rec(12, msgid + 2));
    CHECK(b.all.deadline().has_value() == false);
    b.pass(10s);
    CHECK(b.told() == lines{"record 10 t", "record 11 " + text, "record 12 t"});
    CHECK(b.all.stats().lost == 0);
    CHECK(b.all.stats().partial == 0);
    CHECK(b.all.stats().late == 0);
  }
}

TEST_CASE("the whole copy may come while later records have come already") {
  for (const auto& [reorder, front, msgid] : all_ways()) {
    CAPTURE(reorder.count(), front, msgid);
    bench b{reorder};
    b.push(rec(10, msgid - 1));
    b.push(copy_of(msgid)[0]);
    b.push(rec(12, msgid + 2));
    for (const auto& packet : copy_of(msgid + 1, front)) b.push(packet);
    b.push(rec(13, msgid + 3));
    b.pass(10s);
    auto told = b.told();
    std::erase_if(told, [](const std::string& line) { return line.starts_with("lost"); });
    CHECK(told == (reorder == 0ms ? lines{"record 10 t", "record 12 t", "record 11 " + text, "record 13 t"}
                                  : lines{"record 10 t", "record 11 " + text, "record 12 t", "record 13 t"}));
    CHECK(b.all.stats().lost == 0);
    CHECK(b.all.stats().partial == 0);
  }
}

TEST_CASE("of two copies of which parts came one record counts as not lost") {
  for (const auto reorder : {0ms, 50ms, 5000ms})
    for (const std::uint64_t later : {2u, 40u, 2000u}) {
      CAPTURE(reorder.count(), later);
      bench b{reorder};
      const auto plain = [&](std::uint64_t n) {
        b.push("6," + std::to_string(n) + "," + std::to_string(1000 + n) + ",-;t\n");
      };
      plain(10);
      b.push(copy_of(9)[0]);
      b.push(copy_of(99)[0]);
      plain(12);
      plain(14);  // 13 is lost
      for (std::uint64_t n = 15; n < 15 + later; ++n) plain(n);
      b.pass(60ms);
      b.pass(1h);
      CHECK(b.all.stats().partial == 2);
      CHECK(b.all.stats().lost == 1);
    }
}

TEST_CASE("both copies may be interleaved, in any order of their ends") {
  for (const auto& [reorder, front, msgid] : all_ways())
    for (const bool first_ends : {false, true}) {
      CAPTURE(reorder.count(), front, msgid, first_ends);
      bench b{reorder};
      b.push(rec(10, msgid - 1));
      const auto first = copy_of(msgid), second = copy_of(msgid + 1, front);
      b.push(first[0]);
      b.push(second[0]);
      b.push(first[1]);
      b.push(second[1]);
      b.push((first_ends ? first : second)[2]);
      b.push((first_ends ? second : first)[2]);
      if (!first_ends || !front.empty()) b.push(rec(12, msgid + 2));
      b.pass(10s);
      auto told = b.told();
      if (told.size() > 2) told.pop_back();
      CHECK(told == lines{"record 10 t", "record 11 " + text});
      CHECK(b.all.stats().duplicate != 0);
      CHECK(b.all.stats().lost == 0);
      CHECK(b.all.stats().partial == 0);
      CHECK(b.all.stats().records == ((!first_ends || !front.empty()) ? 3 : 2));
    }
}

TEST_CASE("the second copy may be one packet") {
  for (const auto& [reorder, front, msgid] : all_ways())
    for (const bool more : {false, true}) {
      CAPTURE(reorder.count(), front, msgid, more);
      bench b{reorder};
      b.push(rec(10, msgid - 1));
      b.push(copy_of(msgid)[0]);
      b.push(front + rec(11, msgid + 1));
      if (more) b.push(copy_of(msgid)[1]);
      b.push(front + rec(11, msgid + 1));
      b.push(rec(12, msgid + 2));
      CHECK(!b.all.deadline());
      b.pass(10s);
      CHECK(b.told() == lines{"record 10 t", "record 11 t", "record 12 t"});
      CHECK(b.all.stats().duplicate == (more ? 2 : 1));
      CHECK(b.all.stats().lost == 0);
      CHECK(b.all.stats().partial == 0);
    }
}

TEST_CASE("a whole copy is delivered after the partial one was") {
  for (const auto& [reorder, front, msgid] : all_ways())
    for (const std::string how : {"fragments", "one packet", "fragments, then later records"}) {
      CAPTURE(reorder.count(), front, msgid, how);
      bench b{reorder};
      b.push(rec(10, msgid - 1));
      b.push(copy_of(msgid)[0]);
      b.pass(2s);
      CHECK(b.told() ==
            lines{"record 10 t", "partial 11 20-" + std::to_string(49 + std::to_string(msgid).size())});
      if (how.ends_with("records")) b.push(rec(12, msgid + 2));
      b.log.take();
      if (how == "one packet") {
        b.push(front + rec(11, msgid + 1));
        CHECK(b.log.take() == lines{"late 11 t"});
        b.push(front + rec(11, msgid + 1));
        CHECK(b.log.take() == lines{"duplicate 11 t"});
      } else {
        const auto packets = copy_of(msgid + 1, front);
        b.push(packets[0]);
        b.push(packets[1]);
        CHECK(b.log.take().empty());
        b.push(packets[2]);
        CHECK(b.log.take() == lines{"late 11 " + text});
        b.push(packets[0]);
        CHECK(b.log.take().at(0).starts_with("duplicate 11"));
      }
      b.pass(10s);
      CHECK(b.told().empty());
      CHECK(b.all.stats().lost == 0);
      CHECK(b.all.stats().partial == 1);
      CHECK(b.all.stats().late == 1);
    }
}

TEST_CASE("a whole copy of the same size is delivered after the partial one was, when it is announced") {
  for (const auto reorder : {0ms, 50ms}) {
    bench b{reorder};
    b.push(rec(10, 20));
    b.push(copy_of(21)[0]);
    b.pass(2s);
    b.log.take();
    const auto again = copy_of(22, notice);
    b.push(again[0]);
    b.push(again[1]);
    CHECK(b.log.take().empty());
    b.push(again[2]);
    CHECK(b.log.take() == lines{"late 11 " + text});
    for (const auto& packet : again) b.push(packet);
    CHECK(b.told().empty());
    b.push(rec(12, 24));
    CHECK(b.told() == lines{"record 12 t"});
    CHECK(b.all.stats().lost == 0);
  }
}

TEST_CASE("two copies that both stay partial are both shown") {
  for (const auto reorder : {0ms, 50ms}) {
    bench b{reorder};
    b.push(rec(10, 8));
    b.push(copy_of(9)[0]);
    b.push(copy_of(10, notice)[1]);
    b.pass(2s);
    CHECK(b.told() == lines{"record 10 t", "partial 11 20-50", "partial 11 0-20 40-51"});
    b.push(rec(12, 11));
    CHECK(b.told() == lines{"record 12 t"});
    CHECK(b.all.stats().lost == 0);
  }
}

TEST_CASE("a whole record is not delivered twice for a copy that is longer") {
  for (const auto reorder : {0ms, 50ms}) {
    bench b{reorder};
    b.push(rec(10, 8));
    for (const auto& packet : copy_of(9)) b.push(packet);
    CHECK(b.told() == lines{"record 10 t", "record 11 " + text});
    for (const auto& packet : copy_of(10, notice)) b.push(packet);
    b.push(rec(12, 11));
    b.pass(10s);
    CHECK(b.told() == lines{"record 12 t"});
    CHECK(b.all.stats().lost == 0);
    CHECK(b.all.stats().duplicate == 3);
  }
}
