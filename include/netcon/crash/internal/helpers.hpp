// SPDX-License-Identifier: MIT
// Functions that are never to blame: what reports, what traps, and helpers that fail because of their caller.
#pragma once

#include <netcon/crash/internal/words.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

/// How a name of a table is compared. Underscores in front of a function count for nothing.
enum class compare : std::uint8_t { begins, contains, equals };

/// Functions that have one reason in common.
struct function_group {
  compare how;
  std::span<const std::string_view> names;
};

constexpr std::string_view without_underscores(std::string_view name) noexcept {
  const auto first = name.find_first_not_of('_');
  return first == name.npos ? name : name.substr(first);
}

/// Whether a group has the function. Compiled names are taken too.
constexpr bool is_in(std::string_view function, std::span<const function_group> groups) noexcept {
  const auto name = without_underscores(source_name(function));
  return std::ranges::any_of(groups, [&](const function_group& group) {
    return std::ranges::any_of(group.names, [&](std::string_view one) {
      switch (group.how) {
        case compare::begins:
          return name.starts_with(one);
        case compare::contains:
          return name.find(one) != name.npos;
        default:
          return name == one;
      }
    });
  });
}

// clang-format off

// The checkers: what was compiled in to find the error.
inline constexpr std::string_view checkers[] = {
    "kasan", "hwasan", "kmsan", "kcsan", "ubsan", "fortify", "usercopy", "lockdep", "sanitizer_cov", "_indirect_thunk",
    "panic", "write_comp_data", "printk"};
inline constexpr std::string_view checker_calls[] = {
    "asan_", "msan_", "tsan_", "sanitizer_", "kfence_", "check_memory_region", "check_region_inline", "memory_is_",
    "check_object", "check_heap_object", "check_stack_object", "object_err", "slab_err", "slab_bug", "slab_fix",
    "debug_object", "debug_check", "debug_print", "debug_spin", "debug_mutex", "debug_smp", "debug_rt", "debug_lock",
    "debug_deactivate", "timer_is_static_object", "work_is_static_object", "might_", "cfi_", "stack_chk",
    "should_fail", "fail_dump", "fault_create", "warn_bogus", "spin_dump", "spin_bug", "rwlock_bug", "schedule_bug",
    "schedule_debug", "check_preemption_disabled", "bad_page", "instrument_"};

// What writes the report.
inline constexpr std::string_view reporting[] = {
    "dump_stack", "dump_backtrace", "dump_trace", "show_stack", "show_trace", "show_regs", "unwind_backtrace",
    "stack_trace_", "save_stack", "save_trace", "arch_stack_walk", "stack_depot", "print_", "va_format", "warn_", "WARN_", "report_bug", "fixup_bug", "bug_handler", "bug_at",
    "oops_", "die_", "nmi_panic", "lock_warn", "arch_dump", "add_taint", "bust_spinlocks", "perf_trace", "trace_event_raw"};
inline constexpr std::string_view reporting_exactly[] = {
    "warn", "die", "dev_info", "dev_notice", "dev_warn", "dev_err", "dev_alert", "dev_crit", "dev_emerg"};

// Traps by which a check reports.
inline constexpr std::string_view traps[] = {
    "do_error_trap", "do_trap", "do_invalid_op", "invalid_op", "exc_invalid_op", "asm_exc_invalid_op", "handle_bug",
    "do_undefinstr", "brk_handler", "call_break_hook", "call_el1_break_hook", "do_debug_exception", "do_el1_brk", "el1_",
    "el1h_", "el1t_", "do_mem_abort", "do_translation_fault", "do_kernel_fault", "do_tag_check_fault", "do_tag_recovery",
    "do_sea", "do_DataAbort", "do_PrefetchAbort", "dabt_", "pabt_", "und_", "do_trap_", "handle_exception", "handle_ri",
    "handle_bp", "do_ri", "do_bp", "pgm_check", "program_check", "bad_page_fault", "bad_area", "no_context",
    "overflow_stack", "handle_bad_stack", "handle_stack_overflow", "kernel_stack_overflow", "x86_return_thunk",
    "arch_trigger_", "nmi_cpu", "nmi_trigger"};

// Memory and text: the address or the size is the caller's.
inline constexpr std::string_view memory_and_text[] = {
    "memcpy", "memset", "memmove", "memcmp", "memchr", "memscan", "strlen", "strnlen", "strcpy", "strncpy", "strlcpy",
    "strscpy", "strcmp", "strncmp", "strcasecmp", "strncasecmp", "strchr", "strrchr", "strstr", "strnstr", "strlcat",
    "strncat", "strsep", "strpbrk", "strspn", "strcspn", "memzero", "addr_string", "hex_string", "ip4_string", "ip6_string",
    "driver_string", "sprintf", "snprintf", "scnprintf", "asprintf", "copy_to_user",
    "copy_from_user", "copy_to_iter", "copy_from_iter", "copy_page_to_iter", "copy_page_from_iter",
    "copy_folio_from_iter", "copy_folio_to_iter", "copyin", "copyout", "csum_and_copy", "csum_partial"};
