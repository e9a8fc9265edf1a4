// SPDX-License-Identifier: MIT
// What a detector keeps of many senders, when it lets go of it, and what it counts.
#include <netcon/crash/detector.hpp>
#include <netcon/crash/limits.hpp>
#include <netcon/crash/report.hpp>
#include <netcon/receive/collector.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using netcon::crash::completeness;
using netcon::crash::doubt;
using netcon::crash::report;
using netcon::event::basic_crash;
using netcon::event::basic_crash_begun;

const std::string kernel_bug = "kernel BUG at lake/pond.c:12!";
const std::string needs_proof = "Unhandled fault: external abort on non-linefetch (0x1008) at 0xb6f2a000";

/// A detector of senders that are numbers, and what it said.
struct watched_numbers {
  netcon::crash::basic_detector<int> detector;
  std::vector<report> reports;
  std::vector<int> begun, ended;  // whose
  netcon::time_point now{};

  explicit watched_numbers(const netcon::crash::limits& bounds = {}) : detector{bounds} {}

  void operator()(const basic_crash_begun<int>& e) { begun.push_back(e.sender); }
  void operator()(const basic_crash<int>& e) {
    ended.push_back(e.sender);
    reports.push_back(e.report);
  }
  void push(int from, std::string_view text) { detector.push(from, {.text = text}, now, *this); }
};

/// All ways in which a crash ends.
struct way_to_end {
  std::string_view name;
  std::function<void(watched_numbers&)> end;  // all that the senders 1 and 2 began
};

std::vector<way_to_end> ways_to_end() {
  return {
      {"silence",
       [](watched_numbers& all) { all.detector.expire(all.now += netcon::crash::limits{}.silence, all); }},
      {"the end of the run", [](watched_numbers& all) { all.detector.flush(all); }},
      {"a boot",
       [](watched_numbers& all) {
         all.detector.rebooted(1, all);
         all.detector.rebooted(2, all);
       }},
      {"the end of a panic",
       [](watched_numbers& all) {
         all.push(1, "---[ end Kernel panic - not syncing: Fatal exception ]---");
         all.push(2, "Rebooting in 10 seconds..");
       }},
      {"other senders, of which there are too many",
       [](watched_numbers& all) {
         all.push(3, "otter: swims");
         all.push(4, "otter: swims");
       }},
  };
}

netcon::crash::limits two_senders() {
  netcon::crash::limits out;
  out.senders = 2;
  return out;
}

const netcon::endpoint lake{netcon::ipv4_address{10, 0, 0, 1}, *netcon::port::parse("6665")};

/// What a detector says of packets.
struct watched_packets {
  netcon::crash::detector detector;
  netcon::collector collector;
  std::vector<report> reports;
  netcon::crash::optional_time time;

  void operator()(const basic_crash_begun<netcon::endpoint>&) {}
  void operator()(const basic_crash<netcon::endpoint>& e) { reports.push_back(e.report); }

  auto observe() {
    return [this](const auto& event) { detector.observe(event.sender, event, {}, time, *this); };
  }
  void push(std::string_view packet) { collector.push(lake, packet, {}, observe()); }
  const std::vector<report>& finish() {
    collector.flush(observe());
    detector.flush(*this);
    return reports;
  }
};

}  // namespace

TEST_CASE("however a crash ends, its sender and its detector are idle, and both are counted") {
  for (const auto& way : ways_to_end()) {
    CAPTURE(way.name);
    watched_numbers all{two_senders()};
    CHECK(all.detector.is_idle());
    for (const int from : {1, 2}) {
      all.push(from, "otter: swims");
      CHECK_FALSE(all.detector.is_crashing(from));
      all.push(from, kernel_bug);
      CHECK(all.detector.is_crashing(from));
      CHECK_FALSE(all.detector.is_idle());
      CHECK(all.detector.deadline());
    }
    CHECK_FALSE(all.detector.is_crashing(3));
    CHECK(all.begun == std::vector{1, 2});
    CHECK(all.detector.stats().begun == 2);
    CHECK(all.detector.stats().ended == 0);
    way.end(all);
    CHECK(all.detector.stats().begun == 2);
    CHECK(all.detector.stats().ended == 2);
    CHECK(std::set<int>(all.ended.begin(), all.ended.end()) == std::set{1, 2});
    CHECK(all.detector.is_idle());
    CHECK_FALSE(all.detector.is_crashing(1));
    CHECK_FALSE(all.detector.is_crashing(2));
    CHECK_FALSE(all.detector.deadline());
    all.detector.flush(all);
    CHECK(all.reports.size() == 2);
  }
}

