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

TEST_CASE("a program in Go panics on a console when its goroutines are shown") {
  const std::string goroutines =
      "goroutine 1 [running]:\nmain.drain(0xc000012345)\n\t/src/pond/main.go:12 +0x1d\n";
  check({
      {"panic: pond 7 is empty\n\n" + goroutines, "panic: pond NUM is empty", "DoS"},
      {"panic: runtime error: invalid memory address or nil pointer dereference\n"
       "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a5b6c]\n\n" +
           goroutines,
       "panic: runtime error: invalid memory address or nil pointer dereference", "DoS"},
      // The runtime's own stack comes first, and a goroutine of the runtime has its numbers.
      {"fatal error: runtime: out of memory\n\nruntime stack:\nruntime.throw({0x4d527d?, 0x245e?})\n",
       "go runtime error", "DoS"},
      {"fatal error: stack overflow\n\ngoroutine 1 gp=0x1eadd5f9a1e0 m=3 mp=0x1eadd5fd5008 [running]:\n",
       "go runtime error", "DoS"},
      // Without GOTRACEBACK there are no goroutines.
      {"panic: runtime error: invalid memory address or nil pointer dereference\n"
       "[signal SIGBUS: bus error code=0x2 addr=0x7f0000001000 pc=0x4a9b08]\n",
       "panic: runtime error: invalid memory address or nil pointer dereference", "DoS"},
      {"panic: dry [recovered]\n\tpanic: drained\n\n" + goroutines, "panic: dry [recovered]", "DoS"},
      {"fatal error: all goroutines are asleep - deadlock!\n\n" + goroutines, "go runtime error", "DoS"},
      // The init of an appliance: why it ends is the cause of the kernel's panic.
      {"panic: pond 7 is empty\n\n" + goroutines +
           "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000200\n",
       "panic: pond NUM is empty", "DoS"},
  });
  const auto init = scan("panic: dry\n\n" + goroutines +
                         "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000200\n");
  REQUIRE(init.size() == 1);
  CHECK(init[0].panicked);
  CHECK(init[0].chain == std::vector<std::string>{"kernel panic: Attempted to kill init!"});
  for (const std::string text : {"panic: dry\n", "fatal error: lake.h: No such file or directory\n"})
    for (const std::string_view behind :
         {"compilation terminated.\n", "goroutine 1\n", "goroutine pond [running]:\n", "goroutine 1 [\n",
          "goroutine 1[running]:\n", "runtime stack: 12\n", "[signal 11]\n"}) {
      CAPTURE(behind);
      CHECK(scan(text + std::string{behind}).empty());
    }
  // So many lines behind it they are of another program.
  std::string far = "panic: dry\n";
  for (int i = 0; i < 8; ++i) far += "ripple\n";
  CHECK(scan(far + goroutines).empty());
}

TEST_CASE("a trace without a heading counts on 32-bit ARM") {
  check({
      {"WARNING: CPU: 0 PID: 1 at drivers/pond.c:12 pond_open+0x1/0x2\nCPU: 0 PID: 1 Comm: otter Not tainted "
       "6.0.0 #1\n"
       " unwind_backtrace from show_stack+0x1/0x2\n show_stack from dump_stack_lvl+0x1/0x2\n"
       " __warn from warn_slowpath_fmt+0x1/0x2\n warn_slowpath_fmt from pond_open+0x1/0x2\n"
       " pond_open from vfs_open+0x1/0x2\n vfs_open from ret_fast_syscall+0x1/0x2\n",
       "WARNING in pond_open", "WARNING"},
      {"WARNING: CPU: 0 PID: 1 at drivers/pond.c:12 pond_open+0x1/0x2\n"
       "[<c0100000>] (unwind_backtrace) from [<c0100100>] (show_stack+0x1/0x2)\n"
       "[<c0100000>] (warn_slowpath_fmt) from [<c0100100>] (pond_open+0x1/0x2)\n"
       "[<c0100000>] (pond_open) from [<c0100100>] (vfs_open+0x1/0x2)\n"
       "[<c0100000>] (vfs_open) from [<c0100100>] (ret_fast_syscall+0x1/0x2)\n",
       "WARNING in pond_open", "WARNING"},
  });
}

TEST_CASE("an oops behind the end of another one is a report of its own") {
  const std::string oops =
      "Internal error: Oops: 0000000096000005 [#1] SMP\npc : pond_open+0x1/0x2\nCall trace:\n"
      " pond_open+0x1/0x2 (P)\n vfs_open+0x1/0x2\n ret_from_fork+0x1/0x2\n---[ end trace 0000000000000000 "
      "]---\n";
  CHECK(scan(oops + oops).size() == 2);
}

TEST_CASE("a fault of a program on 32-bit ARM is no crash, one of the kernel is") {
  const std::string pgd = "pgd = c0004000\n[00010000] *pgd=00000000\n";
  CHECK(scan("Alignment trap: otter (12) PC=0x00010480 Instr=0xe5932000 Address=0x000205a1 FSR 0x001\n")
            .empty());
  CHECK(scan("Alignment trap: not handling instruction f46107cf at [<004e5c4c>]\n"
             "Unhandled fault: alignment exception (0x011) at 0x00508ae4\n" +
             pgd + "usb 1-1: new device\n")
            .empty());
  const std::string oops =
      "Internal error: : 8 [#1] SMP ARM\nPC is at pond_open+0x1/0x2\n"
      "[<c0100000>] (pond_open) from [<c0100100>] (vfs_open+0x1/0x2)\n"
      "[<c0100000>] (vfs_open) from [<c0100100>] (ret_fast_syscall+0x1/0x2)\n";
  check({
      {"Unhandled fault: alignment exception (0x011) at 0x00508ae4\n" + pgd +
           "Unhandled fault: external abort on non-linefetch (0x008) at 0xfa21200c\n" + pgd + oops,
       "Unhandled fault in pond_open", "DoS"},
      {"Alignment trap: not handling instruction f46107cf at [<c04e5c4c>]\n"
       "Unhandled fault: alignment exception (0x001) at 0x00508ae5\n" +
           pgd + oops,
       "Alignment trap in pond_open", "DoS"},
  });
}

TEST_CASE("a program's fault changes nothing of the crashes around it") {
  const std::string fault = "Unhandled fault: alignment exception (0x001) at 0xbe9c7d2f\npgd = c0004000\n";
  const std::string kasan =
      "BUG: KASAN: slab-out-of-bounds in pond_open+0x1/0x2\nRead of size 8 at addr ffff888012345678 by task "
      "otter/4078\n" +
      trace("pond_open vfs_open") + "==================================================================\n";
  const auto titles = [](std::string_view log) {
    std::vector<std::string> out;
    for (const auto& one : scan(log))
      out.push_back(one.title + (one.doubt == doubt::none ? "" : "?") + (one.panicked ? "!" : ""));
    return out;
  };
  using list = std::vector<std::string>;
  const list whole{"KASAN: slab-out-of-bounds Read in pond_open"};
  CHECK(titles(kasan + fault) == whole);
  CHECK(titles(kasan + fault + "usb 1-1: one\nusb 1-1: two\nusb 1-1: three\n") == whole);
  CHECK(titles("BUG: KASAN: slab-out-of-bounds in pond_open+0x1/0x2\nRead of size 8 at addr ffff888012345678 "
               "by task "
               "otter/4078\nCall Trace:\n pond_open+0x1/0x2\n" +
               fault + " vfs_open+0x1/0x2\n do_syscall_64+0x1/0x2\nend\n") == whole);
  const auto before = scan("pond: one\n" + fault + "pond: two\n" + kasan).at(0).before;
  CHECK(before.size() == 4);
  CHECK(titles("pond: one\n" + fault + "Booting the kernel.\n") == list{"unexpected kernel reboot"});
  // The kernel's own, behind and within another crash.
  const std::string oops =
      "Unhandled fault: external abort on non-linefetch (0x008) at 0xfa21200c\nInternal error: : 8 [#1] SMP "
      "ARM\nPC is at "
      "heron_open+0x1/0x2\n[<c0100000>] (heron_open) from [<c0100100>] (vfs_open+0x1/0x2)\n"
      "[<c0100000>] (vfs_open) from [<c0100100>] (ret_fast_syscall+0x1/0x2)\n";
  CHECK(titles(kasan + oops) ==
        list{"KASAN: slab-out-of-bounds Read in pond_open", "Unhandled fault in heron_open"});
}

TEST_CASE("words that look like a crash's are none") {
  for (const std::string_view line :
       {"BUG report: Objects remaining 3", "otter$ dmesg | grep 'UBSAN: array-index-out-of-bounds in'",
        "otter$ zgrep \"WARNING: CPU: 1 PID: 2 at drivers/pond.c:12 pond_open+0x1/0x2\" *"}) {
    CAPTURE(line);
    CHECK(scan(line).empty());
  }
  CHECK(scan("pgrep failed BUG: KASAN: use-after-free in pond_open+0x1/0x2\n").size() == 1);
  CHECK(scan("BUG: peer (10.0.0.7:80) sent 5 bytes\n").at(0).title == "BUG: peer (IP:NUM) sent NUM bytes");
  CHECK(scan("Kernel BUG at drivers/pond.c:12\n").at(0).title == "kernel BUG at drivers/pond.c:LINE");
}

