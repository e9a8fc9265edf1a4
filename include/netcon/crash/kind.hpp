// What went wrong, in the words of this library and in those of the community's collections of crashes.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::crash {

/// What a crash is. docs/crashes.md shows the lines that begin each kind.
enum class kind : std::uint8_t {
  invalid_read,  // KASAN: an access outside what is allocated
  invalid_write,
  use_after_free_read,
  use_after_free_write,
  invalid_free,
  null_read,
  null_write,
  guarded_read,  // KFENCE
  guarded_write,
  guarded_use_after_free_read,
  guarded_use_after_free_write,
  guarded_invalid_free,
  guarded_corruption,
  uninitialised_value,  // KMSAN
  information_leak,
  data_race,  // KCSAN
  race_assertion,
  undefined_behaviour,  // UBSAN
  undefined_memory_access,
  null_dereference,  // faults
  bad_address,
  protection_fault,
  cpu_exception,
  stack_overflow,
  machine_check,
  kernel_bug,  // checks of the kernel's own
  corrupted_memory,
  bug,
  warning,
  refcount,
  memory_leak,
  possible_deadlock,  // lockdep
  lock_misuse,
  lock_registration,
  suspicious_rcu,
  atomic_sleep,
  task_hung,  // no progress
  rcu_stall,
  lockup,
  stuck_resource,
  panic,
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
    {"suspicious-rcu", "WARNING"},
    {"atomic-sleep", "ATOMIC_SLEEP"},
    {"task-hung", "HANG"},
    {"rcu-stall", "HANG"},
    {"lockup", "HANG"},
    {"stuck-resource", "DoS"},
    {"panic", "DoS"},
};
inline constexpr std::size_t kind_count = sizeof kind_names / sizeof kind_names[0];
static_assert(kind_count == static_cast<std::size_t>(kind::panic) + 1);

}  // namespace detail

constexpr std::string_view name(kind value) noexcept {
  return detail::kind_names[static_cast<std::size_t>(value) % detail::kind_count].name;
}

/// The kind of that name; nothing for any other text.
constexpr std::optional<kind> parse_kind(std::string_view text) noexcept {
  for (std::size_t i = 0; i < detail::kind_count; ++i)
    if (text == detail::kind_names[i].name) return static_cast<kind>(i);
  return std::nullopt;
}

/// The word that collections of crashes use for this kind; several kinds share one.
constexpr std::string_view type(kind value) noexcept {
  return detail::kind_names[static_cast<std::size_t>(value) % detail::kind_count].type;
}

}  // namespace netcon::crash
