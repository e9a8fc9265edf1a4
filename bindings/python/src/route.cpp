// SPDX-License-Identifier: MIT
// What the kernel's tables say about the way to an address.
#include "rows.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/os/route.hpp>

namespace binding {
namespace {

[[noreturn]] void throw_route_error(const std::error_code& code, const netcon::ip_address& remote) {
  if (code.category() != netcon::route_category()) throw_os_error(code.value(), to_string(remote));
  const auto reason = static_cast<netcon::route_errc>(code.value());
  const auto text = [](std::string_view view) { return py::str(view.data(), view.size()); };
  const auto raised =
      from_package("netcon._errors", "RouteError")(text(netcon::message(reason)), text(netcon::hint(reason)));
  PyErr_SetObject(py::type::of(raised).ptr(), raised.ptr());
  throw py::error_already_set();
}

py::tuple complete(const py::tuple& row, py::handle timeout) {
  const auto wanted = target_of(row);
  const netcon::route_options options{
      .neighbour_timeout =
          std::chrono::duration_cast<std::chrono::milliseconds>(duration_of(timeout, "timeout"))};
  std::expected<netcon::target, std::error_code> found;
  {
    const py::gil_scoped_release unlocked;
    found = netcon::complete(wanted, options);
  }
  if (!found) throw_route_error(found.error(), wanted.remote_ip);
  return row_of(*found);
}

/// (dev_name, dev_index, dev_mac, source, next_hop, via_gateway, is_broadcast, is_wireless, table)
py::tuple find_route(py::handle remote, py::handle source, std::uint32_t device) {
  const auto to = address_of(remote);
  std::optional<netcon::ip_address> from;
  if (!source.is_none()) from = address_of(source);
  std::expected<netcon::route, std::error_code> found;
  {
    const py::gil_scoped_release unlocked;
    found = netcon::find_route(to, from, device);
  }
  if (!found) throw_route_error(found.error(), to);
  return py::make_tuple(name_text(found->dev_name.view()), found->dev_index, to_string(found->dev_mac),
                        to_string(found->source), to_string(found->next_hop), found->via_gateway,
                        found->is_broadcast, found->is_wireless, found->table);
}

}  // namespace

void bind_route(py::module_& m) {
  m.def("complete_target", &complete, py::arg("row"), py::arg("timeout"));
  m.def("find_route", &find_route, py::arg("remote"), py::arg("source"), py::arg("device"));
}

}  // namespace binding
