// SPDX-License-Identifier: MIT
// What the numbers of records prove: that all of a crash came, or which part of it did not.
#include <netcon/crash/detector.hpp>
#include <netcon/receive/collector.hpp>

#include "support/catch.hpp"

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using netcon::crash::completeness;
using netcon::crash::missing_range;
using numbers = std::vector<std::uint64_t>;
using ranges_of_numbers = std::vector<missing_range>;

/// The first lines of crashes, as three ways of beginning. The first one says all, the others may be second
/// lines, of which the first one came before.
constexpr std::string_view whole_opening =
    "WARNING: CPU: 1 PID: 12 at drivers/heron.c:12 heron_poll+0x1/0x20";

/// A detector of one sender, whose reports are kept.
struct numbered_sender {
  netcon::crash::basic_detector<int> detector;
  std::vector<netcon::crash::report> reports;
  netcon::time_point now{};

  numbered_sender() = default;
  explicit numbered_sender(const netcon::crash::limits& bounds) : detector{bounds} {}

  template <class Event>
  void operator()(const Event& event) {
    if constexpr (requires { event.report; }) reports.push_back(event.report);
  }
  void say(std::uint64_t number, std::string_view text = "pond: ripples") {
    detector.push(1, {.text = text, .sequence = number}, now, *this);
  }
  void say_all(const numbers& all) {
    for (const auto number : all) say(number);
  }
  /// A crash whose first record has that number; the number behind its last one.
  std::uint64_t crash(std::uint64_t number, std::string_view first = whole_opening) {
    for (const std::string_view text :
         {first, std::string_view{"RIP: 0010:heron_poll+0x1/0x20"}, std::string_view{"Call Trace:"},
          std::string_view{" vfs_poll+0x1/0x20"}, std::string_view{"---[ end trace 0000000000000000 ]---"}})
      say(number++, text);
    return number;
  }
  netcon::crash::report last() {
    detector.flush(*this);
    REQUIRE(!reports.empty());
    return reports.back();
  }
};

/// The report of a crash that begins with the number behind these of ordinary records.
netcon::crash::report crash_behind(const numbers& before, std::uint64_t first) {
  numbered_sender out;
  out.say_all(before);
  out.crash(first);
  return out.last();
}

}  // namespace

TEST_CASE("a gap before a crash counts until its last record came, in whatever order") {
  struct row {
    numbers before;
    ranges_of_numbers missing;
  };
  for (const auto& one : std::initializer_list<row>{{{100, 101, 102, 103, 104}, {}},
                                                    {{100, 104}, {{101, 104}}},
                                                    {{100, 104, 101}, {{102, 104}}},
                                                    {{100, 104, 103}, {{101, 103}}},
                                                    {{100, 104, 101, 103}, {{102, 103}}},
                                                    {{100, 104, 101, 102, 103}, {}},
                                                    {{100, 104, 103, 102, 101}, {}},
                                                    {{100, 104, 101, 103, 102}, {}},
                                                    {{100, 104, 103, 101, 102}, {}},
                                                    {{100, 104, 102, 103, 101}, {}},
                                                    {{100, 104, 102, 101, 103}, {}},
                                                    {{100, 104, 102}, {{101, 102}, {103, 104}}},
                                                    {{100, 102, 104, 103}, {{101, 102}}},
                                                    {{100, 103, 104, 99, 100}, {{101, 103}}},
                                                    {{100, 101, 101, 103, 104}, {{102, 103}}}}) {
    CAPTURE(one.before);
    const auto got = crash_behind(one.before, 105);
    CHECK(got.missing == one.missing);
    CHECK(got.complete == (one.missing.empty() ? completeness::complete : completeness::incomplete));
  }
}

TEST_CASE("a gap so many records before a crash has nothing of it") {
  netcon::crash::limits bounds;
  bounds.doubtful_records = 10;
  for (const std::uint64_t between : {0u, 1u, 9u, 10u, 11u}) {
    CAPTURE(between);
    numbered_sender out{bounds};
    out.say_all({100, 101});
    std::uint64_t number = 200;
    for (std::uint64_t i = 0; i < between; ++i) out.say(number++);
    out.crash(number);
    CHECK(out.last().missing.empty() == (between >= 10));
  }
}

TEST_CASE("what came before the first record of a sender is not known") {
  struct row {
    std::string_view first;
    std::uint64_t records;  // before it, for its beginning to be certain
  };
  netcon::crash::limits bounds;
  bounds.doubtful_records = 10;
  for (const auto& one :
       {row{whole_opening, 2}, row{"kernel BUG at drivers/heron.c:12!", 2}, row{"Oops: 0002 [#1] SMP", 10},
        row{"divide error: 0000 [#1] SMP", 10}, row{"Kernel panic - not syncing: dry", 10}}) {
    for (const std::uint64_t start : {1u, 5000u})
      for (std::uint64_t records = 0; records <= 11; ++records) {
        CAPTURE(one.first, start, records);
        numbered_sender out{bounds};
        for (std::uint64_t i = 0; i < records; ++i) out.say(start + i);
        out.crash(start + records, one.first);
        CHECK(out.last().complete ==
              (records < one.records ? completeness::unknown : completeness::complete));
      }
    // Nothing comes before record 0 of a boot.
    numbered_sender out{bounds};
    out.crash(0, one.first);
    CHECK(out.last().complete == completeness::complete);
  }
}

