// SPDX-License-Identifier: MIT
// A crash as members of a JSON object. docs/json.md is the contract.
#pragma once

#include <netcon/crash/report.hpp>
#include <netcon/output/internal/append.hpp>
#include <netcon/output/json_line.hpp>
#include <netcon/output/wall_time.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

namespace detail {

inline void append_hex(std::string& out, std::uint64_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += hex_digits[value >> shift & 15];
}

template <class List, class Append>
void append_json_list(std::string& out, std::string_view start, const List& list, Append append) {
  out += start;
  out += '[';
  bool is_first = true;
  for (const auto& one : list) {
    if (!is_first) out += ',';
    is_first = false;
    append(one);
  }
  out += ']';
}

}  // namespace detail

/// Appends the members of the report, without braces: "title":...,"text":...
inline void append_crash_members(std::string& out, const crash::report& report) {
  const auto text = [&](std::string_view start, std::string_view value) {
    out += start;
    append_json_string(out, value);
  };
  const auto text_if = [&](std::string_view start, std::string_view value) {
    if (!value.empty()) text(start, value);
  };
  const auto number = [&](std::string_view start, const auto& value) {
    if (!value) return;
    out += start;
    detail::append_decimal(out, *value);
  };
  const auto texts = [&](std::string_view start, const auto& list) {
    detail::append_json_list(out, start, list, [&](const std::string& one) { append_json_string(out, one); });
  };
  text(R"("title":)", report.title);
  texts(R"(,"titles":)", report.titles);
  text(R"(,"kind":)", name(report.kind));
  text(R"(,"type":)", type(report.kind));
  text_if(R"(,"function":)", report.function);
  text_if(R"(,"module":)", report.module);
  out += R"(,"corrupted":)";
  out += report.corrupted() ? "true" : "false";
  if (report.corrupted()) text(R"(,"doubt":)", name(report.doubt));
  out += R"(,"panicked":)";
  out += report.panicked ? "true" : "false";
  out += R"(,"complete":)";
  using crash::completeness;
  out += report.complete == completeness::unknown    ? "null"
         : report.complete == completeness::complete ? "true"
                                                     : "false";
  detail::append_json_list(out, R"(,"missing":)", report.missing, [&](const crash::missing_range& one) {
    out += '[';
    detail::append_decimal(out, one.begin);
    out += ',';
    detail::append_decimal(out, one.end);
    out += ']';
  });
  if (report.cut_lines != 0) {
    out += R"(,"cut_lines":)";
    detail::append_decimal(out, report.cut_lines);
  }
  out += R"(,"signature":")";
  detail::append_hex(out, report.signature, 16);
  out += '"';
  text_if(R"(,"release":)", report.release);
  text_if(R"(,"task":)", report.task);
  number(R"(,"pid":)", report.pid);
  number(R"(,"cpu":)", report.cpu);
  text_if(R"(,"taint":)", report.taint);
  text_if(R"(,"hardware":)", report.hardware);
  number(R"(,"first_sequence":)", report.first_sequence);
  number(R"(,"last_sequence":)", report.last_sequence);
  number(R"(,"timestamp_us":)", report.first_us);
  texts(R"(,"chain":)", report.chain);
  detail::append_json_list(out, R"(,"frames":)", report.frames, [&](const crash::frame& one) {
    text(R"({"function":)", one.function);
    out += R"(,"offset":)";
    detail::append_decimal(out, one.offset);
    out += R"(,"size":)";
    detail::append_decimal(out, one.size);
    text_if(R"(,"module":)", one.module);
    out += one.certain ? R"(,"certain":true})" : R"(,"certain":false})";
  });
  detail::append_json_list(out, R"(,"registers":)", report.registers, [&](const crash::register_value& one) {
    out += '[';
    append_json_string(out, one.name);
    out += ',';
    append_json_string(out, one.value);
    out += ']';
  });
  texts(R"(,"before":)", report.before);
  std::string lines;
  for (const auto& one : report.text) lines.append(one).append("\n");
  text(R"(,"text":)", lines);
}

/// Appends a line with one object: the members of the report, the host and the time.
inline void append_crash_json(std::string& out, std::string_view host, const crash::report& report) {
  out += '{';
  append_crash_members(out, report);
  out += R"(,"host":)";
  append_json_string(out, host);
  if (report.time) {
    out += R"(,"time":")";
    wall_time_writer{}.append(
        out, wall_time{std::chrono::duration_cast<wall_time::duration>(report.time->time_since_epoch())});
    out += '"';
  }
  out += "}\n";
}

}  // namespace netcon::inline v0_1
