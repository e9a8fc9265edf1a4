// SPDX-License-Identifier: MIT
#include <netcon/receive/collector.hpp>

#include <netcon/wire/encode.hpp>

#include "support/catch.hpp"
#include "support/event_log.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

using namespace netcon;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;

namespace {

const endpoint box{ipv4_address{10, 0, 0, 1}, port{6665}};
const endpoint other{ipv4_address{10, 0, 0, 2}, port{6665}};

std::string rec(std::uint64_t sequence, const std::string& text = "t", std::uint64_t timestamp_us = 0) {
  return "6," + std::to_string(sequence) + "," +
         std::to_string(timestamp_us == 0 ? 1000 + sequence : timestamp_us) + ",-;" + text + "\n";
}

std::vector<std::string> long_record(std::uint64_t sequence, std::size_t size, char fill = 'A',
                                     std::span<const dictionary_entry> userdata = {}) {
  const auto header = "6," + std::to_string(sequence) + "," + std::to_string(1000 + sequence) + ",-";
  const auto body = std::string(size, fill) + "\n";
  std::vector<std::string> packets;
  encode({.header = header, .body = body, .userdata = userdata}, kernel_profile::latest(),
         [&](std::string_view packet) { packets.emplace_back(packet); })
      .value();
  return packets;
}

struct bench {
  explicit bench(const collector::limits& limits = {}) : all{limits} {}

  lines push(const std::string& packet, const endpoint& from = box) {
    all.push(from, packet, now, log);
    return log.take();
  }
  lines pass(std::chrono::nanoseconds time) {
    now += time;
    all.expire(now, log);
    return log.take();
  }
  lines flush() {
    all.flush(log);
    return log.take();
  }

  collector all;
  time_point now{time_point{} + 1h};
  test::event_log log;
};

collector::limits reordering(std::chrono::milliseconds hold) {
  collector::limits limits;
  limits.reorder = hold;
  return limits;
}

}  // namespace

TEST_CASE("records, a gap, a late one, a duplicate") {
  bench b;
  CHECK(b.push(rec(5)) == lines{"record 5 t"});
  CHECK(b.push(rec(6)) == lines{"record 6 t"});
  CHECK(b.push(rec(9)) == lines{"lost 7+2", "record 9 t"});
  CHECK(b.push(rec(7)) == lines{"late 7 t"});
  CHECK(b.push(rec(7)) == lines{"duplicate 7 t"});
  CHECK(b.all.stats().records == 3);
  CHECK(b.all.stats().lost == 1);
  CHECK(b.all.stats().late == 1);
  CHECK(b.all.stats().recovered_inferred == 1);
  CHECK(b.all.stats().duplicate == 1);
  CHECK(b.all.stats().packets == 5);
}

TEST_CASE("senders do not disturb each other") {
  bench b;
  b.push(rec(5));
  CHECK(b.push(rec(500), other) == lines{"record 500 t"});
  CHECK(b.push(rec(1), {box.address, port{1}}) == lines{"record 1 t"});
  CHECK(b.push(rec(6)) == lines{"record 6 t"});
  CHECK(b.push(rec(501), other) == lines{"record 501 t"});
  CHECK(b.all.senders() == 3);
}

TEST_CASE("a reboot is told at once, and nothing of the new boot is lost") {
  bench b;
  b.push(rec(5000, "old", 90'000'000));
  CHECK(b.push(rec(0, "Linux version", 0 + 1)) == lines{"rebooted after 5000", "record 0 Linux version"});
  CHECK(b.push(rec(1)) == lines{"record 1 t"});
  CHECK(b.all.stats().rebooted == 1);
}

TEST_CASE("a new boot whose numbers go on upwards is told by its clock") {
  bench b;
  b.push(rec(700, "old", 6'000'000));
  CHECK(b.push(rec(900, "new", 4'000'000)) == lines{"rebooted after 700", "record 900 new"});
  CHECK(b.push(rec(902, "t", 4'000'001)) == lines{"lost 901+1", "record 902 t"});
  CHECK(b.push(rec(2500, "new", 3'000'000)) == lines{"rebooted after 902", "record 2500 new"});
  bench c{reordering(500ms)};
  c.push(rec(700, "old", 6'000'000));
  c.push(rec(702, "held", 6'000'001));
  CHECK(c.push(rec(900, "new", 4'000'000)) ==
        lines{"lost 701+1", "record 702 held", "rebooted after 702", "record 900 new"});
}

TEST_CASE("another release is another boot, whatever the numbers say") {
  bench b;
  CHECK(b.push("6.1.0,6,10,10,-;a\n") == lines{"record 10 a"});
  CHECK(b.push("6.2.0,6,11,11,-;b\n") == lines{"rebooted after 10", "record 11 b"});
  CHECK(b.push("6,12,12,-;c\n") == lines{"record 12 c"});
  CHECK(b.push("6.2.0,6,13,13,-;d\n") == lines{"record 13 d"});
}

