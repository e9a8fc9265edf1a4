// SPDX-License-Identifier: MIT
// Reports from lines: what is in them, when they come, and what they never claim.
#include <netcon/capture/text_log.hpp>
#include <netcon/crash/detector.hpp>
#include <netcon/crash/log_scanner.hpp>
#include <netcon/receive/collector.hpp>
#include <netcon/wire/printk_format.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using netcon::crash::completeness;
using netcon::crash::doubt;
using netcon::crash::report;

struct example {
  std::string name;
  std::map<std::string, std::string> facts;
  std::string log;                 // with stamps
  std::vector<std::string> lines;  // without
};

std::vector<example> examples() {
  std::vector<example> out;
  for (const auto& entry : fs::directory_iterator{TEST_DATA_DIR "/crashes"}) {
    if (entry.path().extension() != ".txt") continue;
    example one{entry.path().stem().string(), {}, {}, {}};
    std::ifstream in{entry.path(), std::ios::binary};
    std::string line;
    while (std::getline(in, line) && !line.empty())
      one.facts[line.substr(0, line.find(':'))] = line.substr(line.find(':') + 2);
    while (std::getline(in, line)) {
      one.log += line + "\n";
      one.lines.push_back(line.substr(line.find(']') + 2));
    }
    out.push_back(std::move(one));
  }
  std::ranges::sort(out, {}, &example::name);
  return out;
}

template <class Sender>
struct collected {
  std::vector<std::string> begun;
  std::vector<report> reports;
  std::vector<Sender> senders;

  void operator()(const netcon::event::basic_crash_begun<Sender>& e) { begun.emplace_back(e.title); }
  void operator()(const netcon::event::basic_crash<Sender>& e) {
    reports.push_back(e.report);
    senders.push_back(e.sender);
  }
};

std::vector<report> scan(std::string_view log) {
  collected<std::string> out;
  netcon::crash::log_scanner scanner;
  netcon::text_log text;
  const auto push = [&](const netcon::log_line& line) { scanner.push(line, out); };
  text.push(log, push);
  text.finish(push);
  scanner.finish(out);
  return out.reports;
}

/// A crash as a kernel sends it, between ordinary records.
/// With msgids, of a target that a third of the numbers is not sent to: their level is below that of its
/// console.
std::vector<std::string> packets(const std::vector<std::string>& lines, std::uint64_t sequence,
                                 std::optional<std::uint32_t> msgid = {}) {
  std::vector<std::string> out;
  const auto send = [&](std::string_view text) {
    std::vector<char> buffer(netcon::max_formatted);
    const auto made = netcon::format_extended(
        {.priority = 4, .sequence = sequence, .timestamp_us = sequence * 100, .text = text},
        netcon::kernel_profile::latest(), buffer);
    out.push_back(std::string{made->header}.append(";").append(made->body));
    ++sequence;
    if (!msgid) return;
    out.back() += " msgid=" + std::to_string(*msgid) + "\n";
    if (*msgid % 2 == 0) ++sequence;
    ++*msgid;
  };
  for (int i = 0; i < 3; ++i) send("pond: before");
  for (const auto& line : lines) send(line);
  for (int i = 0; i < 3; ++i) send("pond: after");
  return out;
}

const netcon::endpoint sender{netcon::ipv4_address{10, 0, 0, 1}, *netcon::port::parse("6665")};

template <class Keep>
collected<netcon::endpoint> receive(const std::vector<std::string>& all, Keep keep) {
  collected<netcon::endpoint> out;
  netcon::crash::detector detector;
  netcon::collector collector;
  netcon::time_point now{};
  const auto observe = [&](const auto& event) {
    detector.observe(event.sender, event, now, std::nullopt, out);
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    now += 100us;
    if (keep(i)) collector.push(sender, all[i], now, observe);
  }
  collector.flush(observe);
  detector.flush(out);
  return out;
}

}  // namespace

TEST_CASE("a text log gives the report that it holds") {
  const auto all = examples();
  REQUIRE(all.size() > 15);
  for (const auto& one : all) {
    CAPTURE(one.name);
    const auto reports = scan(one.log);
    if (!one.facts.contains("title")) {
      CHECK(reports.empty());
      continue;
    }
    REQUIRE(reports.size() == 1);
    const auto& got = reports[0];
    CHECK(got.title == one.facts.at("title"));
    CHECK(name(got.kind) == one.facts.at("kind"));
    if (one.facts.contains("function")) CHECK(got.function == one.facts.at("function"));
    if (one.facts.contains("module")) CHECK(got.module == one.facts.at("module"));
    CHECK(got.panicked == one.facts.contains("panicked"));
    CHECK(got.doubt == doubt::none);
    CHECK(got.complete == completeness::unknown);
    CHECK(got.signature != 0);
  }
}

TEST_CASE("a report has the facts of its lines") {
  const auto all = examples();
  const auto one = std::ranges::find(all, "null_dereference", &example::name);
  const auto got = scan(one->log).at(0);
  CHECK(got.cpu == 1u);
  CHECK(got.pid == 812u);
  CHECK(got.task == "otter");
  CHECK(got.taint == "GO");
  CHECK(got.release == "6.12.9-lake");
  CHECK(got.hardware == "Reed Works R1/R1, BIOS 2.0 01/01/2025");
  REQUIRE(got.registers.size() >= 6);
  const auto rsi = std::ranges::find(got.registers, "RSI", &netcon::crash::register_value::name);
  REQUIRE(rsi != got.registers.end());
  CHECK(rsi->value == "ffff9d1a42e7a800");
  REQUIRE(got.frames.size() == 8);
  CHECK_FALSE(got.frames[0].certain);
  CHECK(got.frames[1].function == "chrdev_open");
  CHECK(got.frames[1].offset == 0xc4);
  CHECK(got.frames[1].size == 0x250);
  CHECK(got.chain == std::vector<std::string>{"kernel panic: Fatal exception"});
  CHECK(got.before == std::vector<std::string>{"pond: opening lake 7"});
  CHECK(got.text.front() == "[    1.000137] BUG: kernel NULL pointer dereference, address: 0000000000000018");
  CHECK(std::ranges::count(got.titles, "bad-access in pond_open") == 1);
}

