// SPDX-License-Identifier: MIT
// Functions that are never to blame: what reports, what traps, and helpers that fail because of their caller.
#pragma once

#include <netcon/crash/internal/words.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

/// How a name of a table is compared with that of a function.
enum class compare : std::uint8_t { begins, contains, begins_word, ends, equals };

/// Functions that have one reason in common.
struct function_group {
  compare how;
  std::span<const std::string_view> names;
};

/// Whether a word of the name begins so: "slab_" is in "new_slab_objects", not in "metaslab_sync" of ZFS.
constexpr bool begins_word(std::string_view function, std::string_view begin) noexcept {
  for (auto at = function.find(begin); at != function.npos; at = function.find(begin, at + 1))
    if (at == 0 || !(is_letter(function[at - 1]) || is_digit(function[at - 1]))) return true;
  return false;
}

constexpr bool compares(compare how, std::string_view function, std::string_view with) noexcept {
  switch (how) {
    case compare::begins:
      return function.starts_with(with);
    case compare::contains:
      return contains(function, with);
    case compare::begins_word:
      return begins_word(function, with);
    case compare::ends:
      return function.ends_with(with);
    default:
      return function == with;
  }
}

/// Whether a group has the function. Compiled names are taken too.
constexpr bool is_in(std::string_view function, std::span<const function_group> groups) noexcept {
  const auto name = source_name(function);
  return std::ranges::any_of(groups, [&](const function_group& group) {
    return std::ranges::any_of(group.names,
                               [&](std::string_view one) { return compares(group.how, name, one); });
  });
}

// clang-format off

// The checkers: what was compiled in to find the error.
inline constexpr std::string_view checkers[] = {
    "kasan", "hwasan", "kmsan", "ubsan", "__asan", "__msan", "__tsan", "__sanitizer", "kcsan_setup_watchpoint", "lockdep",
    "check_memory_region", "check_heap_object", "check_object", "__cfi_check", "__cfi_slowpath", "debug_object", "timer_is_static_object",
    "work_is_static_object", "might_fault", "might_sleep", "might_resched", "seqprop_assert", "ref_tracker",
    "perf_trace", "__fortify_report", "assertfail", "_once_word_nocheck", "_once_size_nocheck", "_once_nocheck"};

// What writes the report.
inline constexpr std::string_view reporting[] = {
    "panic", "rust_begin_unwind", "rust_helper_BUG", "printk", "dump_stack", "dump_backtrace", "unwind_backtrace", "show_stack", "walk_stack", "arch_stack_walk", "stack_trace_save",
    "stack_trace_consume", "report_bug", "fixup_bug", "print_report", "print_trailer", "object_err",
    "print_address_description", "print_usage_bug",
    "print_unlock", "imbalance_bug", "print_tainted", "hex_dump", "va_format", "__warn", "warn_slowpath", "warn_alloc",
    "warn_bogus", "dev_info", "dev_notice", "dev_warn", "dev_err", "dev_alert", "dev_crit", "dev_emerg"};
inline constexpr std::string_view reporting_of_modules[] = {  // OpenZFS, Lustre
    "spl_dumpstack", "spl_debug_dumpstack", "spl_debug_bug", "vcmn_err", "cmn_err", "libcfs_call_trace",
    "libcfs_debug_dumpstack", "lbug_with_loc"};

// Traps by which a check reports.
inline constexpr std::string_view traps[] = {
    "invalid_op", "do_error", "do_trap", "do_kernel_fault", "do_translation_fault", "do_mem_abort", "el1_abort",
    "el1h_64_sync", "program_check_exception", "program_check_common", "handle_bug", "_indirect_thunk_"};
inline constexpr std::string_view traps_end[] = {"_trap"};
inline constexpr std::string_view traps_exactly[] = {"__bug"};  // of ARM before Linux 3.2

// Memory and text: the address or the size is the caller's.
inline constexpr std::string_view memory_and_text[] = {
    "memcpy", "memset", "memmove", "memcmp", "memchr", "memdup", "strlen", "strnlen", "strcpy", "strncpy", "strlcpy",
    "strscpy", "strcmp", "strncmp", "strchr", "strstr", "strnstr", "strdup", "strndup", "string", "pointer", "snprintf",
    "scnprintf", "asprintf", "copy_to_user", "copy_from_user", "put_user", "get_user", "copy_to_iter", "copy_from_iter",
    "copy_page_to_iter", "copy_page_from_iter", "copy_folio_to_iter", "read_word_at_a_time", "set_bit", "clear_bit",
    "change_bit", "test_bit", "logic_in", "logic_out", "crc_itu_t", "extract_user_to_sg", "extract_iter_to_sg",
    "__phys_addr"};
inline constexpr std::string_view memory_and_text_begin[] = {"crc16", "crc32", "crc64", "crc8", "crc4", "crc7"};
inline constexpr std::string_view memory_and_text_end[] = {
    "readb", "readw", "readl", "readq", "writeb", "writew", "writel", "writeq"};
