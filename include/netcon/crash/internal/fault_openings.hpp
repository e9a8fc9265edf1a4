// SPDX-License-Identifier: MIT
// How reports of faults and exceptions of the processor begin, on all architectures.
#pragma once

#include <netcon/crash/internal/lock_openings.hpp>
#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/opening.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

inline opening null_fault() {
  return make(kind::null_dereference, "BUG: unable to handle kernel NULL pointer dereference");
}
inline opening address_fault() {
  return make(kind::bad_address, "BUG: unable to handle kernel paging request");
}

/// "unable to handle ...", with "BUG: " before it (x86, PowerPC) or not (ARM, RISC-V, s390, LoongArch, MIPS).
inline std::optional<opening> read_unable(std::string_view text) {
  cursor at{text};
  if (!at.skip("unable to handle ") && !at.skip("Unable to handle ")) return std::nullopt;
  at.skip("kernel ");
  if (at.rest.starts_with("NULL pointer")) return null_fault();
  if (at.rest.starts_with("access to user memory"))
    return make(kind::bad_address, "BUG: unable to handle kernel access to user memory");
  for (const std::string_view what :
       {"paging request", "page fault", "pointer dereference", "data access", "instruction fetch",
        "read from", "write to", "execution of", "execute from", "unaligned", "access to the", "fault"})
    if (at.rest.starts_with(what)) return address_fault();
  // ARM64 has the words of the architecture: "ttbr address size fault", "unknown 43".
  if (contains(at.rest, " at virtual address ")) return address_fault();
  return std::nullopt;
}

/// How the first line of an exception begins, and its title.
struct exception {
  std::string_view begins, title;
  crash::kind what;
  blame rule = blame::counter;
};
inline constexpr exception exceptions[] = {
    {"divide error: ", "divide error", kind::cpu_exception, blame::counter_alone},
    {"divide_error: ", "divide error", kind::cpu_exception, blame::counter_alone},
    {"invalid opcode: ", "invalid opcode", kind::cpu_exception, blame::counter_alone},
    {"invalid_opcode: ", "invalid opcode", kind::cpu_exception, blame::counter_alone},
    {"invalid operand: ", "invalid opcode", kind::cpu_exception, blame::counter_alone},  // before 2.6.16
    {"int3: ", "int3", kind::cpu_exception},
    {"stack segment: ", "stack segment fault", kind::cpu_exception},
    {"stack_segment: ", "stack segment fault", kind::cpu_exception},
    {"double fault: ", "double fault", kind::cpu_exception},
    {"alignment check: ", "alignment check", kind::cpu_exception},
    {"alignment_check: ", "alignment check", kind::cpu_exception},
    {"bounds: ", "bounds", kind::cpu_exception},
    {"debug: ", "debug exception", kind::cpu_exception},
    {"invalid TSS: ", "invalid TSS", kind::cpu_exception},
    {"segment not present: ", "segment not present", kind::cpu_exception},
    {"simd exception: ", "simd exception", kind::cpu_exception},
    {"coprocessor segment overrun: ", "coprocessor segment overrun", kind::cpu_exception},
    {"control protection fault: ", "control protection fault", kind::cpu_exception},
    {"unhandled page fault", "unhandled page fault", kind::bad_address},
    {"stack guard page: ", "BUG: stack guard page was hit", kind::stack_overflow, blame::loop},
    {"kernel stack overflow", "kernel stack overflow", kind::stack_overflow, blame::stack_loop},
    {"illegal operation: ", "illegal operation", kind::cpu_exception},
    {"addressing exception: ", "addressing exception", kind::bad_address},
    {"protection exception: ", "protection exception", kind::bad_address},
    {"specification exception: ", "specification exception", kind::cpu_exception},
    {"operand exception: ", "operand exception", kind::cpu_exception},
    {"data exception: ", "data exception", kind::cpu_exception},
    {"privileged operation: ", "privileged operation", kind::cpu_exception},
    {"fixpoint divide exception: ", "divide error", kind::cpu_exception},
    {"monitor event: ", "monitor event", kind::cpu_exception},
    {"Break instruction in kernel code[", "break instruction", kind::cpu_exception},  // MIPS and LoongArch
    {"Trap instruction in kernel code[", "trap instruction", kind::cpu_exception},
    {"FP exception in kernel code[", "FP exception", kind::cpu_exception},
    {"do_cpu invoked from kernel context![", "do_cpu invoked from kernel context", kind::cpu_exception},
    {"do_reserved exception[", "reserved exception", kind::cpu_exception},
    {"do_fpu invoked from kernel context![", "do_fpu invoked from kernel context", kind::cpu_exception},
};