TEST_CASE("whole packets give a complete report; each crash is announced at its first line") {
  for (const auto& one : examples()) {
    if (!one.facts.contains("title")) continue;
    CAPTURE(one.name);
    const auto got = receive(packets(one.lines, 0), [](std::size_t) { return true; });
    REQUIRE(got.reports.size() == 1);
    CHECK(got.begun.size() == 1);
    CHECK(got.reports[0].title == one.facts.at("title"));
    CHECK(got.reports[0].complete == completeness::complete);
    CHECK(got.reports[0].missing.empty());
    CHECK(got.reports[0].first_sequence >= 3u);
    CHECK(got.senders[0] == sender);
  }
}

TEST_CASE("whatever is missing, no wrong title is called complete", "[slow]") {
  std::mt19937 random{20261128};
  const std::uint64_t start = GENERATE(0u, 5000u);
  const auto msgid = GENERATE(std::optional<std::uint32_t>{}, std::optional<std::uint32_t>{0xfffffffa});
  for (const auto& one : examples()) {
    if (!one.facts.contains("title")) continue;
    CAPTURE(one.name);
    const auto all = packets(one.lines, start, msgid);
    const auto check = [&](const std::vector<bool>& keep) {
      const auto got = receive(all, [&](std::size_t i) { return keep[i]; });
      for (const auto& each : got.reports) {
        if (each.complete != completeness::complete) continue;
        std::string kept;
        for (const bool k : keep) kept += k ? '1' : '0';
        CAPTURE(kept);
        CHECK(each.title == one.facts.at("title"));
      }
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::vector<bool> single(all.size(), true), front(all.size(), true), back(all.size(), true);
      single[i] = false;
      for (std::size_t j = 0; j <= i; ++j) front[j] = false;
      for (std::size_t j = i; j < all.size(); ++j) back[j] = false;
      check(single);
      check(front);
      check(back);
    }
    for (int round = 0; round < 60; ++round) {
      std::vector<bool> some(all.size());
      const auto odds = 1 + random() % 8;
      for (std::size_t i = 0; i < some.size(); ++i) some[i] = random() % 8 >= odds - 1;
      check(some);
    }
  }
}

TEST_CASE("a gap of numbers without one of msgids is no loss") {
  for (const auto& one : examples()) {
    if (!one.facts.contains("title")) continue;
    CAPTURE(one.name);
    const auto all = packets(one.lines, 0, 0xfffffffa);
    const auto whole = receive(all, [](std::size_t) { return true; });
    REQUIRE(whole.reports.size() == 1);
    CHECK(whole.reports[0].complete == completeness::complete);
    CHECK(whole.reports[0].missing.empty());
    const auto without = receive(all, [](std::size_t i) { return i != 5; });
    for (const auto& part : without.reports) CHECK(part.complete == completeness::incomplete);
  }
}

TEST_CASE("a msgid in the name of a task proves nothing") {
  const std::vector<std::string> all{"6,1,100,-;pond: before\n taskname=newt\n msgid=1\n",
                                     "6,5,500,-;pond: after\n taskname=newt\n msgid=2\n",
                                     "0,6,600,-;Kernel panic - not syncing: dry\n",
                                     "0,7,700,-;---[ end Kernel panic - not syncing: dry ]---\n"};
  const auto got = receive(all, [](std::size_t) { return true; });
  REQUIRE(got.reports.size() == 1);
  CHECK(got.reports[0].missing == std::vector<netcon::crash::missing_range>{{2, 5}});
}

TEST_CASE("what is missing is named") {
  const auto all = examples();
  const auto one = std::ranges::find(all, "warning", &example::name);
  const auto got = receive(packets(one->lines, 100), [](std::size_t i) { return i != 12 && i != 13; });
  REQUIRE(got.reports.size() == 1);
  CHECK(got.reports[0].complete == completeness::incomplete);
  CHECK(got.reports[0].missing == std::vector<netcon::crash::missing_range>{{112, 114}});
}

TEST_CASE("a panic without a trace is trusted where numbers show that there was none") {
  const std::vector<std::string> lines{"otter: swims", "Kernel panic - not syncing: sysrq triggered crash",
                                       "Kernel Offset: 0x5000000",
                                       "---[ end Kernel panic - not syncing: sysrq triggered crash ]---"};
  const auto all = packets(lines, 0);
  const auto panic = [&](std::size_t without) {
    return receive(all, [&](std::size_t i) { return i != without; }).reports.at(0);
  };
  const auto whole = panic(all.size());
  CHECK(whole.title == "kernel panic: sysrq triggered crash");
  CHECK(whole.complete == completeness::complete);
  CHECK(whole.doubt == doubt::none);
  for (const std::size_t without : {5u, 6u}) CHECK(panic(without).doubt == doubt::no_trace);
  std::string text;
  for (const auto& line : lines) text += "[    1.000000] " + line + "\n";
  CHECK(scan(text).at(0).doubt == doubt::no_trace);
}

TEST_CASE("records that come late are put in their place") {
  const auto all = examples();
  const auto one = std::ranges::find(all, "warning", &example::name);
  auto packed = packets(one->lines, 100);
  std::swap(packed[12], packed[13]);
  const auto got = receive(packed, [](std::size_t) { return true; });
  REQUIRE(got.reports.size() == 1);
  CHECK(got.reports[0].complete == completeness::complete);
  CHECK(got.reports[0].text ==
        receive(packets(one->lines, 100), [](std::size_t) { return true; }).reports[0].text);
}