TEST_CASE("reports of old kernels have their names") {
  check({
      {"BUG pond_cache: Objects remaining on kmem_cache_close()\n",
       "BUG: Objects remaining on kmem_cache_close()", ""},
      {"[ INFO: suspicious rcu_dereference_check() usage. ]\ndrivers/pond.c:12 invoked "
       "rcu_dereference_check() without "
       "protection!\n" +
           trace("lockdep_rcu_dereference pond_open"),
       "INFO: suspicious RCU usage in pond_open", "LOCKDEP"},
      {"WARNING: at kernel/watchdog.c:245 watchdog_overflow_callback+0x1/0x2()\nWatchdog detected hard "
       "LOCKUP on cpu 0\n" +
           trace("watchdog_overflow_callback __perf_event_overflow intel_pmu_handle_irq do_nmi pond_spin "
                 "pond_loop "
                 "__x64_sys_sendmsg"),
       "BUG: hard lockup in sys_sendmsg", "HANG"},
      {"NMI Watchdog detected LOCKUP on CPU 1\nRIP: 0010:[<ffffffff88123456>]  [<ffffffff88123456>] "
       ":pond:pond_spin+0x1/0x2\nCall Trace:\n [<ffffffff88123499>] :pond:pond_ioctl+0x1/0x2\n "
       "[<ffffffff8003f12d>] sys_ioctl+0x1/0x2\n [<ffffffff8005c116>] system_call+0x1/0x2\n",
       "BUG: hard lockup in pond_ioctl", "HANG"},
      {"BUG: warning at kernel/softirq.c:141/local_bh_enable()\nCall Trace:\n [<ffffffff80012399>] "
       "local_bh_enable+0x1/0x2\n [<ffffffff88123599>] :pond:pond_xmit+0x1/0x2\n [<ffffffff8005d28d>] "
       "tracesys+0x1/0x2\nend\n",
       "WARNING in pond_xmit", "WARNING"},
      {"BUG: soft lockup - CPU#1 stuck for 10s! [otter:4078]\nRIP: 0010:[<ffffffff88123456>]  "
       "[<ffffffff88123456>] :pond:pond_spin+0x1/0x2\nCall Trace:\n [<ffffffff88123599>] "
       ":pond:pond_ioctl+0x1/0x2\n [<ffffffff80042c5e>] do_ioctl+0x1/0x2\n [<ffffffff8003025f>] "
       "vfs_ioctl+0x1/0x2\n [<ffffffff8005d28d>] tracesys+0x1/0x2\nend\n",
       "BUG: soft lockup in pond_ioctl", "HANG"},
      {"WARNING: at drivers/pond.c:12 .pond_open+0x1/0x2()\nNIP [c000000000068dfc] .pond_open+0x1/0x2\n" +
           trace(".pond_open .mutex_lock .vfs_open"),
       "WARNING in pond_open", "WARNING"},
  });
  CHECK(scan("BUG report: send it to the lake\n").empty());
}

TEST_CASE("a trace decoded with places instead of offsets gives the title of the raw one") {
  check({
      {"WARNING: CPU: 0 PID: 13 at drivers/pond.c:12 pond_push (drivers/pond.c:12 (discriminator 13)) \n"
       "RIP: 0010:pond_push (drivers/pond.c:12 drivers/pond.h:40) pond\nCall Trace:\n <TASK>\n"
       "pond_open (drivers/pond.c:40) pond\n? vfs_open (fs/open.c:1)\nvfs_open (fs/open.c:1 (discriminator "
       "2))\n"
       "do_syscall_64 (arch/x86/entry/common.c:80)\n </TASK>\n",
       "WARNING in pond_push", "WARNING"},
      {"BUG: KASAN: slab-out-of-bounds in pond_get (drivers/pond.c:12) \nRead of size 8 at addr "
       "ffff888012345678 by task "
       "otter/4078\nCall Trace:\ndump_stack_lvl (lib/dump_stack.c:12)\npond_get "
       "(drivers/pond.c:12)\nvfs_open "
       "(fs/open.c:1)\n",
       "KASAN: slab-out-of-bounds Read in pond_get", "KASAN-READ"},
      {"BUG: KCSAN: data-race in pond_read (drivers/pond.c:12) / pond_write (drivers/pond.c:40)\n"
       "write to 0xffff888012345678 of 8 bytes by task 12 on cpu 0:\n pond_write (drivers/pond.c:40)\n"
       " vfs_write (fs/write.c:1)\n",
       "KCSAN: data-race in pond_read / pond_write", "KCSAN-DATARACE"},
      {"WARNING: possible circular locking dependency detected\notter/4078 is trying to acquire lock:\n"
       "4aa040ac (pond){-...}-{0:0}, at: pond_lock (drivers/pond.c:17 drivers/pond.c:24) \n"
       "stack backtrace:\nCall Trace:\npond_open (drivers/pond.c:40)\nvfs_open (fs/open.c:1)\n",
       "possible deadlock in pond_lock", "LOCKDEP"},
  });
}

TEST_CASE("a decoded warning has a line for each inlined function and is one crash") {
  const auto decoded = [](std::string_view place, std::string_view inlined, std::string_view function) {
    const auto now = [&](std::string_view what) {
      return "WARNING: " + std::string{place} + " at " + std::string{what} + ", CPU#1: otter/4078\n";
    };
    const auto before = [&](std::string_view what) {
      return "WARNING: CPU: 1 PID: 4078 at " + std::string{place} + " " + std::string{what} + "\n";
    };
    const std::string inner = std::string{inlined} + " drivers/pond.h:7 [inline]",
                      middle = "pond_middle drivers/pond.h:40 [inline]",
                      outer = std::string{function} + "+0x1/0x2 drivers/pond.c:80";
    const std::string rest = "Modules linked in:\nRIP: 0010:" + inner + "\nRIP: 0010:" + outer + "\n" +
                             trace("pond_open vfs_open");
    return std::vector{now(inner) + now(middle) + now(outer) + rest,
                       before(inner) + before(middle) + before(outer) + rest};
  };
  for (const auto& log : decoded("drivers/pond.h:7", "pond_check", "pond_push"))
    check({{log, "WARNING in pond_push", "WARNING"}});
  // The function that holds the inlined ones says which warning it is.
  for (const auto& log : decoded("kernel/locking/lockdep.c:238", "hlock_class", "__lock_acquire"))
    check({{log, "WARNING: locking bug in pond_open", "LOCKDEP"}});
  for (const auto& log : decoded("lib/debugobjects.c:612", "debug_print_object", "debug_check_no_obj_freed"))
    check({{log, "WARNING: ODEBUG bug in pond_open", "WARNING"}});
  // Where it does not come, its place is not known.
  check(
      {{"WARNING: drivers/pond.h:7 at pond_check drivers/pond.h:7 [inline], CPU#1: otter/4078\nRIP: "
        "0010:pond_push+0x1/0x2\n" +
            trace("pond_open vfs_open"),
        "WARNING in pond_push", "WARNING", doubt::no_cause}});
  // Another place is another warning.
  check(
      {{"WARNING: drivers/pond.h:7 at pond_check drivers/pond.h:7 [inline], CPU#1: otter/4078\n"
        "WARNING: drivers/heron.h:9 at heron_push+0x1/0x2 drivers/heron.c:80, CPU#2: heron/12\n"
        "RIP: 0010:heron_push+0x1/0x2\n" +
            trace("vfs_open"),
        "WARNING in heron_push", "WARNING", doubt::mixed}});
}

TEST_CASE("a warning whose line a mail wrapped is named by the rest") {
  const std::string rest = "Modules linked in:\nRIP: 0010:pond_push+0x1/0x2\n" + trace("pond_open vfs_open");
  check({
      {"WARNING: CPU: 1 PID: 4078 at\ndrivers/pond.c:12 pond_push+0x1/0x2\n" + rest, "WARNING in pond_push",
       "WARNING", doubt::no_cause},
      {"WARNING: drivers/pond.c:12 at\npond_push+0x1/0x2, CPU#1: otter/4078\n" + rest, "WARNING in pond_push",
       "WARNING", doubt::no_cause},
      {"WARNING: CPU: 1 PID: 4078\n" + rest, "WARNING in pond_push", "WARNING", doubt::no_cause},
  });
}

