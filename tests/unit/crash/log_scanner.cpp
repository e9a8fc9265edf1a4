// SPDX-License-Identifier: MIT
// Crashes of text logs: the clock of a log, its hosts and their boots, and whose words a line has.
#include <netcon/capture/log_line.hpp>
#include <netcon/crash/limits.hpp>
#include <netcon/crash/log_scanner.hpp>
#include <netcon/crash/report.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;
using netcon::crash::completeness;
using netcon::crash::doubt;
using netcon::crash::report;

constexpr std::string_view oops_line = "kernel BUG at lake/pond.c:12!";
constexpr std::string_view frame_line = " pond_get+0x1/0x2";
constexpr std::string_view other_line = "otter: swims";

struct scanned {
  netcon::crash::log_scanner scanner;
  std::vector<report> reports;
  std::vector<std::string> hosts;

  void operator()(const netcon::event::basic_crash_begun<std::string>&) {}
  void operator()(const netcon::event::basic_crash<std::string>& e) {
    reports.push_back(e.report);
    hosts.push_back(e.sender);
  }

  void push(const netcon::log_line& one) { scanner.push(one, *this); }
  const std::vector<report>& finish() {
    scanner.finish(*this);
    return reports;
  }
};

std::size_t count_lines(const report& of, std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(of.text, [&](const std::string& line) { return line.ends_with(text); }));
}

std::string record_bytes(std::uint64_t sequence, std::chrono::microseconds since_boot, std::string_view text,
                         std::string_view fields = {}) {
  std::string out = "4," + std::to_string(sequence) + "," + std::to_string(since_boot.count()) + ",-";
  return out.append(fields).append(";").append(text);
}

constexpr netcon::log_time noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 28} + 12h};

/// What tells the time of a line.
enum class clock_of { stamps, days, records };

struct timed_log : scanned {
  clock_of clock;
  std::uint64_t sequence = 1;

  explicit timed_log(clock_of by) : clock{by} {}

  void at(std::chrono::microseconds when, std::string_view text) {
    const auto us = static_cast<std::uint64_t>(when.count());
    switch (clock) {
      case clock_of::stamps:
        return push({.text = text, .timestamp_us = us});
      case clock_of::days:
        return push({.text = text, .host = "lake", .time = noon + when});
      case clock_of::records:
        return push({.text = record_bytes(sequence++, when, text), .is_packet = true, .timestamp_us = us});
    }
  }
};

}  // namespace

TEST_CASE(
    "a log has one clock: a crash ends half a minute after its last line, by stamps, days and records") {
  const auto clock = GENERATE(clock_of::stamps, clock_of::days, clock_of::records);
  for (const auto& [wait, belongs] : {std::pair{29'999'999us, true}, std::pair{30'000'000us, false}}) {
    timed_log log{clock};
    log.at(100s, oops_line);
    log.at(110s, frame_line);
    log.at(110s + wait, frame_line);
    REQUIRE(log.finish().size() == 1);
    CHECK(count_lines(log.reports[0], frame_line) == (belongs ? 2 : 1));
  }
}

TEST_CASE("in a log a panic half a minute behind the end marker of a crash is one of its own") {
  const auto clock = GENERATE(clock_of::stamps, clock_of::days, clock_of::records);
  for (const auto& [wait, reports] : {std::pair{29'999'999us, 1u}, std::pair{30'000'000us, 2u}}) {
    timed_log log{clock};
    log.at(100s, oops_line);
    log.at(100s, "---[ end trace 0000000000000000 ]---");
    log.at(100s + wait, "Kernel panic - not syncing: Fatal exception");
    CHECK(log.finish().size() == reports);
  }
}

TEST_CASE("in a log a crash ends when 256 lines of others came") {
  for (const auto& [others, belongs] : {std::pair{255, true}, std::pair{256, false}}) {
    scanned log;
    log.push({.text = oops_line, .timestamp_us = 1});
    for (int i = 0; i < others; ++i) log.push({.text = other_line, .timestamp_us = 1});
    log.push({.text = frame_line, .timestamp_us = 1});
    REQUIRE(log.finish().size() == 1);
    CHECK(count_lines(log.reports[0], frame_line) == (belongs ? 1 : 0));
  }
}