TEST_CASE("processors that crash at the same time are told apart by their callers") {
  const auto all = examples();
  const auto& a = *std::ranges::find(all, "warning", &example::name);
  const auto& b = *std::ranges::find(all, "use_after_free", &example::name);
  collected<int> out;
  netcon::crash::basic_detector<int> detector;
  for (std::size_t i = 0; i < std::max(a.lines.size(), b.lines.size()); ++i) {
    if (i < a.lines.size()) detector.push(1, {.text = a.lines[i], .caller = "T44"}, {}, out);
    if (i < b.lines.size()) detector.push(1, {.text = b.lines[i], .caller = "T913"}, {}, out);
  }
  detector.flush(out);
  REQUIRE(out.reports.size() == 2);
  std::ranges::sort(out.reports, {}, &report::title);
  CHECK(out.reports[0].title == b.facts.at("title"));
  CHECK(out.reports[1].title == a.facts.at("title"));
  CHECK(out.reports[0].doubt == doubt::none);
  CHECK(out.reports[1].doubt == doubt::none);
}

TEST_CASE("without callers such lines are one report, which says so") {
  const auto all = examples();
  const auto& a = *std::ranges::find(all, "null_dereference", &example::name);
  const auto& b = *std::ranges::find(all, "use_after_free", &example::name);
  std::string log;
  for (std::size_t i = 0; i < a.lines.size(); ++i)
    log += a.lines[i] + "\n" + (i < b.lines.size() ? b.lines[i] + "\n" : "");
  const auto got = scan(log);
  REQUIRE(!got.empty());
  CHECK(got[0].doubt == doubt::mixed);
}

TEST_CASE("independent crashes are reports of their own, in order") {
  const auto all = examples();
  std::string log;
  std::vector<std::string> titles;
  for (const auto& one : all) {
    if (!one.facts.contains("title") || one.facts.contains("panicked")) continue;
    log += one.log;
    titles.push_back(one.facts.at("title"));
  }
  std::vector<std::string> got;
  for (const auto& one : scan(log)) got.push_back(one.title);
  CHECK(got == titles);
}

TEST_CASE("a panic that follows from a warning is one report with its chain") {
  const auto all = examples();
  auto lines = std::ranges::find(all, "warning", &example::name)->lines;
  lines.insert(lines.begin() + 2, "Kernel panic - not syncing: kernel: panic_on_warn set ...");
  collected<int> out;
  netcon::crash::basic_detector<int> detector;
  for (const auto& line : lines) detector.push(1, {.text = line}, {}, out);
  detector.push(1, {.text = "---[ end Kernel panic - not syncing: kernel: panic_on_warn set ... ]---"}, {},
                out);
  REQUIRE(out.reports.size() == 1);
  CHECK(out.reports[0].title == "WARNING in newt_resize");
  CHECK(out.reports[0].panicked);
  CHECK(out.reports[0].chain.size() == 1);
}

TEST_CASE("a warning needs no trace where the kernel wrote it") {
  const auto alone = scan("[    1.000000] WARNING: the pond is dry\n[    1.000001] pond: fine\n");
  REQUIRE(alone.size() == 1);
  CHECK(alone[0].title == "WARNING: the pond is dry");
  CHECK(alone[0].doubt == doubt::none);
  CHECK(scan("<4>WARNING: the pond is dry\n").size() == 1);
  CHECK(scan("Nov 29 12:00:01 web17 kernel: WARNING: the pond is dry\n").size() == 1);
  CHECK(scan("Nov 29 12:00:01 web17 otterd: WARNING: the pond is dry\n").empty());
  // A line without a stamp may be a program's.
  CHECK(scan("[    1.000000] pond: fine\nWARNING: the pond is dry\nINFO: the pond is dry\n").empty());
}

TEST_CASE("a panic of code in Rust has its message as title") {
  const auto got = scan(
      "rust_kernel: panicked at drivers/pond.rs:12:3:\nindex out of bounds: the len is 4 but the index is "
      "12\n"
      "------------[ cut here ]------------\nkernel BUG at rust/helpers/bug.c:7!\n"
      "Oops: invalid opcode: 0000 [#1] SMP\nCPU: 1 PID: 12 Comm: otter Not tainted 6.12.0 #1\n"
      "RIP: 0010:rust_helper_BUG+0x1/0x2\nCall Trace:\n <TASK>\n rust_begin_unwind+0x1/0x2\n"
      " core_panicking_panic_fmt+0x1/0x2\n pond_open+0x1/0x2\n </TASK>\n---[ end trace 0000000000000000 "
      "]---\n");
  REQUIRE(got.size() == 1);
  CHECK(got[0].title == "index out of bounds: the len is NUM but the index is NUM in pond_open");
}

TEST_CASE("a crash begins behind what a program wrote without a newline") {
  for (const std::string_view before : {"login: ", "starting lake... ", "12:00 done"}) {
    const auto got = scan(std::string{before} + "BUG: KASAN: slab-out-of-bounds in newt_swim+0x1/0x20\n" +
                          "Read of size 8 at addr ffff888104a3c210 by task newt/1\n");
    REQUIRE(got.size() == 1);
    CHECK(got[0].title == "KASAN: slab-out-of-bounds Read in newt_swim");
    CHECK(got[0].doubt == doubt::no_trace);
  }
  CHECK(scan("newt: see BUG: the pond is dry\n").empty());
  CHECK(scan("newt: BUG: the pond is dry\n").empty());
  CHECK(scan("[    1.000000] newt: BUG: the pond is dry\n").size() == 1);
  CHECK(scan("newt: a WARNING: the pond is dry\n").empty());
}

TEST_CASE("of more hosts than a log may have, the one silent for longest is forgotten") {
  netcon::crash::limits two = netcon::crash::log_scanner::patient_limits();
  two.senders = 2;
  netcon::crash::log_scanner scanner{two, netcon::hash_key{}};
  collected<std::string> out;
  const auto push = [&](std::string_view host, std::uint64_t seconds, std::string_view text) {
    scanner.push({.text = text, .host = host, .timestamp_us = seconds * 1'000'000}, out);
  };
  push("apple", 1000, "kernel BUG at a/b.c:1!");
  push("berry", 1000, "a line");
  push("apple", 1001, "RIP: 0010:pond_get+0x1/0x2");
  push("cherry", 1000, "a line");
  push("apple", 1100, "a line long after the crash");
  REQUIRE(out.reports.size() == 1);
  CHECK(out.reports[0].text.size() == 2);
}

