// SPDX-License-Identifier: MIT
// What the header lines of a crash say: processor, task, taint, release, hardware, registers.
#pragma once

#include <netcon/crash/frame.hpp>
#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/report.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

constexpr std::optional<std::uint32_t> small_number(std::string_view digits) noexcept {
  const auto value = read_number(digits, 10);
  if (!value || *value > 0xffffffff) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

/// "otter:4078".
inline void read_task(std::string_view text, report& out) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return;
  out.task = text.substr(0, colon);
  out.pid = small_number(text.substr(colon + 1));
}

/// "Not tainted 6.1.0 #1", "Tainted: G        W          6.1.0 #1": the letters and the release.
inline void read_taint(std::string_view text, report& out) {
  cursor at{text};
  if (at.skip("Not tainted ")) {
    at.skip("(");  // of 32-bit x86 before Linux 2.6.30
    out.release = at.until(" ");
    return;
  }
  if (!at.skip("Tainted: ")) return;
  while (!at.rest.empty()) {
    at.skip_spaces();
    auto word = at;
    const auto letters = word.take([](char c) { return c >= 'A' && c <= 'Z'; });
    const bool is_letter_word = !letters.empty() && (word.rest.empty() || word.rest.front() == ' ');
    if (!is_letter_word) break;
    out.taint += letters;
    at = word;
  }
  while (at.rest.starts_with("-")) {  // RHEL's empty places
    at.take([](char c) { return c == '-'; });
    at.skip_spaces();
  }
  if (!at.skip("(")) at.skip("[");  // "[W]=WARN" of newer kernels is on a line of its own
  out.release = at.until(" ");
}

/// "6.1.0 #1": what a mail wrapped off the line before.
inline bool begins_release(std::string_view text) noexcept {
  cursor at{text};
  if (at.take(is_digit).empty() || !at.skip(".") || at.take(is_digit).empty()) return false;
  at.until(" ");
  return at.rest.starts_with("#");
}

/// Where the taint begins, " Not tainted 6.1.0 #1", also of a line that a mail cut behind its words.
inline std::size_t find_taint(std::string_view text) noexcept {
  const auto begin = text.find(" Not tainted ");
  if (begin != text.npos) return begin;
  constexpr std::string_view cut = " Not tainted";
  return text.ends_with(cut) ? text.size() - cut.size() : text.find(" Tainted: ");
}

/// After "Pid: ", before 3.11: "12, comm: otter Not tainted 3.2.0 #1".
inline bool read_old_task_line(cursor at, report& out) {
  const auto pid = small_number(at.take(is_digit));
  if (!pid || !at.skip(", comm: ")) return false;
  const auto end = find_taint(at.rest);
  if (end == at.rest.npos) return false;
  if (out.pid && !out.release.empty()) return true;  // the first one counts
  out.pid = pid;
  out.task = trim(at.rest.substr(0, end));
  read_taint(at.rest.substr(end + 1), out);
  return true;
}

/// "CPU: 1 UID: 0 PID: 4078 Comm: loop0 Not tainted 6.1.0 #58".
inline bool read_cpu_line(std::string_view text, report& out) {
  cursor at{text};
  if (at.skip("Pid: ")) return read_old_task_line(at, out);
  if (!at.skip("CPU: ")) return false;
  const auto cpu = small_number(at.take(is_digit));
  if (!cpu) return false;
  if (!at.find("PID: ")) return false;
  const auto pid = small_number(at.take(is_digit));
  if (!at.find("Comm: ")) return false;
  const auto end = find_taint(at.rest);
  if (end == at.rest.npos) return false;
  if (out.pid && !out.release.empty()) return true;  // the first one counts
  if (out.pid && out.pid != pid) {  // the first line named who it is; another task tells of it
    read_taint(at.rest.substr(end + 1), out);
    return true;
  }
  out.cpu = cpu;
  out.pid = pid;
  auto task = at.rest.substr(0, end);
  if (const auto kdump = task.rfind(" Kdump: "); kdump != task.npos) task = task.substr(0, kdump);  // of RHEL
  out.task = task;
  read_taint(at.rest.substr(end + 1), out);
  return true;
}