TEST_CASE("what waits of the old boot comes before the new one") {
  bench b;
  const auto packets = long_record(10, 1500);
  b.push(packets[0]);
  CHECK(b.push(rec(0, "new", 1)) == lines{"partial 10 974-1501", "rebooted after 10", "record 0 new"});
}

TEST_CASE("slices become one record, with its place in the row of numbers") {
  bench b;
  b.push(rec(9));
  const auto packets = long_record(12, 2500);
  REQUIRE(packets.size() == 3);
  CHECK(b.push(packets[0]) == lines{"lost 10+2"});
  CHECK(b.push(packets[2]).empty());
  CHECK(b.push(packets[2]) == lines{"duplicate 12 " + packets[2].substr(packets[2].find(';') + 1, 554)});
  CHECK(b.push(packets[1]) == lines{"record 12 " + std::string(2500, 'A')});
  CHECK(b.push(packets[1]).at(0).starts_with("duplicate 12"));
  CHECK(b.push(rec(13)) == lines{"record 13 t"});
}

TEST_CASE("a message whose slices came late as a whole is late") {
  bench b;
  b.push(rec(10));
  b.push(rec(12));
  const auto packets = long_record(11, 1500);
  CHECK(b.push(packets[0]).empty());
  CHECK(b.push(packets[1]) == lines{"late 11 " + std::string(1500, 'A')});
}

TEST_CASE("an unfinished message is delivered after its time, with what is missing") {
  bench b;
  const auto packets = long_record(12, 2500);
  b.push(packets[1]);
  REQUIRE(b.all.deadline() == b.now + 1s);
  CHECK(b.pass(999ms).empty());
  CHECK(b.pass(1ms) == lines{"partial 12 0-974 1946-2501"});
  CHECK(!b.all.deadline());
  CHECK(b.push(packets[0]).at(0).starts_with("late 12"));
  CHECK(b.all.stats().partial == 1);
}

TEST_CASE("a repeat of a finished message is a duplicate even when the reassembler forgot it") {
  bench b;
  const auto packets = long_record(12, 1500);
  for (const auto& packet : packets) b.push(packet);
  for (std::uint64_t i = 0; i < 100; ++i)
    for (const auto& packet : long_record(i, 1200)) b.push(packet, other);
  for (const auto& packet : packets) CHECK(b.push(packet).at(0).starts_with("duplicate 12"));
  CHECK(b.pass(2s).empty());
}

TEST_CASE("a message that every boot sends is no repeat after a reboot") {
  bench b;
  const auto packets = long_record(3, 1500);
  const auto boot = [&](const lines& first) {
    CHECK(b.push(rec(2, "t", 1)) == first);
    CHECK(b.push(packets[0]).empty());
    CHECK(b.push(packets[1]) == lines{"record 3 " + std::string(1500, 'A')});
    for (std::uint64_t i = 4; i < 60; ++i) b.push(rec(i, "t", 5'000'000 * i));
  };
  boot({"record 2 t"});
  boot({"rebooted after 59", "record 2 t"});
}

TEST_CASE("a message of the old boot that every boot sends is whole in the new one") {
  bench b;
  const auto packets = long_record(3, 1500);
  b.push(rec(2, "t", 1));
  b.push(packets[0]);
  b.push(rec(500, "t", 90'000'000));
  CHECK(b.push(rec(2, "t", 1)) == lines{"partial 3 975-1501", "rebooted after 500", "record 2 t"});
  CHECK(b.push(packets[0]).empty());
  CHECK(b.push(packets[1]) == lines{"record 3 " + std::string(1500, 'A')});
}

TEST_CASE("what is unfinished of an old boot is delivered in the order it began") {
  bench b;
  for (std::uint64_t i = 10; i < 14; ++i) b.push(long_record(i, 1500)[0]);
  const auto told = b.push(rec(0, "new", 1));
  REQUIRE(told.size() == 6);
  for (std::size_t i = 0; i < 4; ++i) CHECK(told[i] == "partial " + std::to_string(10 + i) + " 974-1501");
}

TEST_CASE("totals above the limit and impossible packets are junk with a reason") {
  bench b;
  CHECK(b.push("") == lines{"junk empty-packet"});
  CHECK(b.push("6,1,1,-,ncfrag=0/999999;x") == lines{"junk fragment-too-large"});
  CHECK(b.push("6,1,1,-,ncfrag=9/5;x") == lines{"junk fragment-out-of-bounds"});
  CHECK(b.push("9999,1,1,-;x") == lines{"junk bad-priority"});
  CHECK(b.all.stats().junk == 4);
}

