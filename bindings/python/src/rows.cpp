// SPDX-License-Identifier: MIT
#include "rows.hpp"

#include <netcon/parameter/write.hpp>

#include <algorithm>

namespace binding {

using netcon::target;

namespace {

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

}  // namespace

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

}  // namespace binding
