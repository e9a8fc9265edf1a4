// SPDX-License-Identifier: MIT
// What belongs to one report and what to another, and when a report ends.
#include <netcon/crash/detector.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using netcon::crash::doubt;
using texts = std::vector<std::string_view>;

constexpr std::string_view warns = "WARNING: CPU: 1 PID: 12 at drivers/heron.c:12 heron_poll+0x1/0x20";
constexpr std::string_view derefs = "BUG: kernel NULL pointer dereference, address: 0000000000000018";
constexpr std::string_view faults = "BUG: unable to handle page fault for address: ffffffff00000000";
constexpr std::string_view bugs = "kernel BUG at drivers/heron.c:12!";
constexpr std::string_view sanitizes = "BUG: KASAN: slab-use-after-free in heron_poll+0x12/0x40";
constexpr std::string_view stalls = "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:";
constexpr std::string_view locks_up = "watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [heron:12]";
constexpr std::string_view hangs = "INFO: task heron:12 blocked for more than 120 seconds.";
constexpr std::string_view waits_for_device =
    "unregister_netdevice: waiting for eth0 to become free. Usage count = 2";
constexpr std::string_view panics = "Kernel panic - not syncing: Fatal exception";
constexpr std::string_view heading = "Call Trace:", frame = " vfs_poll+0x1/0x20", other = "pond: ripples",
                           end = "---[ end trace 0000000000000000 ]---",
                           rule = "==================================================================",
                           down = "---[ end Kernel panic - not syncing: Fatal exception ]---";
constexpr std::string_view may_fault = "Unhandled fault: alignment exception (0x001) at 0x00508ae4",
                           may_trap = "Alignment trap: not handling instruction f46107cf at [<c04e5c4c>]",
                           oops_of_arm = "Internal error: : 8 [#1] SMP ARM",
                           counter_of_arm = "PC is at heron_open+0x1/0x20";

/// A detector of one sender, whose events are kept.
struct machine {
  netcon::crash::basic_detector<int> detector;
  std::vector<std::string> begun;
  std::vector<netcon::crash::report> reports;
  netcon::time_point now{};

  machine() = default;
  explicit machine(const netcon::crash::limits& bounds) : detector{bounds} {}

  template <class Event>
  void operator()(const Event& event) {
    if constexpr (requires { event.report; })
      reports.push_back(event.report);
    else
      begun.emplace_back(event.title);
  }
  void say(std::string_view text, std::string_view caller = {}) {
    detector.push(1, {.text = text, .caller = caller}, now, *this);
  }
  void say_all(const texts& all) {
    for (const auto text : all) say(text);
  }
  std::vector<netcon::crash::report> finish() {
    detector.flush(*this);
    return reports;
  }
};

/// How many reports a log gives, each with a crash that was announced.
std::size_t reports_in(const texts& log) {
  machine out;
  out.say_all(log);
  out.finish();
  CHECK(out.begun.size() == out.reports.size());
  return out.reports.size();
}

}  // namespace

TEST_CASE("which opening continues a crash whose trace has not begun") {
  struct row {
    std::string_view first, next;
    bool continues;
  };
  constexpr std::string_view opcode = "invalid opcode: 0000 [#1] SMP", oops = "Oops: 0002 [#1] SMP",
                             list = "BUG kmalloc-64 (Not tainted): Poison overwritten",
                             double_panic = "PANIC: double fault, error_code: 0x0",
                             double_fault = "double fault: 0000 [#1] SMP",
                             page_map = "BUG: Bad page map in process otter  pte:8000 pmd:6000",
                             dry = "BUG: the pond is dry", serror = "SError Interrupt on CPU0, code 0xbf",
                             stack = "Insufficient stack space to handle exception!",
                             overflow = "Kernel stack overflow in process 12",
                             addressing = "addressing exception: 0005 [#1] SMP",
                             unwinder = "WARNING: kernel stack regs at 00000000f6c9b4d5 in otter:12 has bad";
  for (const auto& one :
       std::initializer_list<row>{{bugs, opcode, true},
                                  {bugs, oops, true},
                                  {bugs, warns, false},
                                  {bugs, faults, false},
                                  {bugs, "kernel BUG at drivers/pond.c:7!", false},
                                  {bugs, bugs, true},
                                  {list, opcode, true},
                                  {list, bugs, false},
                                  {list, warns, false},
                                  {double_panic, double_fault, true},
                                  {double_panic, opcode, false},
                                  {double_fault, double_panic, false},
                                  {opcode, double_fault, false},
                                  {page_map, warns, true},
                                  {page_map, bugs, true},
                                  {page_map, faults, false},
                                  {dry, warns, false},
                                  {dry, bugs, false},
                                  {serror, warns, true},
                                  {serror, opcode, true},
                                  {serror, overflow, true},
                                  {serror, bugs, false},
                                  {stack, overflow, true},
                                  {stack, opcode, true},
                                  {stack, warns, false},
                                  {stack, bugs, false},
                                  {derefs, faults, true},
                                  {faults, derefs, false},
                                  {faults, addressing, false},
                                  {derefs, addressing, false},
                                  {addressing, faults, true},
                                  {derefs, warns, false},
                                  {warns, bugs, false},
                                  {warns, derefs, false},
                                  {sanitizes, derefs, false},
                                  {warns, oops, true},
                                  {warns, unwinder, true},
                                  {hangs, "INFO: task otter:13 blocked for more than 120 seconds.", true},
                                  {hangs, warns, false},
                                  {warns, hangs, false}}) {
    CAPTURE(one.first, one.next);
    // Without a trace of the first one the lines are one report all the same: it is mixed where they should
    // not be.
    machine out;
    out.say_all({one.first, one.next, heading, frame, end});
    const auto got = out.finish();
    REQUIRE(!got.empty());
    const bool apart = got.size() > 1 || got[0].doubt == doubt::mixed;
    CHECK(apart == !one.continues);
  }
}

