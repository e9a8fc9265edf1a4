// SPDX-License-Identifier: MIT
// Targets and settings as rows of plain values: what crosses between C++ and the package's classes.
#pragma once

#include "core.hpp"

#include <netcon/parameter/target.hpp>

namespace binding {

/// (extended, release, local_port, local_ip, device name, device MAC, remote_port, remote_ip, remote_mac);
/// addresses packed, MAC addresses as text, what is absent None.
py::tuple row_of(const netcon::target& t);
netcon::target target_of(const py::tuple& row);

/// The same order, with dev_name and dev_mac in the middle.
py::tuple row_of(const netcon::settings& s);
netcon::settings settings_of(const py::tuple& row);

netcon::ip_address address_of(py::handle packed);
netcon::mac_address mac_of(py::handle text);

}  // namespace binding
