// The parameter: targets as rows of plain values, which the package makes into Target and Settings.
#include "core.hpp"

#include <netcon/parse.hpp>
#include <netcon/target.hpp>
#include <netcon/text.hpp>

namespace binding {
namespace {

using netcon::profile;
using netcon::target;

py::object packed(const netcon::ip_address& address) {
  const auto* bytes = reinterpret_cast<const char*>(address.raw().data());
  return py::bytes(bytes, address.is_v4() ? 4 : 16);
}

template <class T>
py::object text_or_none(const std::optional<T>& value) {
  return value ? py::object(py::str(to_string(*value))) : py::none();
}

template <class T>
py::object port_or_none(const std::optional<T>& value) {
  return value ? py::object(py::int_(value->value())) : py::none();
}

/// (extended, release, local_port, local_ip, device name, device MAC, remote_port, remote_ip, remote_mac)
py::tuple row_of(const target& t) {
  const auto& d = t.local_device;
  return py::make_tuple(t.extended, t.release, port_or_none(t.local_port),
                        t.local_ip ? packed(*t.local_ip) : py::none(),
                        d.is_name() ? name_text(d.name().view()) : py::none(),
                        d.is_mac() ? py::object(py::str(to_string(d.mac()))) : py::none(),
                        port_or_none(t.remote_port), packed(t.remote_ip), text_or_none(t.remote_mac));
}

py::tuple row_of(const netcon::settings& s) {
  return py::make_tuple(s.extended, s.release, s.local_port.value(),
                        s.local_ip ? packed(*s.local_ip) : py::none(), name_text(s.dev_name.view()),
                        text_or_none(s.dev_mac), s.remote_port.value(), packed(s.remote_ip),
                        py::str(to_string(s.remote_mac)));
}

netcon::ip_address address_of(py::handle value) {
  const auto bytes = view_of(value.cast<py::bytes>());
  if (bytes.size() == 4) {
    netcon::ipv4_address::bytes_type v4{};
    std::copy(bytes.begin(), bytes.end(), v4.begin());
    return netcon::ipv4_address{v4};
  }
  netcon::ipv6_address::bytes_type v6{};
  if (bytes.size() != v6.size()) throw py::value_error("an address has 4 or 16 bytes");
  std::copy(bytes.begin(), bytes.end(), v6.begin());
  return netcon::ipv6_address{v6};
}

netcon::mac_address mac_of(py::handle value) {
  const auto text = as_bytes(value, "mac");
  const auto mac = netcon::mac_address::parse(view_of(text));
  if (!mac) throw_parse_error(mac.error(), value);
  return *mac;
}

target target_of(const py::tuple& row) {
  if (row.size() != 9) throw py::value_error("a target has nine fields");
  target t;
  t.extended = row[0].cast<bool>();
  t.release = row[1].cast<bool>();
  if (!row[2].is_none()) t.local_port = netcon::port{row[2].cast<std::uint16_t>()};
  if (!row[3].is_none()) t.local_ip = address_of(row[3]);
  if (!row[4].is_none()) {
    const auto name = as_bytes(row[4], "local_device");
    t.local_device = netcon::interface_name::truncated(view_of(name));
  }
  if (!row[5].is_none()) t.local_device = mac_of(row[5]);
  if (!row[6].is_none()) t.remote_port = netcon::port{row[6].cast<std::uint16_t>()};
  t.remote_ip = address_of(row[7]);
  if (!row[8].is_none()) t.remote_mac = mac_of(row[8]);
  return t;
}

netcon::settings settings_of(const py::tuple& row) {
  if (row.size() != 9) throw py::value_error("settings have nine fields");
  netcon::settings s;
  s.extended = row[0].cast<bool>();
  s.release = row[1].cast<bool>();
  s.local_port = netcon::port{row[2].cast<std::uint16_t>()};
  if (!row[3].is_none()) s.local_ip = address_of(row[3]);
  const auto name = as_bytes(row[4], "dev_name");
  s.dev_name = netcon::interface_name::truncated(view_of(name));
  if (!row[5].is_none()) s.dev_mac = mac_of(row[5]);
  s.remote_port = netcon::port{row[6].cast<std::uint16_t>()};
  s.remote_ip = address_of(row[7]);
  s.remote_mac = mac_of(row[8]);
  return s;
}

py::tuple parse_target(py::handle text, py::handle kernel) {
  const auto bytes = as_bytes(text, "text");
  const auto parsed = netcon::parse_target(view_of(bytes), profile_of(kernel));
  if (!parsed) throw_parse_error(parsed.error(), text);
  return row_of(*parsed);
}

/// Rows of the targets, their spans, and the errors of the pieces that were passed over.
py::tuple parse_parameter(py::handle text, py::handle kernel) {
  const auto bytes = as_bytes(text, "text");
  const auto parsed = netcon::parse_parameter(view_of(bytes), profile_of(kernel));
  if (!parsed) throw_parse_error(parsed.error(), text);
  py::list rows, spans, skipped;
  for (const auto& kept : *parsed) {
    rows.append(row_of(kept.value));
    spans.append(py::make_tuple(kept.where.offset, kept.where.offset + kept.where.length));
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

}  // namespace

void bind_parameter(py::module_& m) {
  const auto kernel = py::arg("kernel");
  m.def("parse_target", &parse_target, py::arg("text"), kernel);
  m.def("parse_parameter", &parse_parameter, py::arg("text"), kernel);
  m.def("check_target", &check, py::arg("row"), kernel);
  m.def("resolve_target", [](const py::tuple& row, py::handle k) {
    return row_of(netcon::resolve(target_of(row), profile_of(k)));
  }, py::arg("row"), kernel);
  m.def("format_target", [](const py::tuple& row) { return name_text(to_string(target_of(row))); },
        py::arg("row"));
  m.def("shortest_target", [](const py::tuple& row, py::handle k) {
    return row_of(netcon::shortest(target_of(row), profile_of(k)));
  }, py::arg("row"), kernel);
  m.def("spell_out", [](const py::tuple& row) { return row_of(netcon::spelled_out(settings_of(row))); },
        py::arg("row"));
  m.def("read_mac", &check_mac, py::arg("text"));
}

}  // namespace binding