TEST_CASE("a detector is idle when the last of its senders is") {
  watched_numbers all;
  for (const int from : {1, 2, 3}) all.push(from, kernel_bug);
  for (const int from : {2, 1, 3}) {
    CHECK_FALSE(all.detector.is_idle());
    CHECK(all.detector.is_crashing(from));
    all.detector.rebooted(from, all);
    CHECK_FALSE(all.detector.is_crashing(from));
  }
  CHECK(all.detector.is_idle());
  CHECK(all.ended == std::vector{2, 1, 3});
}

TEST_CASE("a line that waits for its proof is watched, but no crash: nothing tells of its end") {
  for (const auto& way : ways_to_end()) {
    CAPTURE(way.name);
    watched_numbers all{two_senders()};
    for (const int from : {1, 2}) all.push(from, needs_proof);
    CHECK(all.begun.empty());
    CHECK(all.detector.is_crashing(1));
    CHECK_FALSE(all.detector.is_idle());
    CHECK_FALSE(all.detector.deadline());
    way.end(all);
    all.detector.expire(all.now += netcon::crash::limits{}.silence, all);
    CHECK(all.detector.is_idle());
    CHECK_FALSE(all.detector.is_crashing(1));
    CHECK(all.reports.empty());
    CHECK(all.detector.stats().begun == 0);
  }
}

TEST_CASE("however a crash ends, the room of its lines is free again") {
  auto bounds = two_senders();
  bounds.all_bytes = 20'000;
  for (const auto& way : ways_to_end()) {
    CAPTURE(way.name);
    watched_numbers all{bounds};
    for (int round = 0; round < 10; ++round) {
      for (const int from : {1, 2}) {
        all.push(from, kernel_bug);
        for (int i = 0; i < 4; ++i) all.push(from, " pond_get+0x1/0x2 " + std::string(1500, ' '));
      }
      way.end(all);
      all.now += 1h;
    }
    REQUIRE(all.reports.size() == 20);
    for (const auto& one : all.reports) {
      CHECK(one.cut_lines == 0);
      CHECK(one.text.size() >= 5);
    }
  }
}

TEST_CASE("a first line has all the room that there is") {
  for (const std::size_t lacks : {0u, 1u}) {
    netcon::crash::limits bounds;
    bounds.all_bytes = kernel_bug.size() - lacks;
    watched_numbers all{bounds};
    all.push(1, kernel_bug);
    all.detector.flush(all);
    REQUIRE(all.reports.size() == 1);
    CHECK(all.reports[0].cut_lines == lacks);
    CHECK(all.reports[0].text.size() == 1 - lacks);
  }
}