TEST_CASE("stamps that jump through the centuries stop the clock at its end") {
  std::string log;
  for (int i = 0; i < 5; ++i)
    log +=
        "1970-01-01T00:00:00Z web17 kernel: BUG: the pond is dry\n2255-01-01T00:00:00Z web17 kernel: newt: "
        "swims\n";
  for (int i = 0; i < 100; ++i) log += "[    1.000000] newt: swims\n[281474976.000000] newt: swims\n";
  CHECK_FALSE(scan(log).empty());
}

TEST_CASE("a machine that goes down ends all its crashes, the first one first") {
  const auto got = scan(
      "[    1.000000][   T12] WARNING: CPU: 1 PID: 12 at drivers/pond.c:12 pond_open+0x1/0x20\n"
      "[    1.000001][   T12] RIP: 0010:pond_open+0x1/0x20\n"
      "[    1.000002][   T13] BUG: kernel NULL pointer dereference, address: 0000000000000018\n"
      "[    1.000003][   T13] RIP: 0010:heron_poll+0x1/0x20\n"
      "[    1.000004][   T12] Call Trace:\n[    1.000005][   T12]  vfs_open+0x1/0x20\n"
      "[    1.000006][   T13] Kernel panic - not syncing: Fatal exception\n"
      "[    1.000007][   T13] Rebooting in 86400 seconds..\n");
  REQUIRE(got.size() == 2);
  CHECK(got[0].title == "WARNING in pond_open");
  CHECK(got[0].panicked);
  CHECK(got[1].title == "BUG: unable to handle kernel NULL pointer dereference in heron_poll");
  CHECK(got[1].panicked);
}

TEST_CASE("a machine that goes down by a later crash goes down with those before it") {
  using lines = std::vector<std::string>;
  const lines first{"WARNING: CPU: 1 PID: 12 at drivers/pond.c:12 pond_open+0x1/0x20",
                    "RIP: 0010:pond_open+0x1/0x20", "Call Trace:", " vfs_open+0x1/0x20",
                    "---[ end trace 0000000000000000 ]---"};
  const lines second{"BUG: kernel NULL pointer dereference, address: 0000000000000018",
                     "RIP: 0010:heron_poll+0x1/0x20", "Call Trace:", " vfs_poll+0x1/0x20",
                     "---[ end trace 0000000000000000 ]---"};
  const lines panic{"Kernel panic - not syncing: Fatal exception"}, later{"otter: swims"};
  const auto down = [](const std::vector<std::pair<int, lines>>& log) {
    std::string text;
    for (const auto& [seconds, part] : log)
      for (const auto& line : part) text += "[" + std::to_string(seconds) + ".000000] " + line + "\n";
    std::vector<bool> out;
    for (const auto& one : scan(text)) out.push_back(one.panicked);
    return out;
  };
  CHECK(down({{10, first}, {12, second}, {12, panic}}) == std::vector{true, true});
  CHECK(down({{10, first}, {12, second}}) == std::vector{false, false});
  CHECK(down({{10, first}, {12, second}, {900, later}}) == std::vector{false, false});
  CHECK(down({{10, first}, {12, second}, {900, later}, {900, panic}}) == std::vector{false, false, true});
  CHECK(down({{10, first}, {900, second}, {900, panic}}) == std::vector{false, true});
}

TEST_CASE("a heading without a frame behind it makes the title doubtful") {
  const auto all = examples();
  const auto one = std::ranges::find(all, "helper_on_top", &example::name);
  std::string log;
  for (const auto& line : one->lines)
    if (line.find("kasan_save_stack") == line.npos && line.find("__kasan_kmalloc") == line.npos &&
        line.find("marten_new") == line.npos)
      log += line + "\n";
  const auto got = scan(log);
  REQUIRE(got.size() == 1);
  CHECK(got[0].title == one->facts.at("title"));
  CHECK(got[0].doubt == doubt::no_trace);
}

TEST_CASE("a trace of an injected failure is not that of the crash") {
  const auto got = scan(
      "WARNING: CPU: 1 PID: 12 at drivers/pond.c:12 pond_open+0x1/0x20\n"
      "CPU: 0 PID: 12 Comm: otter Not tainted 6.1.0 #1\nCall Trace:\n dump_stack+0x1/0x2\n"
      " should_fail+0x1/0x2\n kmalloc+0x1/0x2\n other_open+0x1/0x2\n entry_SYSCALL_64+0x1/0x2\nend\n");
  REQUIRE(got.size() == 1);
  CHECK(got[0].doubt == doubt::mixed);
}

TEST_CASE("a decoded trace gives the title of the raw one") {
  collected<int> out;
  netcon::crash::basic_detector<int> detector;
  for (const std::string_view line :
       {"WARNING: CPU: 1 PID: 12 at drivers/pond.c:12 pond_get drivers/pond.c:12 [inline]",
        "WARNING: CPU: 1 PID: 12 at drivers/pond.c:12 pond_open+0x1/0x2 drivers/pond.c:40",
        "CPU: 1 PID: 12 Comm: otter Kdump: loaded Not tainted 6.1.0 #1",
        "RIP: 0010:pond_get drivers/pond.c:12 [inline]", "RIP: 0010:pond_open+0x1/0x2 drivers/pond.c:40",
        "Call Trace:", " <TASK>", " vfs_open+0x1/0x2 fs/open.c:1", " </TASK>"})
    detector.push(1, {.text = line}, {}, out);
  detector.flush(out);
  REQUIRE(out.reports.size() == 1);
  CHECK(out.reports[0].title == "WARNING in pond_open");
  CHECK(out.reports[0].doubt == doubt::none);
  CHECK(out.reports[0].task == "otter");
}