TEST_CASE("an opening behind the first frame of a trace begins another report") {
  struct row {
    std::string_view first, next;
    std::size_t reports;
  };
  for (const auto& one : std::initializer_list<row>{
           {bugs, "invalid opcode: 0000 [#1] SMP", 2},
           {derefs, faults, 2},
           {derefs, derefs, 2},
           {derefs, "Oops: 0002 [#1] SMP", 1},
           {derefs, "WARNING: kernel stack regs at 00000000f6c9b4d5 in otter:12 has bad", 1},
           {derefs, "WARNING: CPU: 1 PID: 12 at kernel/exit.c:814 do_exit+0x1/0x20", 1},
           {warns, "WARNING: CPU: 1 PID: 12 at kernel/exit.c:814 do_exit+0x1/0x20", 2},
           {derefs, panics, 1},
           {hangs, "INFO: task otter:13 blocked for more than 120 seconds.", 1},
           {hangs, warns, 2},
           {"BUG: memory leak", "unreferenced object 0xffff888012345678 (size 32):", 2}}) {
    CAPTURE(one.first, one.next);
    CHECK(reports_in({one.first, heading, frame, one.next, heading, frame}) == one.reports);
  }
  CHECK(reports_in(
            {"BUG: memory leak", "unreferenced object 0xffff888012345678 (size 32):", heading, frame}) == 1);
}

TEST_CASE("behind the end marker only a panic, the death of the task and other hung ones go on") {
  struct row {
    std::string_view next;
    std::size_t reports;
  };
  for (const auto& one :
       std::initializer_list<row>{{"Oops: 0002 [#2] SMP", 2},
                                  {"WARNING: kernel stack regs at 00000000f6c9b4d5 in otter:12 has bad", 2},
                                  {"WARNING: CPU: 1 PID: 12 at kernel/exit.c:814 do_exit+0x1/0x20", 1},
                                  {panics, 1},
                                  {derefs, 2}}) {
    CAPTURE(one.next);
    CHECK(reports_in({derefs, heading, frame, end, one.next, heading, frame}) == one.reports);
    CHECK(reports_in({derefs, end, one.next, heading, frame}) == one.reports);
  }
  // A panic makes the crash run on.
  machine out;
  out.say_all({derefs, heading, frame, end});
  CHECK(out.detector.deadline() == out.now + netcon::crash::limits{}.silence_after_end);
  out.say(panics);
  CHECK(out.detector.deadline() == out.now + netcon::crash::limits{}.silence);
}

TEST_CASE("the same panic twice is one crash, another panic is another one") {
  const std::string_view later = "Kernel panic - not syncing: dry";
  CHECK(reports_in({panics, panics}) == 1);
  CHECK(reports_in({derefs, heading, frame, panics, panics}) == 1);
  CHECK(reports_in({panics, heading, frame, later}) == 2);
  CHECK(reports_in({derefs, heading, frame, panics, later}) == 2);
}

TEST_CASE("the line that began a crash, with its stamp again, is of the same crash") {
  struct row {
    std::string_view text;
    std::optional<std::uint64_t> us;
    std::size_t reports;
  };
  for (const auto& one :
       std::initializer_list<row>{{sanitizes, 7000, 1},
                                  {sanitizes, 7001, 2},
                                  {sanitizes, std::nullopt, 2},
                                  {"BUG: KASAN: slab-use-after-free in pond_open+0x12/0x40", 7000, 2}}) {
    machine out;
    const auto say = [&](std::string_view text, std::optional<std::uint64_t> us) {
      out.detector.push(1, {.text = text, .timestamp_us = us}, out.now, out);
    };
    say(sanitizes, 7000);
    say(heading, 7000);
    say(frame, 7000);
    say(one.text, one.us);
    CAPTURE(one.text, one.us.value_or(0));
    CHECK(out.finish().size() == one.reports);
  }
  // Without a stamp nothing shows that it is the same.
  CHECK(reports_in({sanitizes, heading, frame, sanitizes}) == 2);
  // Nor behind the end.
  machine out;
  for (const auto text : {sanitizes, heading, frame, rule, sanitizes})
    out.detector.push(1, {.text = text, .timestamp_us = 7000}, out.now, out);
  CHECK(out.finish().size() == 2);
}