TEST_CASE("traces of all architectures name the function") {
  const std::string arm_module =
      "Unable to handle kernel NULL pointer dereference at virtual address 00000000\nInternal error: Oops: 5 "
      "[#1] SMP "
      "ARM\nPC is at mutex_lock+0x1/0x2\n";
  check({
      {arm_module + "[<c0100000>] (mutex_lock) from [<bf000000>] (pond_rx+0x1/0x2 [pond])\n"
                    "[<bf000000>] (pond_rx [pond]) from [<bf000100>] (pond_work+0x1/0x2 [pond])\n"
                    "[<bf000100>] (pond_work [pond]) from [<c0100200>] (worker_thread+0x1/0x2)\n",
       "BUG: unable to handle kernel NULL pointer dereference in pond_rx", ""},
      {arm_module + " mutex_lock from pond_rx+0x1/0x2 [pond]\n pond_rx [pond] from pond_work+0x1/0x2 [pond]\n"
                    " pond_work [pond] from worker_thread+0x1/0x2\n",
       "BUG: unable to handle kernel NULL pointer dereference in pond_rx", ""},
      {"BUG: sleeping function called from invalid context at pond.c:1\nCall Trace:\n[<(ptrval)>] "
       "pond_open+0x1/0x2\n"
       "[<(ptrval)>] vfs_open+0x1/0x2\nend\n",
       "BUG: sleeping function called from invalid context in pond_open", ""},
      {"Oops: Exception in kernel mode, sig: 4 [#1]\nNIP [c000000000068dfc] pond_open+0x1/0x2\nLR "
       "[c000000000068dfc] "
       "vfs_open+0x1/0x2\nCall Trace:\n[c000000000068dfc] [c000000000068dfc] pond_open+0x1/0x2\n"
       "[c000000000068dfc] [c000000000068dfc] system_call+0x1/0x2\n",
       "Oops in pond_open", ""},
      {"Unable to handle kernel paging request at virtual address 0000000000000018\nOops [#1]\nepc: "
       "ffffffe0004fd6aa ra : "
       "ffffffe0004fd6aa sp : ffffffe0004fd6aa\nCall Trace:\n[<ffffffe0004fd6aa>] pond_open+0x1/0x2\n"
       "[<ffffffe0004fd6aa>] ret_from_exception+0x1/0x2\nend\n",
       "BUG: unable to handle kernel paging request in pond_open", ""},
      {"SError Interrupt on CPU3, code 0xbf000002 -- SError\npc : el1_interrupt+0x1/0x2\nCall trace:\n "
       "do_serror+0x1/0x2\n"
       " el1h_64_error_handler+0x1/0x2\n el1h_64_error+0x1/0x2\n el1_interrupt+0x1/0x2\n "
       "el1h_64_irq+0x1/0x2\n "
       "pond_probe+0x1/0x2 [pond]\n ret_from_fork+0x1/0x2\n",
       "SError interrupt in pond_probe", ""},
      {"Unable to handle kernel paging request at virtual address 0000000000000018, era == 9000, ra == 9000\n"
       "Oops[#1]:\n   ra: 9000000000f4f15c vfs_open+0x1/0x2\n  ERA: 9000000000f4f15c pond_open+0x1/0x2\nCall "
       "Trace:\n"
       "[<9000000000f4f15c>] pond_open+0x1/0x2\n[<9000000000f4f15c>] vfs_open+0x1/0x2\nend\n",
       "BUG: unable to handle kernel paging request in pond_open", ""},
      {"Unable to handle kernel access at virtual address 1a2b3c4d\nOops: 00000000\nPC: [<0012a4f2>] "
       "pond_open+0x1/0x2\nSR: 2000  SP: 1c4bb3a2  a2: 0091c5a0\nCall Trace: [<0012b0aa>] "
       "vfs_open+0x1/0x2\n\nCode: 4e56 0000\nend\n",
       "BUG: unable to handle kernel paging request in pond_open", ""},
      {"kernel BUG at drivers/pond.c:12!\n*** TRAP #7 ***   FORMAT=0\nBAD KERNEL TRAP: 00000000\nPC: "
       "[<0012a4f2>] pond_open+0x1/0x2\nCall Trace: [<0012b0aa>] vfs_open+0x1/0x2\n [<000026ac>] "
       "syscall+0x1/0x2\nend\n",
       "kernel BUG in pond_open", "BUG"},
      {"Break instruction in kernel code[#1]:\nepc   : 80412340 pond_open+0x1/0x2\nCall Trace:\n[<80412340>] "
       "pond_open+0x1/0x2\n[<80412380>] vfs_open+0x1/0x2\nend\n",
       "break instruction in pond_open", "DoS"},
      {"Kernel stack overflow.\nKrnl PSW : 0704c00180000000 0000000000123456 (pond_walk+0x1/0x2)\nCall "
       "Trace:\n([<0000000000123456>] pond_walk+0x1/0x2)\n [<0000000000123456>] pond_walk+0x1/0x2\n "
       "[<0000000000345678>] pond_ioctl+0x1/0x2\n [<0000000000345688>] __s390x_sys_ioctl+0x1/0x2\n "
       "[<0000000000aabbcc>] system_call+0x1/0x2\nKernel panic - not syncing: Corrupt kernel stack, can't "
       "continue.\n",
       "kernel stack overflow in pond_ioctl", "DoS"},
      {"rcu: INFO: rcu_preempt self-detected stall on CPU\npc : pond_spin+0x1/0x2\nlr : "
       "pond_loop+0x1/0x2\nCall "
       "trace:\n pond_spin+0x1/0x2\n pond_loop+0x1/0x2\n process_one_work+0x1/0x2\n ret_from_fork+0x1/0x2\n",
       "INFO: rcu detected stall in pond_loop", ""},
      {"rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\nrcu: RCU grace-period kthread stack "
       "dump:\ntask:rcu_preempt "
       "state:I\nCall trace:\n __switch_to+0x1/0x2\n __schedule+0x1/0x2\n schedule_timeout+0x1/0x2\n "
       "rcu_gp_fqs_loop+0x1/0x2\n ret_from_fork+0x1/0x2\n",
       "INFO: rcu detected stall in corrupted", "", doubt::no_function},
      {"rcu: INFO: rcu_sched detected stalls on CPUs/tasks:\nrcu: \t1-...0: (1 GPs behind)\nNMI backtrace "
       "for cpu 1\nRIP: "
       "0010:pond_spin+0x1/0x2\nCall Trace:\n <TASK>\n pond_poll+0x1/0x2\n pond_work+0x1/0x2\n "
       "process_one_work+0x1/0x2\n ret_from_fork+0x1/0x2\n </TASK>\n",
       "INFO: rcu detected stall in pond_work", "", doubt::no_function},
      {"rcu: INFO: rcu_sched self-detected stall on CPU\nCall Trace:\n <IRQ>\n rcu_check_callbacks+0x1/0x2\n "
       "xen_hvm_callback_vector+0x1/0x2\n </IRQ>\nRIP: 0010:pond_spin+0x1/0x2\n pond_work+0x1/0x2\n "
       "process_one_work+0x1/0x2\n ret_from_fork+0x1/0x2\n",
       "INFO: rcu detected stall in pond_work", ""},
      {"watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [otter:12]\nRIP: 0010:pond_spin+0x1/0x2\nCall "
       "Trace:\n <IRQ>\n "
       "watchdog_timer_fn+0x1/0x2\n xen_hvm_callback_vector+0x1/0x2\n </IRQ>\n pond_spin+0x1/0x2\n "
       "pond_work+0x1/0x2\n "
       "process_one_work+0x1/0x2\n",
       "BUG: soft lockup in pond_work", ""},
      {"WARNING: CPU: 0 PID: 0 at net/sched/sch_generic.c:320 0x8038b2f0\nCall Trace:\n[<8038b2f0>] "
       "0x8038b2f0\nend\n",
       "WARNING in corrupted", "", doubt::no_trace},
      {"watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [otter:12]\nRIP: 0010:pond_search+0x1/0x2\nCall "
       "Trace:\n"
       " pond_search+0x1/0x2\n pond_getxattr+0x1/0x2\n SyS_fgetxattr+0x1/0x2\n "
       "system_call_fastpath+0x1/0x2\nend\n",
       "BUG: soft lockup in fgetxattr", ""},
      {"Watchdog CPU:59 Hard LOCKUP\nNIP [c000000000068dfc] pond_spin+0x1/0x2\nCall Trace:\n"
       "[c000000000068dfc] [c000000000068dfc] pond_spin+0x1/0x2\n[c000000000068dfc] [c000000000068dfc] "
       "pond_work+0x1/0x2\n[c000000000068dfc] [c000000000068dfc] process_one_work+0x1/0x2\nend\n",
       "BUG: hard lockup in pond_work", ""},
      {"BUG: soft lockup - CPU#0 stuck for 22s! [otter:12]\nPC is at pond_spin+0x1/0x2\nBacktrace:\n"
       "[<c0100000>] (show_regs) from [<c0100100>] (watchdog_timer_fn+0x1/0x2)\n"
       "[<c0100000>] (watchdog_timer_fn) from [<c0100100>] (__hrtimer_run_queues+0x1/0x2)\n"
       "[<c0100000>] (__hrtimer_run_queues) from [<c0100100>] (__irq_svc+0x1/0x2)\nException stack(0x1 to "
       "0x2)\n"
       "[<c0100000>] (pond_spin) from [<c0100100>] (pond_thread+0x1/0x2)\n"
       "[<c0100000>] (pond_thread) from [<c0100100>] (kthread+0x1/0x2)\n"
       "[<c0100000>] (kthread) from [<c0100100>] (ret_from_fork+0x1/0x2)\n",
       "BUG: soft lockup in pond_thread", ""},
      // MIPS and RISC-V before 5.18, whose stall shows no registers.
      {"rcu: INFO: rcu_sched self-detected stall on CPU\nCall Trace:\n[<8000b64c>] show_stack+0x1/0x20\n"
       "[<8000b64c>] nmi_cpu_backtrace+0x1/0x20\n[<8000b64c>] gic_irq_dispatch+0x1/0x20\n"
       "[<8000b64c>] plat_irq_dispatch+0x1/0x20\n[<8000b64c>] except_vec_vi_end+0x1/0x20\n"
       "[<8000b64c>] pond_spin+0x1/0x20\n[<8000b64c>] pond_thread+0x1/0x20\n[<8000b64c>] kthread+0x1/0x20\n"
       "[<8000b64c>] ret_from_kernel_thread+0x1/0x20\n",
       "INFO: rcu detected stall in pond_thread", ""},
      {"rcu: INFO: rcu_sched self-detected stall on CPU\nCall Trace:\n[<ffffffe000201a0c>] "
       "show_stack+0x1/0x20\n"
       "[<ffffffe000201a0c>] nmi_cpu_backtrace+0x1/0x20\n[<ffffffe000201a0c>] riscv_intc_irq+0x1/0x20\n"
       "[<ffffffe000201a0c>] ret_from_exception+0x0/0xc\n[<ffffffe000201a0c>] pond_spin+0x1/0x20\n"
       "[<ffffffe000201a0c>] pond_thread+0x1/0x20\n[<ffffffe000201a0c>] kthread+0x1/0x20\n"
       "[<ffffffe000201a0c>] ret_from_exception+0x0/0xc\n",
       "INFO: rcu detected stall in pond_thread", ""},
      // 32-bit ARM, where the stack of RCU's own thread comes first.
      {"rcu: INFO: rcu_sched self-detected stall on CPU\nrcu: RCU grace-period kthread stack dump:\n"
       " schedule from rcu_gp_fqs_loop+0x1/0x20\n rcu_gp_fqs_loop from rcu_gp_kthread+0x1/0x20\n"
       " rcu_gp_kthread from kthread+0x1/0x20\n kthread from ret_from_fork+0x1/0x20\n"
       "Exception stack(0xc8849fb0 to 0xc8849ff8)\nrcu: Stack dump where RCU GP kthread last ran:\n"
       "NMI backtrace for cpu 1\nCPU: 1 PID: 50 Comm: otter Not tainted 6.0.1 #24\n"
       "PC is at pond_spin+0x1/0x20\n pond_spin from pond_work+0x1/0x20\n"
       " pond_work from process_one_work+0x1/0x20\n process_one_work from worker_thread+0x1/0x20\n"
       " worker_thread from kthread+0x1/0x20\n kthread from ret_from_fork+0x1/0x20\n",
       "INFO: rcu detected stall in pond_work", ""},
      {"Kernel ade access[#1]:\nCPU: 0 PID: 12 Comm: otter Not tainted 6.6.0 #1\nERA: 9000000000012345 "
       "pond_open+0x1/0x20\nCall Trace:\n[<9000000000012345>] pond_open+0x1/0x20\n[<9000000000012345>] "
       "vfs_open+0x1/0x20\n[<9000000000012345>] handle_syscall+0x1/0x20\n",
       "BUG: unable to handle kernel paging request in pond_open", ""},
      {"Kernel ale access[#1]:\nCPU: 0 PID: 12 Comm: otter Not tainted 6.6.0 #1\nERA: 9000000000012345 "
       "pond_open+0x1/0x20\nCall Trace:\n[<9000000000012345>] pond_open+0x1/0x20\n[<9000000000012345>] "
       "vfs_open+0x1/0x20\n[<9000000000012345>] handle_syscall+0x1/0x20\n",
       "unaligned access in pond_open", ""},
      {"Kernel panic - not syncing: Fatal machine check\nKernel Offset: disabled\n",
       "kernel panic: Fatal machine check", ""},
  });
}

