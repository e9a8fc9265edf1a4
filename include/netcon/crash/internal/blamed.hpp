// Which of the functions that a crash mentions is to blame.
#pragma once

#include <netcon/crash/frame.hpp>
#include <netcon/crash/internal/helpers.hpp>
#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/kind.hpp>
#include <netcon/crash/opening.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace netcon::crash::detail {

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

/// What calls functions that a part of the kernel has registered with it: the way into that part.
constexpr bool is_dispatcher(std::string_view function) noexcept {
  const auto name = without_underscores(source_name(function));
  for (const std::string_view one : {"kthread", "worker_thread", "process_one_work", "fput", "vfs_ioctl",
                                     "seq_read", "do_exit", "get_signal"})
    if (name == one) return true;
  for (const std::string_view one : {"vfs_read",
                                     "vfs_write",
                                     "vfs_iter_",
                                     "vfs_fsync",
                                     "vfs_fallocate",
                                     "vfs_splice",
                                     "new_sync_",
                                     "do_iter_",
                                     "do_readv",
                                     "do_writev",
                                     "call_read_iter",
                                     "call_write_iter",
                                     "do_vfs_ioctl",
                                     "task_work_run",
                                     "process_scheduled",
                                     "call_timer_fn",
                                     "run_timer",
                                     "expire_timers",
                                     "hrtimer_run",
                                     "nfnetlink_rcv_msg",
                                     "rtnetlink_rcv_msg",
                                     "genl_rcv_msg",
                                     "genl_family_rcv",
                                     "sock_sendmsg",
                                     "sock_recvmsg",
                                     "sock_write_iter",
                                     "sock_read_iter",
                                     "netif_receive_skb",
                                     "napi_poll",
                                     "net_rx_action",
                                     "do_syscall_",
                                     "do_fast_syscall",
                                     "do_int80",
                                     "do_SYSENTER",
                                     "entry_",
                                     "el0_",
                                     "invoke_syscall",
                                     "x64_sys_call",
                                     "ia32_sys_call",
                                     "system_call",
                                     "syscall_",
                                     "sysenter_",
                                     "ret_from_",
                                     "ret_to_",
                                     "ret_fast_",
                                     "notifier_call_chain",
                                     "tasklet_action",
                                     "handle_irq_event",
                                     "really_probe",
                                     "smpboot_thread_fn",
                                     "do_one_initcall",
                                     "irq_thread",
                                     "legacy_get_tree",
                                     "do_new_mount"})
    if (name.starts_with(one)) return true;
  return false;
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

/// System calls that lead into a part of the kernel according to a file or a socket: no way in by themselves.
constexpr bool is_common_call(std::string_view function) noexcept {
  auto name = without_underscores(source_name(function));
  const auto call = [&]() -> std::string_view {
    for (const std::string_view mark : {"sys_", "SyS_", "SYSC_"})
      if (const auto at = name.rfind(mark); at != name.npos) return name.substr(at + mark.size());
    return {};
  }();
  for (const std::string_view one :
       {"ioctl",    "read",       "write",      "readv",  "writev",   "pread64",   "pwrite64",
        "preadv",   "pwritev",    "sendmsg",    "sendto", "sendmmsg", "recvmsg",   "recvfrom",
        "recvmmsg", "setsockopt", "getsockopt", "close",  "exit",     "exit_group"})
    if (call == one) return true;
  return false;
}

/// Where a processor waits for others: no helper, although much calls it.
constexpr bool is_waiting_place(std::string_view function) noexcept {
  return function.starts_with("smp_call_function") || function.starts_with("synchronize_rcu");
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
  if (function.starts_with("synchronize_rcu")) return "synchronize_rcu";
  return std::string{function};
}

/// The innermost function of the stack that is no helper.
inline const mention* first_culprit(std::span<const mention> mentions, bool leaked) {
  for (const auto& one : mentions) {
    if (one.where == mention::place::boundary || !one.frame.certain) continue;
    if (is_helper(one.frame.function)) continue;
    if (leaked && is_allocation(one.frame.function)) continue;
    return &one;
  }
  return nullptr;
}

/// A processor that was interrupted in a loop is anywhere in it: the way into that part of the kernel stays
/// the same.
inline const mention* interrupted_culprit(std::span<const mention> mentions) {
  std::vector<const mention*> stack;
  bool at_bottom = false, interrupted = false;
  for (const auto& one : mentions) {
    if (one.where == mention::place::other_trace || at_bottom) break;
    if (!one.frame.certain) continue;
    // Only the first interrupt is that of the report; one behind it began what hangs.
    if (one.where == mention::place::boundary || is_boundary(one.frame.function)) {
      if (!interrupted) stack.clear();
      interrupted = true;
      continue;
    }
    stack.push_back(&one);
    at_bottom =
        is_bottom(one.frame.function) && !without_underscores(one.frame.function).starts_with("do_syscall");
  }
  for (std::size_t i = 0; i < stack.size(); ++i) {
    const auto function = stack[i]->frame.function;
    if (is_waiting_place(function)) return stack[i];
    if (is_helper(function) || is_dispatcher(function) || is_common_call(function)) continue;
    if (i + 1 == stack.size()) continue;
    const auto caller = stack[i + 1]->frame.function;
    if (is_dispatcher(caller) || is_common_call(caller) || source_name(caller).ends_with("compat_ioctl"))
      return stack[i];
  }
  for (const auto* one : stack)
    if (!is_helper(one->frame.function) || one->frame.function == "do_idle") return one;
  return first_culprit(mentions, false);
}

/// The mention to blame; null where there is none.
inline const mention* find_culprit(blame rule, kind what, std::span<const mention> mentions) {
  using enum mention::place;
  std::vector<mention> chosen;
  const mention* found = nullptr;
  const auto among = [&](auto wanted) {
    std::vector<mention> few;
    for (const auto& one : mentions)
      if (wanted(one.where)) few.push_back(one);
    const auto* best = first_culprit(few, what == kind::memory_leak);
    if (best == nullptr) return static_cast<const mention*>(nullptr);
    for (const auto& one : mentions)
      if (one.frame == best->frame && one.where == best->where) return &one;
    return static_cast<const mention*>(nullptr);
  };
  switch (rule) {
    case blame::none:
    case blame::workqueue:
      return nullptr;
    case blame::stack:
      found = among([](auto where) { return where == counter || where == trace; });
      return found;
    case blame::lock:
      return among([](auto where) { return where != held_lock; });
    case blame::held_lock:
      if (const auto* lock = among([](auto where) { return where == held_lock; })) return lock;
      return among([](auto where) { return where == counter || where == trace; });
    case blame::interrupted:
      return interrupted_culprit(mentions);
  }
  return nullptr;
}

}  // namespace netcon::crash::detail