TEST_CASE("a crash that another one cuts is mixed, one that had its end is not") {
  struct row {
    texts first;
    bool mixed;
  };
  const std::string_view access = "Read of size 8 at addr ffff888012345678 by task otter/4078";
  for (const auto& one : std::initializer_list<row>{
           {{sanitizes, access, heading, frame}, true},
           {{sanitizes, access, heading, frame, rule}, false},
           {{"UBSAN: array-index-out-of-bounds in drivers/heron.c:12:3", heading, frame}, true},
           {{derefs, "RIP: 0010:heron_poll+0x1/0x20", heading, frame}, true},
           {{derefs, "RIP: 0010:heron_poll+0x1/0x20", heading, frame, end}, false},
           {{derefs, "RIP: 0010:heron_poll+0x1/0x20", heading, frame, panics}, false},
           {{bugs, "RIP: 0010:heron_poll+0x1/0x20", heading, frame}, true},
           {{"BUG: Bad page map in process otter  pte:8000 pmd:6000", heading, frame}, false},
           // Reports whose end nothing shows.
           {{warns, "RIP: 0010:heron_poll+0x1/0x20", heading, frame}, false},
           {{hangs, heading, frame}, false},
           {{waits_for_device}, false}}) {
    for (const auto& [quiet, cuts] : {std::pair{0ms, true}, {1999ms, true}, {2000ms, false}}) {
      CAPTURE(one.first, quiet.count());
      machine out;
      out.say_all(one.first);
      out.now += quiet;
      if (quiet != 0ms && one.first.back() == end) continue;  // it may be over by then
      out.say("BUG: KFENCE: memory corruption in otter_swim+0x1/0x2");
      out.say_all({" otter_swim+0x1/0x2", " vfs_open+0x1/0x2"});
      const auto got = out.finish();
      REQUIRE(got.size() == 2);
      CHECK((got[0].doubt == doubt::mixed) == (one.mixed && cuts));
      CHECK(got[1].title.ends_with("in otter_swim"));
    }
  }
}

TEST_CASE("lines of two crashes of which neither has a trace are one report, for two seconds") {
  for (const auto& [quiet, reports] : {std::pair{0ms, 1u}, {1999ms, 1u}, {2000ms, 2u}}) {
    CAPTURE(quiet.count());
    machine out;
    out.say(derefs);
    out.now += quiet;
    out.say(warns);
    CHECK(out.finish().size() == reports);
  }
}

TEST_CASE("a line that belongs to crashes keeps one alive, any other one does not") {
  const std::initializer_list<std::string_view> own{
      frame,
      "RIP: 0010:heron_poll",
      "RSP: 0018:ffffc90000123456",
      "RAX: 0000000000000000",
      "RDX: 0000000000000000",
      "RBP: ffffc90000123456",
      "R10: 0000000000000000",
      "R13: 0000000000000000",
      "FS:  00007f0000000000",
      "CS:  0010 DS: 0000",
      "CR2: 0000000000000018",
      "DR0: 0000000000000000",
      "DR3: 0000000000000000",
      "PKRU: 55555554",
      "Code: 48 89 e5",
      "CPU: 1 PID: 12 Comm: otter",
      "Modules linked in: heron",
      "Hardware name: Reed Works",
      "Workqueue: events pond_work",
      "#0: ffff888012345678",
      "Call Trace:",
      "<TASK>",
      "---[ more ]---",
      "page:ffffea0000123456",
      "page dumped because: kasan",
      "flags: 0x200(slab)",
      "raw: 0000 0000",
      "task:otter state:D",
      "INFO: task otter",
      "lock(&pond->lock);",
      "CPU0                    CPU1",
      "Kernel Offset: disabled",
      "note: otter[12] exited",
      "Fixing recursive fault but reboot is needed!",
      "Disabling lock debugging due to kernel taint",
      "Stack:",
      "Memory state around the buggy address:",
      "The buggy address belongs to",
      ">ffff888012345600: fa",
      "ffff888012345600: fa",
      "NMI backtrace for cpu 1",
      "Sending NMI from CPU 0",
      "rcu: blocking",
      "locks held, none",
      "2 locks held by otter/12:",
      "1 lock held by otter/12:",
      "x0 : 0000000000000000",
      "x29: ffff800012345678",
      "x9",
      "pond_open drivers/pond.c:12 [inline]",
      "somewhere near pond_open+0x1/0x2 perhaps",
      "====================",
      "   	",
      "",
  };
  const std::initializer_list<std::string_view> others{other,
                                                       "xylem: eth0",
                                                       "x",
                                                       "xx1",
                                                       "y1: b",
                                                       "0x0: 1",
                                                       "===================",
                                                       "====================-",
                                                       "lock held",
                                                       "1 x9",
                                                       "a call Trace:",
                                                       "pond_open",
                                                       "rip: 0010"};
  const auto end_of = [](std::string_view text) {
    machine out;
    out.say(derefs);
    out.now += 1500ms;
    out.say(text);
    return *out.detector.deadline() - netcon::time_point{};
  };
  for (const auto text : own) {
    CAPTURE(text);
    CHECK(end_of(text) == 6500ms);
    CHECK(end_of("  " + std::string{text}) == 6500ms);
  }
  for (const auto text : others) {
    CAPTURE(text);
    CHECK(end_of(text) == 5s);
  }
  CHECK(end_of(std::string_view{"x9"}.substr(0, 1)) == 5s);  // nothing behind a line is read
}

TEST_CASE("an empty line behind the end marker is no line of the crash") {
  for (const auto& [text, keeps] :
       {std::pair{std::string_view{""}, false}, {"  ", false}, {"note: otter[12] exited", true}}) {
    machine out;
    out.say_all({derefs, heading, frame, end});
    out.now += 500ms;
    out.say(text);
    CHECK(*out.detector.deadline() - netcon::time_point{} == (keeps ? 1500ms : 1000ms));
    const auto got = out.finish();
    REQUIRE(got.size() == 1);
    CHECK(got[0].text.size() == (keeps ? 5 : 4));
  }
}