TEST_CASE("the room of all crashes is one: what one has the next one lacks, and no byte more") {
  netcon::crash::limits bounds;
  bounds.all_bytes = 20'000;
  const std::string line = " pond_get+0x1/0x2 " + std::string(982, ' ');
  for (const int lines_of_first : {0, 5, 10, 19}) {
    CAPTURE(lines_of_first);
    watched_numbers all{bounds};
    std::size_t taken = 0;
    for (const int from : {1, 2, 3}) all.push(from, kernel_bug);
    for (int i = 0; i < lines_of_first; ++i) all.push(1, line);
    for (int i = 0; i < 30; ++i) all.push(2, line);
    all.detector.flush(all);
    for (const auto& one : all.reports)
      for (const auto& text : one.text) taken += text.size();
    CHECK(taken <= bounds.all_bytes);
    CHECK(taken > bounds.all_bytes - 3'500);  // a line's place costs too
    CHECK(std::uint64_t(lines_of_first) + 33 == all.reports[0].text.size() + all.reports[1].text.size() +
                                                    all.reports[2].text.size() + all.reports[0].cut_lines +
                                                    all.reports[1].cut_lines + all.reports[2].cut_lines);
  }
}

TEST_CASE("a deadline is that of the sender that is due first, whoever sent last") {
  const auto silence = netcon::crash::limits{}.silence;
  for (const auto& order : {std::vector{1, 2, 3}, std::vector{3, 1, 2}, std::vector{2, 3, 1}}) {
    watched_numbers all;
    std::vector<netcon::time_point> due;
    for (const int from : order) {
      all.push(from, kernel_bug);
      due.push_back(all.now + silence);
      all.now += 1s;
    }
    // A line of another crash's sender moves it to the front, and is none of its crash.
    all.push(order.front(), "otter: swims");
    all.push(4, "otter: swims");
    for (std::size_t i = 0; i < 3; ++i) {
      REQUIRE(all.detector.deadline() == due[i]);
      all.detector.expire(due[i] - 1ns, all);
      CHECK(all.ended.size() == i);
      all.detector.expire(due[i], all);
      REQUIRE(all.ended.size() == i + 1);
      CHECK(all.ended.back() == order[i]);
    }
    CHECK_FALSE(all.detector.deadline());
  }
}

TEST_CASE("the sender silent for longest is forgotten, and is a new one when it sends again") {
  watched_numbers all{two_senders()};
  all.push(1, "otter: of sender 1");
  all.push(2, kernel_bug);
  all.push(1, "otter: again");  // 2 is the older one now
  CHECK(all.detector.stats().forgotten == 0);
  all.push(3, "otter: swims");
  CHECK(all.detector.stats().forgotten == 1);
  CHECK(all.ended == std::vector{2});
  for (int round = 0; round < 3; ++round)
    for (const int from : {1, 2, 3}) all.push(from, "otter: swims");
  all.push(1, kernel_bug);
  all.push(2, kernel_bug);
  CHECK(all.detector.is_crashing(1));
  CHECK(all.detector.is_crashing(2));
  all.detector.flush(all);
  REQUIRE(all.reports.size() == 3);
  CHECK(all.reports[1].before.empty());
  CHECK(all.detector.stats().forgotten == 11);
  CHECK(all.detector.stats().ended == 3);
}

TEST_CASE("a boot, a loss and the silence of a sender that is not known are nothing") {
  watched_numbers all;
  all.push(1, kernel_bug);
  all.detector.rebooted(2, all);
  all.detector.lost(2);
  all.detector.expire(all.now, all);
  CHECK(all.ended.empty());
  CHECK_FALSE(all.detector.is_crashing(2));
  all.detector.flush(all);
  REQUIRE(all.reports.size() == 1);
  CHECK(all.reports[0].complete == completeness::unknown);
  CHECK(all.detector.stats().forgotten == 0);
}

TEST_CASE("a detector that was moved goes on with the crashes that have begun") {
  watched_numbers all;
  all.push(1, kernel_bug);
  auto moved = std::move(all.detector);
  CHECK(moved.is_crashing(1));
  all.detector = std::move(moved);
  all.push(1, " pond_get+0x1/0x2");
  all.detector.flush(all);
  REQUIRE(all.reports.size() == 1);
  CHECK(all.reports[0].text.size() == 2);
  CHECK(all.detector.is_idle());
}

TEST_CASE("a record of several lines is a crash of so many, of one number and stamp") {
  for (const auto& [text, lines] : {
           std::pair{kernel_bug, std::vector{kernel_bug}},
           std::pair{kernel_bug + "\n pond_get+0x1/0x2\n pond_put+0x3/0x4",
                     std::vector<std::string>{kernel_bug, " pond_get+0x1/0x2", " pond_put+0x3/0x4"}},
           std::pair{"\n" + kernel_bug + "\n", std::vector<std::string>{kernel_bug, ""}},
       }) {
    watched_numbers all;
    all.detector.push(1, {.text = text, .sequence = 7}, {}, all);
    all.detector.flush(all);
    REQUIRE(all.reports.size() == 1);
    CHECK(all.reports[0].text == lines);
    CHECK(all.reports[0].first_sequence == 7u);
    CHECK(all.reports[0].last_sequence == 7u);
  }
}

TEST_CASE("of packets a report has the bytes that the kernel escaped, and its lines") {
  for (const auto& [packet, lines] : {
           std::pair{R"(4,7,5,-;WARNING: the pond is \xc3\xa9puis\xc3\xa9)",
                     std::vector<std::string>{"[    0.000005] WARNING: the pond is \xc3\xa9puis\xc3\xa9"}},
           std::pair{R"(4,7,5,-;WARNING: the pond is dry\x0aat \x5clake\x5c)",
                     std::vector<std::string>{"[    0.000005] WARNING: the pond is dry",
                                              "[    0.000005] at \\lake\\"}},
       }) {
    watched_packets all;
    all.push(packet);
    REQUIRE(all.finish().size() == 1);
    CHECK(all.reports[0].text == lines);
    CHECK(all.reports[0].first_sequence == 7u);
  }
}

TEST_CASE("a quiet record with escaped bytes is read as it is, before a crash and at its beginning") {
  watched_packets all;
  all.push(R"(4,1,5,-;pond: \x5clake\x5c)");
  all.push("4,2,6,-;pond: /lake/");
  all.push(R"(4,3,7,-;pond\x0aWARNING: the pond is dry)");
  REQUIRE(all.finish().size() == 1);
  CHECK(all.reports[0].before == std::vector<std::string>{"pond: \\lake\\", "pond: /lake/", "pond"});
}

TEST_CASE("of packets a report has the sender's release, the caller's lines and the time of arrival") {
  const netcon::crash::optional_time noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 28} + 12h};
  for (const std::string_view release : {"", "6.12.9-lake,"}) {
    watched_packets all;
    all.time = noon;
    const auto send = [&](std::string_view header, std::string_view text) {
      all.push(std::string{release}.append(header).append(";").append(text));
    };
    send("4,7,5,-,caller=T12", kernel_bug);
    send("4,8,6,-,caller=T13", "kernel BUG at lake/shore.c:1!");
    send("4,9,7,-,caller=T12", " pond_get+0x1/0x2");
    REQUIRE(all.finish().size() == 2);
    CHECK(all.reports[0].text.size() == 2);
    CHECK(all.reports[0].first_us == 5u);
    CHECK(all.reports[0].last_us == 7u);
    CHECK(all.reports[0].time == noon);
    CHECK(all.reports[0].release == (release.empty() ? "" : "6.12.9-lake"));
  }
}