TEST_CASE("a stall that begins with the registers of what its own processor does is sure") {
  const std::string stall =
      "rcu: INFO: rcu_preempt self-detected stall on CPU\nrcu: \t1-....: (10499 ticks this GP)\n"
      "CPU: 1 UID: 0 PID: 12 Comm: otter Not tainted 6.18.2 #1\nRIP: 0010:pond_spin+0x1/0x2\n"
      "Call Trace:\n <TASK>\n pond_loop+0x1/0x2\n ";
  check({
      {stall + "pond_work+0x1/0x2\n process_one_work+0x1/0x2\n worker_thread+0x1/0x2\n </TASK>\n",
       "INFO: rcu detected stall in pond_work", ""},
      {stall + "pond_ioctl+0x1/0x2\n __x64_sys_ioctl+0x1/0x2\n do_syscall_64+0x1/0x2\n </TASK>\n",
       "INFO: rcu detected stall in pond_ioctl", ""},
  });
}

TEST_CASE("undefined behaviour that traps is named by its line and is one crash with its oops") {
  check({
      {"UBSAN: array index out of bounds at pond_read+0x1/0x2 [pond]\nOops: invalid opcode: 0000 [#1] SMP\n"
       "RIP: 0010:pond_read+0x1/0x2 [pond]\n" +
           trace("pond_open"),
       "UBSAN: array index out of bounds in pond_read", "MEMORY_SAFETY_UBSAN"},
      // What does not trap goes on: the oops is another one.
      {"UBSAN: shift-out-of-bounds in drivers/pond.c:12:3\nOops: invalid opcode: 0000 [#1] SMP\n"
       "RIP: 0010:pond_read+0x1/0x2 [pond]\n" +
           trace("pond_open"),
       "UBSAN: shift-out-of-bounds in pond_open", "UBSAN", doubt::mixed},
  });
}

TEST_CASE("a fault of PA-RISC has its function behind IAOQ, and its trace before it") {
  const std::string rest =
      ": Code=15 (Data TLB miss fault) at addr 0000000000000008\n"
      "CPU: 0 UID: 0 PID: 12 Comm: otter Not tainted 6.15.0 #1\n"
      " IAOQ[0]: pond_read+0x1/0x20\n IAOQ[1]: pond_read+0x5/0x20\n RP(r2): pond_open+0x1/0x20\n";
  check({
      {"Bad Address (null pointer deref?)" + rest + "Kernel panic - not syncing: Bad Address\n",
       "BUG: unable to handle kernel NULL pointer dereference in pond_read", ""},
      {"Kernel Fault" + rest, "BUG: unable to handle kernel NULL pointer dereference in pond_read", ""},
      {"Kernel Fault: Code=26 (Data memory access rights trap) at addr 0000000040012348\n"
       " IAOQ[0]: pond_read+0x1/0x20\n",
       "BUG: unable to handle kernel paging request in pond_read", ""},
  });
}

TEST_CASE("the release stands behind the taint, whatever kernels and distributions put between them") {
  const auto release = [](std::string_view header) {
    const auto got = scan("BUG: scheduling while atomic: otter/12/0x00000002\n" + std::string{header} +
                          "\nCall Trace:\n pond_open+0x1/0x2\n vfs_open+0x1/0x2\nend\n");
    return got.empty() ? std::string{} : got[0].task + " " + got[0].release + " " + got[0].taint;
  };
  CHECK(release("CPU: 1 UID: 0 PID: 12 Comm: otter Not tainted 6.12.0 #1") == "otter 6.12.0 ");
  CHECK(
      release(
          "CPU: 1 PID: 12 Comm: otter Tainted: G           OE    --------- -  - 4.18.0-348.el8.x86_64 #1") ==
      "otter 4.18.0-348.el8.x86_64 GOE");
  CHECK(release("CPU: 1 PID: 12 Comm: otter Kdump: loaded Tainted: G   W  -------  ---  5.14.0-362.el9 #1") ==
        "otter 5.14.0-362.el9 GW");
  CHECK(release("Pid: 12, comm: otter Not tainted 2.6.32-754.el6.x86_64 #1") ==
        "otter 2.6.32-754.el6.x86_64 ");
  CHECK(release("Pid: 12, comm: otter Not tainted (2.6.27-lake #58)") == "otter 2.6.27-lake ");
  CHECK(release("Pid: 12, comm: otter Tainted: P        (2.6.27-lake #58)") == "otter 2.6.27-lake P");
  CHECK(release("Pid: 12, comm: otter Tainted: P  ----------------   2.6.32-754.el6 #1") ==
        "otter 2.6.32-754.el6 P");
}