TEST_CASE("other lines at the end are left out of the text, those of a crash that is being printed are not") {
  for (const auto& [after, kept] : {std::pair{0ms, true}, {1999ms, true}, {2000ms, false}, {2001ms, false}}) {
    CAPTURE(after.count());
    machine out;
    out.say_all({derefs, heading, frame});
    out.now += after;
    out.say_all({other, other});
    const auto got = out.finish();
    REQUIRE(got.size() == 1);
    CHECK(got[0].text.size() == (kept ? 5 : 3));
  }
  // A line of its own behind them keeps them.
  machine out;
  out.say_all({derefs, heading, frame});
  out.now += 3s;
  out.say_all({other, "note: otter[12] exited", other});
  const auto got = out.finish();
  REQUIRE(got.size() == 1);
  CHECK(got[0].text.size() == 6);
}

TEST_CASE("a crash ends exactly when its silence is over") {
  const netcon::crash::limits bounds;
  for (const bool ended : {false, true}) {
    machine out;
    out.say_all({derefs, heading, frame});
    if (ended) out.say(end);
    const auto due = out.now + (ended ? bounds.silence_after_end : bounds.silence);
    CHECK(out.detector.deadline() == due);
    out.detector.expire(due - 1ns, out);
    CHECK(out.reports.empty());
    out.detector.expire(due, out);
    CHECK(out.reports.size() == 1);
  }
}

TEST_CASE("of crashes that run at once the first silence is due first") {
  machine out;
  out.say(may_fault, "T3");
  CHECK_FALSE(out.detector.deadline());  // nothing has begun
  out.say(derefs, "T1");
  out.now += 1s;
  out.say(warns, "T2");
  CHECK(*out.detector.deadline() - netcon::time_point{} == 5s);
  out.say(frame, "T1");
  CHECK(*out.detector.deadline() - netcon::time_point{} == 6s);
  out.now += 1s;
  out.say(frame, "T1");
  CHECK(*out.detector.deadline() - netcon::time_point{} == 6s);
  out.detector.expire(netcon::time_point{} + 6s, out);
  REQUIRE(out.reports.size() == 1);
  CHECK(out.reports[0].title.starts_with("WARNING"));
  CHECK(out.detector.is_crashing(1));
}

TEST_CASE("the line of a caller belongs to the crash of that caller, of none to the first") {
  struct row {
    texts callers;  // of the two crashes
    std::string_view line;
    std::size_t owner;  // 2: none
  };
  for (const auto& one : std::initializer_list<row>{{{"T1", "T2"}, "T1", 0},
                                                    {{"T1", "T2"}, "T2", 1},
                                                    {{"T1", "T2"}, "", 0},
                                                    {{"T1", "T2"}, "T3", 2},
                                                    {{"T1"}, "T1", 0},
                                                    {{"T1"}, "", 0},
                                                    {{"T1"}, "T2", 1},
                                                    {{""}, "T1", 0}}) {
    CAPTURE(one.callers, one.line);
    machine out;
    std::string_view opening = derefs;
    for (const auto caller : one.callers) {
      out.say(opening, caller);
      opening = warns;
    }
    out.say("RAX: 0000000000000007", one.line);
    const auto got = out.finish();
    REQUIRE(got.size() == one.callers.size());
    for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i].text.size() == (i == one.owner ? 2 : 1));
  }
}

TEST_CASE("other processors add to a crash that hangs or panicked, other tasks to none") {
  struct row {
    texts first;
    bool adds;
  };
  for (const auto& one : std::initializer_list<row>{{{stalls}, true},
                                                    {{locks_up}, true},
                                                    {{hangs}, true},
                                                    {{derefs}, false},
                                                    {{waits_for_device}, false},
                                                    {{panics}, true},
                                                    {{derefs, panics}, true}})
    for (const std::string_view caller : {"C3", "T3"}) {
      CAPTURE(one.first, caller);
      machine out;
      for (const auto text : one.first) out.say(text, "T1");
      out.say("NMI backtrace for cpu 3", caller);
      const auto got = out.finish();
      REQUIRE(got.size() == 1);
      CHECK(got[0].text.size() == one.first.size() + (one.adds && caller == "C3" ? 1 : 0));
    }
}

TEST_CASE("the lines of a panic belong to the crash that it follows from, whatever their caller") {
  for (const std::string_view caller : {"T1", "T2", "C0"}) {
    CAPTURE(caller);
    machine out;
    out.say(derefs, "T1");
    out.say(panics, caller);
    out.say("CPU: 0 UID: 0 PID: 2 Comm: heron Not tainted 6.12.0 #1", caller);
    out.say(down, caller);
    REQUIRE(out.reports.size() == 1);
    CHECK(out.reports[0].text.size() == 4);
    CHECK(out.reports[0].panicked);
  }
}

TEST_CASE("the frames of another task give no name to a crash that panicked or hangs") {
  struct row {
    texts first;
    std::string_view title;
  };
  for (const auto& one : std::initializer_list<row>{
           {{"BUG: scheduling while atomic: heron/12/0x00000002", panics, heading, " panic+0x1/0x2"},
            "BUG: scheduling while atomic in pond_fill"},
           {{hangs, heading, " __schedule+0x1/0x2", " schedule+0x1/0x2"}, "INFO: task hung in pond_fill"}}) {
    machine out;
    for (const auto text : one.first) out.say(text, "T1");
    for (const std::string_view text :
         {"RIP: 0010:lake_drain+0x1/0x20", " lake_drain+0x1/0x20", " river+0x1/0x2"})
      out.say(text, "T3");
    out.say(" pond_fill+0x1/0x20", "T1");
    out.say(" do_syscall_64+0x1/0x20", "T1");
    const auto got = out.finish();
    REQUIRE(got.size() == 1);
    CHECK(got[0].title == one.title);
    CHECK(got[0].text.size() == one.first.size() + 2);
  }
}

