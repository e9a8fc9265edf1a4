// SPDX-License-Identifier: MIT
// How reports of the kernel's own checks begin: WARNING, BUG, kernel BUG.
#pragma once

#include <netcon/crash/internal/fault_openings.hpp>
#include <netcon/crash/internal/helpers.hpp>
#include <netcon/crash/internal/lock_openings.hpp>
#include <netcon/crash/internal/sanitizer_openings.hpp>
#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/opening.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

/// Warnings of code that serves others say what is wrong by their file or function, not by who is to blame.
struct named_warning {
  std::string_view file, function;  // how the file ends, and a part of the function
  std::string_view title;
  crash::kind what = kind::warning;
  compare how = compare::begins;  // of the function
  bool always = false;            // the function counts in each form of the line
};
inline constexpr named_warning named_warnings[] = {
    {"lib/debugobjects.c", "debug_print", "WARNING: ODEBUG bug"},
    {"lib/debugobjects.c", "debug_check", "WARNING: ODEBUG bug"},
    {"kernel/watchdog.c", "watchdog_", "BUG: hard lockup", kind::lockup, compare::begins, true},
    {"lib/refcount.c", "refcount_", "WARNING: refcount bug", kind::refcount},
    {"", "refcount_warn", "WARNING: refcount bug", kind::refcount, compare::begins, true},
    {"lib/kobject.c", "kobject_", "WARNING: kobject bug"},
    {"fs/proc/generic.c", "proc_register", "WARNING: proc registration bug"},
    {"mm/usercopy.c", "usercopy_warn", "WARNING: bad usercopy"},
    {"mm/vmalloc.c", "vmalloc_node", "WARNING: zero-size vmalloc", kind::warning, compare::contains, true},
    {"kernel/locking/lockdep.c", "lock_", "WARNING: locking bug", kind::lock_misuse, compare::contains, true},
    {"kernel/lockdep.c", "lock_", "WARNING: locking bug", kind::lock_misuse, compare::contains, true},
};

/// Whether an allocator of the kernel itself refuses a size.
constexpr bool is_allocation_check(std::string_view file, std::string_view function) noexcept {
  const auto malloc = function.find("malloc");
  return contains(file, "mm/") && file.ends_with(".c") && malloc <= 2 && (malloc < 2 || function[0] == 'k');
}

/// by_file: most files alone name the warning, where the line has the file first (since 6.17) or no function.
inline opening warning_at(std::string_view file, std::string_view function, bool by_file) {
  auto out = make(kind::warning, "WARNING", blame::check);
  for (const auto& one : named_warnings)
    if (file.ends_with(one.file) && ((by_file && !one.always) || compares(one.how, function, one.function))) {
      out =
          make(one.what, std::string{one.title}, one.what == kind::lockup ? blame::stack_loop : blame::check);
      break;
    }
  if (is_allocation_check(file, function)) out = make(kind::warning, "WARNING: kmalloc bug", blame::check);
  out.function = function;
  return out;
}

/// A warning whose line ends before its place, as mails wrap it, or names only an inlined function, as
/// decoded ones have a line for each.
inline opening unfinished(bool is, opening out) {
  out.is_cut = is;
  return out;
}

/// A title that is the line itself, up to one of the ends, with numbers replaced.
inline opening verbatim(kind what, std::string_view before, std::string_view text,
                        std::string_view ends = "") {
  auto out = make(what, std::string{before}, blame::none);
  append_normalised(out.title, trim(text.substr(0, ends.empty() ? text.npos : text.find_first_of(ends))));
  out.needs_function = out.needs_trace = false;
  return out;
}