TEST_CASE("a task that hangs is not the one that tells of it") {
  const std::string hung =
      "INFO: task heron:12 blocked for more than 143 seconds.\n      Tainted: G        W          "
      "6.12.0-lake #58\n"
      "task:heron state:D stack:28680 pid:12 tgid:12 ppid:2 flags:0x4000\nCall Trace:\n"
      " __schedule+0x1/0x2\n pond_open+0x1/0x2\n vfs_open+0x1/0x2\n";
  const std::string teller =
      "CPU: 1 UID: 0 PID: 32 Comm: khungtaskd Tainted: G        W          6.12.0-lake #58\nHardware name: "
      "Reed "
      "Works R1\nCall Trace:\n panic+0x1/0x2\n watchdog+0x1/0x2\n";
  const auto facts = [](const std::string& log) {
    const auto got = scan(log);
    REQUIRE(got.size() == 1);
    return got[0].task + " " + std::to_string(got[0].pid.value_or(0)) + " " + got[0].release + " " +
           got[0].taint + " " + got[0].hardware + (got[0].cpu ? " cpu" : "");
  };
  CHECK(facts(hung) == "heron 12 6.12.0-lake GW ");
  CHECK(facts(hung + "NMI backtrace for cpu 1\n" + teller) == "heron 12 6.12.0-lake GW Reed Works R1");
  CHECK(facts(hung + "Kernel panic - not syncing: hung_task: blocked tasks\n" + teller) ==
        "heron 12 6.12.0-lake GW Reed Works R1");
  // A header whose line about the release did not come.
  CHECK(facts("INFO: task heron:12 blocked for more than 143 seconds.\nCall Trace:\n pond_open+0x1/0x2\n" +
              teller) == "heron 12 6.12.0-lake GW Reed Works R1");
  // That of a processor that does not go on is its own.
  CHECK(
      facts("watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [otter:4078]\nRIP: 0010:pond_spin+0x1/0x2\n" +
            trace("pond_spin pond_work process_one_work")) == "otter 4078 6.12.0-lake  Reed Works R1 cpu");
}

TEST_CASE("each crash is one report") {
  const auto titles = [](std::string_view log) {
    std::vector<std::string> out;
    for (const auto& one : scan(log)) out.push_back(one.title + (one.doubt == doubt::none ? "" : "?"));
    return out;
  };
  using list = std::vector<std::string>;
  const std::string oops =
      "BUG: kernel NULL pointer dereference, address: 0000000000000018\nRIP: 0010:pond_open+0x1/0x2\n" +
      trace("vfs_open");
  const std::string null = "BUG: unable to handle kernel NULL pointer dereference in pond_open";
  // The same console twice on one terminal.
  CHECK(
      titles(oops +
             "Kernel panic - not syncing: Fatal exception\nKernel panic - not syncing: Fatal exception\n") ==
      list{null});
  // What the unwinder says of the stack that it shows.
  CHECK(
      titles("BUG: kernel NULL pointer dereference, address: 0000000000000018\nRIP: 0010:pond_open+0x1/0x2\n"
             "WARNING: kernel stack frame pointer at 00000000f6c9b4d5 in otter:12 has bad value "
             "0000000000000000\n" +
             trace("vfs_open")) == list{null});
  for (const std::string_view said :
       {"can't access registers at entry_SYSCALL_64_after_hwframe+0x1/0x2",
        "can't access iret registers at asm_exc_page_fault+0x1/0x2",
        "stack going in the wrong direction? at pond_open+0x1/0x2", "stack recursion on stack type 4",
        "unknown stack type 4", "missing R10 value at pond_open+0x1/0x2"}) {
    const auto got = scan(
        "BUG: kernel NULL pointer dereference, address: 0000000000000018\nRIP: 0010:pond_open+0x1/0x2\n"
        "Call Trace:\n vfs_open+0x1/0x2\nWARNING: " +
        std::string{said} + "\n do_open+0x1/0x2\n do_syscall_64+0x1/0x2\n---[ end trace 0 ]---\n");
    REQUIRE(got.size() == 1);
    CHECK(got[0].title == null);
    CHECK(got[0].frames.size() == 3);
    CHECK(scan("WARNING: " + std::string{said} + "\n").size() == 1);
  }
  // A driver's word is no reason for what comes next.
  CHECK(titles("pond: BUG: stream = 1, pos = 0x1138\nWARNING: CPU: 1 PID: 4078 at drivers/pond.c:12 "
               "pond_open+0x1/0x2\n"
               "RIP: 0010:pond_open+0x1/0x2\n" +
               trace("vfs_open"))
            .back() == "WARNING in pond_open");
  // Two processors that do not go on.
  const std::string stuck = " stuck for 22s! [otter:12]\nRIP: 0010:pond_spin+0x1/0x2\n";
  const auto lockups = titles("BUG: soft lockup - CPU#8" + stuck + "BUG: soft lockup - CPU#9" + stuck +
                              trace("pond_spin pond_work process_one_work"));
  CHECK(lockups == list{"BUG: soft lockup in pond_work?"});
  // Two that fault, or warn, at once.
  const std::string fault = "Unable to handle kernel paging request at virtual address 00000000000000";
  CHECK(titles(fault + "18\n" + fault +
               "20\nMem abort info:\npc : pond_open+0x1/0x2\nCall trace:\n pond_open+0x1/0x2\n"
               " vfs_open+0x1/0x2\n ret_from_fork+0x1/0x2\n") ==
        list{"BUG: unable to handle kernel paging request in pond_open?"});
  const std::string use = "BUG: using smp_processor_id() in preemptible [00000000] code: otter/";
  CHECK(titles(use + "12\n" + use + "17\n" + trace("pond_open")) ==
        list{"BUG: using smp_processor_id() in preemptible code in pond_open?"});
  // One that hangs, told by another one.
  CHECK(titles("watchdog: CPU 59 detected hard LOCKUP on other CPUs 12\nwatchdog: CPU 12 Hard LOCKUP\nNIP "
               "[c000000000068dfc] pond_spin+0x1/0x2\nCall Trace:\n[c000000000068dfc] [c000000000068dfc] "
               "pond_work+0x1/0x2\n[c000000000068dfc] [c000000000068dfc] process_one_work+0x1/0x2\nend\n") ==
        list{"BUG: hard lockup in pond_work"});
  CHECK(titles("Watchdog CPU:59 detected Hard LOCKUP other CPUS:12\nWatchdog CPU:12 Hard LOCKUP\nNIP "
               "[c000000000068dfc] pond_spin+0x1/0x2\nCall Trace:\n[c000000000068dfc] [c000000000068dfc] "
               "pond_work+0x1/0x2\n[c000000000068dfc] [c000000000068dfc] process_one_work+0x1/0x2\nend\n") ==
        list{"BUG: hard lockup in pond_work"});
  // RISC-V, whose number of the oops has the words of the first line.
  CHECK(titles("kernel BUG at drivers/pond.c:12!\nKernel BUG [#1]\nepc : pond_open+0x1/0x20\nstatus: "
               "0000000200000120 badaddr: 0000000000000018 cause: 000000000000000d\n"
               "[<ffffffff806704b6>] pond_open+0x1/0x20\n[<ffffffff806704b6>] vfs_open+0x1/0x20\n"
               "---[ end trace 0000000000000000 ]---\n") == list{"kernel BUG in pond_open"});
  // The first line again, for the terminals.
  const std::string lockup = "watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [otter:12]\n";
  CHECK(titles(lockup + "RIP: 0010:pond_spin+0x1/0x2\n" + trace("pond_spin pond_work process_one_work") +
               lockup) == list{"BUG: soft lockup in pond_work"});
  CHECK(titles("Kernel panic - not syncing: VFS: Unable to mount root fs ]---\n").empty());
  // Both lines of a double fault.
  CHECK(titles("traps: PANIC: double fault, error_code: 0x0\nOops: double fault: 0000 [#1] SMP\nRIP: "
               "0010:pond_open+0x1/0x2\n" +
               trace("vfs_open")) == list{"PANIC: double fault in pond_open"});
  // kmemleak's file.
  const std::string leak =
      "unreferenced object 0xffff888012345678 (size 32):\n  comm \"otter\", pid 12, jiffies 4294680594\n  "
      "backtrace:\n"
      "    [<00000000e0a73ec7>] pond_open+0x1/0x2\n    [<00000000e0a73ec7>] vfs_open+0x1/0x2\n";
  CHECK(titles(leak + leak) == list{"memory leak in pond_open", "memory leak in pond_open"});
  CHECK(titles("Kernel BUG at c0044d34 [verbose debug info unavailable]\nInternal error: Oops - BUG: 0 [#1] "
               "ARM\nPC is at "
               "pond_open+0x1/0x2\n[<c0100000>] (pond_open) from [<c0100100>] "
               "(vfs_open+0x1/0x2)\n[<c0100000>] (vfs_open) "
               "from [<c0100100>] (ret_fast_syscall+0x1/0x2)\nend\n") == list{"kernel BUG in pond_open"});
}

TEST_CASE("a machine whose stack has overflowed is down without its last line too") {
  const auto got = scan(
      "Insufficient stack space to handle exception!\nKernel panic - not syncing: kernel stack overflow\n" +
      trace("pond_open pond_open vfs_open"));
  REQUIRE(got.size() == 1);
  CHECK(got[0].panicked);
  const auto alone =
      scan("Kernel panic - not syncing: kernel stack overflow\n" + trace("pond_open pond_open vfs_open"));
  REQUIRE(alone.size() == 1);
  CHECK(alone[0].panicked);
}