TEST_CASE("the panic of another caller follows from the newest crash, unless that one panicked") {
  machine one;
  one.say(derefs, "T1");
  one.say(warns, "T2");
  one.say(panics, "C0");
  const auto got = one.finish();
  REQUIRE(got.size() == 2);
  CHECK(got[0].chain.empty());
  CHECK(got[1].chain.size() == 1);
  // Another crash of another caller is one of its own.
  machine two;
  two.say(stalls, "T1");
  two.say(warns, "C0");
  CHECK(two.finish().size() == 2);
  machine three;
  three.say(panics, "T1");
  three.say("Kernel panic - not syncing: dry", "C0");
  CHECK(three.finish().size() == 2);
}

TEST_CASE("of more crashes at once than the limit the first one ends") {
  for (const std::size_t most : {1u, 2u, 3u}) {
    CAPTURE(most);
    netcon::crash::limits bounds;
    bounds.at_once = most;
    machine out{bounds};
    for (unsigned i = 0; i < 5; ++i) {
      out.say(derefs, "T" + std::to_string(i));
      CHECK(out.begun.size() == i + 1);
      CHECK(out.reports.size() == (i + 1 > most ? i + 1 - most : 0));
    }
    CHECK(out.finish().size() == 5);
  }
  // Those that wait for a later one of the same caller count too, and are given first, together.
  netcon::crash::limits bounds;
  bounds.at_once = 2;
  machine out{bounds};
  out.say_all({derefs, heading, frame, end});
  out.say_all({warns, heading, frame, end});
  CHECK(out.reports.empty());
  out.say_all({bugs, heading, frame, end});
  CHECK(out.reports.size() == 2);
  const auto got = out.finish();
  REQUIRE(got.size() == 3);
  CHECK(got[0].title.starts_with("BUG: unable"));
  CHECK(got[1].title.starts_with("WARNING"));
  CHECK(got[2].title.starts_with("kernel BUG"));
  for (const auto& one : got) CHECK_FALSE(one.panicked);
}

TEST_CASE("the end of a panic ends all crashes at once, and nothing of them goes on") {
  machine out;
  out.say(warns, "T1");
  out.say(derefs, "T2");
  out.say(panics, "T2");
  out.say(down, "T2");
  REQUIRE(out.reports.size() == 2);
  CHECK(out.detector.is_idle());
  CHECK_FALSE(out.detector.deadline());
  for (const auto& one : out.reports) CHECK(one.panicked);
  out.say(frame, "T2");
  CHECK(out.finish().size() == 2);
}

TEST_CASE("crashes of a machine that stays up did not go down, also when one of them ends late") {
  machine out;
  out.say(warns, "T1");
  out.say(derefs, "T2");
  out.say(panics, "T2");
  // The warning is over before the panic ends.
  out.now += 4s;
  out.say(frame, "T2");
  out.now += 2s;
  out.detector.expire(out.now, out);
  REQUIRE(out.reports.size() == 1);
  CHECK_FALSE(out.reports[0].panicked);
  CHECK(out.finish().at(1).panicked);
}

TEST_CASE("a fault that may be a program's is a crash with a proof within eight lines") {
  for (const auto proof : {oops_of_arm, counter_of_arm})
    for (std::size_t between = 0; between < 12; ++between) {
      CAPTURE(proof, between);
      machine out;
      out.say(may_fault);
      CHECK(out.begun.empty());
      CHECK(out.detector.is_crashing(1));  // its lines are kept
      for (std::size_t i = 0; i < between; ++i) out.say("pgd = c0004000");
      out.say(proof);
      const auto got = out.finish();
      const bool proved = between < 8;
      // The oops is a crash without it too.
      REQUIRE(got.size() == (proved || proof == oops_of_arm ? 1 : 0));
      if (proved) {
        CHECK(got[0].title.starts_with("Unhandled fault"));
        CHECK(got[0].text.size() == between + 2);
      }
    }
}

TEST_CASE("the proof of another caller is none, and one without a function is none") {
  struct row {
    std::string_view suspect, proof;
    bool counts;
  };
  for (const auto& one : std::initializer_list<row>{
           {"T1", "T1", true}, {"T1", "T2", false}, {"", "T1", true}, {"T1", "", true}, {"", "", true}}) {
    CAPTURE(one.suspect, one.proof);
    machine out;
    out.say(may_fault, one.suspect);
    out.say(counter_of_arm, one.proof);
    CHECK(out.finish().size() == (one.counts ? 1 : 0));
  }
  machine out;
  out.say_all({may_fault, "PC is at 0x10480", "pc : [<00010480>]    lr : [<000104a4>]"});
  CHECK(out.finish().empty());
}

TEST_CASE("another crash before the proof makes a fault a program's") {
  machine out;
  out.say_all({may_fault, warns, counter_of_arm});
  const auto got = out.finish();
  REQUIRE(got.size() == 1);
  CHECK(got[0].title.starts_with("WARNING"));
}

TEST_CASE("a second line of a fault adds to the first one, the same line again replaces it") {
  machine adds;
  adds.say_all({may_trap, may_fault, oops_of_arm});
  auto got = adds.finish();
  REQUIRE(got.size() == 1);
  CHECK(got[0].title.starts_with("Alignment trap"));
  CHECK(got[0].text.size() == 3);
  machine replaces;
  replaces.say_all({other, may_fault, "pgd = c0004000", may_fault, oops_of_arm});
  got = replaces.finish();
  REQUIRE(got.size() == 1);
  CHECK(got[0].text.size() == 2);
  CHECK(got[0].before.front() == other);
}