TEST_CASE("lines of a basic target have their time and caller, and no number") {
  const netcon::crash::optional_time noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 28} + 12h};
  watched_packets all;
  all.time = noon;
  all.push("[    1.000000][   T12] otter: swims\n");
  all.push("[    2.000000][   T12] " + kernel_bug + "\n");
  all.push("[    2.000000][   T13] kernel BUG at lake/shore.c:1!\n");
  all.push("[    3.000000][   T12]  pond_get+0x1/0x2\n");
  REQUIRE(all.finish().size() == 2);
  CHECK(all.reports[0].before == std::vector<std::string>{"otter: swims"});
  CHECK(all.reports[0].text ==
        std::vector<std::string>{"[    2.000000] " + kernel_bug, "[    3.000000]  pond_get+0x1/0x2"});
  CHECK(all.reports[0].time == noon);
  CHECK_FALSE(all.reports[0].first_sequence);
  CHECK(all.reports[0].complete == completeness::unknown);
}

TEST_CASE("a line of a basic target whose newline did not come makes a crash incomplete, wherever it is") {
  for (const std::string_view last : {" pond_get+0x1/0x2", "otter: swims"})
    for (const bool whole : {true, false}) {
      CAPTURE(last);
      watched_packets all;
      all.push(kernel_bug + "\n");
      all.push(std::string{last}.append(whole ? "\n" : ""));
      REQUIRE(all.finish().size() == 1);
      CHECK(all.reports[0].complete == (whole ? completeness::unknown : completeness::incomplete));
    }
}