TEST_CASE("what a machine says behind a crash is not of it, but of its way to a panic") {
  const std::vector<std::string> oops{"BUG: kernel NULL pointer dereference, address: 0000000000000018",
                                      "RIP: 0010:heron_poll+0x1/0x20",
                                      "Call Trace:",
                                      " vfs_poll+0x1/0x20",
                                      "---[ end trace 0000000000000000 ]---",
                                      "note: otter[12] exited with irqs disabled"};
  std::string log;
  const auto say = [&](int seconds, std::string_view line) {
    log += "[" + std::to_string(seconds) + ".000000] ";
    log.append(line).append("\n");
  };
  for (const auto& line : oops) say(10, line);
  for (int i = 0; i < 20; ++i) say(11 + i, "xylem: eth0 is up");
  auto got = scan(log);
  REQUIRE(got.size() == 1);
  CHECK(got[0].text.size() == oops.size());
  CHECK(got[0].last_us == 10'000'000);

  say(31, "Kernel panic - not syncing: Fatal exception");
  got = scan(log);
  REQUIRE(got.size() == 1);
  CHECK(got[0].panicked);
  CHECK(got[0].text.size() == oops.size() + 21);
}

TEST_CASE("the warning of a task that dies belongs to what it dies of") {
  const std::string oops =
      "BUG: kernel NULL pointer dereference, address: 0000000000000018\nRIP: 0010:heron_poll+0x1/0x20\n"
      "Call Trace:\n vfs_poll+0x1/0x20\n---[ end trace 0000000000000000 ]---\n";
  const std::string trace = "Call Trace:\n make_task_dead+0x1/0x20\n---[ end trace 0000000000000000 ]---\n";
  for (const std::string_view place : {"CPU: 1 PID: 12 at kernel/exit.c:814", "kernel/exit.c:902 at"}) {
    const auto warning =
        std::string{"WARNING: "}.append(place).append(" do_exit+0x1/0x20\nRIP: 0010:do_exit+0x1/0x20\n") +
        trace;
    CAPTURE(place);
    const auto got = scan(oops + warning);
    REQUIRE(got.size() == 1);
    CHECK(got[0].title == "BUG: unable to handle kernel NULL pointer dereference in heron_poll");
    CHECK(got[0].frames.size() == 1);
    CHECK(got[0].text.size() == 10);
    CHECK(scan(warning).size() == 1);
  }
}

TEST_CASE("a crash ends after a silence of its own, whatever else the machine says") {
  const auto all = examples();
  for (const std::string_view name : {"hung_task", "helper_on_top"}) {
    const auto& one = *std::ranges::find(all, name, &example::name);
    collected<int> out;
    netcon::crash::basic_detector<int> detector;
    netcon::time_point now{};
    for (const auto& line : one.lines) detector.push(1, {.text = line}, now, out);
    const auto end = *detector.deadline();
    while (out.reports.empty() && now <= end) detector.push(1, {.text = "pond: ripples"}, now += 250ms, out);
    REQUIRE(out.reports.size() == 1);
    CHECK(now == end);
    CHECK(std::ranges::count(out.reports[0].text, "pond: ripples") <= 8);
  }
}

TEST_CASE("a sink that throws costs no other line of a report, and nothing of a later one") {
  const std::vector<std::string_view> oops{
      "BUG: kernel NULL pointer dereference, address: 0000000000000010",
      "CPU: 1 PID: 4242 Comm: heron Not tainted 6.12.1 #1",
      "RIP: 0010:heron_poll+0x12/0x80 [heron]",
      "Call Trace:",
      " heron_read+0x46/0x62 [heron]",
      "---[ end trace 0000000000000000 ]---",
  };
  // A second crash of the same task sets the first one aside: both are given one after the other.
  for (const auto& [nth, second] : {std::pair{0u, "T2"}, std::pair{1u, "T2"}, std::pair{2u, "T2"},
                                    std::pair{3u, "T2"}, std::pair{2u, "T1"}, std::pair{3u, "T1"}}) {
    netcon::crash::basic_detector<std::string> detector;
    std::vector<report> reports;
    std::size_t calls = 0, thrown = 0;
    const auto sink = [&](const auto& event) {
      if constexpr (requires { event.report; }) reports.push_back(event.report);
      if (calls++ == nth) throw std::runtime_error{"the sink cannot"};
    };
    const auto guarded = [&](auto&& call) {
      try {
        call();
      } catch (const std::runtime_error&) {
        ++thrown;
      }
    };
    const auto crash_twice = [&](netcon::time_point now) {
      for (const auto* const caller : {"T1", second})
        for (const auto& text : oops)
          guarded([&] { detector.push("box", {.text = text, .caller = caller}, now, sink); });
      while (!detector.is_idle()) guarded([&] { detector.flush(sink); });
    };
    INFO("call " << nth << " of the sink throws, tasks T1 and " << second);
    crash_twice(netcon::time_point{} + 1s);
    REQUIRE(thrown == 1);
    REQUIRE(reports.size() == 2);
    REQUIRE(reports[0].text.size() + reports[1].text.size() >= 2 * oops.size() - 1);
    crash_twice(netcon::time_point{} + 100s);
    REQUIRE(reports.size() == 4);
    for (std::size_t i = 2; i < 4; ++i) {
      CHECK(reports[i].text.size() == oops.size());
      CHECK(reports[i].cut_lines == 0);
      CHECK(reports[i].title == reports[0].title);
    }
  }
}