/// "divide error: 0000 [#1]": an exception, its code and the number of the oops, "[1]" before Linux 2.6.28.
inline std::optional<opening> read_exception(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text.starts_with("general protection fault")) {
    const auto rest = text.substr(24);
    if (!rest.starts_with(":") && !rest.starts_with(",") && !rest.starts_with(" ")) return std::nullopt;
    if (contains(text, " error:") && contains(text, " in ")) return std::nullopt;  // of a program
    return make(kind::protection_fault, "general protection fault");
  }
  for (const auto& one : exceptions)
    if (one.begins.front() == text.front() && text.starts_with(one.begins) &&
        (contains(text, "[#") || contains(text, ": 0000") || one.begins == "kernel stack overflow"))
      return make(one.what, std::string{one.title}, one.rule);
  return std::nullopt;
}

/// "0002 [1] SMP", of x86 before Linux 2.6.28.
constexpr bool has_old_number(std::string_view text) noexcept {
  cursor at{text};
  return at.take(is_hex).size() == 4 && at.skip(" [") && !at.take(is_digit).empty() && at.skip("]");
}

/// "Oops: VE fault: 0000 [#1] SMP": an exception that has no name of its own here.
inline std::optional<opening> read_other_oops(std::string_view text) {
  cursor at{text};
  if (!at.skip("Oops: ")) return std::nullopt;
  const auto number = at.rest.find(" [#");
  const auto colon = at.rest.substr(0, number).rfind(": ");
  if (number == at.rest.npos || colon == at.rest.npos || colon == 0) return std::nullopt;
  return make(kind::cpu_exception, std::string{at.rest.substr(0, colon)});
}

/// "Oops: 0002 [#1] SMP", "Oops[#1]:", "Internal error: Oops: 805 [#1] SMP ARM", "Kernel BUG [#1]": usually
/// the second line of a crash.
inline std::optional<opening> read_oops(std::string_view text) {
  const auto follows = [](opening out) {
    out.follows = true;
    return out;
  };
  if (text.starts_with("Internal error: ")) {
    cursor at{text.substr(16)};
    if (at.rest.starts_with("kernel stack overflow"))
      return make(kind::stack_overflow, "kernel stack overflow", blame::stack_loop);
    auto out = make(kind::cpu_exception, "Internal error");
    if (contains(at.rest, "BUG")) out.kind = kind::kernel_bug;
    if (contains(at.rest, "external abort")) out.kind = kind::machine_check;
    return follows(out);
  }
  if (text.starts_with("Oops[#") || text.starts_with("Oops [#"))  // MIPS and LoongArch; RISC-V
    return follows(address_fault());
  if (text.starts_with("Oops: Machine check")) return follows(make(kind::machine_check, "machine check"));
  for (const std::string_view what :
       {"Exception in kernel mode", "System Reset", "Unrecoverable"})  // PowerPC
    if (text.starts_with("Oops: ") && text.substr(6).starts_with(what))
      return follows(make(kind::cpu_exception, "Oops"));
  if (text.starts_with("Oops: ") && (contains(text, "[#") || contains(text, "sig: ") ||
                                     contains(text, "0000") || has_old_number(text.substr(6))))
    return follows(address_fault());
  if (text.starts_with("Oops - ") && contains(text, "[#")) return follows(make(kind::cpu_exception, "Oops"));
  if (text.starts_with("Kernel bug detected")) return make(kind::kernel_bug, "kernel BUG");     // MIPS
  if (text.starts_with("Kernel BUG [#")) return follows(make(kind::kernel_bug, "kernel BUG"));  // RISC-V
  if (text.starts_with("Kernel ade access[#")) return address_fault();                          // LoongArch
  if (text.starts_with("Kernel unaligned instruction access") || text.starts_with("Kernel ale access[#") ||
      text.starts_with("Unhandled kernel unaligned access"))
    return make(kind::cpu_exception, "unaligned access");
  if (text.starts_with("Reserved instruction in kernel code"))
    return make(kind::cpu_exception, "undefined instruction");
  return std::nullopt;
}