inline constexpr std::string_view memory_and_text_calls[] = {
    "copy_user_", "symbol_string", "special_hex_number", "put_dec", "raw_copy_", "arch_copy_", "rep_movs", "rep_stos", "iterate_and_advance", "iterate_bvec",
    "iterate_folioq", "clear_user", "arch_clear_user", "clear_page_erms", "clear_page_rep", "clear_page_orig",
    "get_user_nocheck", "put_user_nocheck", "string_nocheck", "format_decode", "test_bit", "set_bit", "clear_bit",
    "test_and_", "atomic", "arch_atomic", "raw_atomic", "find_first_bit", "find_first_zero_bit"};
inline constexpr std::string_view memory_and_text_exactly[] = {
    "string", "number", "pointer", "copy_page", "clear_page", "read_word_at_a_time", "get_user", "get_user_1",
    "get_user_2", "get_user_4", "get_user_8", "put_user_1", "put_user_2", "put_user_4", "put_user_8", "swab32", "readb",
    "readw", "readl", "readq", "writeb", "writew", "writel", "writeq", "inb", "outb", "skb_push", "skb_put", "skb_pull"};

// Allocators: what they find damaged was damaged before.
inline constexpr std::string_view allocators[] = {
    "kmalloc", "kzalloc", "kcalloc", "vmalloc", "vzalloc", "vcalloc", "krealloc", "kvrealloc", "kmem_cache", "alloc_page",
    "folio_alloc", "alloc_frozen_page", "alloc_contig"};
inline constexpr std::string_view allocator_calls[] = {
    "kfree", "kvfree", "slab_", "allocate_slab", "do_slab_free", "free_large_kmalloc", "free_page", "free_frozen",
    "free_contig", "cache_alloc", "cache_grow", "cache_free", "fallback_alloc", "memdup", "vmemdup", "kmemdup", "kstrdup",
    "kstrndup", "mempool_", "kmemleak"};

// Locks and waiting: the lock belongs to someone else.
inline constexpr std::string_view lock_words[] = {
    "spin_lock", "spin_unlock", "spin_trylock", "mutex_lock", "mutex_unlock", "mutex_trylock", "raw_spin_rq"};
inline constexpr std::string_view locks[] = {
    "raw_spin_", "raw_read_", "raw_write_", "do_raw_", "bit_spin_", "read_lock", "read_unlock", "read_trylock",
    "write_lock", "write_unlock", "write_trylock", "rwlock", "queued_", "native_queued", "pv_queued", "virt_spin", "mutex_spin",
    "mutex_optimistic", "ww_mutex", "rt_mutex", "rt_spin_", "rtlock", "rwbase_", "rwsem_", "call_rwsem", "down_read",
    "down_write", "down_trylock", "down_killable", "down_interruptible", "down_timeout", "down_common", "up_read",
    "up_write", "percpu_down", "percpu_up", "percpu_rwsem", "osq_", "mcs_", "seqlock", "seqcount", "seqprop", "lock_acquire",
    "lock_release", "lock_acquired", "lock_contended", "lock_is_held", "lock_set_", "lock_downgrade", "lock_commit",
    "reacquire_held", "mark_lock", "mark_held", "mark_usage", "validate_chain", "check_prev", "check_noncircular",
    "check_deadlock", "check_wait_context", "check_irq_usage", "check_usage", "check_flags", "check_no_locks",
    "register_lock_class", "assign_lock_key", "look_up_lock_class", "class_mutex", "class_spinlock", "class_raw",
    "trace_hardirqs", "preempt_schedule", "preempt_count", "wait_for_completion", "wait_for_common", "do_wait_for_common", "swake_up", "finish_wait", "rcu_read_",
    "srcu_read_", "rcu_lock", "rcu_is_", "rcu_check", "rcu_dynticks", "rcu_note", "rcu_sched_clock", "rcu_report",
    "rcu_dump", "call_rcu", "kfree_rcu", "kfree_call_rcu", "kvfree_call_rcu"};
inline constexpr std::string_view locks_exactly[] = {"down", "up", "complete", "complete_all", "mutex_init"};

