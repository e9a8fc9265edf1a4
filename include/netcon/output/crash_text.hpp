// SPDX-License-Identifier: MIT
// A crash for people: a line, and a page with its facts and its text.
#pragma once

#include <netcon/core/printable.hpp>
#include <netcon/crash/report.hpp>
#include <netcon/output/internal/append.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// What is known about the text of a crash: "complete", "records missing", ... and why its title is doubtful.
[[nodiscard]] inline std::string crash_state(const crash::report& report) {
  using crash::completeness;
  using crash::doubt;
  std::string out;
  switch (report.complete) {
    case completeness::complete:
      out = "complete";
      break;
    case completeness::incomplete:
      out = "incomplete";
      break;
    case completeness::unknown:
      out = "not numbered";
      if (report.first_sequence) out = "perhaps incomplete";
      break;
  }
  switch (report.doubt) {
    case doubt::none:
      break;
    case doubt::no_function:
      out += ", no function found";
      break;
    case doubt::no_trace:
      out += ", no trace";
      break;
    case doubt::mixed:
      out += ", mixed with another";
      break;
    case doubt::no_cause:
      out += ", its cause did not come";
      break;
    case doubt::lost:
      out += ", lines lost";
      break;
  }
  return out;
}

/// Appends the facts of a report, a line each, and after an empty line its text in the form that the kernel's
/// decode_stacktrace script takes. Bytes that a terminal obeys are `\xNN`.
inline void append_crash_text(std::string& out, std::string_view host, std::string_view time,
                              const crash::report& report) {
  const auto fact = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += name;
    out += ": ";
    append_printable(out, value);
    out += '\n';
  };
  fact("title", report.title);
  for (const auto& one : report.titles) fact("also", one);
  fact("host", host);
  fact("time", time);
  fact("kind", name(report.kind));
  fact("function", report.function);
  fact("module", report.module);
  fact("release", report.release);
  fact("task", report.task);
  if (report.pid) fact("pid", std::to_string(*report.pid));
  if (report.cpu) fact("cpu", std::to_string(*report.cpu));
  fact("taint", report.taint);
  fact("hardware", report.hardware);
  for (const auto& one : report.chain) fact("then", one);
  fact("machine", report.panicked ? "went down" : "");
  fact("text", crash_state(report));
  for (const auto& [begin, end] : report.missing) {
    std::string range;
    detail::append_all(range, begin, " to ", end - 1);
    fact("missing records", range);
  }
  if (report.cut_lines != 0) fact("lines over the limit", std::to_string(report.cut_lines));
  std::string signature;
  for (int shift = 60; shift >= 0; shift -= 4)
    signature += "0123456789abcdef"[report.signature >> shift & 15];
  fact("signature", signature);
  for (const auto& one : report.before) fact("before", one);
  out += '\n';
  for (const auto& one : report.text) {
    append_printable(out, one);
    out += '\n';
  }
}

}  // namespace netcon::inline v0_1