/// "PANIC at arc.c:3810:arc_buf_destroy()", and of old releases "SPLError: 6797:0:(zfs_znode.c:330:
/// zfs_inode_set_ops()) SPL PANIC": OpenZFS stops a thread for good, and the pool with it. Lustre does so
/// with "LustreError: 4078:0:(dcache.c:136:ll_ddelete()) LBUG".
inline std::optional<opening> read_assertion(std::string_view text) {
  cursor at{text};
  const bool is_of_zfs = at.skip("PANIC at ");
  if (!is_of_zfs) {
    if (!at.skip("SPLError: ") && !at.skip("LustreError: ") && !at.skip("LNetError: ")) return std::nullopt;
    if (at.take(is_digit).empty() || !at.skip(":") || at.take(is_digit).empty() || !at.skip(":("))
      return std::nullopt;
  }
  if (!is_source(at.until(":"))) return std::nullopt;
  if (at.take(is_digit).empty() || !at.skip(":")) return std::nullopt;
  const auto function = at.take(is_name);
  if (!is_of_zfs && !at.skip("()) SPL PANIC") && !at.skip("()) LBUG")) return std::nullopt;
  auto out = make(kind::kernel_bug, text.ends_with("LBUG") ? "LBUG" : "PANIC", blame::line);
  out.function = function;
  return out;
}

/// "PANIC: zfs: adding existent segment to range tree (offset=...", "PANIC: rpool: blkptr at 00000000e2d7a1ed
/// DVA 0 has invalid VDEV 1": OpenZFS found its data damaged. The same words may be those of a program.
inline opening read_words_of_panic(std::string_view text) {
  auto out = make(kind::kernel_bug, "", blame::none);
  append_normalised(out.title, trim(text.substr(0, text.find('('))));
  out.needs_function = false;
  out.words_alone = !text.starts_with("PANIC: zfs: ");
  return out;
}

/// "Bad Address (null pointer deref?): Code=15 (Data TLB miss fault) at addr 0000000000000008", "Kernel
/// Fault: Code=26 (...) at addr ...", of PA-RISC, which shows the trace before it.
inline std::optional<opening> read_parisc_fault(std::string_view text) {
  cursor at{text};
  if (!at.skip("Bad Address (null pointer deref?)") && !at.skip("Kernel Fault")) return std::nullopt;
  if (!at.skip(": Code=") || !at.find(") at addr ")) return std::nullopt;
  constexpr std::uint64_t page = 4096;
  const auto address = read_number(at.take(is_hex), 16);
  auto out = address && *address < page ? null_fault() : address_fault();
  out.needs_trace = false;
  return out;
}

/// What stops a processor without "BUG": ARM's aborts, MIPS, machine checks, stacks that end.
inline std::optional<opening> read_other_fault(std::string_view text) {
  if (text.starts_with("CPU ") && contains(text, " Unable to handle kernel paging request"))  // MIPS
    return address_fault();
  for (const std::string_view title : {"Unhandled fault", "Unhandled prefetch abort", "Alignment trap"})
    if (text.starts_with(title) && text.substr(title.size()).starts_with(": ")) {
      auto out = make(kind::cpu_exception, std::string{title});
      out.needs_proof = true;
      return out;
    }
  if (text.starts_with("Unhandled fault at 0x"))  // ARM64, of the kernel alone
    return make(kind::cpu_exception, "Unhandled fault");
  if (text.starts_with("SError Interrupt on CPU")) return make(kind::machine_check, "SError interrupt");
  if (text.starts_with("Insufficient stack space to handle exception"))
    return make(kind::stack_overflow, "kernel stack overflow", blame::stack_loop);
  if (text.starts_with("PANIC: double fault"))
    return make(kind::cpu_exception, "PANIC: double fault", blame::counter_alone);
  if (auto assertion = read_assertion(text)) return assertion;
  if (auto of_parisc = read_parisc_fault(text)) return of_parisc;
  if (text.starts_with("PANIC: early exception ")) {
    std::string title;
    append_normalised(title, text.substr(0, text.find_first_of(":,", 7)));
    return make(kind::cpu_exception, title);
  }
  if (text.starts_with("PANIC: ")) return read_words_of_panic(text);
  if (text.starts_with("Kernel stack overflow in process") || text == "Kernel stack overflow." ||  // s390
      text.starts_with("do_IRQ: stack overflow"))
    return make(kind::stack_overflow, "kernel stack overflow", blame::stack_loop);
  if (text.starts_with("Bad mode in ") && contains(text, " handler detected"))
    return make(kind::cpu_exception, "Bad mode");
  return std::nullopt;
}

}  // namespace netcon::inline v0_1::crash::detail