TEST_CASE("a fault without a proof is forgotten after a silence") {
  machine out;
  out.say(may_fault);
  out.now += netcon::crash::limits{}.silence;
  out.detector.expire(out.now, out);
  CHECK(out.detector.is_idle());
  out.say(counter_of_arm);
  CHECK(out.finish().empty());
  // At a boot too.
  out.say(may_fault);
  out.detector.rebooted(1, out);
  CHECK(out.detector.is_idle());
}

TEST_CASE("a fault that is proved sets the crash before it aside") {
  struct row {
    std::string_view first, second;
    bool mixed;
  };
  for (const auto& one :
       std::initializer_list<row>{{"T1", "T1", true}, {"", "", true}, {"T1", "T2", false}}) {
    CAPTURE(one.first, one.second);
    machine out;
    for (const auto text : {derefs, std::string_view{"RIP: 0010:pond_open+0x1/0x20"}, heading, frame})
      out.say(text, one.first);
    out.say(may_fault, one.second);
    out.say(oops_of_arm, one.second);
    CHECK(out.begun.size() == 2);
    CHECK(out.reports.empty());
    const auto got = out.finish();
    REQUIRE(got.size() == 2);
    CHECK(got[0].title.starts_with("BUG: unable"));
    CHECK((got[0].doubt == doubt::mixed) == one.mixed);
    CHECK(got[1].title.starts_with("Unhandled fault"));
  }
  netcon::crash::limits bounds;
  bounds.at_once = 1;
  machine out{bounds};
  out.say(derefs, "T1");
  out.say(may_fault, "T2");
  CHECK(out.reports.empty());
  out.say(oops_of_arm, "T2");
  CHECK(out.reports.size() == 1);
  CHECK(out.finish().size() == 2);
}

TEST_CASE("a fault that is proved ends the crashes of its caller alone") {
  machine out;
  out.say(derefs, "T1");
  out.say(warns, "T2");
  out.say(may_fault, "T2");
  out.say(oops_of_arm, "T2");
  out.say("RAX: 0000000000000007", "T2");
  out.say("RAX: 0000000000000007", "T1");
  const auto got = out.finish();
  REQUIRE(got.size() == 3);
  CHECK(got[0].title.starts_with("WARNING"));
  CHECK(got[1].title.starts_with("BUG: unable"));
  CHECK(got[1].text.size() == 2);
  CHECK(got[2].title.starts_with("Unhandled fault"));
  CHECK(got[2].text.size() == 3);
}

TEST_CASE("a report that a sink did not take in costs no later one, which is due at once") {
  for (const bool by_flush : {false, true}) {
    machine out;
    out.now += 100s;
    out.say_all({derefs, heading, frame, end, warns, heading, frame});
    CHECK(out.detector.deadline() == out.now + 5s);  // while a later crash runs
    const auto throws = [](const auto&) { throw std::runtime_error{"the sink cannot"}; };
    if (by_flush)
      CHECK_THROWS(out.detector.flush(throws));
    else
      CHECK_THROWS(out.detector.expire(out.now + 6s, throws));
    CHECK(out.detector.is_crashing(1));
    REQUIRE(out.detector.deadline());
    CHECK(*out.detector.deadline() <= out.now);
    if (by_flush)
      out.detector.flush(out);
    else
      out.detector.expire(out.now, out);
    CHECK(out.detector.is_idle());
    REQUIRE(out.reports.size() == 1);
    CHECK(out.reports[0].title.starts_with("WARNING"));
    CHECK_FALSE(out.reports[0].panicked);
  }
}

TEST_CASE("a crash whose first line is cut and comes again is announced once") {
  const std::string_view notice = "** replaying previous printk message **",
                         cut = "BUG: KASAN: slab-use-after";
  struct row {
    texts log;
    std::size_t reports, lines;  // of the last report
  };
  for (const auto& one : std::initializer_list<row>{{{cut, notice, sanitizes}, 1, 1},
                                                    {{cut, sanitizes}, 2, 1},
                                                    {{cut, other, sanitizes}, 2, 1},
                                                    {{cut, notice, other, sanitizes}, 2, 1},
                                                    {{cut, notice, derefs}, 2, 1},
                                                    {{sanitizes, notice, sanitizes}, 1, 1},
                                                    {{notice, sanitizes}, 1, 1}}) {
    CAPTURE(one.log);
    machine out;
    out.say_all(one.log);
    CHECK(out.begun.size() == one.reports);
    const auto got = out.finish();
    REQUIRE(got.size() == one.reports);
    CHECK(got.back().text.size() == one.lines);
  }
}