TEST_CASE("what a processor did that a panic stopped is none of the panic's facts") {
  const auto got = scan(
      "Kernel panic - not syncing: pond: resetting\nCPU1: stopping\nCPU: 1 PID: 12 Comm: heron Not tainted "
      "4.4.21 #1\nPC is at heron_spin+0x1/0x2\n" +
      trace("heron_spin heron_loop"));
  REQUIRE(got.size() == 1);
  CHECK(got[0].title == "kernel panic: pond: resetting");
  CHECK(got[0].task.empty());
  CHECK(got[0].frames.empty());
}

TEST_CASE("two consoles on one line say each line twice, and it is the same report") {
  const std::string lock = " (&pond->lock){+.+.}-{4:4}, at: ";
  const auto twice = [](const std::string& log) {
    std::string out, line;
    std::istringstream lines{log};
    while (std::getline(lines, line)) out += line + "\n" + line + "\n";
    return out;
  };
  for (const std::string& log :
       {"INFO: task otter:4078 blocked for more than 143 seconds.\n" +
            trace("__schedule schedule mutex_lock pond_open"),
        "WARNING: CPU: 1 PID: 4078 at drivers/pond.c:12 __list_del_entry_valid+0x1/0x2\nRIP: "
        "0010:__list_del_entry_valid+0x1/0x2\n" +
            trace("list_del pond_walk pond_walk pond_walk vfs_open"),
        "BUG: KASAN: slab-use-after-free in memcpy+0x1/0x2\nRead of size 8 at addr ffff888012345678 by task "
        "otter/4078\n" +
            trace("memcpy pond_open") + "Freed by task 12:\n kfree+0x1/0x2\n pond_free+0x1/0x2\n",
        "WARNING: possible circular locking dependency detected\notter/4078 is trying to acquire lock:\n"
        "ffff888012345678" +
            lock + "__flush_work+0x1/0x2\nbut task is already holding lock:\nffff888012345680" + lock +
            "pond_lock+0x1/0x2\nstack backtrace:\n" + trace("pond_open"),
        "rust_kernel: panicked at drivers/pond.rs:12:5:\nit is dry\nkernel BUG at rust/helpers/bug.c:7!\n" +
            trace("pond_open vfs_open")}) {
    CAPTURE(log);
    const auto one = scan(log), both = scan(twice(log));
    REQUIRE(both.size() == 1);
    CHECK(both[0].title == one.at(0).title);
    CHECK(both[0].doubt == doubt::none);
    CHECK(both[0].frames == one[0].frames);
    CHECK(both[0].signature == one[0].signature);
  }
}