TEST_CASE("msgid tells loss for certain, and a gap of record numbers then tells nothing") {
  bench b;
  const auto numbered = [](int sequence, int msgid) {
    return rec(static_cast<std::uint64_t>(sequence), "t\n msgid=" + std::to_string(msgid));
  };
  CHECK(b.push(numbered(10, 1)) == lines{"record 10 t"});
  CHECK(b.push(numbered(20, 2)) == lines{"record 20 t"});
  CHECK(b.push(numbered(25, 5)) == lines{"lost certainly 2", "record 25 t"});
  CHECK(b.push(numbered(22, 3)) == lines{"late 22 t"});
  CHECK(b.all.stats().lost == 1);
  CHECK(b.push(rec(26, "t\n msgid=x")) == lines{"record 26 t"});
  CHECK(b.push(rec(27, "msgid=900")) == lines{"record 27 msgid=900"});
}

TEST_CASE("a message that came in part is not lost as well") {
  bench b;
  const auto numbered = [](int sequence, int msgid) {
    return rec(static_cast<std::uint64_t>(sequence), "t\n msgid=" + std::to_string(msgid));
  };
  b.push(numbered(10, 1));
  b.push(long_record(11, 1500)[0]);
  b.pass(2s);
  CHECK(b.push(numbered(12, 3)) == lines{"record 12 t"});
}

TEST_CASE("a message that came in part after later ones is lost no more") {
  bench b;
  const auto numbered = [](int sequence, int msgid) {
    return rec(static_cast<std::uint64_t>(sequence), "t\n msgid=" + std::to_string(msgid));
  };
  b.push(numbered(10, 1));
  b.push(long_record(11, 1500)[0]);
  CHECK(b.push(numbered(12, 3)) == lines{"lost certainly 1", "record 12 t"});
  CHECK(b.pass(2s) == lines{"partial 11 974-1501"});
  CHECK(b.all.stats().lost == 0);
  CHECK(b.push(numbered(14, 5)) == lines{"lost certainly 1", "record 14 t"});
}

TEST_CASE("a message whose msgid is cut in two keeps the count") {
  bench b;
  b.push(rec(10, "t\n msgid=41"));
  b.push("6,11,1011,-,ncfrag=0/12;t\n ");
  b.push("6,11,1011,-,ncfrag=5/12;gid=42\n");
  b.pass(2s);
  CHECK(b.push(rec(12, "t\n msgid=44")) == lines{"lost certainly 1", "record 12 t"});
}

TEST_CASE("a repeat of the network has no msgid of its own, one of the kernel has") {
  bench b;
  b.push(rec(10, "t\n msgid=1"));
  b.push(rec(11, "t\n msgid=2"));
  b.push(rec(13, "t\n msgid=5"));
  CHECK(b.all.stats().lost == 2);
  CHECK(b.push(rec(11, "t\n msgid=2")) == lines{"duplicate 11 t"});
  CHECK(b.all.stats().lost == 2);
  // Another target of the same host, with a count of its own.
  CHECK(b.push(rec(13, "t\n msgid=900")) == lines{"duplicate 13 t"});
  CHECK(b.push(rec(14, "t\n msgid=6")) == lines{"record 14 t"});
  const auto again = std::string{replay_notice} + "\n" + rec(14, "t\n msgid=7");
  CHECK(b.push(again) == lines{"duplicate 14 t"});
  CHECK(b.push(rec(15, "t\n msgid=8")) == lines{"record 15 t"});
  CHECK(b.push(again) == lines{"duplicate 14 t"});
  CHECK(b.all.stats().lost == 2);
}

TEST_CASE("where msgid lines end, gaps of record numbers are told again") {
  bench b;
  b.push(rec(10, "t\n msgid=1"));
  CHECK(b.push(rec(20, "t\n msgid=2")) == lines{"record 20 t"});
  CHECK(b.push(rec(21)) == lines{"record 21 t"});
  CHECK(b.push(rec(30)) == lines{"lost 22+8", "record 30 t"});
  CHECK(b.push(rec(40, "t\n msgid=700")) == lines{"lost 31+9", "record 40 t"});
  CHECK(b.push(rec(50, "t\n msgid=702")) == lines{"lost certainly 1", "record 50 t"});
}

TEST_CASE("legacy text: lines, one packet or several") {
  bench b;
  CHECK(b.push("[    1.0] one\n[    1.0] two\n") == lines{"legacy [    1.0] one", "legacy [    1.0] two"});
  CHECK(b.push("be").empty());
  CHECK(b.push("gun").empty());
  CHECK(b.push(" here\nand ") == lines{"legacy begun here"});
  CHECK(b.push("other\n", other) == lines{"legacy other"});
  CHECK(b.pass(1s) == lines{"legacy and  unfinished"});
  CHECK(b.push("\n\n") == lines{"legacy ", "legacy "});
  CHECK(!b.all.deadline());
}

