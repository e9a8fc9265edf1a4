// Functions that are never to blame: what reports, what traps, and helpers that fail because of their caller.
#pragma once

#include <netcon/crash/internal/words.hpp>

#include <algorithm>
#include <string_view>

namespace netcon::crash::detail {

// clang-format off
// Names without the underscores in front, each list sorted by what it is for. A name in "begins" stands for
// all that begin with it.

// Reporting, trapping, and the way in from user space or an interrupt.
inline constexpr std::string_view reporting_begins[] = {
    "dump_stack", "show_stack", "show_trace", "show_regs", "dump_backtrace", "unwind_backtrace",
    "dump_trace", "stack_trace_", "save_stack", "print_", "printk", "vprintk", "panic", "nmi_panic",
    "warn_", "report_bug", "handle_bug", "bug_handler", "bug_at", "do_error_trap", "do_invalid_op",
    "invalid_op", "exc_", "asm_exc_", "asm_sysvec_", "sysvec_", "do_trap", "do_undefinstr", "do_page_fault",
    "page_fault", "do_user_addr_fault", "bad_area", "no_context", "fixup_", "oops_",
    "do_general_protection", "general_protection", "error_entry", "error_exit", "idtentry",
    "kernelmode_fixup_or_oops", "do_kern_addr_fault", "do_kernel_fault", "die_kernel_fault", "do_mem_abort",
    "do_translation_fault", "do_tag_check_fault", "do_tag_recovery", "do_alignment_fault", "do_bad_area",
    "el0_", "el1_", "el0t_", "el1h_", "el1t_", "el0", "el1", "brk_handler", "call_break_hook",
    "do_debug_exception", "do_dataabort", "do_prefetchabort", "dabt_", "pabt_", "und_", "do_el1_",
    "do_el0_", "kasan", "asan_", "hwasan", "kmsan", "msan_", "kcsan", "tsan_", "ubsan", "sanitizer_",
    "kfence", "check_memory_region", "check_region_inline", "memory_is_", "object_err", "slab_err",
    "slab_bug", "slab_fix", "slab_pad_check", "object_info", "fortify_", "usercopy_", "check_object_size",
    "check_heap_object", "check_stack_object", "might_fault", "might_sleep", "might_resched", "might_alloc",
    "debug_", "lockdep_", "ret_from_", "entry_", "do_syscall_", "do_fast_syscall", "do_int80",
    "do_SYSENTER", "syscall_", "sysenter_", "system_call", "invoke_syscall", "x64_sys_call",
    "ia32_sys_call", "secondary_startup", "x86_64_start", "start_kernel", "start_secondary", "nmi_",
    "arch_trigger_", "trigger_", "end_repeat_nmi", "asm_call_", "perf_trace", "x86_indirect_thunk",
    "x86_return_thunk", "indirect_thunk", "retpoline", "cfi_", "call_cfi", "should_fail", "fail_dump",
    "__stack_chk", "stack_chk_fail", "bust_spinlocks", "handle_exception", "do_trap_", "ret_to_",
    "handle_ri", "handle_bp", "do_bp", "do_ri", "pgm_check_handler", "program_check", "data_access",
    "instruction_access", "hardware_interrupt", "decrementer", "bad_page_fault", "hash_page", "do_hash",
    "interrupt_exit", "interrupt_return", "ret_from_except", "do_dat_exception", "do_protection_exception",
    "monitor_event", "restore_all", "work_pending", "bad_stack", "overflow_stack", "vmap_stack",
    "kernel_stack_overflow", "handle_stack_overflow", "lock_warn", "arch_dump", "check_panic_on_warn",
    "add_taint", "count_memcg_event", "count_memcg_events", "kunit_", "write_comp_data", "bad_page"};

// Helpers: strings and memory, allocation, locks, lists and trees, the reference counts of objects.
inline constexpr std::string_view helper_begins[] = {
    "memcpy", "memset", "memmove", "memcmp", "memchr", "memscan", "memdup", "vmemdup", "pi_mem", "pi_str",
    "strlen", "strnlen", "strcpy", "strncpy", "strlcpy", "strscpy", "strcmp", "strncmp", "strcasecmp",
    "strchr", "strrchr", "strstr", "strnstr", "strcat", "strncat", "strlcat", "strsep", "strdup", "strndup",
    "kstrdup", "kstrndup", "sized_str", "strncpy_from_user", "do_strncpy", "strnlen_user", "snprintf",
    "vsnprintf", "sprintf", "vsprintf", "scnprintf", "vscnprintf", "kvasprintf", "kasprintf", "seq_printf",
    "seq_vprintf", "string_nocheck", "format_decode", "hex_", "crc32", "jhash", "siphash", "find_first_bit",
    "find_next_bit", "find_last_bit", "find_first_zero", "find_next_zero", "find_next_and", "test_bit",
    "set_bit", "clear_bit", "test_and_", "atomic", "arch_atomic", "raw_atomic", "instrument_",
    "csum_partial", "copy_to_", "copy_from_", "copy_user_", "copyin", "copyout", "copy_page_to_iter",
    "copy_page_from_iter", "copy_folio_", "copy_page_to_iter", "copy_page_from_iter", "clear_page_erms",
    "clear_page_rep", "clear_page_orig", "trace_hardirqs", "trace_event_raw", "csum_partial", "rb_erase",
    "rb_insert_color", "rb_next", "rb_first", "rb_prev", "rb_last", "timer_delete", "srcu_read",
    "folio_wait", "wait_on_page", "stack_depot", "simple_copy_to_iter", "raw_copy_", "clear_user",
    "get_user", "put_user", "rep_movs", "rep_stos", "iterate_and_advance", "arch_clear_user", "arch_copy_",
    "kmalloc", "kzalloc", "kcalloc", "kfree", "kvfree", "kvmalloc", "kvzalloc", "kmem_cache_", "kmemdup",
    "kvmemdup", "krealloc", "kvrealloc", "vmalloc", "vzalloc", "vfree", "vunmap", "vmap", "slab_",
    "do_kmalloc", "do_slab_free", "free_large_kmalloc", "free_large", "alloc_pages", "alloc_page",
    "alloc_frozen_pages", "alloc_contig", "get_free_page", "free_pages", "free_page", "free_unref",
    "free_frozen", "cache_alloc", "cache_grow", "cache_free", "fallback_alloc", "pcpu_", "alloc_percpu",
    "free_percpu", "get_page_from_freelist", "mempool_", "alloc_skb", "netdev_alloc_skb", "napi_alloc_skb",
    "dev_alloc_skb", "build_skb", "skb_put", "skb_push", "skb_pull", "skb_panic", "skb_over_panic",
    "skb_under_panic", "skb_expand_head", "warn_alloc", "folio_lock", "object_cacheline", "create_object",
    "kmemleak", "find_and_remove_object", "delete_object", "qlist_free", "quarantine_", "raw_spin_",
    "raw_read_", "raw_write_", "spin_", "rwlock", "read_lock", "read_unlock", "write_lock", "write_unlock",
    "read_trylock", "write_trylock", "mutex_", "ww_mutex", "rt_mutex", "rtlock", "rt_spin_", "rwbase_",
    "down_", "up_read", "up_write", "rwsem_", "lock_acquire", "lock_release", "lock_is_held", "lock_sock",
    "lock_set_", "lock_commit", "lock_downgrade", "mark_lock", "mark_held", "mark_usage", "validate_chain",
    "check_prev", "check_prevs", "check_noncircular", "check_deadlock", "check_wait_context",
    "check_irq_usage", "check_usage", "check_flags", "check_no_locks", "check_unmap", "check_poison",
    "check_preemption_disabled", "register_lock_class", "assign_lock_key", "look_up_lock_class", "do_raw_",
    "queued_", "native_queued", "pv_queued", "pv_kick", "osq_", "mcs_", "percpu_down", "percpu_up",
    "percpu_rwsem", "rcu_read_", "rcu_lock", "rcu_is_", "rcu_check", "rcu_dynticks", "rcu_sched_clock",
    "rcu_dump", "rcu_sync", "rcu_note", "rcu_preempt", "rcu_report", "call_rcu", "kvfree_call_rcu",
    "kfree_rcu", "seqlock", "seqcount", "seqprop", "spin_dump", "spin_bug", "rwlock_bug", "class_mutex",
    "class_spinlock", "class_raw", "might_lock", "bit_spin", "wait_for_completion", "wait_for_common",
    "do_wait_for_common", "wait_on_bit", "out_of_line_wait", "bit_wait", "swake_up", "schedule",
    "preempt_schedule", "context_switch", "switch_to", "io_schedule", "cond_resched", "dequeue_task",
    "might_resched", "schedule_bug", "schedule_debug", "irqentry_", "local_bh_", "do_softirq", "softirq_",
    "handle_softirqs", "run_ksoftirqd", "trace_hardirqs", "list_add", "list_del", "list_move",
    "list_splice", "hlist_", "plist_", "llist_", "klist_", "kobject_get", "kobject_put", "kobject_del",
    "kobject_release", "kobject_cleanup", "call_rwsem", "wait_on_buffer", "phys_addr", "free_pcp",
    "check_new_page", "rmqueue", "prep_new_page", "kref_", "refcount_", "usb_anchor_", "get_device",
    "put_device", "device_add", "device_del", "device_unregister", "device_register", "device_release",
    "device_for_each", "device_remove_", "device_initialize", "devm_", "devres_", "release_nodes", "sysfs_",
    "dpm_sysfs", "bus_", "driver_", "unregister_client", "i2c_del_adapter", "i2c_unregister", "class_dev",
    "del_timer", "try_to_del_timer", "lock_timer_base", "dput", "fast_dput", "kill_fasync",
    "kthread_should", "prandom", "get_random", "native_", "pv_", "hypercall", "rcuref_", "ktime_get",
    "smp_processor_id", "this_cpu_", "delay_", "udelay", "ndelay", "msleep", "usleep", "static_call",
    "usb_kill_", "usb_poison_", "usb_submit_urb", "perf_tp_event_init", "perf_try_init", "perf_init_event",
    "perf_event_alloc", "inherit_"};

inline constexpr std::string_view helpers_exactly[] = {
    "down", "up", "warn", "swab32", "kthread", "worker_thread", "process_one_work",
    "process_scheduled_works", "schedule_work_on", "rest_init", "kernel_init", "cpu_startup_entry",
    "do_idle", "default_idle", "arch_cpu_idle", "cpu_idle", "default_idle_call", "cpuidle_idle_call",
    "cpuidle_enter", "cpuidle_enter_state", "complete", "complete_all", "string", "number", "pointer",
    "sort", "unlock_page", "lock_page", "copy_page", "clear_page", "sk_free", "memcpy_erms",
    "read_word_at_a_time"};

// clang-format on

constexpr std::string_view without_underscores(std::string_view name) noexcept {
  const auto first = name.find_first_not_of('_');
  return first == name.npos ? name : name.substr(first);
}

template <class List>
constexpr bool begins_with_any(std::string_view name, const List& list) noexcept {
  return std::ranges::any_of(list, [&](std::string_view one) { return name.starts_with(one); });
}

/// Whether the function only serves others. Compiled names are taken too.
constexpr bool is_helper(std::string_view function) noexcept {
  const auto name = without_underscores(source_name(function));
  for (const auto one : helpers_exactly)
    if (name == one) return true;
  return begins_with_any(name, reporting_begins) || begins_with_any(name, helper_begins);
}

/// What only allocates: not to blame for what is leaked.
constexpr bool is_allocation(std::string_view function) noexcept {
  return function.find("alloc") != std::string_view::npos || function.find("_dup") != std::string_view::npos;
}

}  // namespace netcon::crash::detail