TEST_CASE("a crash ends when its sender is silent, or boots") {
  const auto all = examples();
  const auto& one = *std::ranges::find(all, "hung_task", &example::name);
  collected<int> out;
  netcon::crash::basic_detector<int> detector;
  netcon::time_point now{};
  for (const auto& line : one.lines) detector.push(1, {.text = line}, now, out);
  CHECK(out.begun.size() == 1);
  CHECK(detector.is_crashing(1));
  CHECK(detector.deadline() == now + netcon::crash::limits{}.silence);
  detector.expire(now + 4s, out);
  CHECK(out.reports.empty());
  detector.expire(now + 5s, out);
  REQUIRE(out.reports.size() == 1);
  CHECK_FALSE(detector.is_crashing(1));
  CHECK_FALSE(detector.deadline());

  for (const auto& line : one.lines) detector.push(1, {.text = line}, now + 10s, out);
  detector.rebooted(1, out);
  CHECK(out.reports.size() == 2);
  CHECK(out.reports[0].signature == out.reports[1].signature);
}

TEST_CASE("a signature is the same for another kernel and another build, and differs for another function") {
  const auto all = examples();
  const auto& one = *std::ranges::find(all, "warning", &example::name);
  const auto first = scan(one.log).at(0).signature;
  auto log = one.log;
  const auto change = [&](std::string_view from, std::string_view to) {
    for (auto at = log.find(from); at != log.npos; at = log.find(from, at + to.size()))
      log.replace(at, from.size(), to);
  };
  change("6.1.120-lake", "6.6.1-reed");
  change("+0x31/0x70", "+0x3a/0x80");
  change("PID: 44", "PID: 45");
  CHECK(scan(log).at(0).signature == first);
  change("newt_resize", "newt_shrink");
  CHECK(scan(log).at(0).signature != first);
}

TEST_CASE("a kernel that boots without a word of the one before is a crash") {
  const std::string running = "[   12.300000] pond: ready\n[   99.000000] otter: link is up\n";
  const std::string boot =
      "Decompressing Linux... done.\nBooting the kernel.\n[    0.000000] Linux version 6.12.1\n";
  const auto found = scan(running + boot + running);
  REQUIRE(found.size() == 1);
  CHECK(found[0].title == "unexpected kernel reboot");
  CHECK(netcon::crash::type(found[0].kind) == "REBOOT");
  CHECK_FALSE(found[0].corrupted());
  CHECK(scan(boot + running).empty());
  for (const auto* const farewell : {"[  100.000000] reboot: Restarting system\n",
                                     "[  OK  ] Reached target reboot.target - System Reboot.\n",
                                     "[  100.000000] kexec_core: Starting new kernel\n",
                                     "[  100.000000] systemd-shutdown[1]: Syncing filesystems\n"}) {
    INFO(farewell);
    CHECK(scan(running + farewell + boot + running).empty());
    CHECK(scan(running + farewell + boot + running + boot).size() == 1);
  }
  // A kernel that is silent: its programs are not.
  for (const auto* const program :
       {"Debian GNU/Linux 12 lake ttyS0\n\nlake login: \n", "[  OK  ] Started otter.service.\n",
        "2026/11/28 07:40:32 otter: ready\n", "executing program 0:\nmmap(0x1)\n",
        "[pid  3610] close(3) = 0\n",
        "Warning: Permanently added '10.0.0.7' (ED25519) to the list of known hosts.\n"}) {
    INFO(program);
    CHECK(scan(program + boot).size() == 1);
    CHECK(scan("SeaBIOS (version 1.16)\n" + boot + program).empty());
  }
  // minicom and the like date the lines of a first boot too.
  CHECK(scan("2026-11-28 07:40:32 GRUB loading.\n2026-11-28 07:40:33 Booting the kernel.\n").empty());
  const auto crashed =
      scan(running + "[  100.000000] BUG: scheduling while atomic: otter/1/0x00000002\n" + boot + running);
  REQUIRE(crashed.size() == 1);
  CHECK(crashed[0].title.starts_with("BUG: scheduling while atomic"));
}

TEST_CASE("a stamp that lost its first digits is no boot") {
  const auto all = examples();
  const auto& one = *std::ranges::find(all, "warning", &example::name);
  const auto stamp = one.log.find('[', one.log.find("Call Trace:"));
  REQUIRE(stamp != one.log.npos);
  const auto high = [](std::string_view log) {  // later in the boot
    std::string out{log};
    for (std::size_t at = 0; (at = out.find("[ ", at)) != out.npos;)
      while (out[++at] == ' ') out[at] = '9';
    return out;
  };
  auto log = high(one.log);
  while (log[log.find_first_not_of('[', stamp)] == '9') log.erase(stamp + 1, 1);
  const auto found = scan(log);
  REQUIRE(found.size() == 1);
  CHECK(found[0].title == scan(one.log).at(0).title);
  CHECK(found[0].text.size() == scan(one.log).at(0).text.size());
  // A boot of which the first lines are missing.
  const auto halves = std::pair{high(one.log).substr(0, stamp), one.log.substr(stamp)};
  CHECK(scan(halves.first + halves.second).at(0).doubt == doubt::no_trace);
}

TEST_CASE("a console that lost its connection or lines within a crash is not trusted") {
  const auto all = examples();
  const auto& one = *std::ranges::find(all, "warning", &example::name);
  const auto within = one.log.find('\n', one.log.find("Call Trace:")) + 1;
  auto log = one.log;
  CHECK(scan(log.insert(within, "serialport: VM disconnected.\n")).at(0).doubt == doubt::lost);
  CHECK(scan("serialport: VM disconnected.\n" + one.log).at(0).doubt == doubt::none);
  for (const std::string_view notice : {"** 7 printk messages dropped **\n", "Lost 7 message(s)!\n"}) {
    log = one.log;
    CHECK(scan(log.insert(within, notice)).at(0).doubt == doubt::lost);
    CHECK(scan(std::string{notice} + one.log).at(0).doubt == doubt::none);
  }
  collected<int> out;  // as records have it
  netcon::crash::basic_detector<int> detector;
  netcon::text_log text;
  const auto push = [&](const netcon::log_line& line) {
    detector.push(1, {.text = line.text, .timestamp_us = line.timestamp_us}, {}, out);
  };
  text.push(log, push);
  text.finish(push);
  detector.flush(out);
  CHECK(out.reports.at(0).doubt == doubt::lost);
}