TEST_CASE("the clock of a log never goes back, and runs on from where a clock was set back") {
  // A line of the crash, another one at the time set back, and a frame after that.
  struct row {
    clock_of clock;
    std::chrono::microseconds back, later;
    bool belongs;
  };
  for (const auto& [clock, back, later, belongs] : {
           row{clock_of::stamps, 98'000'001us, 127s, true},
           row{clock_of::stamps, 98'000'001us, 128'000'001us, false},
           row{clock_of::days, 60s, 89s, true},
           row{clock_of::days, 60s, 90s, false},
       }) {
    CAPTURE(back, later);
    timed_log log{clock};
    log.at(100s, oops_line);
    log.at(back, other_line);
    log.at(later, frame_line);
    REQUIRE(log.finish().size() == 1);
    CHECK(count_lines(log.reports[0], frame_line) == (belongs ? 1 : 0));
  }
}

TEST_CASE("the first time that a log has is no step of its clock") {
  for (const netcon::log_line& first : {
           netcon::log_line{.text = frame_line, .time = noon},
           netcon::log_line{.text = frame_line, .timestamp_us = 100'000'000},
       }) {
    scanned log;
    log.push({.text = oops_line});
    log.push(first);
    REQUIRE(log.finish().size() == 1);
    CHECK(count_lines(log.reports[0], frame_line) == 1);
  }
}

TEST_CASE("a step of a stamp ends a crash however many years it has") {
  for (const std::uint64_t step : {std::uint64_t{30'000'000}, std::uint64_t{1} << 47, std::uint64_t{1} << 48,
                                   std::uint64_t{3} << 48, ~std::uint64_t{1}}) {
    CAPTURE(step);
    scanned log;
    log.push({.text = oops_line, .timestamp_us = 1});
    log.push({.text = frame_line, .timestamp_us = 1 + step});
    REQUIRE(log.finish().size() == 1);
    CHECK(count_lines(log.reports[0], frame_line) == 0);
  }
}

TEST_CASE("a line whose stamp is missing takes no time where the others have one") {
  // syslog has the time of the day for both, and the stamp for one.
  scanned log;
  log.push({.text = oops_line, .host = "lake", .time = noon, .timestamp_us = 100'000'000});
  log.push({.text = other_line, .host = "lake", .time = noon + 20s, .timestamp_us = 120'000'000});
  log.push({.text = frame_line, .host = "lake", .time = noon + 29s});
  REQUIRE(log.finish().size() == 1);
  CHECK(count_lines(log.reports[0], frame_line) == 1);
}

TEST_CASE("stamps that go far back and stay there are another boot; one that does not is a damaged one") {
  struct row {
    std::string_view name;
    std::vector<std::chrono::microseconds> stamps;  // of the frames
    std::size_t belong;                             // of these, to the crash at 1000 s
  };
  for (const auto& [name, stamps, belong] : {
           row{"none goes back", {1000s, 1001s, 1002s}, 3},
           row{"a little back", {999s, 1001s}, 2},
           row{"nearly two seconds", {998'000'001us, 998'000'001us, 999s}, 3},
           row{"two seconds", {998s, 998s, 999s}, 1},
           row{"one lost digits", {5s, 1001s, 1002s}, 3},
           row{"two lost digits, not in a row", {5s, 1001s, 6s, 1002s}, 4},
           row{"two seconds, once", {998s, 1001s, 998s, 1002s}, 4},
           row{"another boot", {500s, 500s, 501s}, 1},
           row{"another boot, from its start", {0s, 1s}, 0},
       }) {
    CAPTURE(name);
    timed_log log{clock_of::stamps};
    log.at(1000s, oops_line);
    for (const auto when : stamps) log.at(when, frame_line);
    REQUIRE(log.finish().size() == 1);
    CHECK(count_lines(log.reports[0], frame_line) == belong);
  }
}

TEST_CASE("a machine that crashes soon after each boot has a crash for each, however alike the times are") {
  timed_log log{clock_of::stamps};
  for (const auto from : {8s, 7s, 8s, 9s}) {
    log.at(from, other_line);
    log.at(from + 1s, other_line);
    log.at(from + 4s, oops_line);  // the last line that came
  }
  CHECK(log.finish().size() == 4);
}

