// SPDX-License-Identifier: MIT
// What the lines of a crash mention, in their order: functions, and the headings that say whose they are.
#pragma once

#include <netcon/crash/frame.hpp>
#include <netcon/crash/internal/headings.hpp>
#include <netcon/crash/internal/words.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

/// What a line mentions.
enum class clue_kind : std::uint8_t {
  counter,          ///< the program counter, with a function
  frame,            ///< a function of a trace
  lock,             ///< the function that took a lock: " at: foo+0x1/0x2"
  call_trace,       ///< the heading of a trace
  other_trace,      ///< the heading of another one: of who allocated, who freed, who stored
  object_trace,     ///< the heading of the trace of an object that nothing points to
  interrupt,        ///< an interrupt came here
  page_allocation,  ///< the trace of who allocated a page comes next
  became_unsafe,    ///< the trace that made a lock unsafe comes next
  wanted_lock,      ///< the lock that a task waits for comes next
  changed_lock,     ///< the lock whose state changed comes next
  kept_lock,        ///< the locks that were not released come next
};

/// A mention. Where the kind is a heading the frame is empty.
struct clue {
  clue_kind kind{};
  frame_view frame{};
  bool addressed = false;  ///< with an address in brackets before the name
};

/// The interrupt or exception through which the processor came from the functions behind it.
constexpr bool is_interrupt(std::string_view function) noexcept {
  for (const std::string_view one :
       {"apic_timer_interrupt", "asm_sysvec_", "el1h_64_irq", "el1_irq", "irq_svc", "el1_interrupt",
        "io_int_handler", "ext_int_handler", "hardware_interrupt_common", "decrementer_common",
        "hypervisor_callback", "xen_hvm_callback_vector", "hyperv_callback_vector",
        "hv_stimer0_callback_vector", "ret_from_intr", "asm_common_interrupt", "plat_irq_dispatch",
        "except_vec_vi_end", "riscv_intc_irq"})
    if (contains(function, one)) return true;
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

/// The heading that a line is, if it is one.
constexpr std::optional<clue_kind> read_heading(std::string_view text) noexcept {
  const auto has = [&](std::string_view part) { return contains(text, part); };
  if (is_no_trace(text)) return std::nullopt;
  if (has("Call Trace") || has("Call trace") || has("Backtrace:") || text.starts_with("Stack Trace:"))
    return clue_kind::call_trace;
  if (text.starts_with("backtrace:") || text.starts_with("backtrace (crc ")) return clue_kind::object_trace;
  if (text.starts_with("Allocated:") || text.starts_with("Allocated by task ") ||
      text.starts_with("Freed:") || text.starts_with("Freed by task ") ||
      text.starts_with("Uninit was stored to memory at") || has("grace-period kthread stack dump"))
    return clue_kind::other_trace;
  if (has("page last allocated")) return clue_kind::page_allocation;
  if (has("which became ") && has(" at:")) return clue_kind::became_unsafe;
  if (has("is trying to acquire lock") || has("is trying to acquire:")) return clue_kind::wanted_lock;
  if (has("just changed the state of lock")) return clue_kind::changed_lock;
  if (has("leaving the kernel with locks still held")) return clue_kind::kept_lock;
  if (text.starts_with("Exception stack")) return clue_kind::interrupt;
  return std::nullopt;
}

/// "(&foo->lock){+.+.}, at: foo_lock+0x1/0x2": the function that took the lock.
constexpr std::optional<clue> read_lock(std::string_view text) noexcept {
  constexpr std::string_view before = "at: ";
  for (auto at = text.find(before); at != text.npos; at = text.find(before, at + 1)) {
    cursor rest{text.substr(at + before.size())};
    rest.skip_spaces();
    const auto all = rest.rest.size();
    skip_addresses(rest);
    const bool addressed = rest.rest.size() != all;
    frame_view found;
    if (take_function(rest, found)) return clue{clue_kind::lock, found, addressed};
  }
  return std::nullopt;
}

/// "[<c0100000>] (foo) from [<c0100000>] (bar+0x1/0x2)" of 32-bit ARM: the function that was called, foo.
constexpr std::string_view read_called(std::string_view text) noexcept {
  cursor at{text};
  skip_addresses(at);
  if (at.rest.size() == text.size() || !at.skip("(")) return {};
  const auto name = at.take(is_name);
  if (at.skip(" [")) at.until("]");
  return at.skip(") from [") ? name : std::string_view{};
}

/// Whether the frame is of the calls that run, not perhaps of an earlier one.
constexpr bool is_certain(const frame_view& frame, std::string_view text) noexcept {
  return frame.certain && !contains(text, "(unreliable)");
}

/// Whether community titles count the frame: not one behind a mark of the context, none that was inlined.
constexpr bool is_sure(const frame_view& frame, std::string_view text) noexcept {
  return is_certain(frame, text) && !text.starts_with('<') && !text.ends_with("[inline]");
}

/// "CPU1: stopping": what a processor did that a panic stopped comes next, on ARM.
constexpr bool begins_stopped_processor(std::string_view text) noexcept {
  cursor at{text};
  return at.skip("CPU") && !at.take(is_digit).empty() && at.rest == ": stopping";
}

/// A failure that the kernel injects prints a trace of its own, with this function.
constexpr bool is_injected(std::string_view function) noexcept {
  const auto name = source_name(function);
  return name == "should_fail" || name == "should_failslab" || name == "should_fail_ex";
}

/// Messages that are no crash and show a trace: it may be taken for that of a crash whose own has not begun.
constexpr bool shows_trace_too(std::string_view text) noexcept {
  for (const std::string_view one : {"FAULT_INJECTION: forcing a failure",
                                     "vmalloc: allocation failure:", "FAULT_FLAG_ALLOW_RETRY missing"})
    if (contains(text, one)) return true;
  return false;
}

}  // namespace netcon::inline v0_1::crash::detail
