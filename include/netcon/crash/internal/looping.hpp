// SPDX-License-Identifier: MIT
// Whom to blame where a processor or a task does not go on: it may be anywhere in what it does, so the way
// into it is named.
#pragma once

#include <netcon/crash/internal/clue.hpp>
#include <netcon/crash/internal/helpers.hpp>
#include <netcon/crash/internal/words.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

/// A system call has one name, whatever the architecture and the kernel put before it.
constexpr std::string_view plain_name(std::string_view function) noexcept {
  function = source_name(function);
  auto shortest = function;
  for (const std::string_view prefix :
       {"SYSC_", "SyS_", "sys_", "__x64_", "__ia32_", "__arm64_", "__s390x_", "__s390_", "__riscv_", "__sys_",
        "___sys_", "____sys_", "__se_", "__se_sys_", "__do_sys_", "compat_SYSC_", "compat_SyS_", "ksys_"})
    if (function.starts_with(prefix) && function.size() - prefix.size() < shortest.size() &&
        function.size() > prefix.size())
      shortest = function.substr(prefix.size());
  return shortest;
}

// clang-format off

// What calls the functions that a part of the kernel has registered with it.
inline constexpr std::string_view dispatchers[] = {
    // threads, work, timers, interrupts
    "process_one_work", "run_ksoftirqd", "smpboot_thread_fn", "start_secondary", "cpu_startup_entry", "ret_from_fork",
    "do_softirq", "handle_softirqs", "call_timer_fn", "_run_timers", "run_timer_softirq", "hrtimer_run", "tasklet_action",
    "tasklet_hi_action", "smp_call_function", "task_work_run", "__fput", "exit_to_usermode",
    // the entry of system calls and of faults
    "do_syscall_", "do_fast_syscall_", "sysenter_dispatch", "tracesys_phase2", "el0_svc_handler", "invoke_syscall",
    "ret_fast_syscall", "do_page_fault", "__do_fault",
    // files
    "vfs_write", "vfs_read", "vfs_iter_read", "vfs_iter_write", "do_iter_read", "do_iter_write", "call_read_iter",
    "call_write_iter", "new_sync_read", "new_sync_write", "vfs_ioctl", "ksys_ioctl", "compat_ioctl", "compat_sys_ioctl",
    "blkdev_driver_ioctl", "blkdev_ioctl", "do_iter_readv_writev", "mmap_region", "do_mmap", "do_dentry_open", "vfs_open",
    // sockets and packets
    "netif_receive_skb", "kernel_setsockopt", "sock_common_setsockopt", "kernel_listen", "sk_common_release",
    "kernel_accept"};
inline constexpr std::string_view dispatchers_begin[] = {
    "call_mmap", "sock_sendmsg", "sock_recvmsg", "sock_release", "__sock_release", "sock_mmap", "sock_do_ioctl", "sock_ioctl",
    "compat_sock_ioctl", "nfnetlink_rcv_msg", "rtnetlink_rcv_msg", "netlink_dump", "socketpair", "connect", "ioctl",
    "sys_socketpair", "sys_connect", "sys_ioctl"};
inline constexpr std::string_view dispatchers_exactly[] = {"do_ioctl", "kthread", "page_fault", "setsockopt", "listen", "accept"};
inline constexpr function_group dispatcher_groups[] = {
    {compare::contains, dispatchers}, {compare::begins, dispatchers_begin}, {compare::equals, dispatchers_exactly}};

// Where system calls enter old kernels, besides is_bottom().
inline constexpr std::string_view entries[] = {
    "tracesys", "sysret_", "syscall_call", "syscall_exit", "sysc_", "stack_done", "stub_clone", "stub_execve", "kernel_thread_helper"};
inline constexpr function_group entry_groups[] = {{compare::begins, entries}};

// A task that hangs waits for what another one holds.
inline constexpr std::string_view waiting[] = {
    "sched", "_lock", "_slowlock", "down", "rwsem", "completion", "kthread", "wait", "synchronize", "context_switch",
    "__switch_to", "cancel_delayed_work", "rcu_barrier", "sleep_on"};
// What slept for pages and buffers before Linux 3.15.
inline constexpr std::string_view waiting_exactly[] = {"sync_page", "sync_page_killable", "sync_buffer"};
inline constexpr function_group waiting_groups[] = {{compare::contains, waiting}, {compare::equals, waiting_exactly}};

// clang-format on

/// A function by its place in a stack and the name that stands for it.
struct named_frame {
  std::size_t at = 0;
  std::string_view name;
};

/// The last function before the first that dispatches.
inline std::optional<named_frame> way_into(std::span<const std::string_view> stack) {
  std::optional<named_frame> before;
  for (std::size_t i = 0; i < stack.size(); ++i) {
    const auto name = plain_name(stack[i]);
    if (!before) before = {i, name};
    if (is_in(name, dispatcher_groups)) {
      if (name.find("smp_call_function") != name.npos) return named_frame{i, "smp_call_function"};
      return before;
    }
    before = {i, name};
  }
  // Older kernels and other architectures: the entry alone.
  for (std::size_t i = 1; i < stack.size(); ++i)
    if (is_bottom(stack[i]) || is_in(stack[i], entry_groups))
      return named_frame{i - 1, plain_name(stack[i - 1])};
  return std::nullopt;
}

/// What a hung task waits for: tasks that wait for one of the first few wait for the same, whoever they are.
inline std::optional<named_frame> awaited(std::span<const std::string_view> stack) {
  for (std::size_t i = 0; i < stack.size(); ++i) {
    const auto name = plain_name(stack[i]);
    if (name.find("rtnl_lock") != name.npos) return named_frame{i, name};
    for (const std::string_view one :
         {"synchronize_rcu", "synchronize_srcu", "synchronize_net", "synchronize_sched"})
      if (name.find(one) != name.npos) return named_frame{i, "synchronize_rcu"};
  }
  for (std::size_t i = 0; i < stack.size(); ++i)
    if (const auto name = plain_name(stack[i]); !is_in(name, waiting_groups)) return named_frame{i, name};
  return std::nullopt;
}

}  // namespace netcon::inline v0_1::crash::detail
