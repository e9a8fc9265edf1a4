// SPDX-License-Identifier: MIT
// Short logs and the names of their crashes: one row for each rule about titles, blame and doubt.
#include <netcon/capture/text_log.hpp>
#include <netcon/crash/log_scanner.hpp>

#include "support/catch.hpp"

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using netcon::crash::doubt;
using netcon::crash::report;

namespace {

/// The reports of a log, whose lines get a stamp of the kernel.
std::vector<report> scan(std::string_view text) {
  std::string log, line;
  std::istringstream lines{std::string{text}};
  while (std::getline(lines, line)) log += line.empty() ? "\n" : "[   12.345678] " + line + "\n";
  std::vector<report> out;
  netcon::crash::log_scanner scanner;
  netcon::text_log reader;
  const auto keep = [&]<class Event>(const Event& event) {
    if constexpr (requires { event.report; }) out.push_back(event.report);
  };
  const auto push = [&](const netcon::log_line& one) { scanner.push(one, keep); };
  reader.push(log, push);
  reader.finish(push);
  scanner.finish(keep);
  return out;
}

/// A trace whose first functions are these.
std::string trace(std::string_view functions) {
  std::string out =
      "CPU: 1 UID: 0 PID: 4078 Comm: otter Not tainted 6.12.0-lake #58\nHardware name: Reed Works R1\n"
      "Call Trace:\n <TASK>\n dump_stack_lvl+0x241/0x360\n";
  std::istringstream names{std::string{functions}};
  for (std::string name; names >> name;) out += " " + name + "+0x12/0x34\n";
  return out + " do_syscall_64+0xf3/0x230\n entry_SYSCALL_64_after_hwframe+0x77/0x7f\n </TASK>\n";
}

struct row {
  std::string log;
  std::string_view title;
  std::string_view type;
  doubt why = doubt::none;
};

void check(const std::vector<row>& rows) {
  for (const auto& one : rows) {
    CAPTURE(one.log);
    const auto got = scan(one.log);
    REQUIRE(got.size() == 1);
    CHECK(got[0].title == one.title);
    if (!one.type.empty()) CHECK(type(got[0].kind) == one.type);
    CHECK(name(got[0].doubt) == name(one.why));
  }
}

std::string stall(std::string_view behind) {
  return "rcu: INFO: rcu_preempt self-detected stall on CPU\n" +
         trace("rcu_dump_cpu_stacks asm_sysvec_apic_timer_interrupt") +
         "RIP: 0010:pond_spin+0x1/0x2\n pond_loop+0x1/0x2\n " + std::string{behind} +
         "+0x1/0x2\n __x64_sys_sendmsg+0x1/0x2\n do_syscall_64+0x1/0x2\n";
}

}  // namespace

TEST_CASE("helpers are skipped by the name that they have") {
  const std::string deref =
      "BUG: KASAN: slab-out-of-bounds in memcpy+0x1/0x2\nRead of size 8 at addr "
      "ffff888012345678 by task otter/4078\n\n";
  check({
      {deref + trace("__mutex_lock pond_open"), "KASAN: slab-out-of-bounds Read in pond_open", "KASAN-READ"},
      {deref + trace("___mutex_x pond_open"), "KASAN: slab-out-of-bounds Read in ___mutex_x", "KASAN-READ"},
      {deref + trace("__crc32c_le pond_open"), "KASAN: slab-out-of-bounds Read in __crc32c_le", "KASAN-READ"},
      {deref + trace("crc32c_le pond_open"), "KASAN: slab-out-of-bounds Read in pond_open", "KASAN-READ"},
      {deref + trace("filemap_get_folio pond_open"), "KASAN: slab-out-of-bounds Read in filemap_get_folio",
       "KASAN-READ"},
      {deref + trace("__read_once_size_nocheck pond_open"), "KASAN: slab-out-of-bounds Read in pond_open",
       "KASAN-READ"},
      {stall("__sock_sendmsg"), "INFO: rcu detected stall in sys_sendmsg", "HANG"},
      {stall("sock_sendmsg"), "INFO: rcu detected stall in pond_loop", "HANG"},
      {stall("__sock_release"), "INFO: rcu detected stall in pond_loop", "HANG"},
      {"kernel BUG at net/pond.c:12!\nRIP: 0010:__skb_pull+0x1/0x2\n" + trace("pond_open"),
       "kernel BUG in __skb_pull", "BUG"},
      {"kernel BUG at net/pond.c:12!\nRIP: 0010:skb_pull+0x1/0x2\n" + trace("pond_open"),
       "kernel BUG in pond_open", "BUG"},
      {"Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: ffffffff81234567\n" +
           trace("panic __stack_chk_fail __schedule"),
       "kernel panic: stack is corrupted in __schedule", "DoS"},
      {"Kernel panic - not syncing: corrupted stack end detected inside scheduler\n" +
           trace("panic __schedule pond_open vfs_write"),
       "kernel panic: corrupted stack end in pond_open", "DoS"},
  });
}