TEST_CASE("legacy notices are what they say") {
  bench b;
  CHECK(b.push("** 17 printk messages dropped **\n[    1.0] x\n") ==
        lines{"lost announced 17", "legacy [    1.0] x"});
  CHECK(b.push("** replaying previous printk message **\n[    1.0] x\n") ==
        lines{"legacy [    1.0] x replayed"});
  CHECK(b.push("[    1.0] y\n") == lines{"legacy [    1.0] y"});
  CHECK(b.all.stats().lost == 17);
}

TEST_CASE("a legacy line without end comes in pieces") {
  collector::limits limits;
  limits.line_bytes = 10;
  bench b{limits};
  CHECK(b.push("0123456789abcdef") == lines{"legacy 0123456789 unfinished"});
  CHECK(b.push("gh\n") == lines{"legacy abcdefgh"});
  CHECK(b.push("0123456789\n") == lines{"legacy 0123456789"});
  CHECK(b.push("0123456789ab\n") == lines{"legacy 0123456789 unfinished", "legacy ab"});
}

TEST_CASE("with a hold, records come in order of their numbers") {
  bench b{reordering(50ms)};
  CHECK(b.push(rec(5)) == lines{"record 5 t"});
  CHECK(b.push(rec(7)).empty());
  CHECK(b.push(rec(9)).empty());
  CHECK(b.push(rec(9)) == lines{"duplicate 9 t"});
  CHECK(b.push(rec(6)) == lines{"record 6 t", "record 7 t"});
  CHECK(b.pass(40ms).empty());
  CHECK(b.push(rec(11)).empty());
  CHECK(b.pass(10ms) == lines{"lost 8+1", "record 9 t"});
  CHECK(b.pass(40ms) == lines{"lost 10+1", "record 11 t"});
  CHECK(b.push(rec(8)) == lines{"late 8 t"});
  CHECK(!b.all.deadline());
}

TEST_CASE("with a hold, a long record waits for its slices and the next one for it") {
  bench b{reordering(500ms)};
  b.push(rec(5));
  const auto packets = long_record(6, 1500);
  CHECK(b.push(packets[1]).empty());
  CHECK(b.push(rec(7)).empty());
  CHECK(b.push(packets[0]) == lines{"record 6 " + std::string(1500, 'A'), "record 7 t"});
}

TEST_CASE("with a hold, a repeat of a finished message is a duplicate even when the reassembler forgot it") {
  bench b{reordering(500ms)};
  b.push(rec(5));
  const auto delivered = long_record(6, 1500), held = long_record(8, 1500);
  for (const auto& packet : delivered) b.push(packet);
  for (const auto& packet : held) b.push(packet);
  for (std::uint64_t i = 0; i < 100; ++i)
    for (const auto& packet : long_record(i, 1200)) b.push(packet, other);
  for (const auto& packet : delivered) CHECK(b.push(packet).at(0).starts_with("duplicate 6"));
  for (const auto& packet : held) CHECK(b.push(packet).at(0).starts_with("duplicate 8"));
  CHECK(b.pass(2s) == lines{"lost 7+1", "record 8 " + std::string(1500, 'A')});
}

TEST_CASE("with a hold, what is held of the old boot comes before the new one") {
  bench b{reordering(500ms)};
  b.push(rec(1000, "t", 90'000'000));
  b.push(rec(1002, "t", 90'000'001));
  CHECK(b.push(rec(3, "new", 5)) ==
        lines{"lost 1001+1", "record 1002 t", "rebooted after 1002", "record 3 new"});
  bench c{reordering(500ms)};
  c.push("r1,6,10,10,-;a\n");
  c.push("r1,6,12,12,-;b\n");
  CHECK(c.push("r2,6,13,13,-;c\n") == lines{"lost 11+1", "record 12 b", "rebooted after 12", "record 13 c"});
}

TEST_CASE("with a hold, another release is one new boot, and what was held is of the old one") {
  bench b{reordering(500ms)};
  b.push("r1,6,1,1,-;a\n");
  b.push("r1,6,3,3,-;b\n");
  CHECK(b.push("r2,6,0,1,-;c\n") == lines{"lost 2+1", "record 3 b", "rebooted after 3", "record 0 c"});
  CHECK(b.push("r2,6,1,2,-;d\n") == lines{"record 1 d"});
}

TEST_CASE("a new boot may be without the release of the old one") {
  bench b;
  b.push("r1,6,100,90000000,-;a\n");
  CHECK(b.push("6,0,1,-;b\n") == lines{"rebooted after 100", "record 0 b"});
  CHECK(b.push("r2,6,1,2,-;c\n") == lines{"record 1 c"});
}

