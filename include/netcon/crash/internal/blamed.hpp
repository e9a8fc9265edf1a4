// SPDX-License-Identifier: MIT
// Which of the functions that a crash mentions is to blame.
#pragma once

#include <netcon/crash/frame.hpp>
#include <netcon/crash/internal/helpers.hpp>
#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/kind.hpp>
#include <netcon/crash/opening.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1::crash::detail {

/// A function that a line mentions.
struct mention {
  enum class place : std::uint8_t { counter, trace, lock, held_lock, other_trace, boundary };
  frame_view frame;
  place where = place::trace;
};

/// The interrupt or exception through which the processor came from the functions behind it.
constexpr bool is_boundary(std::string_view function) noexcept {
  const auto name = without_underscores(function);
  for (const std::string_view one : {"asm_sysvec_",
                                     "asm_exc_",
                                     "asm_common_interrupt",
                                     "apic_timer_interrupt",
                                     "reschedule_interrupt",
                                     "call_function_interrupt",
                                     "call_function_single_interrupt",
                                     "common_interrupt",
                                     "ret_from_intr",
                                     "el1_irq",
                                     "el1h_64_irq",
                                     "irq_svc",
                                     "el1_interrupt",
                                     "smp_trace_apic",
                                     "smp_apic_timer",
                                     "irq_work_interrupt",
                                     "handle_irq_int",
                                     "do_IRQ",
                                     "ret_from_exception",
                                     "io_int_handler",
                                     "ext_int_handler",
                                     "hardware_interrupt_common",
                                     "decrementer_common",
                                     "async_page_fault",
                                     "retint_kernel",
                                     "page_fault"})
    if (name.starts_with(one)) return true;
  return false;
}

// clang-format off

// What calls the functions that a part of the kernel has registered with it: the way into that part.
inline constexpr std::string_view dispatchers[] = {
    "kthread", "worker_thread", "process_one_work", "process_scheduled_works", "smpboot_thread_fn", "irq_thread",
    "fput", "vfs_ioctl", "do_vfs_ioctl"};
inline constexpr std::string_view dispatchers_begin[] = {
    "ret_from_fork", "task_work_run", "vfs_read", "vfs_write", "vfs_iter_", "vfs_fsync", "vfs_fallocate", "vfs_splice",
    "vfs_copy_file_range", "new_sync_", "do_iter_", "do_readv", "do_writev", "call_read_iter", "call_write_iter",
    "generic_file_splice_read", "filemap_splice_read", "call_timer_fn", "run_timer", "expire_timers", "hrtimer_run",
    "tasklet_action", "do_softirq", "handle_softirqs", "run_ksoftirqd", "netif_receive_skb", "napi_poll", "net_rx_action",
    "rtnetlink_rcv_msg", "nfnetlink_rcv_msg", "genl_rcv_msg", "genl_family_rcv", "sock_sendmsg", "sock_recvmsg",
    "sock_write_iter", "sock_read_iter", "handle_irq_event", "cpu_startup_entry", "do_syscall_", "do_fast_syscall",
    "do_int80", "do_SYSENTER", "entry_", "el0_", "el0t_", "invoke_syscall", "x64_sys_call", "ia32_sys_call", "system_call",
    "syscall_", "sysenter_", "tracesys", "ret_to_", "ret_fast_", "blkdev_driver_ioctl"};
inline constexpr function_group dispatcher_groups[] = {
    {compare::equals, dispatchers}, {compare::begins, dispatchers_begin}};

// clang-format on

inline constexpr std::string_view common_calls[] = {"ioctl", "read",   "write",   "pread64",    "pwrite64",
                                                    "readv", "writev", "preadv",  "pwritev",    "connect",
                                                    "bind",  "accept", "accept4", "setsockopt", "getsockopt"};

