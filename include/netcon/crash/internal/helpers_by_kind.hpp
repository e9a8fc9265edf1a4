// SPDX-License-Identifier: MIT
// Functions that are helpers in the reports of one kind only.
#pragma once

#include <netcon/crash/internal/helpers.hpp>
#include <netcon/crash/opening.hpp>

#include <span>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

// clang-format off

// A check of tags by the processor is a fault on its way.
inline constexpr std::string_view tag_faults[] = {"kernel_fault", "tag_check", "mem_abort"};
inline constexpr std::string_view tag_faults_begin[] = {"el1_", "el1h_"};
inline constexpr function_group tag_fault_groups[] = {{compare::contains, tag_faults}, {compare::begins, tag_faults_begin}};

inline constexpr std::string_view freeing[] = {"kfree", "vunmap", "vfree"};
inline constexpr function_group freeing_groups[] = {{compare::contains, freeing}};

// Memory that was not written reaches these from their callers.
inline constexpr std::string_view unwritten[] = {"alloc_skb", "netlink_ack", "netlink_rcv_skb"};
inline constexpr std::string_view unwritten_begin[] = {"crypto_", "cipher_", "drbg_", "rng_"};
inline constexpr std::string_view unwritten_end[] = {"_encrypt"};
inline constexpr function_group unwritten_groups[] = {
    {compare::contains, unwritten}, {compare::begins, unwritten_begin}, {compare::ends, unwritten_end}};

inline constexpr std::string_view transfers[] = {
    "alloc_skb", "usb_submit_urb", "usb_start_wait_urb", "usb_bulk_msg", "usb_interrupt_msg", "usb_control_msg"};
inline constexpr function_group transfer_groups[] = {{compare::contains, transfers}};

inline constexpr std::string_view lock_calls[] = {"spin_", "_lock", "_unlock"};
inline constexpr function_group lock_call_groups[] = {{compare::contains, lock_calls}};

// A task that must not sleep is to blame, not the scheduler.
inline constexpr std::string_view scheduling[] = {"schedule"};
inline constexpr function_group scheduling_groups[] = {{compare::contains, scheduling}};

// A page in a bad state is that of who allocated it.
inline constexpr std::string_view page_calls[] = {
    "free_page", "free_pcppages", "free_hot_cold", "pagevec_release", "compound_page", "transhuge_page",
    "put_page", "get_page", "update_page", "release_page", "free_unref", "truncate_inode_pages",
    "page_frag_free", "alloc", "vmap", "page_owner", "bad_page", "check_new_page", "prep_new_page", "rmqueue"};
inline constexpr std::string_view page_calls_begin[] = {"folio", "_folio", "__folio", "___folio"};
inline constexpr function_group page_call_groups[] = {{compare::contains, page_calls}, {compare::begins, page_calls_begin}};

// What asks for the processor's number on behalf of its caller.
inline constexpr std::string_view per_processor[] = {"preempt", "processor_id", "this_cpu", "debug_"};
inline constexpr function_group per_processor_groups[] = {{compare::contains, per_processor}};

// What only allocates is not to blame for what is leaked.
inline constexpr std::string_view slabs[] = {"slab"};
inline constexpr std::string_view leaking[] = {
    "alloc", "kmem", "mmap", "create_object", "idr_get", "list_lru_init", "pcpu_create"};
inline constexpr function_group leaking_groups[] = {{compare::contains, leaking}, {compare::begins_word, slabs}};

// What is freed or started while an object in it is in use.
inline constexpr std::string_view tracked_objects[] = {
    "debug_", "rcu", "hrtimer_", "timer_", "work_", "percpu_", "vunmap", "vfree", "__free_", "kobject_"};
inline constexpr function_group tracked_object_groups[] = {{compare::contains, tracked_objects}};

inline constexpr std::string_view copying[] = {"usercopy", "__check"};
inline constexpr function_group copying_groups[] = {{compare::contains, copying}};

inline constexpr std::string_view registering[] = {"proc_"};
inline constexpr function_group registering_groups[] = {{compare::contains, registering}};

inline constexpr std::string_view counting[] = {"refcount"};
inline constexpr function_group counting_groups[] = {{compare::contains, counting}};

inline constexpr std::string_view allocating[] = {"kmalloc", "krealloc", "kmem"};
inline constexpr function_group allocating_groups[] = {
    {compare::contains, allocating}, {compare::begins_word, slabs}};

// A socket's lock is a lock here.
inline constexpr std::string_view socket_locks[] = {"lock_sock", "release_sock"};
inline constexpr function_group socket_lock_groups[] = {{compare::contains, socket_locks}};

// These take locks of the work that they run or wait for.
inline constexpr std::string_view work_locks[] = {
    "process_one_work", "flush_workqueue", "drain_workqueue", "destroy_workqueue"};
inline constexpr function_group work_lock_groups[] = {{compare::contains, work_locks}};