TEST_CASE("with a hold, the number of a held record at another time is a new boot") {
  bench b{reordering(500ms)};
  b.push(rec(1, "t", 90'000'000));
  b.push(rec(3, "old", 90'000'001));
  CHECK(b.push(rec(3, "new", 5)) == lines{"lost 2+1", "record 3 old", "rebooted after 3", "record 3 new"});
  CHECK(b.push(rec(4, "t", 6)) == lines{"record 4 t"});
}

TEST_CASE("with a hold, a message that came in part has its place in the row") {
  bench b{reordering(500ms)};
  b.push(rec(1));
  b.push(long_record(4, 1500)[0]);
  b.now += 900ms;
  b.push(rec(3));
  b.push(rec(5));
  CHECK(b.pass(100ms) == lines{"lost 2+1", "record 3 t", "partial 4 975-1501", "record 5 t"});
  CHECK(!b.all.deadline());
  CHECK(b.push(rec(2)) == lines{"late 2 t"});
  CHECK(b.all.stats().lost == 0);
}

TEST_CASE("with a hold, what came in part of the old boot is not lost as well") {
  bench b{reordering(500ms)};
  b.push(rec(100, "t", 1099));
  b.push(long_record(101, 1500)[0]);
  b.push(long_record(102, 1500)[0]);
  b.push(rec(103));
  CHECK(b.push(rec(0, "new", 1)) == lines{"partial 101 973-1501", "partial 102 973-1501", "record 103 t",
                                          "rebooted after 103", "record 0 new"});
  CHECK(b.all.stats().lost == 0);
}

TEST_CASE("with a hold, a new boot that begins with a long message is told with its first slice") {
  bench b{reordering(500ms)};
  b.push(rec(5000, "t", 90'000'000));
  const auto packets = long_record(3, 1500);
  CHECK(b.push(packets[0]) == lines{"rebooted after 5000"});
  CHECK(b.push(packets[1]) == lines{"record 3 " + std::string(1500, 'A')});
  CHECK(b.push(rec(4)) == lines{"record 4 t"});
}

TEST_CASE("with a hold, a row begins with the first slice of its first message, and others wait for it") {
  for (const bool reboot : {false, true}) {
    bench b{reordering(500ms)};
    if (reboot) b.push(rec(5000, "t", 90'000'000));
    const auto packets = long_record(0, 1500);
    CHECK(b.push(packets[0]) == (reboot ? lines{"rebooted after 5000"} : lines{}));
    CHECK(b.push(rec(1)).empty());
    CHECK(b.push(packets[1]) == lines{"record 0 " + std::string(1500, 'A'), "record 1 t"});
    CHECK(b.push(rec(2)) == lines{"record 2 t"});
    CHECK(b.all.stats().lost == 0);
  }
  bench b{reordering(2s)};
  const auto packets = long_record(7, 1500);
  b.push(packets[0]);
  b.push(rec(8));
  b.push(rec(10));
  CHECK(b.pass(1s) == lines{"partial 7 975-1501", "record 8 t"});
  CHECK(b.pass(1s) == lines{"lost 9+1", "record 10 t"});
}

TEST_CASE("a long message that the kernel repeats has one more msgid, wherever its first copy is") {
  const auto slices = [](const std::string& notice, int msgid) {
    const auto body = "t\n msgid=" + std::to_string(msgid) + "\n";
    return lines{notice + "6,11,1011,-,ncfrag=0/13;" + body.substr(0, 6),
                 notice + "6,11,1011,-,ncfrag=6/13;" + body.substr(6)};
  };
  const auto first = slices("", 501), again = slices(std::string{replay_notice} + "\n", 502);
  for (const auto hold : {0ms, 500ms})
    for (const std::string way : {"delivered", "forgotten", "stopped midway", "held"}) {
      CAPTURE(hold.count(), way);
      bench b{reordering(hold)};
      b.push(rec(way == "held" ? 8 : 10, "t\n msgid=500"));
      b.push(first[0]);
      if (way != "stopped midway") b.push(first[1]);
      if (way == "forgotten")
        for (const auto& packet : long_record(11 + 64, 1500)) b.push(packet, other);
      for (const auto& packet : again) b.push(packet);
      b.push(rec(12, "t\n msgid=503"));
      b.pass(500ms);
      CHECK(b.all.stats().records + b.all.stats().late == (way == "forgotten" ? 4 : 3));
      CHECK(b.all.stats().lost == 0);
    }
}

TEST_CASE("with a hold, a record that the kernel repeats while it is held has one more msgid") {
  bench b{reordering(500ms)};
  b.push(rec(10, "t\n msgid=1"));
  b.push(rec(12, "t\n msgid=2"));
  CHECK(b.push(std::string{replay_notice} + "\n" + rec(12, "t\n msgid=3")) == lines{"duplicate 12 t"});
  CHECK(b.push(rec(13, "t\n msgid=4")).empty());
  CHECK(b.pass(500ms) == lines{"record 12 t", "record 13 t"});
  CHECK(b.all.stats().lost == 0);
}