TEST_CASE("a report has the stamps, the release and the time of its first line") {
  for (const auto& [us, stamp] : {std::pair{0u, "[    0.000000] "},
                                  {137u, "[    0.000137] "},
                                  {1'999'999u, "[    1.999999] "},
                                  {12'000'001u, "[   12.000001] "},
                                  {4'294'967'295u, "[ 4294.967295] "}}) {
    machine out;
    const netcon::crash::optional_time time{std::chrono::microseconds{77}};
    out.detector.push(1, {.text = derefs, .timestamp_us = us, .release = "6.12.9-lake", .time = time},
                      out.now, out);
    out.detector.push(1, {.text = frame}, out.now, out);
    const auto got = out.finish();
    REQUIRE(got.size() == 1);
    CHECK(got[0].text[0] == std::string{stamp}.append(derefs));
    CHECK(got[0].text[1] == frame);
    CHECK(got[0].release == "6.12.9-lake");
    CHECK(got[0].time == time);
    CHECK(got[0].first_us == us);
    CHECK(got[0].last_us == us);
    CHECK_FALSE(got[0].first_sequence);
  }
  machine out;
  out.detector.push(1, {.text = derefs, .timestamp_us = 123'456'789'012}, out.now, out);
  out.say("Comm: otter Not tainted 6.6.1-reed #1");
  CHECK(out.finish().at(0).text[0].starts_with("[123456.789012] "));
}

TEST_CASE("records keep their order where one of them has no number") {
  machine out;
  const auto say = [&](std::string_view text, std::optional<std::uint64_t> number) {
    out.detector.push(1, {.text = text, .sequence = number}, out.now, out);
  };
  say(derefs, 10);
  say("RSP: 1", 12);
  say("RAX: 1", std::nullopt);
  say("RBP: 1", 11);
  CHECK(out.finish().at(0).text ==
        std::vector<std::string>{std::string{derefs}, "RSP: 1", "RAX: 1", "RBP: 1"});
}

TEST_CASE("lines of one record keep their order, also behind a late one") {
  machine out;
  const auto say = [&](std::string_view text, std::uint64_t number) {
    out.detector.push(1, {.text = text, .sequence = number}, out.now, out);
  };
  say(derefs, 10);
  say("RSP: 1\nRAX: 1\nRBP: 1", 12);
  say("RDX: 1\nR10: 1", 11);
  CHECK(out.finish().at(0).text ==
        std::vector<std::string>{std::string{derefs}, "RDX: 1", "R10: 1", "RSP: 1", "RAX: 1", "RBP: 1"});
}

TEST_CASE("a crash that has other lines before its late first one is named by that") {
  machine out;
  const auto say = [&](std::string_view text, std::uint64_t number) {
    out.detector.push(1, {.text = text, .sequence = number}, out.now, out);
  };
  say(faults, 10);
  say("RSP: 1", 9);  // of what was before
  say("RIP: 0010:heron_poll+0x1/0x20", 11);
  CHECK(out.finish().at(0).title == "BUG: unable to handle kernel paging request in heron_poll");
}

TEST_CASE("a late line before the one that began the crash is its beginning, nothing that followed from it") {
  machine out;
  const auto say = [&](std::string_view text, std::uint64_t number) {
    out.detector.push(1, {.text = text, .sequence = number}, out.now, out);
  };
  say("Oops: 0002 [#1] SMP", 11);
  say(faults, 10);
  say("RIP: 0010:heron_poll+0x1/0x20", 12);
  const auto got = out.finish();
  REQUIRE(got.size() == 1);
  CHECK(got[0].text.front() == faults);
  CHECK(got[0].chain.empty());
}

TEST_CASE("a first line over the limit costs nothing of the others") {
  netcon::crash::limits bounds;
  bounds.bytes = 4000;
  machine out{bounds};
  out.say("BUG: KASAN: use-after-free in heron_poll+0x1/0x20 " + std::string(5000, '.'));
  out.say_all({" pond_open+0x1/0x20", " pond_close+0x1/0x20"});
  const auto got = out.finish();
  REQUIRE(got.size() == 1);
  CHECK(got[0].cut_lines == 1);
  CHECK(got[0].frames.size() == 2);
}

TEST_CASE("a machine went down whose panic is over the limit of a report") {
  netcon::crash::limits bounds;
  bounds.lines = 1;
  machine out{bounds};
  out.say_all({derefs, panics});
  out.now += bounds.silence;
  out.detector.expire(out.now, out);
  REQUIRE(out.reports.size() == 1);
  CHECK(out.reports[0].panicked);
  CHECK(out.reports[0].cut_lines == 1);
}

TEST_CASE("a line fits a report up to the last byte of its limit and of the room of all") {
  for (const bool of_all : {false, true})
    for (const std::size_t size : {59u, 60u, 61u}) {
      CAPTURE(of_all, size);
      netcon::crash::limits bounds;
      (of_all ? bounds.all_bytes : bounds.bytes) = 60;
      machine out{bounds};
      // What was given takes no room, nor a crash without room for its line.
      const std::string longer = "BUG: " + std::string(80, '.');
      for (const int from : {2, 3, 3}) {
        out.finish();
        out.detector.push(from, {.text = longer}, out.now, out);
      }
      std::string text = "BUG: the pond is dry";
      text.resize(size, '.');
      out.say(text);
      auto got = out.finish();
      std::erase_if(got, [](const auto& one) { return !one.title.starts_with("BUG: the pond"); });
      REQUIRE(got.size() == 1);
      CHECK(got[0].text.size() == (size <= 60 ? 1 : 0));
      CHECK(got[0].cut_lines == (size <= 60 ? 0 : 1));
    }
}

TEST_CASE("what was ended gives its room back") {
  netcon::crash::limits bounds;
  bounds.all_bytes = 2000;
  machine out{bounds};
  for (int i = 0; i < 50; ++i) {
    out.say(derefs);
    out.say(frame);
    // Set aside for another crash, then given.
    out.say(warns);
    out.say(may_fault);
    out.finish();
  }
  for (int i = 0; i < 50; ++i) {
    out.say(derefs);
    out.say(frame);
    out.finish();
  }
  for (const auto& one : out.reports) CHECK(one.cut_lines == 0);
  // What waits takes room: its own, that of the crash that was set aside, and what is suspected.
  machine full{bounds};
  full.say(derefs);
  full.say(frame);
  for (int i = 0; i < 100; ++i) full.say("RAX: 0000000000000000");
  full.say_all({warns, heading, frame});
  CHECK(full.finish().back().cut_lines == 3);
  machine suspects{bounds};
  suspects.say(may_fault);
  suspects.say(std::string(1700, '.'));
  suspects.detector.push(2, {.text = derefs}, suspects.now, suspects);
  suspects.detector.push(2, {.text = std::string(200, '#')}, suspects.now, suspects);
  CHECK(suspects.finish().at(0).cut_lines == 1);
}

TEST_CASE("a machine that says its farewell did not reboot unexpectedly") {
  const auto reboots = [](const texts& before) {
    machine out;
    out.say_all(before);
    out.say("Booting the kernel.");
    return out.finish().size();
  };
  constexpr std::string_view login = "lake login: ", login_with_name = "lake login:";
  for (const std::string_view work :
       {login, login_with_name, std::string_view{"[  OK  ] Started otter.service."},
        std::string_view{"[pid  3610] close(3) = 0"}, std::string_view{"executing program 0:"},
        std::string_view{"executing program"},
        std::string_view{"Warning: Permanently added '10.0.0.7' (ED25519)"}}) {
    CAPTURE(work);
    CHECK(reboots({work}) == 1);
    CHECK(reboots({work, other}) == 1);
    CHECK(reboots({work, ""}) == 1);
    for (const std::string_view farewell :
         {"reboot: Restarting system", "reboot: Power down", "Rebooting in 5 seconds..",
          "---[ end Kernel panic - not syncing: dry ]---", "kexec_core: Starting new kernel",
          "systemd-shutdown[1]: Syncing filesystems", "[  OK  ] Reached target System Reboot.",
          "[  OK  ] Reached target System Power Off.", "[  OK  ] Reached target System Halt.",
          "[  OK  ] Reached target Shutdown.", "[  OK  ] Reached target Reboot via Kexec.",
          "[  OK  ] Reached target reboot.target.", "[  OK  ] Reached target poweroff.target."}) {
      CAPTURE(farewell);
      CHECK(reboots({work, farewell}) == 0);
      CHECK(reboots({farewell, work}) == 0);
    }
    for (const std::string_view stays :
         {"[  OK  ] Reached target Network.", "[  OK  ] Reached target Basic System.",
          "[  OK  ] Stopped target Shutdown.", "rebooting", "Restarting otter", "kexec_core: loaded",
          "systemd[1]: Syncing filesystems", "---[ end trace 0000000000000000 ]---",
          "otter: reboot: Restarting system"}) {
      CAPTURE(stays);
      CHECK(reboots({work, stays}) == 1);
    }
  }
  for (const std::string_view idle :
       {"", "pond: ripples", "login", "the login:was", " login", "login: bear", "[ OK ] Started",
        "[pond] swims", "executed", "Warning: dry", "Welcome:", "every ", "lake: login "}) {
    CAPTURE(idle);
    CHECK(reboots({idle}) == 0);
  }
}

TEST_CASE("a machine ran whose lines have a stamp, a number, or the date of a program") {
  struct row {
    netcon::crash::line before;
    bool dated;  // the boot
    std::size_t reports;
  };
  const netcon::crash::optional_time time{std::chrono::microseconds{77}};
  for (const auto& one :
       std::initializer_list<row>{{{.text = other}, false, 0},
                                  {{.text = other, .sequence = 7}, false, 1},
                                  {{.text = other, .timestamp_us = 7}, false, 1},
                                  {{.text = other, .time = time}, false, 1},
                                  {{.text = other, .time = time}, true, 0},
                                  {{.text = other}, true, 0},
                                  {{.text = other, .sequence = 7, .time = time}, true, 1}}) {
    for (const bool suspects : {false, true}) {  // while nothing runs, or a fault may be one
      machine out;
      if (suspects) out.say(may_fault);
      out.detector.push(1, one.before, out.now, out);
      out.detector.push(1, {.text = "Booting the kernel.", .time = one.dated ? time : std::nullopt}, out.now,
                        out);
      CAPTURE(suspects, one.dated);
      CHECK(out.finish().size() == one.reports);
    }
  }
  // What ran before a boot does not run behind it.
  machine out;
  out.detector.push(1, {.text = other, .sequence = 7, .time = time}, out.now, out);
  out.detector.rebooted(1, out);
  out.say("Booting the kernel.");
  CHECK(out.finish().empty());
}

TEST_CASE("the lines before a crash are in its report, those of another crash or boot are not") {
  using strings = std::vector<std::string>;
  machine out;
  out.say_all({"one", "two", derefs, heading, frame, end});
  CHECK(out.finish().at(0).before == strings{"one", "two"});
  out.say("three");
  out.say(may_fault);
  out.say(oops_of_arm);
  CHECK(out.finish().at(1).before == strings{"one", "two", "three"});
  out.detector.rebooted(1, out);
  out.say("four");
  out.say(derefs, "T1");
  out.say("five", "T2");  // of no crash
  out.say(warns, "T2");
  const auto got = out.finish();
  CHECK(got.at(2).before == strings{"four"});
  CHECK(got.at(3).before == strings{"four", "five"});
}
