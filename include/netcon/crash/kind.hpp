// SPDX-License-Identifier: MIT
// What went wrong, in the words of this library and in those of the community's collections of crashes.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::crash {

/// What a crash is. docs/crashes.md shows the lines that begin each kind.
enum class kind : std::uint8_t {
  invalid_read,                  ///< KASAN: a read outside what is allocated
  invalid_write,                 ///< KASAN: a write outside what is allocated
  use_after_free_read,           ///< KASAN: a read of freed memory
  use_after_free_write,          ///< KASAN: a write to freed memory
  invalid_free,                  ///< KASAN: a free of what is not allocated, or of it twice
  null_read,                     ///< KASAN: a read at or near address 0
  null_write,                    ///< KASAN: a write at or near address 0
  guarded_read,                  ///< KFENCE: a read outside what is allocated
  guarded_write,                 ///< KFENCE: a write outside what is allocated
  guarded_use_after_free_read,   ///< KFENCE: a read of freed memory
  guarded_use_after_free_write,  ///< KFENCE: a write to freed memory
  guarded_invalid_free,          ///< KFENCE: a free of what is not allocated, or of it twice
  guarded_corruption,            ///< KFENCE: bytes beside an object were written
  uninitialised_value,           ///< KMSAN: a decision by memory that was never written
  information_leak,              ///< KMSAN: memory that was never written goes to user space
  freed_value,                   ///< KMSAN: a decision by freed memory, or freed memory goes to user space
  data_race,                     ///< KCSAN: two accesses at the same time, one a write
  race_assertion,                ///< KCSAN: an assertion about exclusive access failed
  undefined_behaviour,           ///< UBSAN: shift, overflow and the like
  undefined_memory_access,       ///< UBSAN: an array index or pointer out of bounds
  null_dereference,              ///< a fault at or near address 0
  bad_address,                   ///< a fault at any other address
  protection_fault,              ///< general protection fault
  cpu_exception,                 ///< another exception of the processor, such as a division by 0
  stack_overflow,                ///< the stack of the kernel is full
  machine_check,                 ///< the hardware reports an error
  kernel_bug,                    ///< `kernel BUG at`: a check of the kernel failed
  corrupted_memory,              ///< a list, slab or page table is damaged
  bug,                           ///< `BUG: ` of another kind
  warning,                       ///< `WARNING: `: a check failed and the kernel goes on
  refcount,                      ///< a reference count overflowed or was used at 0
  memory_leak,                   ///< kmemleak: nothing points to an object
  possible_deadlock,             ///< lockdep: locks are taken in orders that can wait for each other
  lock_misuse,                   ///< lockdep: a lock is released, held or used wrongly
  lock_registration,             ///< lockdep: a lock without a key
  suspicious_rcu,                ///< RCU is used without its protection
  atomic_sleep,                  ///< sleeping where the kernel must not sleep
  task_hung,                     ///< a task is blocked for longer than the limit of the kernel
  rcu_stall,                     ///< a grace period of RCU does not end
  lockup,                        ///< a processor does nothing else for seconds
  stuck_resource,                ///< a device or file system that cannot go
  unexpected_reboot,             ///< a kernel boots, and the one before said nothing of an end
  program_panic,                 ///< a program in Go panicked on the console, such as an init
  panic,                         ///< `Kernel panic`, without what led to it
};

namespace detail {

struct kind_name {
  std::string_view name;
  std::string_view type;
};

// In the order of kind.
inline constexpr kind_name kind_names[] = {
    {"invalid-read", "KASAN-READ"},
    {"invalid-write", "KASAN-WRITE"},
    {"use-after-free-read", "KASAN-USE-AFTER-FREE-READ"},
    {"use-after-free-write", "KASAN-USE-AFTER-FREE-WRITE"},
    {"invalid-free", "KASAN-INVALID-FREE"},
    {"null-read", "KASAN-NULL-POINTER-DEREFERENCE-READ"},
    {"null-write", "KASAN-NULL-POINTER-DEREFERENCE-WRITE"},
    {"guarded-read", "KFENCE-READ"},
    {"guarded-write", "KFENCE-WRITE"},
    {"guarded-use-after-free-read", "KFENCE-USE-AFTER-FREE-READ"},
    {"guarded-use-after-free-write", "KFENCE-USE-AFTER-FREE-WRITE"},
    {"guarded-invalid-free", "KFENCE-INVALID-FREE"},
    {"guarded-corruption", "KFENCE-MEMORY-CORRUPTION"},
    {"uninitialised-value", "KMSAN-UNINIT-VALUE"},
    {"information-leak", "KMSAN-INFO-LEAK"},
    {"freed-value", "KMSAN-USE-AFTER-FREE-READ"},
    {"data-race", "KCSAN-DATARACE"},
    {"race-assertion", "KCSAN-ASSERT"},
    {"undefined-behaviour", "UBSAN"},
    {"undefined-memory-access", "MEMORY_SAFETY_UBSAN"},
    {"null-dereference", "NULL-POINTER-DEREFERENCE"},
    {"bad-address", "MEMORY_SAFETY_BUG"},
    {"protection-fault", "DoS"},
    {"cpu-exception", "DoS"},
    {"stack-overflow", "DoS"},
    {"machine-check", "DoS"},
    {"kernel-bug", "BUG"},
    {"corrupted-memory", "MEMORY_SAFETY_BUG"},
    {"bug", "BUG"},
    {"warning", "WARNING"},
    {"refcount", "REFCOUNT_WARNING"},
    {"memory-leak", "LEAK"},
    {"possible-deadlock", "LOCKDEP"},
    {"lock-misuse", "LOCKDEP"},
    {"lock-registration", "LOCKDEP"},
    {"suspicious-rcu", "LOCKDEP"},
    {"atomic-sleep", "ATOMIC_SLEEP"},
    {"task-hung", "HANG"},
    {"rcu-stall", "HANG"},
    {"lockup", "HANG"},
    {"stuck-resource", "DoS"},
    {"unexpected-reboot", "REBOOT"},
    {"program-panic", "DoS"},
    {"panic", "DoS"},
};
inline constexpr std::size_t kind_count = sizeof kind_names / sizeof kind_names[0];
static_assert(kind_count == static_cast<std::size_t>(kind::panic) + 1);

}  // namespace detail

/// Stable, kebab-case: "invalid-read" and so on.
[[nodiscard]] constexpr std::string_view name(kind value) noexcept {
  return detail::kind_names[static_cast<std::size_t>(value) % detail::kind_count].name;
}

/// The kind of that name; nothing for any other text.
[[nodiscard]] constexpr std::optional<kind> parse_kind(std::string_view text) noexcept {
  for (std::size_t i = 0; i < detail::kind_count; ++i)
    if (text == detail::kind_names[i].name) return static_cast<kind>(i);
  return std::nullopt;
}

/// The word that collections of crashes use for this kind; several kinds share one.
[[nodiscard]] constexpr std::string_view type(kind value) noexcept {
  return detail::kind_names[static_cast<std::size_t>(value) % detail::kind_count].type;
}

}  // namespace netcon::inline v0_1::crash