TEST_CASE("with a hold, a record waits from its own arrival on, whatever left before it") {
  auto limits = reordering(500ms);
  limits.reorder_bytes = 800;
  bench b{limits};
  b.push(rec(1));
  b.push(rec(3));
  b.now += 400ms;
  lines left;
  for (std::uint64_t i = 5; left.empty(); i += 2) left = b.push(rec(i));
  CHECK(left == lines{"lost 2+1", "record 3 t"});
  CHECK(b.pass(100ms).empty());
  CHECK(b.all.deadline() == b.now + 400ms);
}

TEST_CASE("with a hold, a sender that is held is not silent") {
  bench b{reordering(5s)};
  b.push(rec(1));
  b.push(rec(3));
  CHECK(b.pass(5s) == lines{"lost 2+1", "record 3 t"});
  b.now += 9s;
  CHECK(b.push(rec(5)).empty());
  b.now += 2s;
  CHECK(b.push(rec(2)) == lines{"late 2 t"});
}

TEST_CASE(
    "whichever way its last packet took, a sender that just sent has not made five million records since") {
  const auto slices = long_record(2, 2000);
  const std::vector<std::vector<std::string>> ways{
      {rec(2)}, {slices[0]}, slices, {slices.back(), slices[1], slices[0]}, {"basic\n"}, {rec(3)}};
  for (const auto hold : {0ms, 500ms})
    for (const auto& packets : ways) {
      CAPTURE(hold.count(), packets);
      bench b{reordering(hold)};
      b.push(rec(1));
      b.now += 1h;
      for (const auto& packet : packets) b.push(packet);
      b.now += 100ms;
      const auto said = b.push(rec(5'000'000));
      CHECK(std::ranges::count_if(said, [](auto& line) { return line.starts_with("lost impossibly "); }) ==
            1);
    }
}

TEST_CASE("with a hold, a number in another half of all numbers releases what is held") {
  bench b{reordering(500ms)};
  b.push(rec(1));
  b.push(rec(3));
  const auto far = (std::uint64_t{1} << 63) + 5;
  CHECK(b.push(rec(far, "t", 2000)) == lines{"lost 2+1", "record 3 t",
                                             "lost impossibly " + std::to_string(far - 4),
                                             "record " + std::to_string(far) + " t"});
}

TEST_CASE("with a hold, far ahead means that the rest is lost") {
  bench b{reordering(500ms)};
  b.push(rec(1));
  b.push(rec(3));
  CHECK(b.push(rec(5000)) == lines{"lost 2+1", "record 3 t", "lost 4+4996", "record 5000 t"});
}

TEST_CASE("with a hold, bytes are bounded and the oldest goes first") {
  auto limits = reordering(1h);
  limits.reorder_bytes = 10'000;
  bench b{limits};
  b.push(rec(0));
  std::size_t delivered = 0;
  for (std::uint64_t i = 2; i < 2000; i += 2) delivered += b.push(rec(i, std::string(100, 'x'))).size();
  CHECK(delivered > 1800);
  CHECK(b.flush().size() > 10);
}

TEST_CASE("with a hold, what was held and has left takes no room") {
  auto limits = reordering(1h);
  limits.queued_bytes = 8192;
  bench b{limits};
  b.push(rec(0));
  for (std::uint64_t i = 2; i < 2000; i += 2) {
    CHECK(b.push(rec(i, std::string(100, 'x'))).empty());
    CHECK(b.push(rec(i - 1)).size() == 2);
  }
  CHECK(b.all.stats().lost == 0);
}

TEST_CASE("with a hold, what follows a record that went for want of room does not wait") {
  auto limits = reordering(500ms);
  limits.reorder_bytes = 2000;
  bench b{limits};
  b.push(rec(1));
  lines left;
  std::uint64_t next = 3;
  while (left.empty()) left = b.push(rec(next++));
  CHECK(left.size() == next - 2);
  CHECK(left[0] == "lost 2+1");
  CHECK(!b.all.deadline());
  CHECK(b.push(rec(next)) == lines{"record " + std::to_string(next) + " t"});
}

TEST_CASE("a record too large to be held is delivered at once, beside one that may be continued") {
  auto limits = reordering(1h);
  limits.reorder_bytes = 1;
  limits.join_continuations = true;
  bench b{limits};
  CHECK(b.push(rec(0)).empty());
  CHECK(b.push(rec(2)) == lines{"lost 1+1", "record 0 t"});
  CHECK(b.flush() == lines{"record 2 t"});
}

