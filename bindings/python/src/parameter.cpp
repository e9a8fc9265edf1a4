// The parameter: targets as rows of plain values, which the package makes into Target and Settings.
#include "rows.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/lint/boot_config.hpp>
#include <netcon/lint/config_format.hpp>
#include <netcon/lint/lint.hpp>
#include <netcon/lint/lint_config.hpp>
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

/// Rows of the targets, their spans, and the errors of the targets that the kernel skips.
py::tuple parse_parameter(py::handle text, py::handle kernel) {
  const auto bytes = as_bytes(text, "text");
  const auto parsed = netcon::parse_parameter(view_of(bytes), profile_of(kernel));
  if (!parsed) throw_parse_error(parsed.error(), text);
  py::list rows, spans, skipped;
  for (const auto& kept : *parsed) {
    rows.append(row_of(kept.value));
    spans.append(py::make_tuple(kept.where.begin, kept.where.end));
  }
  for (const auto& problem : parsed->skipped()) {
    set_parse_error(problem, text);
    py::error_already_set raised;
    skipped.append(raised.value());
  }
  return py::make_tuple(rows, spans, skipped);
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

/// (severity, code, message, hint, offset, length, fix or None); a fix is (offset, length, text).
py::list rows_of(const std::vector<netcon::finding>& found) {
  const auto text_from = [](std::string_view view) { return py::str(view.data(), view.size()); };
  py::list out;
  for (const auto& d : found) {
    const auto fix =
        d.fix ? py::object(py::make_tuple(d.fix->where.begin, d.fix->where.size(), py::bytes(d.fix->text)))
              : py::none();
    out.append(py::make_tuple(text_from(netcon::name(d.severity)), text_from(netcon::name(d.code)),
                              text_from(netcon::message(d.code)), text_from(netcon::hint(d.code)),
                              d.where.begin, d.where.size(), fix));
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
  for (const auto format : netcon::config_formats) {
    if (!known.empty()) known += format == netcon::config_formats.back() ? " or " : ", ";
    known += netcon::name(format);
  }
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

py::object config_format(py::handle path) {
  const auto bytes = as_bytes(path, "path");
  const auto format = netcon::format_of_path(view_of(bytes));
  if (!format) return py::none();
  const auto name = netcon::name(*format);
  return py::str(name.data(), name.size());
}

py::list boot_log(py::handle text, py::handle kernel) {
  const auto bytes = as_bytes(text, "text");
  py::list out;
  for (const auto& line : netcon::boot_log(view_of(bytes), profile_of(kernel))) out.append(name_text(line));
  return out;
}

/// From (offset, length, ...).
netcon::text_range range_of(const py::tuple& row) {
  const auto offset = row[0].cast<std::uint32_t>();
  return {offset, offset + row[1].cast<std::uint32_t>()};
}

netcon::text_range range_in(std::size_t size, std::uint32_t offset, std::uint32_t length,
                            const char* problem) {
  if (offset > size || length > size - offset) throw py::value_error(problem);
  return {offset, offset + length};
}

py::object render(py::handle text, const std::string& severity, const std::string& code, std::uint32_t offset,
                  std::uint32_t length, py::handle fix, py::handle file) {
  const auto bytes = as_bytes(text, "text");
  const auto view = view_of(bytes);
  const auto known_code = netcon::parse_errc(code);
  if (!known_code) throw py::value_error("no code is called '" + code + "'");
  netcon::finding one{.code = *known_code,
                      .severity = netcon::parse_severity(severity).value_or(netcon::severity::error),
                      .where = range_in(view.size(), offset, length, "the finding is not about this text"),
                      .fix = std::nullopt};
  if (!fix.is_none()) {
    const auto row = fix.cast<py::tuple>();
    const auto where = range_in(view.size(), row[0].cast<std::uint32_t>(), row[1].cast<std::uint32_t>(),
                                "the fix is not about this text");
    one.fix = netcon::fix{where, std::string{view_of(as_bytes(row[2], "fix"))}};
  }
  if (file.is_none()) return shown_text(netcon::render(view, one));
  return shown_text(netcon::render_in_file(file.cast<std::string>(), view, one));
}

py::object quoted(py::handle text, std::uint32_t start, std::uint32_t end) {
  const auto bytes = as_bytes(text, "text");
  const auto view = view_of(bytes);
  if (start > end || end > view.size()) throw py::value_error("the place is not in this text");
  return shown_text(netcon::quoted(view, {start, end}));
}

py::bytes fixed(py::handle text, py::handle format, py::handle kernel) {
  const auto bytes = as_bytes(text, "text");
  if (format.is_none()) return py::bytes(netcon::fixed(view_of(bytes), profile_of(kernel)));
  return py::bytes(
      netcon::fixed_config(view_of(bytes), format_of(format.cast<std::string>()), profile_of(kernel)));
}

/// fixes: (offset, length, text)
py::bytes apply_fixes(py::handle text, py::handle fixes) {
  const auto bytes = as_bytes(text, "text");
  const auto size = view_of(bytes).size();
  std::vector<netcon::finding> found;
  for (const auto item : py::iter(fixes)) {
    const auto row = item.cast<py::tuple>();
    const auto where = range_of(row);
    if (where.begin > where.end || where.end > size)
      throw py::value_error("the findings are not about this text");
    found.push_back(
        {.where = where, .fix = netcon::fix{where, std::string{view_of(as_bytes(row[2], "fix"))}}});
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
      [](const py::tuple& row, py::handle k) {
        return row_of(netcon::resolve(target_of(row), profile_of(k)));
      },
      py::arg("row"), kernel);
  m.def(
      "format_target", [](const py::tuple& row) { return name_text(to_string(target_of(row))); },
      py::arg("row"));
  m.def(
      "shortest_target",
      [](const py::tuple& row, py::handle k) {
        return row_of(netcon::shortest(target_of(row), profile_of(k)));
      },
      py::arg("row"), kernel);
  m.def(
      "spell_out", [](const py::tuple& row) { return row_of(netcon::full(settings_of(row))); },
      py::arg("row"));
  m.def("lint", &lint, py::arg("text"), kernel);
  m.def("lint_config", &lint_config, py::arg("text"), py::arg("format"), kernel);
  m.def("find_parameters", &find_parameters, py::arg("text"), py::arg("format"));
  m.def("config_format", &config_format, py::arg("path"));
  m.def("boot_log", &boot_log, py::arg("text"), py::arg("kernel") = py::none());
  m.def("render", &render, py::arg("text"), py::arg("severity"), py::arg("code"), py::arg("offset"),
        py::arg("length"), py::arg("fix"), py::arg("file") = py::none());
  m.def("quoted", &quoted, py::arg("text"), py::arg("start"), py::arg("end"));
  m.def("fixed", &fixed, py::arg("text"), py::arg("format"), kernel);
  m.def("apply_fixes", &apply_fixes, py::arg("text"), py::arg("fixes"));
  m.def("read_mac", &check_mac, py::arg("text"));
}

}  // namespace binding