TEST_CASE("a crash whose first record came late is judged by the records around it") {
  // Before the first record that came: what else was sent then is not known.
  numbered_sender early;
  early.say(100);
  early.say(99, whole_opening);
  early.crash(101, "RIP: 0010:heron_poll+0x1/0x20");
  CHECK(early.last().complete == completeness::unknown);
  // Within a gap: the rest of the gap is missing until it comes.
  numbered_sender late;
  late.say_all({98, 99, 100, 105});
  late.say(103, whole_opening);
  late.say(104, "RIP: 0010:heron_poll+0x1/0x20");
  late.crash(106, "Call Trace:");
  CHECK(late.last().missing == ranges_of_numbers{{101, 103}});
}

TEST_CASE("a line without a number says nothing of the numbers") {
  numbered_sender out;
  const auto say = [&](std::string_view text) { out.detector.push(1, {.text = text}, out.now, out); };
  say("pond: ripples");
  out.crash(5000);
  auto got = out.last();
  CHECK(got.missing.empty());
  CHECK(got.complete == completeness::unknown);  // of what came before
  out.say(5005);
  say("pond: ripples");
  out.say_all({5006, 5007});
  say("pond: ripples");
  out.crash(5008);
  CHECK(out.last().complete == completeness::complete);
}

TEST_CASE("a boot begins the numbers anew") {
  numbered_sender out;
  out.say_all({100, 101, 500});
  out.detector.lost(1);
  out.detector.rebooted(1, out);
  out.say_all({0, 1, 2});
  const auto end = out.crash(3);
  CHECK(out.last().complete == completeness::complete);
  CHECK(out.last().before.size() == 3);
  out.say(end + 7);
  out.crash(end + 8);
  CHECK(out.last().missing == ranges_of_numbers{{end, end + 7}});
}

TEST_CASE("a crash with known losses within or before it is incomplete") {
  netcon::crash::limits bounds;
  bounds.doubtful_records = 10;
  // Within.
  numbered_sender within{bounds};
  within.say_all({100, 101, 102});
  within.say(103, whole_opening);
  within.detector.lost(1);
  within.crash(104, "RIP: 0010:heron_poll+0x1/0x20");
  CHECK(within.last().complete == completeness::incomplete);
  CHECK(within.last().doubt == netcon::crash::doubt::lost);
  // Before: which number it was is not known.
  for (const std::uint64_t between : {0u, 1u, 9u, 10u, 11u}) {
    CAPTURE(between);
    numbered_sender out{bounds};
    out.say_all({100, 101, 102});
    out.detector.lost(1);
    std::uint64_t number = 103;
    for (std::uint64_t i = 0; i < between; ++i) out.say(number++);
    out.crash(number);
    const auto got = out.last();
    CHECK(got.complete == (between < 10 ? completeness::incomplete : completeness::complete));
    CHECK(got.doubt == netcon::crash::doubt::none);
  }
}

TEST_CASE("a loss before the first number of a boot counts for the first records") {
  netcon::crash::limits bounds;
  bounds.doubtful_records = 10;
  for (const std::uint64_t first : {3u, 10u, 11u, 12u}) {
    CAPTURE(first);
    numbered_sender out{bounds};
    out.say(500);
    out.detector.rebooted(1, out);
    out.detector.lost(1);
    for (std::uint64_t i = 0; i < first; ++i) out.say(i);
    out.crash(first);
    CHECK(out.last().complete == (first <= 10 ? completeness::incomplete : completeness::complete));
  }
}

TEST_CASE("the numbers of a fault that may be a program's count from its first line on") {
  constexpr std::string_view fault = "Unhandled fault: alignment exception (0x001) at 0x00508ae4",
                             proof = "PC is at heron_open+0x1/0x20";
  struct row {
    numbers before, between;
    bool loss;
    ranges_of_numbers missing;
    completeness wanted;
  };
  for (const auto& one :
       std::initializer_list<row>{{{1, 2, 3}, {}, false, {}, completeness::unknown},
                                  {{1, 2, 3}, {}, true, {}, completeness::incomplete},
                                  {{1, 2}, {}, false, {{3, 4}}, completeness::incomplete},
                                  {{1, 2, 3}, {6}, false, {{5, 6}}, completeness::incomplete},
                                  {{1, 2}, {6, 3}, false, {{5, 6}}, completeness::incomplete}}) {
    CAPTURE(one.before, one.between);
    numbered_sender out;
    out.say_all(one.before);
    out.say(4, fault);
    out.say_all(one.between);
    if (one.loss) out.detector.lost(1);
    const std::uint64_t last = one.between.empty() ? 5 : 7;
    out.say(last, proof);
    out.say(last + 1, "Call trace:");
    const auto got = out.last();
    CHECK(got.missing == one.missing);
    CHECK(name(got.complete) == name(one.wanted));
  }
}