TEST_CASE("a notice of a replay waits for its line") {
  bench b;
  CHECK(b.push("** replaying previous printk message **\n").empty());
  CHECK(b.pass(500ms).empty());
  CHECK(b.push("[    1.0] x\n") == lines{"legacy [    1.0] x replayed"});
  b.push("** replaying previous printk message **\n");
  CHECK(b.pass(1s).empty());
  CHECK(!b.all.deadline());
  CHECK(b.push("[    1.0] x\n") == lines{"legacy [    1.0] x"});
}

TEST_CASE("what was held waits no longer for a continuation than from its arrival") {
  auto limits = reordering(500ms);
  limits.join_continuations = true;
  bench b{limits};
  b.push(rec(0));
  b.push(rec(2));
  CHECK(b.pass(1h) == lines{"lost 1+1", "record 0 t", "record 2 t"});
  CHECK(!b.all.deadline());
}

TEST_CASE("a negative time is none") {
  collector::limits limits;
  limits.line_age = limits.fragments.age = -1s;
  bench b{limits};
  b.push("unfinished");
  CHECK(b.all.deadline() == b.now);
  CHECK(b.pass(0s).size() == 1);
  b.push(long_record(6, 1500)[0]);
  CHECK(b.all.deadline() == b.now);
}

TEST_CASE("what waits for ever has the end of time as its deadline") {
  collector::limits limits;
  limits.line_age = limits.fragments.age = std::chrono::nanoseconds::max();
  bench line{limits};
  line.push("unfinished");
  CHECK(line.all.deadline() == time_point::max());
  bench slice{limits};
  slice.push(long_record(6, 1500)[0]);
  CHECK(slice.all.deadline() == time_point::max());
  bench over;
  over.push("unfinished");
  over.all.expire(time_point::max(), over.log);
  CHECK(over.log.take() == lines{"legacy unfinished unfinished"});
  CHECK(!over.all.deadline());
}

TEST_CASE("continuations are joined on request, of the same caller only") {
  collector::limits limits;
  limits.join_continuations = true;
  bench b{limits};
  CHECK(b.push("6,1,1,-,caller=T1;one \n k=v\n").empty());
  CHECK(b.push("6,2,2,c,caller=T1;two \n").empty());
  CHECK(b.push("6,3,3,c,caller=T1;three\n").empty());
  CHECK(b.push("6,4,4,c,caller=T2;four\n") == lines{"record 1 one two three"});
  CHECK(b.push("6,5,5,-;five\n") == lines{"record 4 four"});
  CHECK(b.pass(100ms) == lines{"record 5 five"});
  CHECK(b.push("6,6,6,-;six\n").empty());
  CHECK(b.push("legacy\n") == lines{"record 6 six", "legacy legacy"});

  bench old{limits};  // before 4.10: 'c' begins, '+' continues
  old.push("6,1,1,c;a");
  old.push("6,2,2,+;b");
  CHECK(old.push("6,3,3,c;c") == lines{"record 1 ab"});
  CHECK(old.flush() == lines{"record 3 c"});

  bench sliced{limits};
  sliced.push("6,1,1,-;one");
  sliced.push("6,2,2,c,ncfrag=0/4;ab");
  sliced.push("6,2,2,c,ncfrag=1/4;Xcd");
  CHECK(sliced.flush() == lines{"record 1 oneabcd conflict"});

  bench off;
  CHECK(off.push("6,1,1,-;one") == lines{"record 1 one"});
  CHECK(off.push("6,2,2,c;two") == lines{"record 2 two"});
}

TEST_CASE("the least recently active sender is forgotten, with all it had, and told") {
  collector::limits limits;
  limits.senders = 3;
  bench b{limits};
  const auto from = [](std::uint16_t number) { return endpoint{box.address, port{number}}; };
  b.push(rec(1), from(1));
  b.push("unfinished", from(2));
  b.push(long_record(7, 1500)[0], from(3));
  b.push(rec(2), from(1));
  CHECK(b.push(rec(1), from(4)) ==
        lines{"legacy unfinished unfinished", "forgotten 10.0.0.1:2", "record 1 t"});
  CHECK(b.push(rec(1), from(5)) == lines{"partial 7 975-1501", "forgotten 10.0.0.1:3", "record 1 t"});
  CHECK(b.push(rec(3), from(1)) == lines{"record 3 t"});
  CHECK(b.all.senders() == 3);
  CHECK(b.all.stats().forgotten == 2);
}

TEST_CASE("a record held back for longer than a network can is of a new boot") {
  bench b;
  b.push(rec(100));
  b.push(rec(102));
  b.now += 11s;
  CHECK(b.push(rec(101)) == lines{"rebooted after 102", "record 101 t"});
}