/// System calls that lead into a part of the kernel according to a file or a socket: no way in by themselves.
constexpr bool is_common_call(std::string_view function) noexcept {
  const auto name = without_underscores(source_name(function));
  for (const std::string_view mark : {"sys_", "SyS_", "SYSC_"})
    if (const auto at = name.rfind(mark); at != name.npos) {
      const auto call = name.substr(at + mark.size());
      return std::ranges::find(common_calls, call) != std::end(common_calls);
    }
  return name.ends_with("compat_ioctl");
}

constexpr bool is_dispatcher(std::string_view function) noexcept {
  return is_in(function, dispatcher_groups) || is_common_call(function);
}

/// The first frame of a stack: how the kernel was entered.
constexpr bool is_bottom(std::string_view function) noexcept {
  const auto name = without_underscores(function);
  for (const std::string_view one :
       {"entry_", "ret_from_fork", "ret_from_sys", "ret_from_kernel", "ret_fast_", "el0_", "el0t_",
        "system_call", "do_syscall", "syscall_common", "start_kernel", "secondary_start", "start_secondary",
        "x86_64_start", "ret_from_exception", "int_ret_from", "sysenter_", "handle_sys"})
    if (name.starts_with(one)) return true;
  return false;
}

/// Whether a task waits for readers of RCU to end, which the whole machine may wait for.
constexpr bool waits_for_rcu(std::string_view function) noexcept {
  for (const std::string_view one :
       {"synchronize_rcu", "synchronize_srcu", "synchronize_net", "synchronize_sched"})
    if (function.starts_with(one)) return true;
  return false;
}

/// The wrappers of a system call that architectures make have its one name; so have the variants of functions
/// that wait.
inline std::string common_name(std::string_view function) {
  function = source_name(function);
  for (const std::string_view wrapper :
       {"__x64_compat_sys_", "__x32_compat_sys_", "__ia32_compat_sys_", "__arm64_compat_sys_",
        "__se_compat_sys_", "__do_compat_sys_", "__x64_sys_", "__ia32_sys_", "__arm64_sys_", "__riscv_sys_",
        "__s390x_sys_", "__s390_sys_", "__powerpc_sys_", "__se_sys_", "__do_sys_", "compat_SyS_", "C_SYSC_",
        "SyS_", "SYSC_"})
    if (function.starts_with(wrapper) && function.size() > wrapper.size())
      return "sys_" + std::string{function.substr(wrapper.size())};
  if (function.starts_with("smp_call_function")) return "smp_call_function";
  if (waits_for_rcu(function)) return "synchronize_rcu";
  return std::string{function};
}

/// The helpers of the reports of one kind, besides those of all.
inline std::span<const function_group> more_helpers(const opening& start) noexcept {
  if (start.kind == kind::task_hung) return waiting_groups;
  if (start.kind == kind::memory_leak) return leaking_groups;
  if (start.kind == kind::atomic_sleep) return scheduling_groups;
  if (start.title.starts_with("BUG: using ")) return per_processor_groups;
  if (start.title == "BUG: Bad page state") return page_list_groups;
  if (start.title == "WARNING: ODEBUG bug") return tracked_object_groups;
  if (start.title == "WARNING: locking bug") return socket_lock_groups;
  return {};
}

/// Whether the program counter is where it happened, and not just where the processor was.
constexpr bool counter_is_place(kind what) noexcept {
  return (what >= kind::null_dereference && what <= kind::corrupted_memory) || what == kind::warning ||
         what == kind::refcount || what == kind::lock_misuse || what == kind::panic;
}

/// The first function that is no helper.
inline const mention* first_culprit(std::span<const mention> mentions, std::span<const function_group> more,
                                    bool certain) {
  for (const auto& one : mentions) {
    if (one.where == mention::place::boundary || one.frame.certain != certain) continue;
    if (!is_helper(one.frame.function) && !is_in(one.frame.function, more)) return &one;
  }
  return nullptr;
}