/// "kernel stack regs at 0123456789abcdef in foo:12 has bad 'bp' value ...", of the unwinder. A kernel that
/// hides addresses writes no digits; its warnings have one title.
inline std::optional<opening> read_unwinder_warning(std::string_view text) {
  cursor at{text};
  const bool registers = at.skip("kernel stack regs at ");
  if (!registers && !at.skip("kernel stack frame pointer at ")) return std::nullopt;
  const bool addressed = is_hex(at.rest.empty() ? ' ' : at.rest.front());
  if (!at.find(" has bad ")) return std::nullopt;
  std::string title = "WARNING: kernel stack regs has bad value";
  if (addressed && !registers) title = "WARNING: kernel stack frame pointer has bad value";
  if (addressed && registers)
    title = "WARNING: kernel stack regs has bad " + std::string{at.until(" value")} + " value";
  return verbatim(kind::warning, title, "");
}

/// Titles of what x86's unwinders say of the stack that they show: of a crash, where one is being printed.
inline bool is_of_unwinder(const opening& one) noexcept {
  for (const std::string_view begins :
       {"kernel stack ", "can't access registers at ", "can't access iret registers at ",
        "can't dereference registers at ", "can't dereference iret registers at ",
        "missing regs for base reg ", "stack going in the wrong direction?", "stack recursion on stack type ",
        "unknown stack type ", "unknown SP base reg ", "unknown BP base reg ",
        "unknown .orc_unwind entry type "})
    if (one.title.starts_with("WARNING: ") && std::string_view{one.title}.substr(9).starts_with(begins))
      return true;
  return one.title.starts_with("WARNING: missing ") && contains(one.title, " value at ");
}

/// Warnings at each boot of many machines, some of programs.
inline constexpr std::string_view harmless_warnings[] = {
    "workqueue cpumask: online intersect > possible intersect",
    "The mand mount option",
    "the mand mount option",
    "Unprivileged eBPF is enabled with eIBRS",
    "fbcon: Driver '",
    "See https",
    "BIOS bug: CPU MTRRs",
    "NR_CPUS limit of ",
    "No sibling found for CPU ",
    "unexpected IO-APIC",
    "kernel not compiled with CPU_SRSO",
    "/etc/ssh/moduli does not exist",
    "ignoring tunable ",  // of OpenZFS, at each boot of a machine with a limit for its cache
    "Unsupported flag value(s) of 0x"};

/// After "WARNING: ": "CPU: 1 PID: 12 at fs/foo.c:12 bar+0x1/0x2", since 6.17 "fs/foo.c:12 at bar+0x1/0x2,
/// CPU#1: foo/12", before 3.11 "at fs/foo.c:12 bar+0x1/0x2()"; lockdep's reports; the unwinder's. Other lines
/// with this word are a crash each, unless every boot has them.
inline std::optional<opening> read_warning(std::string_view text) {
  if (auto lock = read_lockdep("WARNING", text)) return lock;
  cursor at{text};
  if ((at.rest.starts_with("CPU: ") && at.find(" at ")) || at.skip("at ")) {
    const auto file = take_place(at);
    at.skip_spaces();
    auto function = find_function(at.rest);
    const bool inlined = function.empty() && contains(at.rest, " [inline]");
    if (function.empty() && !file.empty() && !at.rest.starts_with("0x"))
      function = at.take(is_name);  // without CONFIG_KALLSYMS_ALL, or cut
    if (!function.empty() || !file.empty())
      return unfinished(inlined, warning_at(file, function, function.empty()));
  }
  if (text.starts_with("CPU: ") && text.size() > 5 && is_digit(text[5]))
    return unfinished(true, warning_at({}, {}, false));
  if (at.rest.starts_with("[")) {  // the condition
    at.find("] ");
    at.skip_spaces();
  }
  if (const auto file = take_place(at); !file.empty()) {
    if (at.rest == " at") return unfinished(true, warning_at(file, {}, true));
    auto function = at.skip(" at ") ? find_function(at.rest) : "";
    const bool inlined = function.empty() && contains(at.rest, " [inline]");
    if (inlined) function = at.take(is_name);
    if (!function.empty() || at.rest.starts_with("0x"))
      return unfinished(inlined, warning_at(file, function, true));
  }
  if (auto unwinder = read_unwinder_warning(text)) return unwinder;
  for (const auto harmless : harmless_warnings)
    if (text.starts_with(harmless)) return std::nullopt;
  if (contains_word(text, " uses wireless extensions") ||
      contains_word(text, " uses deprecated v2 capabilities"))
    return std::nullopt;
  return verbatim(kind::warning, "WARNING: ", text);
}

