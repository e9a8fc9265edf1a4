// SPDX-License-Identifier: MIT
// Which lines begin a crash, and what they say about it.
#include <netcon/crash/read_opening.hpp>

#include "support/catch.hpp"

#include <string_view>

using netcon::crash::kind;
using netcon::crash::read_opening;

namespace {

struct row {
  std::string_view line;
  kind what;
  std::string_view title;
  std::string_view function = "";
};

constexpr row openings[] = {
    {"BUG: KASAN: slab-use-after-free in foo_free+0x12/0x40 [foo]", kind::use_after_free_read,
     "KASAN: slab-use-after-free", "foo_free"},
    {"BUG: KASAN: slab-out-of-bounds in foo_read+0x12/0x40", kind::invalid_read, "KASAN: slab-out-of-bounds",
     "foo_read"},
    {"BUG: KASAN: wild-memory-access on address dead000000000100", kind::invalid_read,
     "KASAN: wild-memory-access"},
    {"BUG: KASAN: user-memory-access in foo+0x1/0x2", kind::invalid_read, "KASAN: user-memory-access", "foo"},
    {"BUG: KASAN: null-ptr-deref in foo+0x1/0x2", kind::null_read, "KASAN: null-ptr-deref", "foo"},
    {"BUG: KASAN: double-free or invalid-free in foo+0x1/0x2", kind::invalid_free, "KASAN: invalid-free",
     "foo"},
    {"BUG: KASAN: double-free in foo+0x1/0x2", kind::invalid_free, "KASAN: invalid-free", "foo"},
    {"BUG: KFENCE: use-after-free write in foo+0x1/0x2", kind::guarded_use_after_free_write,
     "KFENCE: use-after-free write", "foo"},
    {"BUG: KFENCE: memory corruption in foo+0x1/0x2", kind::guarded_corruption, "KFENCE: memory corruption",
     "foo"},
    {"BUG: KFENCE: out-of-bounds read in foo+0x1/0x2", kind::guarded_read, "KFENCE: out-of-bounds read",
     "foo"},
    {"BUG: KMSAN: uninit-value in foo+0x1/0x2", kind::uninitialised_value, "KMSAN: uninit-value", "foo"},
    {"BUG: KMSAN: kernel-usb-infoleak in foo+0x1/0x2", kind::information_leak, "KMSAN: kernel-usb-infoleak",
     "foo"},
    {"BUG: KCSAN: data-race in foo+0x1/0x2 / bar.part.0+0x3/0x4", kind::data_race,
     "KCSAN: data-race in foo / bar.part.NUM", "foo"},
    {"UBSAN: array-index-out-of-bounds in drivers/foo/bar.c:12:3", kind::undefined_memory_access,
     "UBSAN: array-index-out-of-bounds"},
    {"UBSAN: shift-out-of-bounds in drivers/foo/bar.c:12:3", kind::undefined_behaviour,
     "UBSAN: shift-out-of-bounds"},
    {"BUG: unable to handle page fault for address: ffff888012345678", kind::bad_address,
     "BUG: unable to handle kernel paging request"},
    {"BUG: kernel NULL pointer dereference, address: 0000000000000010", kind::null_dereference,
     "BUG: unable to handle kernel NULL pointer dereference"},
    {"BUG: unable to handle kernel NULL pointer dereference at 0000000000000010", kind::null_dereference,
     "BUG: unable to handle kernel NULL pointer dereference"},
    {"Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010",
     kind::null_dereference, "BUG: unable to handle kernel NULL pointer dereference"},
    {"Unable to handle kernel paging request at virtual address dfff800000000004", kind::bad_address,
     "BUG: unable to handle kernel paging request"},
    {"Unable to handle kernel access to user memory without uaccess routines at virtual address "
     "0000000000000000",
     kind::bad_address, "BUG: unable to handle kernel access to user memory"},
    {"Unable to handle kernel pointer dereference in virtual kernel address space", kind::bad_address,
     "BUG: unable to handle kernel paging request"},
    {"BUG: Unable to handle kernel data access on read at 0xc000000000000010", kind::bad_address,
     "BUG: unable to handle kernel paging request"},
    {"BUG: Kernel NULL pointer dereference on write at 0x00000010", kind::null_dereference,
     "BUG: unable to handle kernel NULL pointer dereference"},
    {"CPU 0 Unable to handle kernel paging request at virtual address 00000014, epc == 80412340, ra == "
     "80412338",
     kind::bad_address, "BUG: unable to handle kernel paging request"},
    {"general protection fault, probably for non-canonical address 0xdffffc0000000000: 0000 [#1] SMP",
     kind::protection_fault, "general protection fault"},
    {"Oops: general protection fault, probably for non-canonical address 0x1: 0000 [#1] SMP",
     kind::protection_fault, "general protection fault"},
    {"general protection fault: 0000 [#1] SMP", kind::protection_fault, "general protection fault"},
    {"divide error: 0000 [#1] PREEMPT SMP", kind::cpu_exception, "divide error"},
    {"Oops: divide error: 0000 [#1] SMP", kind::cpu_exception, "divide error"},
    {"invalid opcode: 0000 [#2] SMP", kind::cpu_exception, "invalid opcode"},
    {"Oops: 0002 [#1] SMP PTI", kind::bad_address, "BUG: unable to handle kernel paging request"},
    {"Oops: 0004 ilc:2 [#1] SMP", kind::bad_address, "BUG: unable to handle kernel paging request"},
    {"Oops: Kernel access of bad area, sig: 11 [#1]", kind::bad_address,
     "BUG: unable to handle kernel paging request"},
    {"Oops[#1]:", kind::bad_address, "BUG: unable to handle kernel paging request"},
    {"Internal error: Oops: 96000004 [#1] SMP", kind::cpu_exception, "Internal error"},
    {"Internal error: Oops - undefined instruction: 0 [#1] SMP ARM", kind::cpu_exception, "Internal error"},
    {"Internal error: Oops - BUG: 0 [#1] SMP ARM", kind::kernel_bug, "Internal error"},
    {"BUG: TASK stack guard page was hit at 00000000deadbeef (stack is 0..1)", kind::stack_overflow,
     "BUG: stack guard page was hit"},
    {"Insufficient stack space to handle exception!", kind::stack_overflow, "kernel stack overflow"},
    {"traps: PANIC: double fault, error_code: 0x0", kind::cpu_exception, "PANIC: double fault"},
    {"kernel BUG at fs/foo/bar.c:123!", kind::kernel_bug, "kernel BUG"},
    {"kernel BUG at lib/list_debug.c:51!", kind::corrupted_memory, "BUG: corrupted list"},
    {"kernel BUG at mm/usercopy.c:99!", kind::kernel_bug, "BUG: bad usercopy"},
    {"WARNING: CPU: 1 PID: 12 at drivers/foo/bar.c:12 bar_open+0x1/0x2 [foo]", kind::warning, "WARNING",
     "bar_open"},
    {"WARNING: drivers/foo/bar.c:12 at bar_open+0x1/0x2, CPU#1: cat/12", kind::warning, "WARNING",
     "bar_open"},
    {"WARNING: [x > 1] drivers/foo/bar.c:12 at bar_open+0x1/0x2, CPU#1: cat/12", kind::warning, "WARNING",
     "bar_open"},
    {"WARNING: at drivers/foo/bar.c:12 bar_open+0x1/0x2()", kind::warning, "WARNING", "bar_open"},
    {"WARNING: CPU: 1 PID: 12 at lib/refcount.c:28 refcount_warn_saturate+0x1/0x2", kind::refcount,
     "WARNING: refcount bug", "refcount_warn_saturate"},
    {"WARNING: CPU: 1 PID: 12 at lib/debugobjects.c:500 debug_print_object+0x1/0x2", kind::warning,
     "WARNING: ODEBUG bug", "debug_print_object"},
    {"WARNING: possible circular locking dependency detected", kind::possible_deadlock, "possible deadlock"},
    {"[ INFO: possible recursive locking detected ]", kind::possible_deadlock, "possible deadlock"},
    {"WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected", kind::possible_deadlock,
     "possible deadlock"},
    {"WARNING: inconsistent lock state", kind::possible_deadlock, "inconsistent lock state"},
    {"WARNING: bad unlock balance detected!", kind::lock_misuse, "WARNING: bad unlock balance"},
    {"[ BUG: bad unlock balance detected! ]", kind::lock_misuse, "BUG: bad unlock balance"},
    {"WARNING: held lock freed!", kind::lock_misuse, "WARNING: held lock freed"},
    {"[ BUG: Invalid wait context ]", kind::lock_misuse, "WARNING: locking bug"},
    {"WARNING: suspicious RCU usage", kind::suspicious_rcu, "WARNING: suspicious RCU usage"},
    {"INFO: trying to register non-static key.", kind::lock_registration,
     "INFO: trying to register non-static key"},
    {"BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580", kind::atomic_sleep,
     "BUG: sleeping function called from invalid context"},
    {"BUG: scheduling while atomic: foo/12/0x00000002", kind::atomic_sleep, "BUG: scheduling while atomic"},
    {"BUG: using smp_processor_id() in preemptible [00000000] code: foo/12", kind::lock_misuse,
     "BUG: using smp_processor_id() in preemptible code"},
    {"BUG: spinlock recursion on CPU#1, foo/12", kind::lock_misuse, "BUG: spinlock recursion"},
    {"rcu: INFO: rcu_preempt self-detected stall on CPU", kind::rcu_stall, "INFO: rcu detected stall"},
    {"rcu: INFO: rcu_sched detected expedited stalls on CPUs/tasks: { 1-... }", kind::rcu_stall,
     "INFO: rcu detected stall"},
    {"watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [foo:12]", kind::lockup, "BUG: soft lockup"},
    {"NMI watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [foo:12]", kind::lockup, "BUG: soft lockup"},
    {"NMI watchdog: Watchdog detected hard LOCKUP on cpu 1", kind::lockup, "BUG: hard lockup"},
    {"watchdog: CPU4: Watchdog detected hard LOCKUP on cpu 5", kind::lockup, "BUG: hard lockup"},
    {"BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 32s!", kind::lockup,
     "BUG: workqueue lockup"},
    {"INFO: task foo:12 blocked for more than 120 seconds.", kind::task_hung, "INFO: task hung"},
    {"INFO: task foo:12 blo", kind::warning, "INFO: task foo:NUM blo"},
    {"Booting the kernel.", kind::unexpected_reboot, "unexpected kernel reboot"},
    {"Booting the kernel (entry_offset: 0x0000000000000000).", kind::unexpected_reboot,
     "unexpected kernel reboot"},
    {"BUG: memory leak", kind::memory_leak, "memory leak"},
    {"BUG: Bad page state in process foo  pfn:12345", kind::bug, "BUG: Bad page state"},
    {"BUG: Bad rss-counter state mm:ffff888012345678 type:MM_ANONPAGES val:1", kind::bug,
     "BUG: Bad rss-counter state"},
    {"BUG kmalloc-64 (Tainted: G    B  ): Poison overwritten", kind::corrupted_memory,
     "BUG: Poison overwritten"},
    {"unregister_netdevice: waiting for eth7 to become free. Usage count = 2", kind::stuck_resource,
     "unregister_netdevice: waiting for DEV to become free"},
    {"Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b", kind::panic,
     "kernel panic: Attempted to kill init!"},
    {"Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)", kind::panic,
     "kernel panic: VFS: Unable to mount root fs on unknown-block(NUM,NUM)"},
    {"Kernel panic - not syncing: sysrq triggered crash", kind::panic, "kernel panic: sysrq triggered crash"},
    {"Kernel panic - not syncing: Fatal exception in interrupt", kind::panic,
     "kernel panic: Fatal exception"},
    {"BUG: foo 12 is at 0xffff888012345678", kind::bug, "BUG: foo NUM is at ADDR"},
    {"BUG: key ffff888012345678 has not been registered!", kind::bug,
     "BUG: key ADDR has not been registered!"},
    {"BUG: foo2 of 10.0.0.7 at bar.c:12:3 in baz+0x1/0x20 on CPU#3, 1234567 times", kind::bug,
     "BUG: foo2 of IP at bar.c:LINE in baz on CPU, ADDR times"},
    {"BUG: MAX_LOCKDEP_ENTRIES too low!", kind::bug, "BUG: MAX_LOCKDEP_ENTRIES too low!"},
    {"Kernel panic - not syncing: EXT4-fs (device loop0): panic forced after error", kind::panic,
     "kernel panic: EXT4-fs (device loop0): panic forced after error"},
    {"Alignment trap: not handling instruction 1234 at [<80123456>]", kind::cpu_exception, "Alignment trap"},
    {"WARNING: CPU: 1 PID: 12 at mm/slab_common.c:935 kmalloc_slab+0x1/0x2", kind::warning,
     "WARNING: kmalloc bug", "kmalloc_slab"},
    {"WARNING: CPU: 1 PID: 12 at mm/util.c:665 kvmalloc_node+0x1/0x2", kind::warning, "WARNING: kmalloc bug",
     "kvmalloc_node"},
    {"WARNING: CPU: 1 PID: 12 at mm/util.c:665 __kvmalloc_node_noprof+0x1/0x2", kind::warning, "WARNING",
     "__kvmalloc_node_noprof"},
    {"WARNING: the pond 12 is dry", kind::warning, "WARNING: the pond NUM is dry"},
    {"WARNING: CPU: ", kind::warning, "WARNING: CPU:"},
    {"WARNING: CPU: 1 PID: 12 at ", kind::warning, "WARNING"},
    {"WARNING: drivers/pond.c:12 at", kind::warning, "WARNING"},
    {"WARNING: lib/refcount.c:28 at pond_check lib/refcount.c:12 [inline], CPU#1: otter/12", kind::refcount,
     "WARNING: refcount bug", "pond_check"},
    {"WARNING: drivers/pond.c:12 at 0x12, CPU#1: otter/12", kind::warning, "WARNING"},
    {"INFO: the pond 12 is dry", kind::warning, "INFO: the pond NUM is dry"},
    {"INFO: Freed in pond_close age=12 cpu=1 pid=12", kind::warning,
     "INFO: Freed in pond_close age=NUM cpu=NUM pid=NUM"},
    {"Oops: VE fault: 0000 [#1] SMP NOPTI", kind::cpu_exception, "VE fault"},
    {"Oops [#1]", kind::bad_address, "BUG: unable to handle kernel paging request"},
    {"Oops: 0002 [1] SMP", kind::bad_address, "BUG: unable to handle kernel paging request"},
    {"invalid operand: 0000 [#1]", kind::cpu_exception, "invalid opcode"},
    {"Break instruction in kernel code[#1]:", kind::cpu_exception, "break instruction"},
    {"Trap instruction in kernel code[#2]:", kind::cpu_exception, "trap instruction"},
    {"FP exception in kernel code[#1]:", kind::cpu_exception, "FP exception"},
    {"do_cpu invoked from kernel context![#1]:", kind::cpu_exception, "do_cpu invoked from kernel context"},
    {"Unable to handle kernel access at virtual address 1a2b3c4d", kind::bad_address,
     "BUG: unable to handle kernel paging request"},
    {"Unable to handle kernel unknown 43 at virtual address 0001ffff9e2e7d78", kind::bad_address,
     "BUG: unable to handle kernel paging request"},
    {"Unhandled fault at 0xffff800010003eb0", kind::cpu_exception, "Unhandled fault"},
    {"Kernel stack overflow.", kind::stack_overflow, "kernel stack overflow"},
    {"BUG: soft lockup detected on CPU#0!", kind::lockup, "BUG: soft lockup"},
    {"BUG: NMI Watchdog detected LOCKUP on CPU1, ip c0123456, registers:", kind::lockup, "BUG: hard lockup"},
    {"BUG: warning at drivers/pond.c:12/pond_open() (Tainted: G     )", kind::warning, "WARNING",
     "pond_open"},
    {"BUG: warning at the pond", kind::bug, "BUG: warning at the pond"},
    {"NMI Watchdog detected LOCKUP on CPU 1", kind::lockup, "BUG: hard lockup"},
    {"Bad page state in process 'otter'", kind::bug, "BUG: Bad page state"},
    {"Bad page state at prep_new_page (in process 'otter', page c1234560)", kind::bug, "BUG: Bad page state"},
    {"Bad pagetable: 000d [#1] SMP NOPTI", kind::corrupted_memory, "Bad pagetable"},
    {"BUG: ", kind::bug, "BUG: corrupted"},
    {"rcu: INFO: ", kind::warning, "INFO: corrupted"},
    {"Kernel panic - not syncing: ", kind::panic, "kernel panic: corrupted"},
    {"Kernel panic: Attempted to kill init!", kind::panic, "kernel panic: Attempted to kill init!"},
    {"Kernel panic: Fatal exception in interrupt", kind::panic, "kernel panic: Fatal exception"},
    {"Kernel panic - not syn", kind::panic, "kernel panic: corrupted"},
    {"BUG: unable to handle kernel", kind::bad_address, "BUG: unable to handle kernel"},
    {"rust_kernel: panicked at drivers/pond.rs:12:3:", kind::kernel_bug, "rust_kernel panicked"},
    {"Kernel BUG at pond_open [verbose debug info unavailable]", kind::kernel_bug,
     "kernel BUG at pond_open [verbose debug info unavailable]"},
    {"WARNING: CPU: 1 PID: 12 at mm/slub.c:4700 free_large_kmalloc+0x1/0x2", kind::warning, "WARNING",
     "free_large_kmalloc"},
    {"WARNING: CPU: 1 PID: 12 at mm/vmalloc.c:3300 __vmalloc_node_range+0x1/0x2", kind::warning,
     "WARNING: zero-size vmalloc", "__vmalloc_node_range"},
    {"WARNING: CPU: 1 PID: 12 at mm/usercopy.c:81 usercopy_warn+0x1/0x2", kind::warning,
     "WARNING: bad usercopy", "usercopy_warn"},
    {"trusty: panic (caller 0x12): DEBUG ASSERT FAILED at (lake/pond.h:63): is_wet(pond)",
     kind::machine_check, "trusty: ASSERT FAILED: is_wet(pond)"},
    {"panic: runtime error: index out of range [7] with length 3", kind::program_panic,
     "panic: runtime error: index out of range [NUM] with length NUM"},
    {"fatal error: all goroutines are asleep - deadlock!", kind::program_panic, "go runtime error"},
};

constexpr std::string_view others[] = {
    "",
    " ",
    "WARNING: the mand mount option is being deprecated and",
    "WARNING: ignoring tunable zfs_arc_max (using 8408174592 instead)",
    "WARNING: fbcon: Driver 'x' missed to adjust virtual screen size (0x0 vs. 128x16)",
    "WARNING: BIOS bug: CPU MTRRs don't cover all of memory, losing 255MB of RAM.",
    "WARNING: NR_CPUS limit of 8 reached.  Processor ignored.",
    "WARNING: No sibling found for CPU 0.",
    "WARNING: unexpected IO-APIC, please mail",
    "INFO: unexpected IO-APIC, please file a report at",
    "WARNING: `OTTER' USES WIRELESS EXTENSIONS WHICH WILL STOP WORKING",
    "WARNING: Unprivileged eBPF is enabled with eIBRS on, data leaks possible via Spectre v2 BHB attacks!",
    "warning: `foo' uses wireless extensions which will stop working",
    "INFO: NMI handler (foo) took too long to run: 2.277 msecs",
    "INFO: recovery required on readonly filesystem",
    "INFO: lockdep is turned off.",
    "INFO: Slab 0x0000000012345678 objects=21 used=3",
    "EXT4-fs (loop1): INFO: recovery required on readonly filesystem",
    "ODEBUG: Out of memory. ODEBUG disabled",
    "traps: foo[12] general protection fault ip:55d3 sp:7ffd error:0 in foo[55d3+1000]",
    "foo[12]: segfault at 0 ip 000055d3 sp 00007ffd error 4 in foo[55d3+1000]",
    "general protection",
    "divide error: in a program",
    "debug: foo is on",
    "rcu: Hierarchical RCU implementation.",
    "watchdog: Delayed init of the lockup detector failed: -19",
    "NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.",
    "Kernel panic",
    "Kernel command line: panic=1 oops=panic",
    "Oops",
    "Oops: foo",
    "Oops: foo: bar",
    "Oops: 0002 [x]",
    "Bad page",
    "Bad pagetable",
    "Break instruction in kernel code",
    "Transparent hugepages are on",
    "FP is on",
    "NMI Watchdog is on",
    "Unable to handle",
    "kernel: BUG",
    "CPU: 0 PID: 1 Comm: init Not tainted 6.1.0 #1",
    "CPU0: Thermal monitoring enabled (TM1)",
    "random: crng init done",
};

}  // namespace