// Timers and work: what waits for them waits for its caller's.
inline constexpr std::string_view timers_and_work[] = {
    "del_timer", "timer_delete", "try_to_del_timer", "lock_timer_base", "timer_shutdown", "flush_work", "start_flush_work",
    "flush_delayed_work", "flush_workqueue", "cancel_work", "cancel_delayed_work", "try_to_grab_pending",
    "drain_workqueue", "destroy_workqueue", "kthread_stop", "kthread_should"};
// Lists, trees and reference counts: the object belongs to the caller.
inline constexpr std::string_view containers[] = {
    "list_add", "list_del", "list_move", "list_splice", "list_replace", "hlist_", "llist_", "rb_erase",
    "rb_insert_color", "rb_next", "rb_prev", "kref_", "refcount_", "rcuref_", "kobject_", "fast_dput"};
inline constexpr std::string_view containers_exactly[] = {"dput"};

// The device model and the core of buses: what drivers call to take a device away.
inline constexpr std::string_view devices[] = {
    "device_add", "device_del", "device_unregister", "device_register", "device_destroy", "device_release",
    "device_for_each_child", "device_remove_file", "get_device_parent", "add_uevent_var", "devres_release_all",
    "sysfs_remove", "dpm_sysfs_remove", "rollback_registered", "unregister_netdev", "tty_unregister_device", "hwrng_unregister", "i2c_del_adapter",
    "unregister_client", "usb_kill_", "usb_poison_", "usb_control_msg", "usb_submit_urb", "usb_hcd_submit_urb",
    "usb_start_wait_urb", "dummy_urb_enqueue"};

inline constexpr function_group helper_groups[] = {
    {compare::contains, checkers}, {compare::begins, checker_calls}, {compare::begins, reporting},
    {compare::equals, reporting_exactly}, {compare::begins, traps}, {compare::contains, memory_and_text},
    {compare::begins, memory_and_text_calls}, {compare::equals, memory_and_text_exactly},
    {compare::contains, allocators}, {compare::begins, allocator_calls}, {compare::contains, lock_words}, {compare::begins, locks},
    {compare::equals, locks_exactly}, {compare::begins, timers_and_work},
    {compare::begins, containers}, {compare::equals, containers_exactly}, {compare::begins, devices}};

// What is a helper in the reports of one kind only.

// A task that hangs waits for what another one holds.
inline constexpr std::string_view waiting[] = {
    "sched", "_lock", "_slowlock", "down", "rwsem", "completion", "kthread", "wait", "synchronize", "rcu_barrier",
    "context_switch", "switch_to"};
inline constexpr function_group waiting_groups[] = {{compare::contains, waiting}};

// What is freed or started while an object in it is in use.
inline constexpr std::string_view tracked_objects[] = {
    "debug_", "rcu", "hrtimer_", "timer_", "work_", "percpu_", "vunmap", "vfree"};
inline constexpr function_group tracked_object_groups[] = {{compare::begins, tracked_objects}};

// What only allocates is not to blame for what is leaked.
inline constexpr std::string_view leaking[] = {
    "alloc", "memdup", "strdup", "kmemleak", "create_object", "mmap", "idr_get", "list_lru_init",
    "pcpu_create", "new_slab"};
inline constexpr function_group leaking_groups[] = {{compare::contains, leaking}};

// A socket's lock is a lock here.
inline constexpr std::string_view socket_locks[] = {"lock_sock", "release_sock", "count_memcg"};
inline constexpr function_group socket_lock_groups[] = {{compare::begins, socket_locks}};

// A task that must not sleep is to blame, not the scheduler.
inline constexpr std::string_view scheduling[] = {"schedule", "io_schedule", "context_switch", "cond_resched"};
inline constexpr function_group scheduling_groups[] = {{compare::begins, scheduling}};

// What asks for the processor's number on behalf of its caller.
inline constexpr std::string_view per_processor[] = {"preempt", "processor_id", "this_cpu", "debug_"};
inline constexpr function_group per_processor_groups[] = {{compare::contains, per_processor}};

// A page in a bad state is that of who allocated or freed it.
inline constexpr std::string_view page_lists[] = {
    "get_page_from_freelist", "prep_new_page", "post_alloc_hook", "rmqueue", "check_new_page", "free_unref", "free_pcp",
    "free_tail_page", "page_expected", "release_pages", "put_page", "folio_put"};
inline constexpr function_group page_list_groups[] = {{compare::begins, page_lists}};

// clang-format on

/// Whether the function only serves others, whatever the report is about.
constexpr bool is_helper(std::string_view function) noexcept {
  return is_in(function, helper_groups);
}

}  // namespace netcon::inline v0_1::crash::detail