/// Where the program counter was: RIP, EIP, IP, "PC is at", pc, epc, NIP, Krnl PSW, TPC, era, PC, IAOQ;
/// without a function where it was in none. Nothing: no such line, or in a program.
constexpr std::optional<frame_view> read_counter(std::string_view text) noexcept {
  if (text.starts_with("RIP: 0033") || text.starts_with("RIP: 0023") || text.starts_with("RIP: 002b"))
    return std::nullopt;
  if (text.starts_with("--- interrupt: "))  // PowerPC: where the trap of a warning was
    return text.find(" at ") == text.npos ? std::nullopt : find_frame(text);
  for (const std::string_view before :
       {"RIP: ",     "RIP  ",       "RIP [", "EIP: ",    "EIP is at ", "IP: ",    "PC is at ",
        "pc is at ", "PC: [<",      "pc : ", "epc : ",   "epc   : ",   "epc: ",   "sepc: ",
        "NIP ",      "Krnl PSW : ", "TPC: ", "era   : ", "ERA: ",      "pc   : ", "IAOQ[0]: "})
    if (text.starts_with(before)) {
      if (auto found = find_frame(text)) return found;
      const auto where = text.substr(before.size());
      if (contains(before, "epc") && !where.empty() && is_hex(where.front())) return frame_view{};
      return where.find("(null)") != where.npos || where.find("0x") <= 5 ? std::optional{frame_view{}}
                                                                         : std::nullopt;
    }
  return std::nullopt;
}

/// "RAX: 0000000000000000 RBX: ...": names and values.
inline void read_registers(std::string_view text, report& out) {
  constexpr std::size_t most = 64;
  if (out.registers.size() >= most) return;
  std::array<register_value, 6> found;
  std::size_t count = 0;
  cursor at{text};
  while (!at.rest.empty() && count < found.size()) {
    at.skip_spaces();
    const auto name = at.take([](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
    at.skip_spaces();
    if (name.empty() || name.size() > 8 || !at.skip(":")) break;
    at.skip_spaces();
    cursor value = at;
    if (value.rest.size() > 5 && is_hex(value.rest[0]) && value.rest[4] == ':') value.rest.remove_prefix(5);
    const auto digits = value.take(is_hex);
    const bool ends = value.rest.empty() || value.rest.front() == ' ' || value.rest.front() == '(';
    if (digits.size() < 4 || !ends) break;
    found[count++] = {std::string{name}, std::string{digits}};
    at = value;
    if (at.skip("(")) at.find(")");
    if (at.rest.starts_with("GS:") || at.rest.starts_with("knlGS:")) at.skip("knl");
  }
  if (count == 0 || (count == 1 && text.size() > 40)) return;
  for (std::size_t i = 0; i < count; ++i) {
    const auto known = [&](const register_value& one) { return one.name == found[i].name; };
    if (out.registers.size() < most && std::ranges::none_of(out.registers, known))
      out.registers.push_back(std::move(found[i]));
  }
}

/// Facts of any other header line.
inline void read_header(std::string_view text, report& out) {
  cursor at{text};
  if (read_cpu_line(text, out)) return;
  if (out.release.empty() && (text.starts_with("Not tainted ") || text.starts_with("Tainted: ")))
    return read_taint(text, out);  // below the first line of a task that hangs
  if (out.pid && out.release.empty() && begins_release(text)) {
    out.release = at.until(" ");
    return;
  }
  if (at.skip("Hardware name: ")) {
    if (out.hardware.empty()) out.hardware = trim(at.rest);
    return;
  }
  const bool access = at.find(" by task ");
  if (access && !out.pid) {
    const auto slash = at.rest.rfind('/');
    if (slash != at.rest.npos) {
      out.task = at.rest.substr(0, slash);
      out.pid = small_number(trim(at.rest.substr(slash + 1)));
    }
  }
}

}  // namespace netcon::inline v0_1::crash::detail