TEST_CASE("what the first record overtook is late, and a gap behind it is told") {
  for (const auto hold : {0ms, 50ms}) {
    bench b{reordering(hold)};
    CHECK(b.push(rec(103)) == lines{"record 103 t"});
    CHECK(b.push(rec(100)) == lines{"lost 101+2", "late 100 t"});
    CHECK(b.all.stats().lost == 2);
    CHECK(b.push(rec(102)) == lines{"late 102 t"});
    CHECK(b.push(rec(101)) == lines{"late 101 t"});
    CHECK(b.all.stats().lost == 0);
    CHECK(b.push(rec(99)) == lines{"late 99 t"});
    CHECK(b.push(rec(104)) == lines{"record 104 t"});
    CHECK(b.all.stats().lost == 0);
    CHECK(b.all.stats().rebooted == 0);
  }
}

TEST_CASE("with a hold, a message given up far behind the others begins no boot") {
  bench b{reordering(50ms)};
  b.push(rec(100));
  b.push(long_record(101, 1500)[0]);
  b.push(rec(102));
  CHECK(b.pass(50ms) == lines{"lost 101+1", "record 102 t"});
  for (std::uint64_t i = 103; i < 3000; ++i)
    CHECK(b.push(rec(i)) == lines{"record " + std::to_string(i) + " t"});
  CHECK(b.all.stats().lost == 1);
  CHECK(b.pass(1s) == lines{"partial 101 973-1501"});
  CHECK(b.all.stats().lost == 0);
  CHECK(b.push(rec(3000)) == lines{"record 3000 t"});

  // Of a new boot it is the first.
  b.now += 20s;
  CHECK(b.push(long_record(0, 1500)[0]) == lines{"rebooted after 3000"});
  CHECK(b.pass(1s) == lines{"partial 0 975-1501"});
}

TEST_CASE("the same messages in any order of packets: every record once, and the missing ones told") {
  std::mt19937 random{7};
  for (int round = 0; round < 200; ++round) {
    collector::limits limits;
    if (round % 2 == 1) limits.reorder = 1s;
    bench b{limits};
    struct sent {
      std::uint64_t sequence;
      std::string packet;
    };
    std::vector<sent> row;
    b.push(rec(99));
    for (std::uint64_t i = 100; i < 130; ++i) {
      if (random() % 3 == 0) {
        for (auto& packet : long_record(i, 1000 + random() % 3000)) row.push_back({i, std::move(packet)});
      } else {
        row.push_back({i, rec(i)});
      }
    }
    // Neighbours change places, some packets come twice, some not at all.
    for (std::size_t i = 0; i + 4 < row.size(); ++i) std::swap(row[i], row[i + random() % 4]);
    std::array<std::size_t, 30> sent_packets{}, wanted{};
    for (const auto& packet : row) ++wanted[packet.sequence - 100];
    lines got;
    for (const auto& packet : row) {
      if (random() % 20 == 0) continue;
      ++sent_packets[packet.sequence - 100];
      for (auto& line : b.push(packet.packet)) got.push_back(std::move(line));
      if (random() % 10 == 0)
        for (auto& line : b.push(packet.packet)) CHECK(line.starts_with("duplicate"));
    }
    for (auto& line : b.flush()) got.push_back(std::move(line));
    std::array<int, 30> records{}, partials{};
    for (const auto& line : got) {
      const auto space = line.find(' ');
      const auto kind = line.substr(0, space);
      CAPTURE(line);
      REQUIRE((kind == "record" || kind == "late" || kind == "partial" || kind == "lost"));
      const auto sequence = std::stoull(line.substr(space + 1));
      if (kind != "lost") ++(kind == "partial" ? partials : records)[sequence - 100];
    }
    for (std::size_t i = 0; i < 30; ++i) {
      CHECK(records[i] == (sent_packets[i] == wanted[i] ? 1 : 0));
      CHECK(partials[i] == (sent_packets[i] != 0 && sent_packets[i] != wanted[i] ? 1 : 0));
    }
    std::uint64_t nothing_came = 0;
    std::size_t last = 0;
    for (std::size_t i = 0; i < 30; ++i)
      if (sent_packets[i] != 0) last = i;
    for (std::size_t i = 0; i < last; ++i) nothing_came += sent_packets[i] == 0 ? 1 : 0;
    CHECK(b.all.stats().lost == nothing_came);
  }
}

TEST_CASE("a clock that jumps through the centuries, as that of a capture may, lets all that waits come") {
  constexpr std::chrono::nanoseconds far = last_wall_time.time_since_epoch();
  bench b;
  b.now = time_point{} - far;
  CHECK(b.push(rec(5)) == lines{"record 5 t"});
  CHECK(b.push(rec(8)) == lines{"lost 6+2", "record 8 t"});
  CHECK(b.push(long_record(9, 1500)[0]).empty());
  b.now = time_point{} + far;
  CHECK(b.pass(0ns).size() == 1);
  CHECK_FALSE(b.all.deadline());
  const auto got = b.push(rec(6));  // after so long it is no late one
  CHECK(got.front().starts_with("rebooted"));
}