TEST_CASE("a line that a mail wrapped before its function is one line") {
  const std::string about =
      "CPU: 1 PID: 12 Comm: otter Not tainted\n6.1.55-lake #1\nCall trace:\n pond_open+0x1/0x2 [pond]\n"
      " vfs_open+0x1/0x2\n el0t_64_sync+0x1/0x2\n---[ end trace 0000000000000000 ]---\n";
  const auto bad_access =
      scan("BUG: KASAN: slab-use-after-free in\npond_open+0x1/0x2 [pond]\nRead of size 8 at addr " +
           ("ffff888012345678 by task\notter/12\n" + about));
  REQUIRE(bad_access.size() == 1);
  CHECK(bad_access[0].title == "KASAN: slab-use-after-free Read in pond_open");
  CHECK(bad_access[0].kind == netcon::crash::kind::use_after_free_read);
  CHECK(bad_access[0].doubt == doubt::none);
  CHECK(bad_access[0].frames.size() == 3);
  CHECK(bad_access[0].task == "otter");
  CHECK(bad_access[0].release == "6.1.55-lake");
  const auto warning =
      scan("WARNING: CPU: 1 PID: 12 at drivers/pond.c:12\npond_open+0x1/0x2 [pond]\n" + about);
  REQUIRE(warning.size() == 1);
  CHECK(warning[0].title == "WARNING in pond_open");
  CHECK(warning[0].frames.size() == 3);
  // What is lost stays lost.
  const auto cut =
      scan("BUG: KASAN: slab-use-after-free in\nRead of size 8 at addr ffff888012345678 by task otter/12\n" +
           about);
  REQUIRE(cut.size() == 1);
  CHECK(cut[0].kind == netcon::crash::kind::use_after_free_read);
  CHECK(cut[0].corrupted());
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

TEST_CASE("a title whose proof did not come is in doubt") {
  const std::string fault =
      "BUG: kernel NULL pointer dereference, address: 0000000000000018\n"
      "RIP: 0010:pond_open+0x1/0x2\nRSP: 0018:ffffc90003a9f9c8 EFLAGS: 00010246\n";
  const std::string lock = "ffff888012345678 (&pond->lock){+.+.}-{4:4}, at: pond_lock+0x1/0x2\n";
  std::string long_report = fault;
  for (int i = 0; i < 22; ++i) long_report += "RAX: 000000000000000" + std::to_string(i % 10) + "\n";
  check({
      {fault + "Call Trace:\n ? pond_poll+0x1/0x2\n ? vfs_poll+0x1/0x2\n ? do_syscall_64+0x1/0x2\nend\n",
       "BUG: unable to handle kernel NULL pointer dereference in pond_open", "", doubt::no_trace},
      {fault + " vfs_open+0x1/0x2\n do_syscall_64+0x1/0x2\nend\nend\n",
       "BUG: unable to handle kernel NULL pointer dereference in pond_open", "", doubt::no_trace},
      {fault + "Kernel panic - not syncing: Fatal exception\n" + trace("panic vfs_open"),
       "BUG: unable to handle kernel NULL pointer dereference in pond_open", "", doubt::none},
      {long_report + "Kernel panic - not syncing: Fatal exception\n" + trace("panic vfs_open"),
       "BUG: unable to handle kernel NULL pointer dereference in pond_open", "", doubt::no_trace},
      {"BUG: KMSAN: uninit-value in pond_read+0x1/0x2\n pond_read+0x1/0x2\n vfs_read+0x1/0x2\n\nUninit was "
       "created at:\n slab_post_alloc_hook+0x1/0x2\n kmalloc+0x1/0x2\n",
       "KMSAN: uninit-value in pond_read", "", doubt::no_cause},
      {"BUG: KASAN: slab-out-of-bounds in pond_get drivers/pond.c:12 [inline]\nRead of size 8 at addr "
       "ffff888012345678 by task otter/4078\n" +
           trace("pond_open"),
       "KASAN: slab-out-of-bounds Read", "", doubt::no_cause},
      {"BUG: KASAN: slab-out-of-bounds in pond_get drivers/pond.c:12 [inline]\nBUG: KASAN: "
       "slab-out-of-bounds "
       "in pond_open+0x1/0x2 drivers/pond.c:40\nRead of size 8 at addr ffff888012345678 by task "
       "otter/4078\n" +
           trace("vfs_open"),
       "KASAN: slab-out-of-bounds Read in pond_open", "KASAN-READ"},
      {"WARNING: possible circular locking dependency detected\n" + lock + lock + "stack backtrace:\n" +
           trace("pond_open"),
       "possible deadlock in pond_open", "WARNING", doubt::no_cause},
      {"WARNING: possible circular locking dependency detected\notter/4078 is trying to acquire lock:\n" +
           lock + lock + "stack backtrace:\n" + trace("pond_open"),
       "possible deadlock in pond_lock", "LOCKDEP"},
      {"WARNING: inconsistent lock state\n" + lock + "stack backtrace:\n" + trace("pond_open"),
       "inconsistent lock state in pond_open", "WARNING", doubt::no_cause},
      {"WARNING: inconsistent lock state\notter/4078 [HC0[0]:SC0[0]:HE1:SE1] takes:\n" + lock +
           "stack backtrace:\n" + trace("pond_open"),
       "inconsistent lock state in pond_open", "LOCKDEP"},
      {"WARNING: suspicious RCU usage\nstack backtrace:\n" + trace("pond_open"),
       "WARNING: suspicious RCU usage in pond_open", "WARNING", doubt::no_cause},
      {"WARNING: suspicious RCU usage\ndrivers/pond.c:12 suspicious rcu_dereference_check() usage!\nstack "
       "backtrace:\n" +
           trace("pond_open"),
       "WARNING: suspicious RCU usage in pond_open", "LOCKDEP"},
      {"BUG: lock held when returning to user space!\n1 lock held by otter/4078:\n #0: " + lock,
       "BUG: lock held when returning to user space in corrupted", "", doubt::no_function},
      {"WARNING: CPU: 1 PID: 4078 at drivers/pond.c:12 pond_open+0x1/0x2\nRIP: 0010:pond_open+0x1/0x2\n" +
           trace("vfs_open should_failslab vfs_ioctl"),
       "WARNING in pond_open", "", doubt::mixed},
      {"BUG: spinlock bad magic on CPU#1, otter/4078\nFAULT_INJECTION: forcing a failure.\n" +
           trace("pond_open"),
       "BUG: spinlock bad magic in pond_open", "", doubt::mixed},
      {fault + "otter: vmalloc: allocation failure: 12 bytes\n" + trace("vfs_open"),
       "BUG: unable to handle kernel NULL pointer dereference in pond_open", "", doubt::none},
      {"BUG kmalloc-64 (Not tainted): Object already free\nend\n", "BUG: Object already free", "",
       doubt::no_trace},
      {"BUG: Dentry ffff888012345678{i=12,n=pond}  still in use (1)\n" + trace("pond_open"),
       "BUG: Dentry still in use", "", doubt::no_cause},
  });
}

TEST_CASE("an assertion of Lustre is named after its function, also where it panics") {
  const std::string at = "LustreError: 4078:0:(pond.c:136:pond_put()) ",
                    panic = "Kernel panic - not syncing: LBUG\n";
  const std::string lbug = at + "ASSERTION( d_count(de) == 1 ) failed: \n" + at + "LBUG\n";
  check({
      {lbug + "Pid: 4078, comm: otter 5.14.0 #1 SMP\n" + trace("libcfs_call_trace lbug_with_loc pond_put"),
       "LBUG in pond_put", "BUG"},
      {lbug + "Call Trace TBD:\n" + panic + trace("panic lbug_with_loc pond_put"), "LBUG in pond_put", "BUG"},
  });
  CHECK(scan(lbug + panic + trace("panic lbug_with_loc pond_put"))[0].panicked);
  CHECK(scan(at + "ASSERTION( d_count(de) == 1 ) failed: \nLustreError: LBUG\n" +
             "Lustre: " + lbug.substr(0, 40))
            .empty());
}

TEST_CASE("functions of ZFS that have the name of an allocator in theirs are to blame") {
  const std::string fault = "general protection fault: 0000 [#1] SMP\nRIP: 0010:";
  check({
      {fault + "metaslab_sync+0x19/0x30 [zfs]\n" + trace("spa_sync"),
       "general protection fault in metaslab_sync", "DoS"},
      {fault + "mutex_lock+0x19/0x30\n" + trace("metaslab_group_alloc spa_sync"),
       "general protection fault in metaslab_group_alloc", "DoS"},
      {fault + "___slab_alloc+0x19/0x30\n" + trace("pond_open"), "general protection fault in pond_open",
       "DoS"},
      {"BUG: KASAN: double-free in metaslab_fini+0x1/0x20\nFree of addr ffff888012345678 by task "
       "otter/4078\n" +
           trace("kfree metaslab_fini pond_open"),
       "KASAN: invalid-free in metaslab_fini", "KASAN-INVALID-FREE"},
  });
}

TEST_CASE("what stops a thread of OpenZFS, and old kernels' words") {
  const std::string shown = "Showing stack for process 4078\nCPU: 1 PID: 4078 Comm: otter\n";
  check({
      {"VERIFY3(0 == pond_put(hdr)) failed (0 == 1)\nPANIC at pond.c:3810:pond_put()\n" + shown +
           trace("dump_stack_lvl spl_panic pond_put pond_open"),
       "PANIC in pond_put", "BUG"},
      {"PANIC: zfs: adding existent segment to range tree (offset=3fe8000 size=2000)\n" + shown +
           trace("dump_stack_lvl vcmn_err pond_open"),
       "PANIC: zfs: adding existent segment to range tree", "BUG"},
      {"PANIC: lake: blkptr at 00000000e2d7a1ed DVA 0 has invalid VDEV 1\n" + shown +
           trace("dump_stack_lvl spl_dumpstack vcmn_err zfs_panic_recover zio_read"),
       "PANIC: lake: blkptr at ADDR DVA NUM has invalid VDEV NUM", "BUG"},
      {"PANIC: blkptr at 000000004a4e7fec has invalid CHECKSUM 53\n" + shown +
           trace("dump_stack vcmn_err zfs_panic_recover zio_read"),
       "PANIC: blkptr at ADDR has invalid CHECKSUM NUM", "BUG"},
      {"VERIFY(0) failed\nSPLError: 4078:0:(pond.c:330:pond_set_ops()) SPL PANIC\nSPL: Showing stack for "
       "process 4078\n" +
           trace("spl_debug_dumpstack spl_debug_bug pond_open"),
       "PANIC in pond_set_ops", "BUG"},
      {"Badness at drivers/pond.c:738\nNIP: c01f0d38 LR: c01f0d38 CTR: c00080a4\nNIP [c01f0d38] "
       "pond_open+0x54/0xa8\nLR [c01f0d38] pond_open+0x54/0xa8\nCall Trace:\n[cf8b9e40] [c01f0d38] "
       "pond_open+0x54/0xa8 (unreliable)\n[cf8b9e60] [c01f0d38] vfs_open+0x5c/0x90\n[cf8b9e70] [c01f0d38] "
       "ret_from_syscall+0x0/0x38\nend\nend\n",
       "WARNING in pond_open", "WARNING"},
      {"divide error: 0000 [1] SMP\nRIP: 0010:[<ffffffff8823a1b2>]  [<ffffffff8823a1b2>] "
       ":pond:pond_open+0x12/0x90\nCall Trace:\n [<ffffffff8823a1c2>] :pond:pond_ioctl+0x12/0x90\n "
       "[<ffffffff8005e116>] system_call+0x7e/0x83\n\nCode: 48 8b 47 10\n",
       "divide error in pond_open", "DoS"},
  });
  CHECK(scan("PANIC at the disco\nPANIC at pond.c:12\nBadness at noon\n").empty());
}

TEST_CASE("a panic of Rust code has its message and the path of its function, in any build") {
  const auto panic = [](std::string_view crate) {
    const auto name = [&](std::string_view before, std::string_view behind) {
      return " " + std::string{before} + std::string{crate} + std::string{behind} + "+0x1/0x2\n";
    };
    return "rust_kernel: panicked at drivers/pond/node.rs:12:5:\nattempt to subtract with overflow\n"
           "------------[ cut here ]------------\nkernel BUG at rust/helpers/bug.c:7!\n"
           "Oops: invalid opcode: 0000 [#1] SMP\nRIP: 0010:rust_helper_BUG+0x1/0x2\nCall Trace:\n <TASK>\n" +
           name("_RNvCs", "_7___rustc17rust_begin_unwind") + name("_RNvNtCs", "_4core9panicking9panic_fmt") +
           name("_RNvMNtCs", "_4pond4nodeINtB2_4NodehE6updateB4_") + name("_RNvCs", "_4pond4open") +
           " do_syscall_64+0x1/0x2\n </TASK>\n---[ end trace 0000000000000000 ]---\n";
  };
  const auto one = scan(panic("5KYxIxedFEa")).at(0), other = scan(panic("gEmfK2I1SDS")).at(0);
  CHECK(one.title == "attempt to subtract with overflow in <pond::node::Node<u8>>::update");
  CHECK(one.doubt == doubt::none);
  CHECK(one.function == "<pond::node::Node<u8>>::update");
  CHECK(one.frames.at(3).function == "pond::open");
  CHECK(one.text != other.text);
  CHECK(one.signature == other.signature);
}

TEST_CASE("a panic of Rust code before Rust 1.73 has its message on its first line") {
  const std::string stop =
      "------------[ cut here ]------------\nkernel BUG at rust/helpers.c:48!\nInternal error: Oops - BUG: "
      "00000000f2000800 [#1] PREEMPT SMP\npc : rust_helper_BUG+0x1/0x2\nCall trace:\n "
      "rust_helper_BUG+0x1/0x2\n"
      " rust_begin_unwind+0x1/0x2\n pond_open+0x1/0x2\n vfs_open+0x1/0x2\n ret_from_fork+0x1/0x2\n"
      "---[ end trace 0000000000000000 ]---\n";
  check({
      {"rust_kernel: panicked at 'called `Option::unwrap()` on a `None` value', drivers/pond.rs:86:54\n" +
           stop,
       "called `Option::unwrap()` on a `None` value in pond_open", "BUG"},
      {"rust_kernel: panicked at 'it's 7', drivers/pond.rs:86:54\n" + stop, "it's NUM in pond_open", "BUG"},
      // The line with the message did not come.
      {"rust_kernel: panicked at drivers/pond.rs:86:54:\n" + stop, "rust_kernel panicked in pond_open",
       "BUG"},
  });
}

TEST_CASE("a line that the kernel says again begins one crash") {
  const std::string whole = "BUG: KASAN: slab-use-after-free in pond_open+0x1/0x2\n";
  const std::string rest = "Read of size 8 at addr ffff888012345678 by task otter/4078\n" +
                           trace("pond_open vfs_open") +
                           "==================================================================\n";
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    const auto found =
        scan(whole.substr(0, cut) + "\n** replaying previous printk message **\n" + whole + rest);
    REQUIRE(found.size() == 1);
    CHECK(found[0].title == "KASAN: slab-use-after-free Read in pond_open");
    CHECK(found[0].doubt == doubt::none);
  }
}