/// After "kernel BUG at ": "fs/foo.c:12!".
inline opening read_kernel_bug(std::string_view text) {
  cursor at{text};
  const auto file = take_place(at);
  if (file.ends_with("lib/list_debug.c") || file.ends_with("include/linux/list.h"))
    return make(kind::corrupted_memory, "BUG: corrupted list", blame::trace);
  if (file.ends_with("mm/usercopy.c")) return make(kind::kernel_bug, "BUG: bad usercopy", blame::trace);
  auto out = make(kind::kernel_bug, "kernel BUG");
  // How a panic of Rust code stops, behind its message; the second before 6.12.
  out.follows = file.ends_with("rust/helpers/bug.c") || file.ends_with("rust/helpers.c");
  return out;
}

/// "rust_kernel: panicked at drivers/pond.rs:12:5:", whose message is on the next line; before Rust 1.73
/// "rust_kernel: panicked at 'attempt to subtract with overflow', drivers/pond.rs:12:5".
inline std::optional<opening> read_rust_panic(std::string_view text) {
  cursor at{text};
  if (!at.skip("rust_kernel: panicked at ")) return std::nullopt;
  auto out = make(kind::kernel_bug, "rust_kernel panicked", blame::trace);
  if (const auto end = at.rest.rfind("', "); at.skip("'") && end != at.rest.npos && end > 1) {
    out.title.clear();
    append_normalised(out.title, at.rest.substr(0, end - 1));
  }
  return out;
}

/// "warning at fs/foo.c:12/bar()", after "BUG: " from Linux 2.6.17 to 2.6.19, as RHEL 5 has it.
inline std::optional<opening> read_old_warning(std::string_view text) {
  cursor at{text};
  if (!at.skip("warning at ")) return std::nullopt;
  const auto file = at.until(":");
  if (!is_source(file) || at.take(is_digit).empty() || !at.skip("/")) return std::nullopt;
  return warning_at(file, at.take(is_name), false);
}

/// "spinlock bad magic on CPU#0, foo/12": what is wrong, before the processor.
inline std::optional<opening> read_spinlock(std::string_view text) {
  if (!text.starts_with("spinlock ") && !text.starts_with("rwlock ") && !text.starts_with("rwlock-"))
    return std::nullopt;
  return make(kind::lock_misuse, "BUG: " + std::string{text.substr(0, text.find(" on CPU#"))}, blame::trace);
}