inline constexpr std::string_view rcu_users[] = {"rcu", "kmem"};
inline constexpr function_group rcu_user_groups[] = {{compare::contains, rcu_users}, {compare::begins_word, slabs}};

inline constexpr std::string_view stall_checks[] = {"apic_timer_interrupt", "rcu"};
inline constexpr function_group stall_check_groups[] = {{compare::contains, stall_checks}};

inline constexpr std::string_view lock_setup[] = {"stack", "lock", "IRQ"};
inline constexpr function_group lock_setup_groups[] = {{compare::contains, lock_setup}};

// What finds that another function does not end.
inline constexpr std::string_view watchdogs[] = {"watchdog_", "perf_event", "pmu_handle_irq", "nmi"};
inline constexpr function_group watchdog_groups[] = {{compare::contains, watchdogs}};

// How an error that the memory system reports comes to the kernel on ARM64.
inline constexpr std::string_view error_entries[] = {"serror", "el1_interrupt", "el1h_64_", "el1_irq", "nmi_panic"};
inline constexpr function_group error_entry_groups[] = {{compare::contains, error_entries}};

inline constexpr std::string_view soft_watchdogs[] = {"watchdog_timer_fn"};
inline constexpr function_group soft_watchdog_groups[] = {{compare::equals, soft_watchdogs}};

// What finds that a stack is damaged or full.
inline constexpr std::string_view stack_protectors[] = {"stack_chk"};
inline constexpr function_group stack_protector_groups[] = {{compare::contains, stack_protectors}};
inline constexpr std::string_view stack_end_checks[] = {"schedule", "retint_kernel"};
inline constexpr function_group stack_end_check_groups[] = {{compare::contains, stack_end_checks}};
inline constexpr std::string_view stack_guards[] = {"bad_stack"};
inline constexpr function_group stack_guard_groups[] = {{compare::contains, stack_guards}};

// The wrappers around the buffers of packets check their arguments.
inline constexpr std::string_view packet_buffers[] = {"skb_"};
inline constexpr function_group packet_buffer_groups[] = {{compare::begins, packet_buffers}};

inline constexpr std::string_view overflows[] = {
    "ubsan", "overflow", "handle_null_ptr_deref", "handle_missaligned_access", "handle_misaligned_access",
    "handle_object_size_mismatch"};
inline constexpr function_group overflow_groups[] = {{compare::contains, overflows}};

/// How titles begin, and what serves others there.
struct titled_helpers {
  std::string_view title;
  std::span<const function_group> groups;
};
inline constexpr titled_helpers helpers_by_title[] = {
    {"KASAN: invalid-free", freeing_groups},
    {"KASAN: ", tag_fault_groups},
    {"KMSAN: kernel-usb-infoleak", transfer_groups},
    {"KMSAN: ", unwritten_groups},
    {"UBSAN: ", overflow_groups},
    {"BUG: spinlock", lock_call_groups},
    {"BUG: rwlock", lock_call_groups},
    {"BUG: scheduling while atomic", scheduling_groups},
    {"BUG: hard lockup", watchdog_groups},
    {"SError interrupt", error_entry_groups},
    {"BUG: soft lockup", soft_watchdog_groups},
    {"BUG: Bad page", page_call_groups},
    {"BUG: using ", per_processor_groups},
    {"BUG: bad usercopy", copying_groups},
    {"memory leak", leaking_groups},
    {"WARNING: ODEBUG bug", tracked_object_groups},
    {"WARNING: bad usercopy", copying_groups},
    {"WARNING: proc registration bug", registering_groups},
    {"WARNING: refcount bug", counting_groups},
    {"WARNING: kmalloc bug", allocating_groups},
    {"WARNING: locking bug", socket_lock_groups},
    {"WARNING: suspicious RCU usage", rcu_user_groups},
    {"INFO: suspicious RCU usage", rcu_user_groups},
    {"INFO: rcu detected stall", stall_check_groups},
    {"INFO: trying to register non-static key", lock_setup_groups},
    {"INFO: task can't die", scheduling_groups},
    {"kernel panic: stack is corrupted", stack_protector_groups},
    {"kernel panic: corrupted stack end", stack_end_check_groups},
    {"kernel stack overflow", stack_guard_groups},
    {"kernel BUG", packet_buffer_groups},
    {"possible deadlock", work_lock_groups},
};

// clang-format on

/// A warning of usb_submit_urb() about what its caller, who is to blame, asks for.
inline bool is_of_transfer(const opening& start) noexcept {
  return start.kind == kind::warning && source_name(start.function) == "usb_submit_urb";
}

/// The helpers of the reports of one kind, besides those of all.
inline std::span<const function_group> more_helpers(const opening& start) noexcept {
  if (is_of_transfer(start)) return transfer_groups;
  for (const auto& one : helpers_by_title)
    if (start.title.starts_with(one.title)) return one.groups;
  return {};
}

}  // namespace netcon::inline v0_1::crash::detail