TEST_CASE("the report of a sanitizer ends with its rule, and no other one") {
  const netcon::crash::limits bounds;
  const std::string rule(20, '=');
  const auto waits = [&](std::string_view first, std::string_view last) {
    collected<int> out;
    netcon::crash::basic_detector<int> detector;
    for (const std::string_view line :
         {first, std::string_view{"Call Trace:"}, std::string_view{" heron_poll+0x1/0x20"}, last})
      detector.push(1, {.text = line}, {}, out);
    REQUIRE(out.begun.size() == 1);
    return *detector.deadline() - netcon::time_point{};
  };
  for (const std::string_view first :
       {"BUG: KASAN: slab-use-after-free in heron_poll+0x12/0x40",
        "BUG: KFENCE: memory corruption in heron_poll+0x1/0x2",
        "BUG: KMSAN: uninit-value in heron_poll+0x1/0x2", "BUG: KMSAN: kernel-infoleak in heron_poll+0x1/0x2",
        "BUG: KMSAN: use-after-free in heron_poll+0x1/0x2", "BUG: KCSAN: data-race in heron_poll / heron_nap",
        "BUG: KCSAN: assert: race in heron_poll+0x1/0x2",
        "UBSAN: shift-out-of-bounds in drivers/heron.c:12:3",
        "UBSAN: array-index-out-of-bounds in drivers/heron.c:12:3"}) {
    CAPTURE(first);
    CHECK(waits(first, rule) == bounds.silence_after_end);
    for (const std::string_view last :
         {"heron: stands in the reeds", "===================", "====================-"})
      CHECK(waits(first, last) == bounds.silence);
  }
  CHECK(waits("BUG: kernel NULL pointer dereference, address: 0000000000000018", rule) == bounds.silence);
  CHECK(waits("INFO: task heron:12 blocked for more than 120 seconds.", rule) == bounds.silence);
}

namespace {

using ranges = std::vector<netcon::crash::missing_range>;

/// Of a crash whose records have these numbers, the first line the first one.
ranges missing_of(const std::vector<std::uint64_t>& numbers) {
  collected<int> out;
  netcon::crash::basic_detector<int> detector;
  for (const auto& number : numbers) {
    const bool first = &number == &numbers.front();
    detector.push(
        1, {.text = first ? "kernel BUG at drivers/heron.c:12!" : " heron_poll+0x1/0x20", .sequence = number},
        {}, out);
  }
  detector.flush(out);
  REQUIRE(out.reports.size() == 1);
  return out.reports[0].missing;
}

std::set<std::uint64_t> numbers_of(const ranges& all) {
  std::set<std::uint64_t> out;
  for (const auto& one : all)
    for (auto number = one.begin; number < one.end; ++number) out.insert(number);
  return out;
}

}  // namespace

TEST_CASE("missing numbers are named as ranges, and late ones taken out") {
  CHECK(missing_of({7, 8, 9}).empty());
  CHECK(missing_of({7, 12}) == ranges{{8, 12}});
  CHECK(missing_of({7, 12, 8}) == ranges{{9, 12}});
  CHECK(missing_of({7, 12, 11}) == ranges{{8, 11}});
  CHECK(missing_of({7, 12, 10}) == ranges{{8, 10}, {11, 12}});
  CHECK(missing_of({7, 12, 10, 11, 8, 9}).empty());
  CHECK(missing_of({7, 12, 3, 7, 12}) == ranges{{8, 12}});
}

TEST_CASE("no missing number is left out; where ranges are few none is added") {
  constexpr std::size_t most_ranges = 64;
  std::mt19937_64 random{7};
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    const std::uint64_t most = 1 + random() % 600;
    std::vector<std::uint64_t> order;
    for (std::uint64_t number = 1; number <= most; ++number)
      if (random() % 100 < random() % 100) order.push_back(number);
    if (order.empty()) continue;
    // Late by a few, or by any number.
    const std::size_t by = round % 3 == 0 ? order.size() : 1 + random() % 8;
    for (std::size_t i = 0; i < order.size(); ++i)
      std::swap(order[i], order[std::min(order.size() - 1, i + random() % by)]);
    const std::set<std::uint64_t> come{order.begin(), order.end()};
    std::set<std::uint64_t> wanted;
    for (auto number = order.front(); number < *come.rbegin(); ++number)
      if (!come.contains(number)) wanted.insert(number);
    const auto got = missing_of(order);
    const auto named = numbers_of(got);
    CHECK(got.size() <= most_ranges);
    CHECK(std::ranges::includes(named, wanted));
    if (most < most_ranges) CHECK(named == wanted);
  }
}

TEST_CASE("a crash is over when so many lines of others came") {
  netcon::crash::limits bounds;
  bounds.foreign_lines = 10;
  collected<int> out;
  netcon::crash::basic_detector<int> detector{bounds};
  const auto push = [&](std::string_view text) { detector.push(1, {.text = text}, {}, out); };
  push("INFO: task heron:12 blocked for more than 120 seconds.");
  for (int i = 0; i < 9; ++i) push("pond: ripples");
  push(" heron_poll+0x1/0x20");  // its own: counted anew
  for (int i = 0; i < 10; ++i) push("pond: ripples");
  CHECK(out.reports.empty());
  push("pond: ripples");
  CHECK(out.reports.size() == 1);
}

TEST_CASE("a machine that says that it reboots went down") {
  for (const std::string_view end :
       {"Rebooting in 5 seconds..", "---[ end Kernel panic - not syncing: Fatal ]---"}) {
    const auto got = scan(
        "kernel BUG at drivers/heron.c:12!\nRIP: 0010:heron_poll+0x1/0x20\nCall Trace:\n "
        "vfs_poll+0x1/0x20\n" +
        std::string{end} + "\n");
    REQUIRE(got.size() == 1);
    CHECK(got[0].panicked);
  }
}