/// After "BUG: ".
inline std::optional<opening> read_bug(std::string_view text) {
  cursor at{text};
  if (at.skip("KASAN: ") || at.skip("KASan: ")) return read_kasan(at.rest);  // the second before 4.4
  if (at.skip("KFENCE: ")) return read_kfence(at.rest);
  if (at.skip("KMSAN: ")) return read_kmsan(at.rest);
  if (at.skip("KCSAN: ")) return read_kcsan(at.rest);
  if (auto fault = read_unable(text)) return fault;
  if (text.starts_with("kernel NULL pointer dereference") ||
      text.starts_with("Kernel NULL pointer dereference"))
    return null_fault();
  if (auto lock = read_lockdep("BUG", text)) return lock;
  if (auto lockup = read_lockup(text)) return lockup;
  if (auto lock = read_spinlock(text)) return lock;
  if (auto warning = read_old_warning(text)) return warning;
  if (text.starts_with("sleeping function called from invalid context"))
    return make(kind::atomic_sleep, "BUG: sleeping function called from invalid context", blame::trace);
  if (text.starts_with("scheduling while atomic"))
    return make(kind::atomic_sleep, "BUG: scheduling while atomic", blame::trace);
  if (at.skip("using ")) {
    const auto what = at.until(" in preemptible");
    if (!at.rest.empty())
      return make(kind::lock_misuse, "BUG: using " + std::string{what} + " in preemptible code",
                  blame::trace);
  }
  if (text.starts_with("workqueue leaked lock or atomic"))
    return verbatim(kind::lock_misuse, "BUG: ", text, ":");
  if (text.starts_with("workqueue leaked")) return verbatim(kind::lock_misuse, "BUG: ", text);
  if (text.starts_with("memory leak")) return make(kind::memory_leak, "memory leak", blame::object);
  if (text.starts_with("Dentry ") && contains(text, "still in use")) {
    auto out = make(kind::bug, "BUG: Dentry still in use", blame::none);
    out.needs_function = false;
    out.is_cut = !contains(text, "[unmount of");
    if (!out.is_cut) out.title += " in unmount";
    return out;
  }
  if (contains(text, "stack guard page was hit"))
    return make(kind::stack_overflow, "BUG: stack guard page was hit", blame::loop);
  if (text.starts_with("Bad page state")) return make(kind::bug, "BUG: Bad page state", blame::allocation);
  if (text.starts_with("Bad page map")) {
    auto out = verbatim(kind::bug, "BUG: Bad page map", "");
    out.needs_trace = true;
    return out;
  }
  if (text.starts_with("Bad page cache")) return make(kind::bug, "BUG: Bad page cache", blame::allocation);
  if (text.starts_with("Bad rss-counter state")) return verbatim(kind::bug, "BUG: Bad rss-counter state", "");
  if (text.starts_with("non-zero nr_") && contains(text, "on freeing mm"))
    return verbatim(kind::bug, "BUG: ", text, ":(");
  if (text.starts_with("unable to handle ") || text.starts_with("Unable to handle ")) {
    auto cut = make(kind::bad_address, "BUG: unable to handle kernel", blame::none);
    cut.needs_function = false;
    cut.is_cut = true;
    return cut;
  }
  if (text.size() < 4) return std::nullopt;
  return verbatim(kind::bug, "BUG: ", text);
}

/// "Bad page state in process 'foo'", before Linux 2.6.29, which put "BUG: " before it; "Bad pagetable: 000d
/// [#1]", for which a program dies.
inline std::optional<opening> read_bad_page(std::string_view line) {
  if (line.starts_with("Bad page state in process '") || line.starts_with("Bad page state at "))
    return make(kind::bug, "BUG: Bad page state", blame::allocation);
  if (!line.starts_with("Bad pagetable: ") || !contains(line, " [")) return std::nullopt;
  return verbatim(kind::corrupted_memory, "Bad pagetable", "");
}

/// What the slab allocator finds. Before 3.3 the words alone tell its line from one of a program.
inline constexpr std::string_view slab_findings[] = {
    "Redzone overwritten",        "Left Redzone overwritten", "Right Redzone overwritten",
    "Alloc Redzone overwritten",  "Poison overwritten",       "Padding overwritten",
    "Object padding overwritten", "Objects remaining on ",    "Objects remaining in ",
    "Object already free",        "Freechain corrupt",        "Freepointer corrupt"};

/// "BUG kmalloc-64 (Tainted: G B): Poison overwritten", before 3.3 "BUG kmalloc-64: Poison overwritten".
inline std::optional<opening> read_slab_bug(std::string_view text) {
  cursor at{text};
  const auto cache = at.take([](char c) { return c != ' '; });
  if (cache.ends_with(':')) {
    at.skip_spaces();
    const auto is_found = [&](std::string_view one) { return at.rest.starts_with(one); };
    if (cache.size() < 2 || std::ranges::none_of(slab_findings, is_found)) return std::nullopt;
  } else if (cache.empty() || !at.skip(" (") || !at.find("): ")) {
    return std::nullopt;
  }
  auto out = verbatim(kind::corrupted_memory, "BUG: ", at.rest, ".");
  if (at.rest.starts_with("kasan: bad access")) out.follows = true;
  if (at.rest.starts_with("Object already free")) out.needs_trace = true;
  return out;
}