TEST_CASE("a gap stays one when a loss is known behind it") {
  numbered_sender out;
  out.say_all({100, 101, 110});
  out.detector.lost(1);
  out.crash(111);
  CHECK(out.last().missing == ranges_of_numbers{{102, 110}});
}

TEST_CASE("the highest number there is leaves those that came where they are") {
  constexpr auto highest = std::numeric_limits<std::uint64_t>::max();
  numbered_sender sender;
  sender.say_all({0, 1, 2});
  sender.say(3, whole_opening);
  sender.say_all({highest, 4});
  CHECK(sender.last().missing == ranges_of_numbers{{5, highest}});
}

TEST_CASE("a crash of which a line is cut is incomplete, with numbers and without") {
  for (const auto numbered : {true, false})
    for (const auto whole : {true, false}) {
      CAPTURE(numbered, whole);
      numbered_sender out;
      for (std::uint64_t i = 0; i < 3; ++i) out.say(i);
      const auto push = [&](std::uint64_t number, std::string_view text, bool all) {
        out.detector.push(1,
                          {.text = text,
                           .sequence = numbered ? std::optional{number} : std::optional<std::uint64_t>{},
                           .whole = all},
                          out.now, out);
      };
      push(3, whole_opening, true);
      push(4, "RIP: 0010:heron_poll+0x1/0x20", whole);
      push(5, "Call Trace:", true);
      push(6, " vfs_poll+0x1/0x20", true);
      push(7, "---[ end trace 0000000000000000 ]---", true);
      CHECK(out.last().complete == (!whole     ? completeness::incomplete
                                    : numbered ? completeness::complete
                                               : completeness::unknown));
    }
}

TEST_CASE("a report over a limit is incomplete") {
  netcon::crash::limits bounds;
  bounds.lines = 4;
  numbered_sender out{bounds};
  out.say_all({0, 1, 2});
  out.crash(3);
  CHECK(out.last().cut_lines == 1);
  CHECK(out.last().complete == completeness::incomplete);
}

TEST_CASE("a crash is complete only with a sign that no line of it comes later") {
  struct row {
    std::vector<std::string_view> lines;
    completeness wanted;
  };
  const std::string_view rip = "RIP: 0010:heron_poll+0x1/0x20",
                         heading = "Call Trace:", frame = " vfs_poll+0x1/0x20",
                         bottom = " entry_SYSCALL_64_after_hwframe+0x1/0x2",
                         end = "---[ end trace 0000000000000000 ]---", other = "pond: ripples",
                         stuck = "unregister_netdevice: waiting for eth0 to become free. Usage count = 2";
  const std::string_view kasan = "BUG: KASAN: slab-use-after-free in heron_poll+0x12/0x40",
                         access = "Read of size 8 at addr ffff888012345678 by task otter/4078",
                         rule = "==================================================================";
  for (const auto& one : std::initializer_list<row>{
           {{whole_opening, rip, heading, frame}, completeness::unknown},
           {{whole_opening, rip, heading, frame, other}, completeness::unknown},
           {{whole_opening, rip, heading, frame, bottom}, completeness::complete},
           {{whole_opening, rip, heading, frame, end}, completeness::complete},
           {{whole_opening, rip, heading, " <TASK>", frame, " </TASK>"}, completeness::complete},
           // Its end came, but not the trace: nothing was lost, so there was none.
           {{whole_opening, rip, end}, completeness::complete},
           {{whole_opening, rip, heading, bottom, "Freed by task 12:", other}, completeness::unknown},
           {{kasan, access, heading, frame}, completeness::unknown},
           {{kasan, access, heading, frame, rule}, completeness::complete},
           // Reports without a trace.
           {{stuck}, completeness::unknown},
           {{stuck, other}, completeness::complete},
           {{stuck, stuck}, completeness::unknown},
           {{stuck, stuck, other}, completeness::complete}}) {
    CAPTURE(one.lines);
    numbered_sender out;
    out.say_all({0, 1, 2});
    std::uint64_t number = 3;
    for (const auto text : one.lines) out.say(number++, text);
    const auto got = out.last();
    CHECK(name(got.complete) == name(one.wanted));
  }
  // What came late is not behind the end.
  numbered_sender out;
  out.say_all({0, 1, 2});
  out.say(4, stuck);
  out.say(3);
  CHECK(out.last().complete != completeness::complete);
  out.say_all({5, 6, 7});
  out.say(8, stuck);
  out.say(10, stuck);
  out.say(9, stuck);
  CHECK(out.last().complete == completeness::unknown);
}