TEST_CASE("a line that begins a crash is not taken apart") {
  check({
      {"BUG: Unable to handle kernel data access on read at 0xc000000000000010\nFaulting instruction "
       "address: "
       "0xc000000000123456\nOops: Kernel access of bad area, sig: 11 [#1]\nNIP [c000000000123456] "
       "pond_open+0x1/0x2\n" +
           trace("vfs_open"),
       "BUG: unable to handle kernel paging request in pond_open", "MEMORY_SAFETY_BUG"},
      {"UBSAN: array-index-out-of-bounds in drivers/pond.c:12:3\n" + trace("pond_open") +
           "Kernel panic - not syncing: UBSAN: panic_on_warn set ...\n" + trace("panic pond_open"),
       "UBSAN: array-index-out-of-bounds in pond_open", "MEMORY_SAFETY_UBSAN"},
  });
}

TEST_CASE("the first line gives title and type") {
  const auto warn = [](std::string_view where, std::string_view function) {
    return std::string{where} + "\nModules linked in:\nRIP: 0010:" + std::string{function} + "+0x1/0x2\n" +
           trace("pond_open");
  };
  check({
      {"BUG: KMSAN: kernel-infoleak-after-free in pond_read+0x1/0x2\n pond_read+0x1/0x2\n "
       "vfs_read+0x1/0x2\n\n"
       "Uninit was created at:\n slab_free+0x1/0x2\n pond_free+0x1/0x2\n\nBytes 0-7 of 8 are uninitialized\n",
       "KMSAN: kernel-infoleak-after-free in pond_read", "KMSAN-USE-AFTER-FREE-READ"},
      {"UBSAN: object-size-mismatch in drivers/pond.c:12:3\n" + trace("pond_open"),
       "UBSAN: object-size-mismatch in pond_open", "UBSAN"},
      {"kernel BUG at mm/usercopy.c:102!\nRIP: 0010:usercopy_abort+0x1/0x2\n" + trace("pond_open"),
       "BUG: bad usercopy in pond_open", "BUG"},
      {"Unhandled fault: page domain fault (0x01b) at 0x00000000\nPC is at pond_open+0x1/0x2\n" +
           trace("vfs_open"),
       "Unhandled fault in pond_open", "DoS"},
      {"BUG: workqueue leaked atomic, lock or RCU: kworker/0:1[12]\n" + trace("pond_work"),
       "BUG: workqueue leaked atomic, lock or RCU: kworker/NUM:NUM[NUM]", "LOCKDEP"},
      {"WARNING: kernel stack regs at ffffc90003a9f9c8 in otter:4078 has bad 'bp' value 0000000000000001\n",
       "WARNING: kernel stack regs has bad 'bp' value", "WARNING"},
      {"WARNING: kernel stack frame pointer at (____ptrval____) in otter:4078 has bad value "
       "(____ptrval____)\n",
       "WARNING: kernel stack regs has bad value", "WARNING"},
      {"WARNING: kernel stack frame pointer at ffffc90003a9f9c8 in otter:4078 has bad value 1\n",
       "WARNING: kernel stack frame pointer has bad value", "WARNING"},
      {warn("WARNING: CPU: 1 PID: 4078 at lib/debugobjects.c:5 lookup_pond+0x1/0x2", "lookup_pond"),
       "WARNING in lookup_pond", "WARNING"},
      {warn("WARNING: lib/debugobjects.c:5 at lookup_pond+0x1/0x2, CPU#1: otter/4078", "lookup_pond"),
       "WARNING: ODEBUG bug in lookup_pond", "WARNING"},
      {warn("WARNING: CPU: 1 PID: 4078 at fs/proc/generic.c:7 remove_proc_entry+0x1/0x2",
            "remove_proc_entry"),
       "WARNING in remove_proc_entry", "WARNING"},
      {warn("WARNING: fs/proc/generic.c:7 at remove_proc_entry+0x1/0x2, CPU#1: otter/4078",
            "remove_proc_entry"),
       "WARNING: proc registration bug in pond_open", "WARNING"},
      {"Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: __schedule+0x1/0x2\n",
       "kernel panic: stack is corrupted in __schedule", "DoS"},
      {"trusty: panic (caller 0x12): heap 7 is full\n", "trusty: panic: heap NUM is full", "DoS"},
      {"Unable to handle kernel execute from non-executable memory at virtual address 12\n"
       "pc : pond_open+0x1/0x2\n" +
           trace("vfs_open"),
       "BUG: unable to handle kernel paging request in pond_open", "MEMORY_SAFETY_BUG"},
  });
  CHECK(scan("general protection fault ip:55d3 sp:7ffd error:0 in otter[55d3+1000]\n").empty());
}

TEST_CASE("what other tasks hold is a part of the report of a hung one") {
  const auto got = scan(
      "INFO: task otter:4078 blocked for more than 143 seconds.\n" + trace("__schedule schedule pond_open") +
      "INFO: task otter:4078 is blocked on a mutex likely owned by task heron:12.\ntask:heron state:D\n" +
      trace("__schedule schedule heron_open") + "Kernel panic - not syncing: hung_task: blocked tasks\n");
  REQUIRE(got.size() == 1);
  CHECK(got[0].title == "INFO: task hung in pond_open");
  CHECK(got[0].panicked);
}