TEST_CASE("a task of an old kernel that waits for a page or a buffer has the name of who made it wait") {
  const auto hung = [](std::string_view waits) {
    return "INFO: task otter:4078 blocked for more than 120 seconds.\n\"echo 0 > "
           "/proc/sys/kernel/hung_task_timeout_secs\" disables this message.\n" +
           trace("schedule io_schedule " + std::string{waits} +
                 " __wait_on_bit wait_on_page_bit pond_open vfs_open");
  };
  for (const auto waits : {"sleep_on_page", "sleep_on_page_killable", "sleep_on_buffer", "sync_page",
                           "sync_page_killable", "sync_buffer"})
    check({{hung(waits), "INFO: task hung in pond_open", "HANG"}});
  check({{hung("sync_page_range"), "INFO: task hung in sync_page_range", "HANG"}});
}

TEST_CASE("a bad page has the name of who freed or allocated it, of old kernels and of huge pages too") {
  const auto bad = [](std::string_view functions) {
    return "BUG: Bad page state in process otter  pfn:0b0c9\npage:ffff88000d646240 count:0 mapcount:0\n" +
           trace("bad_page " + std::string{functions} + " pond_open vfs_open");
  };
  for (const auto functions :
       {"free_pages_prepare free_hot_cold_page free_hot_cold_page_list release_pages __pagevec_release",
        "free_pages_prepare __free_pages_ok free_compound_page free_transhuge_page __put_compound_page",
        "check_new_page_bad rmqueue get_page_from_freelist __alloc_pages_nodemask",
        "prep_new_page buffered_rmqueue get_page_from_freelist"})
    check({{bad(functions), "BUG: Bad page state in pond_open", "", doubt::no_function}});
}

TEST_CASE("KMSAN before Linux 6.1 has a heading before its trace") {
  const auto found = [](std::string_view origin) {
    return "BUG: KMSAN: kernel-infoleak in _copy_to_user+0x1/0x2\n" +
           trace(
               "kmsan_report kmsan_internal_check_memory kmsan_copy_to_user _copy_to_user pond_read "
               "vfs_read") +
           "\n" + std::string{origin} +
           "==================================================================\n";
  };
  check({
      {found("Uninit was stored to memory at:\n kmsan_internal_chain_origin+0x1/0x2\n "
             "pond_fill+0x1/0x2\n\nUninit was "
             "created at:\n kmsan_internal_poison_shadow+0x1/0x2\n pond_alloc+0x1/0x2\n"),
       "KMSAN: kernel-infoleak in pond_read", "KMSAN-INFO-LEAK"},
      {found("Local variable description: ----address@SYSC_pond\nVariable was created at:\n "
             "SYSC_pond+0x1/0x2\n"),
       "KMSAN: kernel-infoleak in pond_read", "KMSAN-INFO-LEAK"},
  });
}

TEST_CASE("a stall that RCU found before Linux 2.6.34 is one") {
  check({
      {"INFO: RCU detected CPU 1 stall (t=6000 jiffies)\n" +
           trace("__rcu_pending rcu_check_callbacks smp_apic_timer_interrupt apic_timer_interrupt pond_spin "
                 "pond_ioctl "
                 "vfs_ioctl sys_ioctl system_call_fastpath"),
       "INFO: rcu detected stall in pond_ioctl", "HANG"},
      {"INFO: RCU detected CPU stalls: 1 (detected by 0, t=6000 jiffies)\n",
       "INFO: rcu detected stall in corrupted", "HANG", doubt::no_trace},
  });
  // Without a stamp, too.
  netcon::crash::log_scanner scanner;
  std::size_t reports = 0;
  const auto count = [&]<class Event>(const Event& event) { reports += requires { event.report; } ? 1 : 0; };
  scanner.push({.text = "INFO: RCU detected CPU 0 stall (t=4295359473/2500 jiffies)"}, count);
  scanner.finish(count);
  CHECK(reports == 1);
}

TEST_CASE("what the unwinder of Linux 4.14 says of a stack is a part of the crash that shows it") {
  for (const std::string_view remark :
       {"WARNING: can't dereference registers at 00000000d9c0fd48 for ip entry_SYSCALL_64_fastpath+0x1f/0xbe",
        "WARNING: can't dereference iret registers at 00000000d9c0fd48 for ip retint_user+0x8/0x8",
        "WARNING: missing regs for base reg R10 at ip retint_user+0x8/0x8"})
    check(
        {{"general protection fault: 0000 [#1] SMP KASAN\nRIP: 0010:pond_open+0x1/0x2\nCall Trace:\n "
          "vfs_open+0x1/0x2\n" +
              std::string{remark} +
              "\n do_open+0x1/0x2\n entry_SYSCALL_64_fastpath+0x1f/0xbe\n---[ end trace 9cd2e2d1d38a8fd5 "
              "]---\n",
          "general protection fault in pond_open", "DoS"}});
}

TEST_CASE("BUG() of 32-bit ARM before Linux 3.2 dies of a null pointer, and is one crash") {
  const auto bug = [](std::string_view address) {
    return "kernel BUG at drivers/pond.c:12!\nUnable to handle kernel NULL pointer dereference at virtual "
           "address " +
           std::string{address} +
           "\npgd = c0004000\n[00000000] *pgd=00000000\nInternal error: Oops: 805 [#1] PREEMPT SMP\n"
           "CPU: 0    Not tainted  (3.0.31-lake #1)\nPC is at __bug+0x20/0x2c\nLR is at __bug+0x1c/0x2c\n"
           "[<c0030f0c>] (__bug+0x20/0x2c) from [<c0130f08>] (pond_open+0x1c/0x2c)\n"
           "[<c0130f08>] (pond_open+0x1c/0x2c) from [<c0230f08>] (vfs_open+0x1c/0x2c)\n"
           "[<c0230f08>] (vfs_open+0x1c/0x2c) from [<c002d000>] (ret_fast_syscall+0x0/0x30)\n"
           "---[ end trace 1b75b31a2719ed1c ]---\n";
  };
  check({{bug("00000000"), "kernel BUG in pond_open", "BUG"}});
  // Another fault is another crash.
  CHECK(scan(bug("00000018")).at(0).doubt == doubt::mixed);
  CHECK(scan(bug("0000000000000018")).at(0).doubt == doubt::mixed);  // ARM64
}

TEST_CASE("the program counter of RISC-V before Linux 5.7 has no name, and the trace has") {
  check(
      {{"Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010\nOops "
        "[#1]\nsepc: "
        "ffffffe000123456 ra : ffffffe000123456 sp : ffffffe0007a3cb0\nCall Trace:\n[<ffffffe000123456>] "
        "pond_open+0x1/0x2\n[<ffffffe000123456>] vfs_open+0x1/0x2\n[<ffffffe000123456>] "
        "ret_from_exception+0x1/0x2\nend\n",
        "BUG: unable to handle kernel NULL pointer dereference in pond_open", ""}});
}

TEST_CASE("a warning without a program counter has the function of its first line") {
  const std::string place = "WARNING: at net/sched/sch_generic.c:261 ";
  const std::string mixed =
      "()\nPid: 0, comm: swapper Not tainted 2.6.32-lake #1\nCall Trace:\n <IRQ>  "
      "[<ffffffff81071e27>] ? warn_slowpath_common+0x87/0xc0\n [<ffffffff8147d9fb>] ? "
      "pond_watch+0x26b/0x280\n [<ffffffff8107a8e1>] heron_softirq+0xc1/0x1e0\n "
      "[<ffffffff8100c30c>] heron_call+0x1c/0x30\nend\nend\n";
  check({
      {place + "pond_watch+0x26b/0x280" + mixed, "WARNING in pond_watch", "WARNING"},
      // A helper is not to blame: its caller is.
      {place + "mutex_lock+0x1/0x2" + mixed, "WARNING in heron_softirq", "WARNING"},
  });
}

TEST_CASE("KASAN of Linux 4.4 shows how the slab allocator reports before what accessed") {
  check(
      {{"BUG: KASAN: use-after-free in memcpy+0x1d/0x40 at addr ffff88002db3cf50\nRead of size 8 by task "
        "otter/4078\n" +
            trace("print_trailer object_err kasan_report_error kasan_report memcpy pond_copy vfs_read"),
        "KASAN: use-after-free Read in pond_copy", "KASAN-USE-AFTER-FREE-READ"}});
}

TEST_CASE("what UBSAN reports of a pointer has the name of who used it") {
  for (const auto handler : {"handle_null_ptr_deref", "handle_missaligned_access", "handle_misaligned_access",
                             "handle_object_size_mismatch"})
    check(
        {{"UBSAN: Undefined behaviour in drivers/pond.c:12:3\n" +
              trace("ubsan_epilogue " + std::string{handler} + " __ubsan_handle_type_mismatch_v1 pond_open"),
          "UBSAN: undefined-behaviour in pond_open", "UBSAN"}});
}

TEST_CASE("an inconsistent lock has the name of who takes it, however lockdep was compiled") {
  check(
      {{"WARNING: inconsistent lock state\notter/4078 [HC0[0]:SC0[0]:HE1:SE1] takes:\nffff888012345678 "
        "(&pond->lock){+.+.}-{4:4}, at: pond_lock+0x1/0x2\nstack backtrace:\n" +
            trace("print_usage_bug mark_lock_irq mark_lock mark_usage __lock_acquire lock_acquire pond_open"),
        "inconsistent lock state in pond_open", "LOCKDEP"}});
}