/// Lines with "INFO: " of healthy machines, and of the slab allocator's reports.
inline constexpr std::string_view harmless_infos[] = {"lockdep is turned off",
                                                      "Stall ended before",
                                                      "NMI handler",
                                                      "unexpected IO-APIC",
                                                      "recovery required on",
                                                      "Slab 0x",
                                                      "Object 0x",
                                                      "0x"};

/// After "INFO: ".
inline std::optional<opening> read_info(std::string_view text) {
  if (auto hung = read_hung_task(text)) return hung;
  if (auto stall = read_rcu_stall(text)) return stall;
  if (auto lock = read_lockdep("INFO", text)) return lock;
  for (const auto harmless : harmless_infos)
    if (text.starts_with(harmless)) return std::nullopt;
  if (text.empty() || contains(text, "took too long")) return std::nullopt;
  auto out = verbatim(kind::warning, "INFO: ", text);
  out.is_cut = text.starts_with("task ");                                // a hung one
  if (out.is_cut && contains(text, " blocked on ")) out.follows = true;  // who holds what it waits for
  // A part of a report of the slab allocator.
  if (text.starts_with("Freed in ") || text.starts_with("Allocated in ")) out.follows = out.is_cut = true;
  return out;
}

/// What made the kernel stop.
inline opening read_reason_of_panic(std::string_view text) {
  const auto panic = [](std::string_view title) {
    auto out = make(kind::panic, "kernel panic: " + std::string{title}, blame::none);
    out.needs_function = false;
    return out;
  };
  if (text.starts_with("Fatal exception")) return panic("Fatal exception");
  if (text.starts_with("corrupted stack end detected"))
    return make(kind::panic, "kernel panic: corrupted stack end", blame::stack_loop);
  if (text.starts_with("stack-protector: Kernel stack is corrupted")) {
    const auto function = find_function(text);
    if (function.empty()) return make(kind::panic, "kernel panic: stack is corrupted", blame::trace);
    // The stack is damaged: often there is no trace, and the line says it all.
    auto out = panic("stack is corrupted in " + std::string{source_name(function)});
    out.function = function;
    out.needs_trace = false;
    return out;
  }
  if (text.starts_with("Attempted to kill init")) return panic("Attempted to kill init!");
  if (text.starts_with("Couldn't open N_TTY ldisc")) return panic("Couldn't open N_TTY ldisc");
  if (text.starts_with("kernel stack overflow") || text.starts_with("Kernel stack overflow"))
    return make(kind::stack_overflow, "kernel stack overflow", blame::stack_loop);
  if (text.starts_with("panic_on_warn set")) return panic("panic_on_warn set");
  if (text.starts_with("hung_task: blocked tasks")) return panic("hung_task: blocked tasks");
  auto out = verbatim(kind::panic, "kernel panic: ", text.empty() ? "corrupted" : text);
  out.needs_trace = !contains_word(text, "machine check");  // it says before what was wrong
  out.is_cut = text.empty();
  return out;
}

/// After "Kernel panic - not syncing: ".
inline opening read_panic(std::string_view text) {
  auto out = read_reason_of_panic(text);
  out.panics = true;
  return out;
}

/// "trusty: panic (caller ...): DEBUG ASSERT FAILED at (FILE:12): condition": the system beside Linux on ARM.
inline std::optional<opening> read_trusty(std::string_view text) {
  if (!text.starts_with("trusty: panic")) return std::nullopt;
  cursor at{text};
  if (at.find("ASSERT FAILED at ") && at.find("): "))
    return verbatim(kind::machine_check, "trusty: ASSERT FAILED: ", at.rest);
  at = {text};
  if (at.find("): ")) return verbatim(kind::machine_check, "trusty: panic: ", at.rest);
  auto out = verbatim(kind::machine_check, "", text);
  out.is_cut = true;
  return out;
}

}  // namespace netcon::inline v0_1::crash::detail