inline constexpr std::string_view memory_and_text_exactly[] = {"copyin", "copyout"};
inline constexpr std::string_view atomics[] = {
    "atomic_dec", "atomic_inc", "atomic_read", "atomic_set", "atomic_or", "atomic_xor", "atomic_and", "atomic_add",
    "atomic_sub", "atomic_fetch", "atomic_xchg", "atomic_cmpxchg", "atomic_try", "atomic64_dec", "atomic64_inc",
    "atomic64_read", "atomic64_set", "atomic64_or", "atomic64_xor", "atomic64_and", "atomic64_add", "atomic64_sub",
    "atomic64_fetch", "atomic64_xchg", "atomic64_cmpxchg", "atomic64_try"};

// Allocators and the page cache: what they find damaged was damaged before.
inline constexpr std::string_view allocators[] = {
    "malloc", "zalloc", "calloc", "krealloc", "kmem_cache", "alloc_page", "allocate_slab", "__alloc_frozen_pages",
    "folio_alloc", "folio_unlock", "filemap_alloc_folio", "__filemap_get_folio", "find_or_create_page",
    "do_read_cache_folio", "read_cache_page", "pagecache_get_page", "grab_cache_page_write_begin", "find_lock_entries",
    "truncate_inode_pages_range", "kfree_skb"};
inline constexpr std::string_view allocators_words[] = {"slab_"};
inline constexpr std::string_view allocators_exactly[] = {"kfree", "kvfree"};

// Locks and waiting: the lock belongs to someone else.
inline constexpr std::string_view locks[] = {
    "lock_acquire", "lock_release", "lock_class", "mark_lock", "mark_usage", "reacquire_held_locks", "mark_held_locks",
    "raw_spin_rq",
    "spin_lock", "spin_unlock", "spin_trylock", "read_lock", "read_unlock", "read_trylock", "write_lock", "write_unlock",
    "write_trylock", "down_read", "down_write", "down_trylock", "up_read", "up_write", "owner_on_cpu", "osq_lock",
    "osq_unlock", "bh_enable", "bh_disable", "trace_hardirq", "trace_softirq", "__wake_up", "wait_for_completion", "finish_wait"};
inline constexpr std::string_view locks_begin[] = {"mutex_", "__mutex_", "rt_mutex_", "lock_page", "unlock_page"};
inline constexpr std::string_view locks_exactly[] = {"down", "complete"};

// Timers and work: what waits for them waits for its caller's.
inline constexpr std::string_view timers_and_work[] = {
    "del_timer", "lock_timer_base", "__timer_delete_sync", "sk_stop_timer_sync", "__mod_timer", "flush_work",
    "cancel_work_timer", "cancel_work_sync", "try_to_grab_pending", "drain_workqueue", "destroy_workqueue", "queue_work",
    "queue_delayed_work", "insert_work", "kthread_stop", "cleanup_srcu_struct"};

// Lists, trees and reference counts: the object belongs to the caller.
inline constexpr std::string_view containers[] = {
    "list_add", "list_del", "list_move", "list_splice", "list_replace", "kobject_", "xas_start", "xas_load", "xas_find",
    "rhashtable_lookup", "ida_free", "dput", "drop_nlink", "mark_buffer_dirty"};
inline constexpr std::string_view containers_begin[] = {"rb_", "__rb_", "refcount_", "kref_", "klist_"};
inline constexpr std::string_view containers_exactly[] = {"iput", "iput_final", "ihold", "put_device", "get_taint"};

// The device model and the core of buses: what drivers call to take a device away.
inline constexpr std::string_view devices[] = {
    "device_add", "device_del", "device_unregister", "device_destroy", "device_release", "device_for_each_child",
    "device_remove_file", "get_device_parent", "add_uevent_var", "devres_release_all", "sysfs_remove",
    "rollback_registered", "unregister_netdev", "tty_unregister_device", "hwrng_unregister", "i2c_del_adapter",
    "__unregister_client", "usb_kill_urb", "usb_kill_anchored_urbs", "usb_control_msg", "usb_submit_urb",
    "usb_hcd_submit_urb", "dummy_urb_enqueue"};

inline constexpr function_group helper_groups[] = {
    {compare::contains, checkers}, {compare::contains, reporting},
    {compare::equals, reporting_of_modules}, {compare::contains, traps}, {compare::ends, traps_end},
    {compare::equals, traps_exactly},
    {compare::contains, memory_and_text}, {compare::begins, memory_and_text_begin}, {compare::ends, memory_and_text_end},
    {compare::equals, memory_and_text_exactly}, {compare::contains, atomics}, {compare::contains, allocators},
    {compare::begins_word, allocators_words}, {compare::equals, allocators_exactly}, {compare::contains, locks}, {compare::begins, locks_begin},
    {compare::equals, locks_exactly}, {compare::contains, timers_and_work}, {compare::contains, containers},
    {compare::begins, containers_begin}, {compare::equals, containers_exactly}, {compare::contains, devices}};

// clang-format on

/// Whether the function only serves others, whatever the report is about.
constexpr bool is_helper(std::string_view function) noexcept {
  return is_in(function, helper_groups);
}

}  // namespace netcon::inline v0_1::crash::detail