TEST_CASE("a stamp of less than two seconds that goes back to less than its half is of another boot") {
  timed_log log{clock_of::stamps};
  log.at(1'900'000us, oops_line);
  log.at(900'000us, oops_line);
  CHECK(log.finish().size() == 2);
}

TEST_CASE("a crash early in another boot is one of its own, without the lines of the boot before") {
  timed_log log{clock_of::stamps};
  log.at(1000s, "pond: of the boot before");
  log.at(1000s, oops_line);
  log.at(5s, oops_line);
  log.at(6s, frame_line);
  REQUIRE(log.finish().size() == 2);
  CHECK(log.reports[0].before == std::vector<std::string>{"pond: of the boot before"});
  CHECK(log.reports[1].before.empty());
  CHECK(count_lines(log.reports[0], frame_line) == 0);
  CHECK(count_lines(log.reports[1], frame_line) == 1);
}

TEST_CASE(
    "a first line of a kernel ends what the boot before began, unless it may be of a file that was shown") {
  struct row {
    std::optional<std::uint64_t> stamp;
    std::string_view host;
    bool boots;
  };
  for (const auto& [stamp, host, boots] : {
           row{0, "", true},
           row{0, "lake", true},
           row{1'000'001, "", false},
           row{1'000'001, "lake", false},
           row{{}, "lake", true},
           row{{}, "", false},
       }) {
    CAPTURE(stamp, host);
    scanned log;
    log.push({.text = oops_line, .host = host});
    log.push({.text = "Linux version 6.12.1", .host = host, .timestamp_us = stamp});
    CHECK(log.reports.size() == (boots ? 1 : 0));
    log.push({.text = frame_line, .host = host, .timestamp_us = stamp});
    REQUIRE(log.finish().size() == 1);
    CHECK(count_lines(log.reports[0], frame_line) == (boots ? 0 : 1));
  }
  scanned log;
  log.push({.text = oops_line, .host = "lake"});
  log.push({.text = "A Linux version 6.12.1", .host = "lake"});
  CHECK(log.reports.empty());
}

TEST_CASE("each host of a log has a clock and crashes of its own") {
  scanned log;
  for (const std::string_view host : {"apple", "berry", "apple", "cherry", "berry"})
    log.push({.text = other_line, .host = host, .timestamp_us = 1'000'000});
  log.push({.text = oops_line, .host = "apple", .timestamp_us = 2'000'000});
  log.push({.text = oops_line, .host = "berry", .timestamp_us = 900'000'000});
  log.push({.text = frame_line, .host = "apple", .timestamp_us = 3'000'000});
  log.push({.text = frame_line, .host = "berry", .timestamp_us = 901'000'000});
  log.push({.text = frame_line, .host = "apple", .timestamp_us = 4'000'000});
  REQUIRE(log.finish().size() == 2);
  for (std::size_t i = 0; i < 2; ++i)
    CHECK(count_lines(log.reports[i], frame_line) == (log.hosts[i] == "apple" ? 2 : 1));
}

TEST_CASE("the same records in two boots of a host are two crashes") {
  timed_log log{clock_of::records};
  for (int boot = 0; boot < 2; ++boot) {
    log.sequence = 0;
    log.at(0s, "Linux version 6.12.1");
    log.at(1s + boot * 1us, oops_line);
    log.at(1s + boot * 1us, frame_line);
    log.at(2s + boot * 1us, other_line);
  }
  REQUIRE(log.finish().size() == 2);
  for (const auto& one : log.reports) {
    CHECK(count_lines(one, oops_line) == 1);
    CHECK(count_lines(one, frame_line) == 1);
    CHECK(one.missing.empty());
  }
}

TEST_CASE("a program in Go panics on a console, and not in the log of a daemon") {
  for (const bool from_kernel : {true, false}) {
    scanned log;
    for (const std::string_view text : {"panic: dry", "", "goroutine 1 [running]:", "main.main()"})
      log.push({.text = text, .from_kernel = from_kernel});
    const auto& got = log.finish();
    REQUIRE(got.size() == (from_kernel ? 1 : 0));
    if (from_kernel) CHECK(got[0].title == "panic: dry");
  }
}

TEST_CASE("a crash of a log has the time, the caller and the release of its first line") {
  for (const bool is_packet : {false, true}) {
    scanned log;
    const auto text = is_packet ? record_bytes(7, 1s, oops_line, ",caller=T12") : std::string{oops_line};
    log.push({.text = text,
              .is_packet = is_packet,
              .time = noon,
              .timestamp_us = 1'000'000,
              .sequence = 7,
              .caller = "T12",
              .release = is_packet ? "" : "6.12.9-lake"});
    REQUIRE(log.finish().size() == 1);
    CHECK(log.reports[0].time == noon);
    CHECK(log.reports[0].first_sequence == 7u);
    CHECK(log.reports[0].first_us == 1'000'000u);
    CHECK(log.reports[0].release == (is_packet ? "" : "6.12.9-lake"));
  }
}

TEST_CASE("a warning or panic that nothing is known of counts where the kernel surely wrote it") {
  for (const std::string_view text : {"WARNING: the pond is dry", "PANIC: the pond is dry"}) {
    scanned bare;
    bare.push({.text = text});
    CHECK(bare.finish().empty());
    for (const netcon::log_line& one : {
             netcon::log_line{.text = text, .host = "lake"},
             netcon::log_line{.text = text, .timestamp_us = 0},
             netcon::log_line{.text = text, .sequence = 0},
             netcon::log_line{.text = text, .priority = 4},
         }) {
      scanned log;
      log.push(one);
      CHECK(log.finish().size() == 1);
    }
  }
  for (const std::string_view text :
       {"PANIC: double fault, error_code: 0x0",
        "PANIC: early exception 0x0e IP 10:ffffffff81000000 error 0 cr2 0x0",
        "PANIC: zfs: adding existent segment to range tree (offset=3fe8000 size=2000)"}) {
    scanned bare;
    bare.push({.text = text});
    CHECK(bare.finish().size() == 1);
  }
}

TEST_CASE("lines of other programs than the kernel are no part of a crash") {
  scanned log;
  log.push({.text = oops_line, .host = "lake", .from_kernel = false});
  CHECK(log.finish().empty());
  log.push({.text = oops_line, .host = "lake"});
  log.push({.text = "otter: pond_get+0x1/0x2", .host = "lake", .from_kernel = false});
  REQUIRE(log.finish().size() == 1);
  CHECK(log.reports[0].text == std::vector<std::string>{std::string{oops_line}});
}

TEST_CASE("what a program wrote before a crash on its line is the line before it; a record has one writer") {
  const std::string_view text = "lake login: BUG: KASAN: use-after-free in newt_swim+0x1/0x20";
  scanned log;
  log.push({.text = text});
  REQUIRE(log.finish().size() == 1);
  CHECK(log.reports[0].before == std::vector<std::string>{"lake login: "});
  CHECK(log.reports[0].text == std::vector<std::string>{"BUG: KASAN: use-after-free in newt_swim+0x1/0x20"});

  scanned numbered;
  numbered.push({.text = text, .sequence = 7});
  CHECK(numbered.finish().empty());
  // Only a part of the kernel says "pond: BUG: ...": with a stamp or a level.
  for (const netcon::log_line& one : {
           netcon::log_line{.text = "newt: BUG: the pond is dry", .timestamp_us = 0},
           netcon::log_line{.text = "newt: BUG: the pond is dry", .priority = 4},
       }) {
    scanned stamped;
    stamped.push(one);
    CHECK(stamped.finish().size() == 1);
  }
}

TEST_CASE("a crash before which the kernel dropped lines is not trusted") {
  for (const std::uint64_t dropped : {0u, 1u, 7u}) {
    scanned log;
    log.push({.text = oops_line});
    log.push({.text = "RIP: 0010:pond_get+0x1/0x2"});
    log.push({.text = "Call Trace:"});
    log.push({.text = frame_line});
    log.push({.text = frame_line, .dropped = dropped});
    REQUIRE(log.finish().size() == 1);
    CHECK(log.reports[0].doubt == (dropped == 0 ? doubt::none : doubt::lost));
    CHECK(log.reports[0].complete == (dropped == 0 ? completeness::unknown : completeness::incomplete));
  }
}

TEST_CASE("a crash within which journald missed lines is not trusted") {
  for (const std::string_view host : {"web17", "db3"}) {
    scanned log;
    for (const std::string_view text :
         {std::string_view{oops_line}, std::string_view{"RIP: 0010:pond_get+0x1/0x2"},
          std::string_view{"Call Trace:"}, std::string_view{frame_line}})
      log.push({.text = text, .host = "web17"});
    log.push({.text = "Missed 7 kernel messages", .host = host, .from_kernel = false, .dropped = 7});
    log.push({.text = frame_line, .host = "web17"});
    REQUIRE(log.finish().size() == 1);
    CHECK(log.reports[0].doubt == (host == "web17" ? doubt::lost : doubt::none));
  }
}

TEST_CASE("a cut line makes a crash incomplete") {
  for (const bool whole : {true, false}) {
    scanned log;
    log.push({.text = oops_line, .whole = whole});
    REQUIRE(log.finish().size() == 1);
    CHECK(log.reports[0].complete == (whole ? completeness::unknown : completeness::incomplete));
  }
}

TEST_CASE("fragments that wait at the end of a log are all that came of their host's record") {
  scanned log;
  const auto fragment = record_bytes(7, 1s, oops_line, ",ncfrag=0/500");
  log.push({.text = other_line, .host = "apple"});
  log.push({.text = fragment, .host = "berry", .is_packet = true, .timestamp_us = 1'000'000});
  log.push({.text = other_line, .host = "cherry"});
  CHECK(log.reports.empty());
  REQUIRE(log.finish().size() == 1);
  CHECK(log.hosts[0] == "berry");
  CHECK(log.reports[0].text == std::vector<std::string>{"[    1.000000] " + std::string{oops_line}});
  CHECK(log.reports[0].complete == completeness::incomplete);
}

TEST_CASE("fragments for which there is no room any more are of the host that sent them") {
  scanned log;
  const auto push_fragment = [&](const std::string& host, std::uint64_t sequence, std::string_view text) {
    const auto bytes = record_bytes(sequence, 1s, text, ",ncfrag=0/500");
    log.push({.text = bytes, .host = host, .is_packet = true, .timestamp_us = 1'000'000});
  };
  push_fragment("apple", 7, oops_line);
  for (int host = 0; host < 1000; ++host)
    for (std::uint64_t sequence = 1; sequence < 5; ++sequence)
      push_fragment("berry" + std::to_string(host), sequence, other_line);
  REQUIRE(log.finish().size() == 1);
  CHECK(log.hosts[0] == "apple");
}

TEST_CASE("a host that was forgotten is a new one when it comes again: its records are no repeats") {
  auto two = netcon::crash::log_scanner::patient_limits();
  two.senders = 2;
  const auto record = record_bytes(7, 1s, oops_line);
  for (const auto& [hosts, crashes] :
       {std::pair{std::vector{"apple", "berry", "apple", "berry"}, 2u},
        std::pair{std::vector{"apple", "berry", "cherry", "berry", "cherry", "apple"}, 4u},
        std::pair{std::vector{"apple", "berry", "cherry", "apple", "berry", "cherry", "apple"}, 7u}}) {
    scanned log{.scanner = netcon::crash::log_scanner{two, netcon::hash_key{}}, .reports = {}, .hosts = {}};
    for (const auto* const host : hosts)
      log.push({.text = record, .host = host, .is_packet = true, .timestamp_us = 1'000'000, .sequence = 7});
    CHECK(log.finish().size() == crashes);
  }
}

TEST_CASE("the counters of a log are those of its crashes and its hosts") {
  auto one = netcon::crash::log_scanner::patient_limits();
  one.senders = 1;
  scanned log{.scanner = netcon::crash::log_scanner{one, netcon::hash_key{}}, .reports = {}, .hosts = {}};
  log.push({.text = oops_line, .host = "apple"});
  CHECK(log.scanner.stats().begun == 1);
  CHECK(log.scanner.stats().ended == 0);
  log.push({.text = other_line, .host = "berry"});
  CHECK(log.scanner.stats().ended == 1);
  CHECK(log.scanner.stats().forgotten == 1);
  CHECK(log.hosts == std::vector<std::string>{"apple"});
}