/// The first of those that are at one of the places. What was only found on the stack counts where nothing is
/// certain: an unwinder that guesses marks all so.
template <class Wanted>
const mention* first_culprit(std::span<const mention> mentions, std::span<const function_group> more,
                             Wanted wanted) {
  bool any_certain = false;
  std::vector<mention> few;
  std::vector<const mention*> origin;
  for (const auto& one : mentions) {
    if (!wanted(one.where)) continue;
    few.push_back(one);
    origin.push_back(&one);
    any_certain = any_certain || (one.frame.certain && one.where != mention::place::boundary);
  }
  const auto* found = first_culprit(std::span<const mention>{few}, more, any_certain);
  return found == nullptr ? nullptr : origin[static_cast<std::size_t>(found - few.data())];
}

/// Tasks that wait for one of these wait for the same, whoever they are.
inline const mention* awaited_by_many(std::span<const mention> mentions) {
  for (const auto& one : mentions)
    if (one.frame.certain && one.where == mention::place::trace &&
        (waits_for_rcu(one.frame.function) || one.frame.function.starts_with("rtnl_lock")))
      return &one;
  return nullptr;
}

/// Whether the trace shows what an interrupt interrupted. Without one it may be that of a task that only
/// waited.
inline bool shows_interrupted(std::span<const mention> mentions) {
  return std::ranges::any_of(mentions, [](const mention& one) {
    return one.where == mention::place::boundary || (one.frame.certain && is_boundary(one.frame.function));
  });
}

/// A processor that was interrupted in a loop is anywhere in it: the way into that part of the kernel stays
/// the same.
inline const mention* interrupted_culprit(std::span<const mention> mentions, bool by_interrupt) {
  std::vector<const mention*> stack;
  bool at_bottom = false, interrupted = false;
  for (const auto& one : mentions) {
    if (one.where == mention::place::other_trace || at_bottom) break;
    if (!one.frame.certain) continue;
    // Only the first interrupt is that of the report; one behind it began what hangs.
    if (one.where == mention::place::boundary || is_boundary(one.frame.function)) {
      if (!interrupted && by_interrupt) stack.clear();
      interrupted = true;
      continue;
    }
    stack.push_back(&one);
    at_bottom =
        is_bottom(one.frame.function) && !without_underscores(one.frame.function).starts_with("do_syscall");
  }
  // The last function before the first dispatcher.
  const mention* before = nullptr;
  for (const auto* one : stack) {
    const auto function = one->frame.function;
    if (function.starts_with("smp_call_function")) return one;
    if (is_dispatcher(function)) return before != nullptr ? before : one;
    if (!is_helper(function)) before = one;
  }
  return before;
}

/// The mention to blame; null where there is none.
inline const mention* find_culprit(const opening& start, std::span<const mention> mentions) {
  using enum mention::place;
  const auto more = more_helpers(start);
  switch (start.rule) {
    case blame::none:
      return nullptr;
    case blame::stack: {
      if (start.kind == kind::task_hung)
        if (const auto* many = awaited_by_many(mentions)) return many;
      if (counter_is_place(start.kind)) {
        const auto counted =
            std::ranges::find_if(mentions, [](const mention& one) { return one.where == counter; });
        const auto behind = mentions.subspan(static_cast<std::size_t>(counted - mentions.begin()));
        const auto* found =
            first_culprit(behind, more, [](auto where) { return where == counter || where == trace; });
        if (found != nullptr) return found;
      }
      return first_culprit(mentions, more, [](auto where) { return where == trace; });
    }
    case blame::any_trace:
      return first_culprit(mentions, more, [](auto where) { return where == trace || where == other_trace; });
    case blame::lock:
      return first_culprit(mentions, more, [](auto where) { return where != held_lock && where != counter; });
    case blame::held_lock:
      if (const auto* lock = first_culprit(mentions, more, [](auto where) { return where == held_lock; }))
        return lock;
      return first_culprit(mentions, more, [](auto where) { return where == trace; });
    case blame::interrupted:
      return interrupted_culprit(mentions, true);
    case blame::entry:
      return interrupted_culprit(mentions, false);
  }
  return nullptr;
}

}  // namespace netcon::inline v0_1::crash::detail
