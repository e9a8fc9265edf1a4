// SPDX-License-Identifier: MIT
// Whether a line begins a crash, and which.
#pragma once

#include <netcon/crash/internal/check_openings.hpp>
#include <netcon/crash/internal/fault_openings.hpp>
#include <netcon/crash/internal/first_bytes.hpp>
#include <netcon/crash/internal/go_panic.hpp>
#include <netcon/crash/internal/lock_openings.hpp>
#include <netcon/crash/internal/sanitizer_openings.hpp>
#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/kind.hpp>
#include <netcon/crash/opening.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::crash {

namespace detail {

/// A label without what it is about.
inline opening cut_line(std::string_view label) {
  auto out = verbatim(label == "BUG" ? kind::bug : kind::warning, label, ": corrupted");
  out.is_cut = true;
  return out;
}

/// read_opening() of a line of any beginning.
inline std::optional<opening> read_any_opening(std::string_view line) {
  line = unwrapped(line);
  if (line.empty()) return std::nullopt;
  cursor at{line};
  switch (line.front()) {
    case 'B':
      if (at.skip("BUG: ")) return read_bug(trim(at.rest));
      if (at.skip("BUG ")) return read_slab_bug(at.rest);
      if (line == "BUG:") return cut_line("BUG");
      if (line.starts_with("Bad mode in ") || line.starts_with("Bad Address ")) return read_other_fault(line);
      if (line.starts_with("Bad page")) return read_bad_page(line);
      if (line.starts_with("Break ")) return read_exception(line);
      if (at.skip("Badness at "))  // PowerPC before Linux 2.6.36
        if (const auto file = take_place(at); !file.empty()) return warning_at(file, {}, true);
      if (line.starts_with("Booting the kernel")) {
        auto out = make(kind::unexpected_reboot, "unexpected kernel reboot", blame::none);
        out.needs_function = out.needs_trace = false;
        return out;
      }
      return std::nullopt;
    case 'W':
      if (at.skip("WARNING: ")) return read_warning(trim(at.rest));
      if (line == "WARNING:") return cut_line("WARNING");
      return line.starts_with("Watchdog ") ? read_lockup(line) : std::nullopt;
    case 'I':
      if (at.skip("INFO: ")) return read_info(trim(at.rest));
      if (line == "INFO:") return cut_line("INFO");
      if (line.starts_with("Internal error: ")) return read_oops(line);
      return read_other_fault(line);
    case 'K':
      if (line.ends_with(" ]---")) return std::nullopt;  // the end of "---[ end Kernel panic"
      if (at.skip("Kernel panic - not syncing: ")) return read_panic(at.rest);
      if (at.skip("Kernel panic: ")) return read_panic(at.rest);  // up to early 2.6
      if (line.starts_with("Kernel panic - ") &&
          std::string_view{"Kernel panic - not syncing:"}.starts_with(line))
        return read_panic("");  // the last bytes of a machine
      if (at.skip("Kernel BUG ")) {
        cursor address = at;  // of a kernel that does not know the place
        if (address.skip("at ") && address.take(is_hex).size() >= 7)
          return make(kind::kernel_bug, "kernel BUG");
        if (at.rest.starts_with("[#")) return read_oops(line);
        auto out = verbatim(kind::kernel_bug, "kernel BUG ", at.rest);
        out.needs_trace = true;
        return out;
      }
      if (line.starts_with("Kernel bug detected") || line.starts_with("Kernel unaligned") ||
          line.starts_with("Kernel ale access") || line.starts_with("Kernel ade access"))
        return read_oops(line);
      return read_other_fault(line);
    case 'k':
      if (at.skip("kernel BUG at ")) return read_kernel_bug(at.rest);
      return line.starts_with("kernel stack overflow") ? read_exception(line) : std::nullopt;
    case 'O':
      return line.starts_with("Oops") ? read_oops(line) : std::nullopt;
    case 'U':
      if (at.skip("UBSAN: ")) return read_ubsan(at.rest);
      if (auto fault = read_unable(line)) return fault;
      if (line.starts_with("Unhandled kernel unaligned")) return read_oops(line);
      return read_other_fault(line);
    case 'u':
      if (at.skip("unregister_netdevice: waiting for ")) {
        auto out =
            make(kind::stuck_resource, "unregister_netdevice: waiting for DEV to become free", blame::none);
        out.needs_function = out.needs_trace = false;
        return out;
      }
      if (at.skip("unreferenced object 0x")) {
        auto out = make(kind::memory_leak, "memory leak", blame::object);
        out.follows = true;
        return out;
      }
      return line.starts_with("unhandled page fault") ? read_exception(line) : std::nullopt;
    case 'V':
      if (line.starts_with("VFS: Close: file count is 0")) {
        auto out = make(kind::stuck_resource, "VFS: Close: file count is zero (use-after-free)", blame::none);
        out.needs_function = out.needs_trace = false;
        return out;
      }
      if (at.skip("VFS: Busy inodes after unmount")) {
        auto out = make(kind::stuck_resource, "VFS: Busy inodes after unmount (use-after-free)", blame::none);
        out.needs_function = out.needs_trace = false;
        return out;
      }
      return std::nullopt;
    case 'T':
      return line.starts_with("Tasks RCU") ? read_rcu_stall(line) : read_exception(line);
    case 'F':
      return read_exception(line);
    case 'N':
      return line.starts_with("NMI Watchdog ") ? read_lockup(line) : std::nullopt;
    case 'C':  // healthy machines begin lines with "CPU" too
      if (contains(line, "LOCKUP")) return read_lockup(line);
      return contains(line, "Unable to handle") ? read_other_fault(line) : std::nullopt;
    case 'R':
      return read_oops(line);
    case 'r':
      return read_rust_panic(line);
    case 'A':
    case 'L':
    case 'S':
    case 'P':
      return read_other_fault(line);
    case 'g':
    case 'd':
    case 'i':
    case 's':
    case 'a':
    case 'b':
    case 'c':
    case 'p':
    case 'o':
    case 't':
      if (auto trusty = read_trusty(line)) return trusty;
      [[fallthrough]];
    case 'f':
    case 'm':
      if (line.starts_with("do_IRQ: stack overflow")) return read_other_fault(line);
      if (auto go = read_go_panic(line)) return go;
      return read_exception(line);
    default:
      return std::nullopt;
  }
}

}  // namespace detail

/// What the line says about the crash that it begins; nothing for a line that begins none. The line comes
/// without time stamp, level and caller. Allocates only for a line that begins a crash.
[[nodiscard]] inline std::optional<opening> read_opening(std::string_view line) {
  if (!detail::may_begin_crash(line)) return std::nullopt;  // most lines end here
  if (auto out = detail::read_any_opening(line)) return out;
  return detail::read_other_oops(detail::trim(line));
}

}  // namespace netcon::inline v0_1::crash
