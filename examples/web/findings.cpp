// SPDX-License-Identifier: MIT
#include "findings.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/lint/render.hpp>

namespace checker {

void write_findings(json_writer& out, std::string_view text, std::span<const netcon::finding> found) {
  out.key("findings");
  out.begin_array();
  const netcon::text_lines lines{text};
  for (const auto& one : found) {
    const auto place = lines.place(one.where.begin);
    const auto line = lines.around(one.where.begin);
    const auto in_line = [&](netcon::text_range where) {
      return netcon::text_range{where.begin - line.begin,
                                (where.end < line.end ? where.end : line.end) - line.begin};
    };
    out.begin_object();
    out.member("code", name(one.code));
    out.member("severity", name(one.severity));
    out.member("begin", one.where.begin);
    out.member("end", one.where.end);
    out.member("line", place.line);
    out.member("column", place.column);
    out.member("message", message(one.code));
    out.member("hint", hint(one.code));
    out.member("quoted", netcon::quoted(line.in(text), in_line(one.where)));
    if (one.fix) {
      out.key("fix");
      out.begin_object();
      out.member("begin", one.fix->where.begin);
      out.member("end", one.fix->where.end);
      out.member("text", one.fix->text);
      out.end_object();
      if (one.fix->where.begin >= line.begin && one.fix->where.end <= line.end) {
        auto moved = one;
        moved.fix->where = in_line(one.fix->where);
        out.member("fixed_line", netcon::apply_fixes(line.in(text), {&moved, 1}));
      }
    }
    out.end_object();
  }
  out.end_array();
}

}  // namespace checker