TEST_CASE("lines that begin a crash") {
  for (const auto& one : openings) {
    CAPTURE(one.line);
    const auto got = read_opening(one.line);
    REQUIRE(got);
    CHECK(got->kind == one.what);
    CHECK(got->title == one.title);
    CHECK(got->function == one.function);
  }
}

TEST_CASE("lines that begin none") {
  for (const auto line : others) {
    CAPTURE(line);
    CHECK(!read_opening(line));
  }
}

TEST_CASE("the first bytes that let a line pass are those of all lines that begin a crash") {
  using namespace netcon::crash::detail;
  for (const auto& one : openings) CHECK(may_begin_crash(one.line));
  for (const auto& one : exceptions) CHECK(may_begin_crash(one.begins));
  for (const std::string_view line : {"", "us", "usb 1-1: new device", "  audit: type=1400", "xfs"})
    CHECK(!may_begin_crash(line));
}

TEST_CASE("a line is cut anywhere without harm") {
  for (const auto& one : openings)
    for (std::size_t size = 0; size < one.line.size(); ++size) (void)read_opening(one.line.substr(0, size));
}

TEST_CASE("a kind has a name and a type") {
  using netcon::crash::parse_kind;
  for (unsigned i = 0; i <= static_cast<unsigned>(kind::panic); ++i) {
    const auto one = static_cast<kind>(i);
    CHECK(parse_kind(name(one)) == one);
    CHECK(!type(one).empty());
  }
  CHECK(type(kind::task_hung) == "HANG");
  CHECK(!parse_kind("foo"));
}