TEST_CASE("the first and the last record of a report, in whatever order they come") {
  const std::vector<std::string_view> lines{
      "WARNING: CPU: 1 PID: 12 at drivers/heron.c:12 heron_poll+0x1/0x20", "RIP: 0010:heron_poll+0x1/0x20",
      "Call Trace:", " vfs_poll+0x1/0x20", "---[ end trace 0000000000000000 ]---"};
  for (const auto& order :
       {std::vector{0, 1, 2, 3, 4}, std::vector{0, 2, 1, 4, 3}, std::vector{0, 4, 3, 2, 1}}) {
    collected<int> out;
    netcon::crash::basic_detector<int> detector;
    for (const int i : order)
      detector.push(1,
                    {.text = lines[std::size_t(i)],
                     .sequence = 100u + unsigned(i),
                     .timestamp_us = 7000u + unsigned(i)},
                    {}, out);
    detector.flush(out);
    REQUIRE(out.reports.size() == 1);
    CHECK(out.reports[0].first_sequence == 100u);
    CHECK(out.reports[0].last_sequence == 104u);
    CHECK(out.reports[0].first_us == 7000u);
    CHECK(out.reports[0].last_us == 7004u);
    CHECK(out.reports[0].text.back().ends_with(lines[4]));
  }
}

TEST_CASE("the bytes of a report are bounded") {
  netcon::crash::limits bounds;
  bounds.bytes = 20000;
  collected<int> out;
  netcon::crash::basic_detector<int> detector{bounds};
  detector.push(1, {.text = "BUG: scheduling while atomic: otter/1/0x00000002"}, {}, out);
  const std::string frame = " pond_deep+0x1/0x2 " + std::string(880, ' ');
  for (int i = 0; i < 1000; ++i) detector.push(1, {.text = frame}, {}, out);
  detector.flush(out);
  REQUIRE(out.reports.size() == 1);
  std::size_t bytes = 0;
  for (const auto& line : out.reports[0].text) bytes += line.size();
  CHECK(bytes <= bounds.bytes);
  CHECK(bytes > bounds.bytes / 2);
  CHECK(out.reports[0].cut_lines == 1001 - out.reports[0].text.size());
}

TEST_CASE("an endless crash is bounded and counted") {
  netcon::crash::limits bounds;
  bounds.lines = 100;
  bounds.bytes = 20000;
  collected<int> out;
  netcon::crash::basic_detector<int> detector{bounds};
  detector.push(1, {.text = "BUG: unable to handle page fault for address: 0000000000001000"}, {}, out);
  const std::string frame = " pond_deep+0x1/0x2 ";
  for (int i = 0; i < 100000; ++i) detector.push(1, {.text = frame}, {}, out);
  detector.flush(out);
  REQUIRE(out.reports.size() == 1);
  CHECK(out.reports[0].text.size() == 100);
  CHECK(out.reports[0].cut_lines == 100001 - 100);
  CHECK(out.reports[0].frames.size() <= 128);
}

TEST_CASE("limits of nothing are those of one, and a negative time is none") {
  netcon::crash::limits tight;
  tight.senders = tight.at_once = 0;
  tight.silence = tight.silence_after_end = std::chrono::nanoseconds::min();
  netcon::crash::basic_detector<int> detector{tight};
  netcon::crash::log_scanner scanner{tight, netcon::hash_key{}};
  collected<int> out;
  collected<std::string> logged;
  netcon::time_point now{netcon::time_point::max()};
  for (const int from : {1, 2}) {
    detector.push(from, {.text = "a line"}, now, out);
    detector.push(from, {.text = "kernel BUG at a/b.c:1!"}, now, out);
    scanner.push({.text = "kernel BUG at a/b.c:1!", .host = std::to_string(from)}, logged);
  }
  detector.expire(now, out);
  scanner.finish(logged);
  CHECK(out.reports.size() == 2);
  CHECK(detector.is_idle());
  CHECK(logged.reports.size() == 2);
}

TEST_CASE("a thousand senders that crash at once share the room") {
  netcon::crash::limits bounds;
  bounds.all_bytes = 1 << 20;
  bounds.senders = 500;
  collected<int> out;
  netcon::crash::basic_detector<int> detector{bounds};
  for (int line = 0; line < 40; ++line)
    for (int from = 0; from < 500; ++from)
      detector.push(
          from,
          {.text = line == 0 ? "BUG: scheduling while atomic: otter/1/0x00000002" : " pond_open+0x1/0x2"}, {},
          out);
  detector.flush(out);
  CHECK(out.reports.size() == 500);
  std::size_t bytes = 0;
  for (const auto& one : out.reports)
    for (const auto& line : one.text) bytes += line.size();
  CHECK(bytes <= bounds.all_bytes);
  CHECK(detector.stats().begun == 500);

  // The one silent for longest is forgotten, and what is known of it is told.
  for (int from = 0; from < 501; ++from)
    detector.push(from, {.text = "BUG: scheduling while atomic: otter/1/0x00000002"}, {}, out);
  CHECK(detector.stats().forgotten == 1);
  CHECK(out.reports.size() == 501);
  CHECK(out.senders.back() == 0);
}

TEST_CASE("lines of other senders never enter a report") {
  collected<int> out;
  netcon::crash::basic_detector<int> detector;
  detector.push(1, {.text = "BUG: scheduling while atomic: otter/1/0x00000002"}, {}, out);
  detector.push(2, {.text = " pond_open+0x1/0x2"}, {}, out);
  detector.flush(out);
  REQUIRE(out.reports.size() == 1);
  CHECK(out.reports[0].frames.empty());
  CHECK(out.reports[0].title == "BUG: scheduling while atomic in corrupted");
  CHECK(out.reports[0].doubt == doubt::no_trace);
}

TEST_CASE("a line without a text is a line") {
  collected<int> out;
  netcon::crash::basic_detector<int> detector;
  detector.push(1, netcon::crash::line{}, {}, out);
  detector.flush(out);
  CHECK(out.reports.empty());
}