TEST_CASE("a gap in many is not forgotten while it may hold the beginning of a crash") {
  netcon::crash::limits bounds;
  bounds.doubtful_records = 100;
  numbered_sender out{bounds};
  numbers all;
  for (std::uint64_t number = 1; number < 1000; number += 2) all.push_back(number);
  out.say_all(all);
  const auto gaps = [&](std::uint64_t first) {
    out.crash(first);
    return out.last().missing;
  };
  const auto got = gaps(1000);
  REQUIRE(!got.empty());
  CHECK(got.front() == missing_range{900, 901});
  CHECK(got.back() == missing_range{998, 999});
  CHECK(got.size() == 50);
}

namespace {

/// A machine whose packets pass a collector, and whose reports are kept.
struct heard_machine {
  const netcon::endpoint address{netcon::ipv4_address{10, 0, 0, 1}, *netcon::port::parse("6665")};
  netcon::crash::detector detector;
  std::vector<netcon::crash::report> reports;

  template <class Event>
  void operator()(const Event& event) {
    if constexpr (requires { event.report; }) reports.push_back(event.report);
  }
  auto observe() {
    return [this](const auto& event) {
      detector.observe(event.sender, event, netcon::time_point{}, std::nullopt, *this);
    };
  }
  void send(netcon::collector& through, std::string_view packet) {
    through.push(address, packet, netcon::time_point{}, observe());
  }
};

}  // namespace

TEST_CASE("numbers between a record and the one with the next msgid were never sent") {
  struct record {
    std::uint64_t number;
    std::optional<std::uint32_t> msgid;
  };
  struct row {
    std::vector<record> before;
    ranges_of_numbers missing;
  };
  const auto none = std::nullopt;
  for (const auto& one : std::initializer_list<row>{
           {{{10, 7}, {15, 8}}, {}},
           {{{10, 7}, {15, 9}}, {{11, 15}}},
           {{{10, 7}, {15, 7}}, {{11, 15}}},
           {{{10, 0xffffffff}, {15, 0}}, {}},
           {{{10, 0xffffffff}, {15, 1}}, {{11, 15}}},
           // The first one proves nothing, nor one that does not stand behind the record before it.
           {{{10, none}, {15, 1}}, {{11, 15}}},
           {{{0, none}, {5, 1}}, {{1, 5}}},
           {{{10, 7}, {12, none}, {15, 8}}, {{11, 12}, {13, 15}}},
           {{{10, 7}, {11, none}, {15, 8}}, {{12, 15}}},
           {{{10, 7}, {15, 8}, {20, 9}}, {}},
           {{{10, 7}, {15, 8}, {20, 10}}, {{16, 20}}}}) {
    for (const bool within : {false, true}) {
      heard_machine machine;
      netcon::collector collector;
      const auto send = [&](const record& of, std::string_view text) {
        auto packet = "4," + std::to_string(of.number) + "," + std::to_string(of.number * 100) + ",-;";
        packet.append(text).append("\n");
        if (of.msgid) packet += " msgid=" + std::to_string(*of.msgid) + "\n";
        machine.send(collector, packet);
      };
      std::string_view text = within ? whole_opening : "pond: ripples";
      for (const auto& each : one.before) {
        send(each, text);
        text = "pond: ripples";
      }
      const auto& last = one.before.back();
      if (!within) send({last.number + 1, last.msgid ? std::optional{*last.msgid + 1} : none}, whole_opening);
      collector.flush(machine.observe());
      machine.detector.flush(machine);
      CAPTURE(within, one.before.front().number, one.before.back().msgid.value_or(0));
      REQUIRE(machine.reports.size() == 1);
      CHECK(machine.reports[0].missing == one.missing);
    }
  }
}

TEST_CASE("a msgid of the boot before proves nothing") {
  heard_machine machine;
  netcon::collector first, second;
  const auto send = [&](netcon::collector& through, std::string_view packet) {
    machine.send(through, packet);
    through.flush(machine.observe());
  };
  send(first, "4,5,500,-;pond: ripples\n msgid=7\n");
  machine.detector.rebooted(machine.address, machine);
  send(second, "4,5,500,-;pond: ripples\n");
  send(second, "4,9,900,-;WARNING: CPU: 1 PID: 12 at drivers/heron.c:12 heron_poll+0x1/0x20\n msgid=8\n");
  machine.detector.flush(machine);
  REQUIRE(machine.reports.size() == 1);
  CHECK(machine.reports[0].missing == ranges_of_numbers{{6, 9}});
}