TEST_CASE("what comes as packets is of a kernel that runs: one that boots then did so without a word") {
  for (const auto& [packet, crashes] : {
           std::pair{"4,1,5,-;pond: ready", 1u},
           std::pair{R"(4,1,5,-;pond: \x5clake\x5c)", 1u},
           std::pair{"pond: ready\n", 1u},
           std::pair{"pond: ready", 1u},
           std::pair{"4,1,5,-;reboot: Restarting system", 0u},
       }) {
    CAPTURE(packet);
    watched_packets all;
    all.push(packet);
    all.collector.flush(all.observe());
    all.detector.push(lake, {.text = "Booting the kernel."}, {}, all);
    CHECK(all.finish().size() == crashes);
  }
}

TEST_CASE("records of which a part came make a crash incomplete; late ones do not") {
  const std::string end = "---[ end trace 0000000000000000 ]---";
  const auto complete = [&](const std::vector<std::string>& packets) {
    watched_packets all;
    for (const auto& one : packets) all.push(one);
    REQUIRE(all.finish().size() == 1);
    return all.reports[0].complete;
  };
  const std::string first = "4,0,5,-;" + kernel_bug, counter = "4,1,6,-;RIP: 0010:pond_get+0x1/0x2",
                    heading = "4,2,7,-;Call Trace:", frame = "4,3,8,-; pond_get+0x1/0x2",
                    last = "4,4,9,-;" + end, part = "4,3,8,-,ncfrag=0/100; pond_get+0x1/0x2";
  CHECK(complete({first, counter, heading, frame, last}) == completeness::complete);
  CHECK(complete({first, counter, frame, heading, last}) == completeness::complete);
  CHECK(complete({first, counter, heading, last}) == completeness::incomplete);
  CHECK(complete({first, counter, heading, part, last}) == completeness::incomplete);
}

TEST_CASE("only a loss that is certain makes a crash doubtful") {
  using netcon::loss;
  for (const auto cause : {loss::sequence_gap, loss::msgid_gap, loss::announced, loss::impossible}) {
    watched_packets all;
    for (const auto* const text : {"4,0,5,-;WARNING: CPU: 1 PID: 2 at lake/pond.c:12 pond_get+0x1/0x2",
                                   "4,1,6,-;RIP: 0010:pond_get+0x1/0x2", "4,2,7,-;Call Trace:",
                                   "4,3,8,-; pond_get+0x1/0x2", "4,4,9,-; pond_put+0x1/0x2"})
      all.push(text);
    all.observe()(netcon::event::lost{.sender = lake, .cause = cause, .first_sequence = 5, .count = 1});
    REQUIRE(all.finish().size() == 1);
    CHECK(all.reports[0].doubt == (cause == loss::sequence_gap ? doubt::none : doubt::lost));
  }
}

TEST_CASE("a boot that the numbers of a sender show ends its crash; what comes then is of none") {
  watched_packets all;
  all.push("4,100,500000000,-;" + kernel_bug);
  all.push("4,101,500000001,-; pond_get+0x1/0x2");
  all.push("4,3,5,-; pond_put+0x1/0x2");
  REQUIRE(all.reports.size() == 1);
  CHECK(all.reports[0].text.size() == 2);
  all.push("4,4,6,-;" + kernel_bug);
  REQUIRE(all.finish().size() == 2);
  CHECK(all.reports[1].before == std::vector<std::string>{" pond_put+0x1/0x2"});
  CHECK(all.reports[1].missing.empty());
}
