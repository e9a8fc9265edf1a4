// SPDX-License-Identifier: MIT
// The parameter: targets as rows of plain values, of which the package makes Target and Settings.
#include "rows.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/lint/boot_config.hpp>
#include <netcon/lint/config_format.hpp>
#include <netcon/lint/lint.hpp>
#include <netcon/lint/lint_config.hpp>
#include <netcon/lint/recognise.hpp>
#include <netcon/lint/render.hpp>
#include <netcon/parameter/boot_log.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/write.hpp>

namespace binding {
namespace {

py::tuple parse_target(py::handle text, py::handle kernel) {
  const auto bytes = as_bytes(text, "text");
  const auto parsed = netcon::parse_target(view_of(bytes), profile_of(kernel));
  if (!parsed) throw_parse_error(parsed.error(), text);
  return row_of(*parsed);
}

/// Rows of the targets, their ranges, and the errors of the parts that were skipped.
py::tuple parse_parameter(py::handle text, py::handle kernel) {
  const auto bytes = as_bytes(text, "text");
  const auto parsed = netcon::parse_parameter(view_of(bytes), profile_of(kernel));
  if (!parsed) throw_parse_error(parsed.error(), text);
  py::list rows, ranges, skipped;
  for (const auto& kept : *parsed) {
    rows.append(row_of(kept.value));
    ranges.append(py::make_tuple(kept.where.begin, kept.where.end));
  }
  for (const auto& problem : parsed->skipped()) {
    set_parse_error(problem, text);
    py::error_already_set raised;
    skipped.append(raised.value());
  }
  return py::make_tuple(rows, ranges, skipped);
}

py::object check(const py::tuple& row, py::handle kernel) {
  const auto code = netcon::check(target_of(row), profile_of(kernel));
  if (!code) return py::none();
  const auto name = netcon::name(*code);
  return py::str(name.data(), name.size());
}

py::tuple check_mac(py::handle text) {
  const auto mac = mac_of(text);
  return py::make_tuple(to_string(mac), mac.is_broadcast(), mac.is_multicast(),
                        py::bytes(reinterpret_cast<const char*>(mac.bytes().data()), 6));
}

/// (severity, code, message, hint, begin, end, fix or None); a fix is (begin, end, text).
py::list rows_of(const std::vector<netcon::finding>& found) {
  py::list out;
  for (const auto& one : found) {
    py::object fix = py::none();
    if (one.fix) fix = py::make_tuple(one.fix->where.begin, one.fix->where.end, py::bytes(one.fix->text));
    out.append(py::make_tuple(shown_text(netcon::name(one.severity)), shown_text(netcon::name(one.code)),
                              shown_text(netcon::message(one.code)), shown_text(netcon::hint(one.code)),
                              one.where.begin, one.where.end, fix));
  }
  return out;
}

py::list lint(py::handle text, py::handle kernel) {
  const auto bytes = as_bytes(text, "text");
  return rows_of(netcon::lint(view_of(bytes), profile_of(kernel)));
}

netcon::config_format format_of(const std::string& name) {
  if (const auto format = netcon::parse_config_format(name)) return *format;
  std::string known;
  for (const auto format : netcon::config_formats)
    known.append(known.empty()                             ? ""
                 : format == netcon::config_formats.back() ? " or "
                                                           : ", ")
        .append(netcon::name(format));
  throw py::value_error("format must be " + known + ", not '" + name + "'");
}

py::list lint_config(py::handle text, const std::string& format, py::handle kernel) {
  const auto bytes = as_bytes(text, "text");
  return rows_of(netcon::lint_config(view_of(bytes), format_of(format), profile_of(kernel)));
}

py::list find_parameters(py::handle text, const std::string& format) {
  const auto bytes = as_bytes(text, "text");
  py::list out;
  for (const auto& one : netcon::find_parameters(view_of(bytes), format_of(format)))
    out.append(name_text(one.value.text()));
  return out;
}

/// By the path, and with a text by what is in it too.
py::object config_format(py::handle path, py::handle text) {
  const auto bytes = as_bytes(path, "path");
  if (!text.is_none()) {
    const auto content = as_bytes(text, "text");
    return shown_text(netcon::name(netcon::recognise(view_of(bytes), view_of(content))));
  }
  const auto format = netcon::format_of_path(view_of(bytes));
  return format ? shown_text(netcon::name(*format)) : py::none();
}

/// The words of the formats, those of boot configs first.
py::tuple config_formats() {
  py::list names;
  for (const auto& kind : netcon::config_kinds) names.append(shown_text(kind.name));
  return py::tuple(names);
}

bool is_text(py::handle text) {
  const auto bytes = as_bytes(text, "text");
  return netcon::is_text(view_of(bytes));
}

py::list lint_argument(py::handle text, py::handle kernel) {
  const auto bytes = as_bytes(text, "text");
  return rows_of(netcon::lint_argument(view_of(bytes), profile_of(kernel)));
}

py::list boot_log(py::handle text, py::handle kernel) {
  const auto bytes = as_bytes(text, "text");
  py::list out;
  for (const auto& line : netcon::boot_log(view_of(bytes), profile_of(kernel))) out.append(name_text(line));
  return out;
}

/// From (begin, end, ...). ValueError names the thing that is not about this text.
netcon::text_range range_of(std::size_t begin, std::size_t end, std::string_view text, const char* about) {
  if (begin > end || end > text.size()) throw py::value_error(std::string{about} + " not about this text");
  return netcon::text_range::between(begin, end);
}

netcon::fix fix_of(const py::tuple& row, std::string_view text, const char* about) {
  const auto where = range_of(row[0].cast<std::size_t>(), row[1].cast<std::size_t>(), text, about);
  return {where, std::string{view_of(as_bytes(row[2], "fix"))}};
}

py::object quoted(py::handle text, std::size_t begin, std::size_t end) {
  const auto bytes = as_bytes(text, "text");
  return shown_text(netcon::quoted(view_of(bytes), range_of(begin, end, view_of(bytes), "the place is")));
}

py::object render(py::handle text, const std::string& severity, const std::string& code, std::size_t begin,
                  std::size_t end, py::handle fix, py::handle file) {
  const auto bytes = as_bytes(text, "text");
  const auto known_code = netcon::parse_text_errc(code);
  if (!known_code) throw py::value_error("no code is called '" + code + "'");
  const auto known_severity = netcon::parse_severity(severity);
  if (!known_severity)
    throw py::value_error("severity must be note, warning or error, not '" + severity + "'");
  netcon::finding one{.code = *known_code,
                      .severity = *known_severity,
                      .where = range_of(begin, end, view_of(bytes), "the finding is"),
                      .fix = std::nullopt};
  if (!fix.is_none()) one.fix = fix_of(fix.cast<py::tuple>(), view_of(bytes), "the fix is");
  if (file.is_none()) return shown_text(netcon::render(view_of(bytes), one));
  return shown_text(netcon::render_in_file(file.cast<std::string>(), view_of(bytes), one));
}

py::bytes fixed(py::handle text, py::handle format, py::handle kernel) {
  const auto bytes = as_bytes(text, "text");
  if (format.is_none()) return py::bytes(netcon::fixed(view_of(bytes), profile_of(kernel)));
  return py::bytes(
      netcon::fixed_config(view_of(bytes), format_of(format.cast<std::string>()), profile_of(kernel)));
}

/// fixes: (begin, end, text)
py::bytes apply_fixes(py::handle text, py::handle fixes) {
  const auto bytes = as_bytes(text, "text");
  std::vector<netcon::finding> found;
  for (const auto item : py::iter(fixes)) {
    auto fix = fix_of(item.cast<py::tuple>(), view_of(bytes), "the findings are");
    const auto where = fix.where;
    found.push_back({.where = where, .fix = std::move(fix)});
  }
  return py::bytes(netcon::apply_fixes(view_of(bytes), found));
}

}  // namespace

void bind_parameter(py::module_& m) {
  const auto kernel = py::arg("kernel");
  m.def("parse_target", &parse_target, py::arg("text"), kernel);
  m.def("parse_parameter", &parse_parameter, py::arg("text"), kernel);
  m.def("check_target", &check, py::arg("row"), kernel);
  m.def(
      "resolve_target",
      +[](const py::tuple& row, py::handle k) {
        return row_of(netcon::resolve(target_of(row), profile_of(k)));
      },
      py::arg("row"), kernel);
  m.def(
      "format_target", +[](const py::tuple& row) { return name_text(to_string(target_of(row))); },
      py::arg("row"));
  m.def(
      "shortest_target",
      +[](const py::tuple& row, py::handle k) {
        return row_of(netcon::shortest(target_of(row), profile_of(k)));
      },
      py::arg("row"), kernel);
  m.def(
      "full_target", +[](const py::tuple& row) { return row_of(netcon::full(settings_of(row))); },
      py::arg("row"));
  m.def("lint", &lint, py::arg("text"), kernel);
  m.def("lint_config", &lint_config, py::arg("text"), py::arg("format"), kernel);
  m.def("find_parameters", &find_parameters, py::arg("text"), py::arg("format"));
  m.def("config_format", &config_format, py::arg("path"), py::arg("text"));
  m.def("config_formats", &config_formats);
  m.def("is_text", &is_text, py::arg("text"));
  m.def("lint_argument", &lint_argument, py::arg("text"), kernel);
  m.def("boot_log", &boot_log, py::arg("text"), py::arg("kernel") = py::none());
  m.def("quoted", &quoted, py::arg("text"), py::arg("begin"), py::arg("end"));
  m.def("render", &render, py::arg("text"), py::arg("severity"), py::arg("code"), py::arg("begin"),
        py::arg("end"), py::arg("fix"), py::arg("file") = py::none());
  m.def("fixed", &fixed, py::arg("text"), py::arg("format"), kernel);
  m.def("apply_fixes", &apply_fixes, py::arg("text"), py::arg("fixes"));
  m.def("read_mac", &check_mac, py::arg("text"));
}

}  // namespace binding
